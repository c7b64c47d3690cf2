*** Settings ***
Documentation    The first things that a caller notices: the greeting, and how long an answer takes.

Resource         ../../resources/bot.resource

Suite Setup      A Bot Is Running


*** Test Cases ***
Bot Greets The Caller
    [Tags]    smoke    critical
    Place Call
    Bot Should Greet Within    2 s
    Hang Up    at=bot stops

Bot Answers A Request Within Two Seconds
    [Tags]    smoke    critical
    Place Call
    Play    ${CALLERS}/winter_tyres.wav
    Bot Should Reply Within    2 s
    Hang Up    at=bot stops
    Bot Should Not Interrupt Caller

Bot Answers Turn After Turn
    Place Call
    Play    ${CALLERS}/winter_tyres.wav
    Bot Should Reply Within    2 s
    Play    ${CALLERS}/order_four.wav
    Bot Should Reply Within    2 s
    Hang Up    at=bot stops
    Call Figure Should Be    response time    <    2 s
    Call Figure Should Be    dead air    <    5 s

Call Is Clean
    [Documentation]    Nothing in it that Asterisk or a phone would have stumbled over.
    Given A Greeted Caller
    When Asks For Winter Tyres
    Then Bot Should Reply Within    2 s
    And Call Should Have No Findings
