*** Settings ***
Documentation    A fitting is booked: the day, the hour, a change of mind, an hour that somebody else has.

Resource         ../../resources/tyre_shop.resource

Suite Setup      A Tyre Shop Is Open
Test Teardown    Nothing Is Left

Test Tags        uk    db


*** Test Cases ***
Caller Books And Changes The Day
    [Tags]    critical
    Given A Caller Wants A Fitting On    У п'ятницю
    When Say    О другій годині дня
    Then Caller Hears    п'ятниця
    And Bot Should Say    друга година дня
    When Say    Ні, краще в суботу
    Then Caller Hears    субота
    And Bot Should Say    змінюю ваш запис
    When Say    Так, підтверджую
    Then Caller Hears    вас записано
    And Booking Should Be Stored    Saturday    14:00

Hour That Is Taken Is Not Offered
    [Tags]    critical
    Given Somebody Has Booked Tuesday    10:00
    And A Caller Wants A Fitting On    У вівторок
    When Say    О десятій ранку
    Then Caller Hears    ця година вже зайнята
    When Say    О п'ятій вечора
    Then Caller Hears    вівторок
    And Bot Should Say    п'ята вечора
    When Say    Так, підтверджую
    Then Caller Hears    вас записано
    And Booking Should Be Stored    Tuesday    17:00

Question In The Middle Does Not End The Booking
    Given A Caller Wants A Fitting On    У середу
    When Say    Скільки коштує шиномонтаж?
    Then Caller Hears    тисячу гривень
    And Bot Should Say    о котрій годині
    When Say    О десятій ранку
    Then Caller Hears    підтверджуєте

Caller Cancels The Booking
    Given A Caller Wants A Fitting On    У понеділок
    When Say    О п'ятій вечора
    And Caller Hears    підтверджуєте
    And Say    Так, підтверджую
    And Caller Hears    вас записано
    And Say    Скасуйте мій запис
    Then Caller Hears    ваш запис скасовано
    And Nothing Should Be Stored    bookings


*** Keywords ***
A Caller Wants A Fitting On
    [Documentation]    And is asked for the hour.
    [Arguments]    ${day}
    A Caller In A Hurry Says    Хочу записатися на шиномонтаж
    Caller Hears    на який день
    Say    ${day}
    Caller Hears    о котрій годині

Somebody Has Booked Tuesday
    [Documentation]    The next one, at that hour; deleted with what the test leaves.
    [Arguments]    ${time}
    The Backend Is Known
    ${today}    Evaluate    datetime.datetime.now(datetime.UTC).date()
    ${tuesday}    Evaluate    str($today + datetime.timedelta((1 - $today.weekday()) % 7 or 7))
    ${uuid}    Evaluate    str(uuid.uuid4())
    VAR    &{hour}    day=${tuesday}    time=${time}    uuid=${uuid}    customer=Somebody else
    POST    ${BACKEND}/bookings    json=${hour}    auth=${TOKEN}
    VAR    @{OUR CALLS}    @{OUR CALLS}    ${uuid}    scope=TEST    # robocop: off=VAR06
