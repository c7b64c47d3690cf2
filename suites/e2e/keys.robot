*** Settings ***
Documentation    Keys pressed on the phone.

Resource         ../../resources/bot.resource

Suite Setup      A Bot Is Running


*** Test Cases ***
Bot Answers A Key
    [Tags]    smoke
    Place Call
    Send DTMF    1
    Bot Should Reply Within    2 s
    Hang Up    at=bot stops

Keys And Speech In One Call
    Place Call
    Send DTMF    0
    Bot Should Reply Within    2 s
    Play    ${CALLERS}/winter_tyres.wav
    Bot Should Reply Within    2 s

Caller Presses A Key While The Bot Speaks
    Place Call
    Send DTMF    \#    at=500 ms after bot starts
    Bot Should Reply Within    3 s
