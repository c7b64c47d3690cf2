*** Settings ***
Documentation    A caller wants a human: the bot hands over and hangs up, and the PBX connects the operator.

Resource         ../../resources/tyre_shop.resource

Suite Setup      A Tyre Shop Is Open
Test Teardown    Nothing Is Left

Test Tags        uk    critical


*** Variables ***
${OPERATORS DESK}    ${EMPTY}    # where the PBX connects operators; empty: a second reference bot stands in


*** Test Cases ***
Caller Asks For An Operator
    [Documentation]    Seen as an event, over REST, in the database, and as the reason of the hangup.
    [Tags]    smoke    db
    Given A Caller Is Greeted
    When Say    З'єднайте мене з оператором
    Then Caller Hears    з'єдную вас з оператором
    And Bot Should Hang Up Within    5 s
    And Transfer Should Be Known Everywhere

Caller Presses Zero
    Given A Caller Is Greeted
    When Send DTMF    0
    Then Caller Hears    з'єдную вас з оператором
    And Bot Should Hang Up Within    5 s

Operator Is Connected After The Bot Has Hung Up
    [Documentation]    Two calls: the caller's leg to the bot, then the operator's leg, as a dialplan would place them.
    Given A Caller Is Greeted    alias=caller
    When Say    З'єднайте мене з оператором    call=caller
    Then Bot Should Hang Up Within    5 s    call=caller
    When The PBX Connects The Operator
    Then Bot Should Play Prompt    shop_greeting    turn=0    call=operator
    And Both Legs Should Be Of This Run

Two Callers At Once
    [Documentation]    Each is answered what was asked, also where their words cross.
    Given A Caller Is Greeted    alias=Oksana
    And A Caller Is Greeted    alias=Petro
    When Say    Яка у вас адреса?    call=Oksana
    And Say    Яка гарантія на шини?    call=Petro
    Then Bot Should Say    Хрещатик    call=Oksana
    And Bot Should Say    два роки    call=Petro


*** Keywords ***
Transfer Should Be Known Everywhere
    [Documentation]    Told by an event, and why the bot hung up by another; stored with the call and its tools.
    The Backend Is Known
    ${told}    Wait For Bot Event    transfer
    Should Be Equal    ${told}[reason]    asked for
    ${ended}    Wait For Bot Event    call ended
    Should Be Equal    ${ended}[reason]    transferred to an operator
    ${call}    Stored Call    transferred
    Should Be Equal    ${call}[tool_calls][-1][name]    transfer_to_operator

The PBX Connects The Operator
    [Documentation]    The dialplan goes on when the bot has hung up: it calls the operators.
    IF    not $OPERATORS_DESK
        ${desk}    Start Reference Bot    greeting=shop_greeting
    ELSE
        VAR    ${desk}    ${OPERATORS DESK}
    END
    Place Call    ${desk}    alias=operator
    Bot Should Greet Within    ${IN TIME}    call=operator

Both Legs Should Be Of This Run
    [Documentation]    Their UUIDs differ, and begin alike: so a log of the PBX and of the bot can be joined.
    ${run}    Get Run Id
    ${caller}    Get Call    call=caller
    ${operator}    Get Call    call=operator
    Should Not Be Equal    ${caller}[uuid]    ${operator}[uuid]
    Should Start With    ${caller}[uuid]    ${run}
    Should Start With    ${operator}[uuid]    ${run}
