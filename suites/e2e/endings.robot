*** Settings ***
Documentation    Who ends the call, and how.

Resource         ../../resources/tyre_shop.resource

Suite Setup      A Tyre Shop Is Open
Test Teardown    Nothing Is Left

Test Tags        uk


*** Test Cases ***
Bot Says Goodbye And Hangs Up
    [Tags]    critical
    Given A Caller Is Greeted
    When Say    Дякую, це все
    Then Caller Hears    до побачення
    And Bot Should Hang Up Within    2 s
    And Call Should Have Been Ended By    bot

Caller Hangs Up In The Middle Of The Greeting
    Given The Phone Rings
    When Wait Until Bot Starts Speaking
    And Hang Up
    Then Call Should Have Been Ended By    caller
    And Call Should Have No Findings
    And Stored Call    completed
