*** Settings ***
Documentation    A caller who says nothing, and one who thinks.

Resource         ../../resources/tyre_shop.resource

Suite Setup      A Tyre Shop Is Open    silence_after=3 s
Test Teardown    Nothing Is Left

Test Tags        uk


*** Test Cases ***
Bot Asks Whether The Caller Is There And Says Goodbye
    [Tags]    critical
    Given A Caller Is Greeted
    When Stay Silent    10 s
    Then Bot Should Say    ви ще на лінії    within=15 s
    And Bot Should Say    дякуємо за дзвінок    within=30 s
    And Bot Should Hang Up Within    5 s
    And Call Should Have Been Ended By    bot

Bot Waits For A Caller Who Thinks
    Given A Caller Is Greeted
    When Stay Silent    500 ms    1200 ms    seed=7
    And Say    Добрий день, потрібні зимові шини на шістнадцять
    Then Caller Hears    є чотири зимові шини
    And Bot Should Not Interrupt Caller

Bot Is Silent While It Listens
    Given A Caller Is Greeted
    When Wait Until Bot Has Spoken
    Then Bot Should Stay Silent For    1 s
