*** Settings ***
Documentation    The core of it in English: the first words that the bot understands decide the language.

Resource         ../../resources/tyre_shop.resource

Suite Setup      An English Caller's Tyre Shop Is Open
Test Teardown    Nothing Is Left

Test Tags        en


*** Test Cases ***
Caller Finds Winter Tyres And Says Goodbye
    [Tags]    smoke    critical
    Given A Caller Is Greeted
    When Say    Hello, I need winter tyres, sixteen inch
    Then Caller Hears    we have four winter tyres
    When Say    No, thank you. Goodbye
    Then Caller Hears    thank you for calling
    And Bot Should Hang Up Within    5 s

Caller Wants What The Shop Does Not Have
    [Tags]    critical
    When A Caller In A Hurry Says    I want to buy an aeroplane
    Then Caller Hears    we do not have that

Caller Orders And Changes The Number
    [Tags]    critical    db
    When A Caller In A Hurry Says    I would like to order four tyres
    Then Caller Hears    four tyres
    When Say    No, rather two
    Then Caller Hears    two tyres
    When Say    Yes, I confirm
    Then Caller Hears    your order is accepted
    And Order Should Be Stored    2

Caller Books A Fitting And Changes The Day
    [Tags]    critical    db
    When A Caller In A Hurry Says    I want to book a tyre fitting
    Then Caller Hears    which day
    When Say    On Friday
    Then Caller Hears    what time
    When Say    Two in the afternoon
    Then Caller Hears    Friday
    When Say    No, Saturday would be better
    Then Caller Hears    Saturday
    When Say    Yes, I confirm
    Then Caller Hears    you are booked
    And Booking Should Be Stored    Saturday    14:00

Caller Asks A Question
    [Tags]    ai
    Given A Caller Is Greeted
    When Say    What are your opening hours?
    Then Caller Hears    from eight in the morning

Caller Asks For An Operator
    [Tags]    critical
    When A Caller In A Hurry Says    I want to speak to an operator
    Then Caller Hears    transferring you to an operator
    And Bot Should Hang Up Within    5 s

Supplier Is Down
    [Documentation]    The bot tells what was last known.
    Skip If    not $THE_SHOP_IS_OURS    Faults are set on the reference bot, and another was given
    Given A Caller Is Greeted
    When Set Bot Fault    failing dependency
    And Say    The number is one zero zero one
    Then Caller Hears    the delivery service does not answer


*** Keywords ***
An English Caller's Tyre Shop Is Open
    [Documentation]    The words of its bot are English.
    Set Call Defaults    language=en
    A Tyre Shop Is Open
