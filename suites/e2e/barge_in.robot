*** Settings ***
Documentation    Who interrupts the bot is listened to; who coughs, or says "uh-huh", is not interrupted by it.

Resource         ../../resources/tyre_shop.resource

# Some 0.6 s of a cough are sound; the bot stops for what lasts longer.
Suite Setup      A Tyre Shop Is Open    yields_after=700 ms
Test Teardown    Nothing Is Left

Test Tags        uk


*** Test Cases ***
Caller Interrupts And Is Answered
    [Tags]    critical
    Given A Caller Is Told About Promotions
    When Say    Хочу замовити чотири шини    at=900 ms after bot starts
    Then Bot Should Stop Talking Within    1500 ms
    And Caller Hears    чотири шини

Caller Interrupts The Greeting
    Given The Phone Rings
    When Say    Хочу записатися на шиномонтаж    at=${EARLY}
    Then Bot Should Stop Talking Within    1500 ms
    And Caller Hears    на який день

Cough Does Not Stop The Bot
    [Tags]    critical
    Given A Caller Is Told About Promotions
    When Make Sound    cough    at=900 ms after bot starts
    Then Bot Should Keep Talking For    2 s

Agreement Does Not Stop The Bot
    Given A Caller Is Told About Promotions
    When Make Sound    uh-huh    at=900 ms after bot starts
    Then Bot Should Keep Talking For    2 s


*** Keywords ***
A Caller Is Told About Promotions
    [Documentation]    The bot begins to speak for ten seconds.
    A Caller In A Hurry Says    Розкажіть про акції
