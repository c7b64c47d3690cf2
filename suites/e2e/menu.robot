*** Settings ***
Documentation    Who does not want to speak presses keys: the same answers.

Resource         ../../resources/tyre_shop.resource

Suite Setup      A Tyre Shop Is Open
Test Teardown    Nothing Is Left

Test Tags        uk


*** Test Cases ***
Star Reads The Menu
    [Tags]    smoke
    Given A Caller Is Greeted
    When Send DTMF    star
    Then Caller Hears    для оператора натисніть нуль
    And Bot Should Say    для шиномонтажу натисніть два

Fitting Is Booked By Keys
    [Tags]    critical    db
    Given A Caller Is Greeted
    When Send DTMF    2
    Then Caller Hears    на який день
    When Send DTMF    6
    Then Caller Hears    о котрій годині
    When Send DTMF    3
    Then Caller Hears    субота
    And Bot Should Say    п'ята вечора
    When Send DTMF    1
    Then Caller Hears    вас записано
    And Booking Should Be Stored    Saturday    17:00

Number Of The Order Is Keyed
    Given A Caller Is Greeted
    When Send DTMF    3
    Then Caller Hears    наберіть його на клавіатурі
    When Send DTMF    1002
    Then Caller Hears    ще на складі

Keys And Words In One Call
    Given A Caller Is Greeted
    When Send DTMF    2
    And Say    У четвер
    And Send DTMF    2
    Then Caller Hears    четвер
    And Bot Should Say    друга година дня

Key Over The Greeting
    [Documentation]    Who knows the menu does not wait.
    Given The Phone Rings
    When Send DTMF    4    at=${EARLY}
    Then Caller Hears    чотири зимові шини
