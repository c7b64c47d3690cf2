*** Settings ***
Documentation    What a dialplan does with a bot: it calls, the caller presses keys, it goes on after the bot hung up.

Library          AudioSocketLibrary
Library          AudioSocketLibrary.Server

Suite Setup      Start AudioSocket Server


*** Variables ***
${FIRST_UUID}     40325ec2-5efd-4bd3-805f-53576e581d13
${SECOND_UUID}    9a1d1a3e-3c62-4a0b-8d0e-0d5d5a1c2b7f


*** Test Cases ***
Dialplan Calls The Bot
    [Tags]    smoke
    PBX Calls    uuid=${FIRST_UUID}
    Wait For Call    5 s    uuid=${FIRST_UUID}    alias=bot
    Call Should Have UUID    ${FIRST_UUID}
    Call Format Should Be    slin

Caller Hears The Menu And Presses A Key
    A Call Has Come
    Play    promotions
    Send DTMF    12\#    call=pbx
    Caller Should Send DTMF    12\#    within=5 s
    Bot Should Greet Within    2 s    call=pbx
    Play    stop

Caller Says What It Wants
    [Documentation]    The recogniser that needs nothing knows the callers' recordings of the phrase book.
    Use Recogniser    phrases    scope=test
    A Call Has Come
    Play    promotions
    Play    winter_tyres    call=pbx
    Caller Should Say    зимові шини    within=10 s

Caller Hangs Up
    A Call Has Come
    Hang Up    call=pbx
    Caller Should Hang Up Within    2 s
    Call Should Have Been Ended By    caller

Dialplan Goes On After The Bot Hung Up
    [Documentation]    The bot closes; the dialplan takes that for a hangup of the bot's, and calls the next one.
    PBX Calls    uuid=${FIRST_UUID}
    Wait For Call    5 s    uuid=${FIRST_UUID}
    Hang Up
    Call Should Have Been Ended By    bot    call=pbx
    PBX Calls    uuid=${SECOND_UUID}    alias=next
    Wait For Call    5 s    uuid=${SECOND_UUID}

Two Callers At Once
    PBX Calls    alias=first
    Wait For Call    5 s    alias=bot one
    PBX Calls    alias=second
    Wait For Call    5 s    alias=bot two
    Send DTMF    2    call=second
    Send DTMF    1    call=first
    Caller Should Send DTMF    1    call=bot one
    Caller Should Send DTMF    2    call=bot two


*** Keywords ***
PBX Calls
    [Documentation]    Stands for a dialplan that comes to AudioSocket(): here our own caller.
    [Arguments]    ${uuid}=${None}    ${alias}=pbx
    Place Call    ${SERVER}    uuid=${uuid}    alias=${alias}    greets=False

A Call Has Come
    [Documentation]    The bot's side of it is the current call.
    PBX Calls
    Wait For Call    5 s    alias=bot
