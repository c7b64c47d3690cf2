*** Settings ***
Documentation    A caller who interrupts: a polite bot stops, listens, and answers.

Resource         ../../resources/bot.resource

Suite Setup      A Bot Is Running    replies=promotions,tyres_found


*** Test Cases ***
Bot Stops When The Caller Interrupts
    [Tags]    critical
    Place Call
    Play    ${CALLERS}/promotions.wav
    Play    ${CALLERS}/stop.wav    at=900 ms after bot starts
    Bot Should Stop Talking Within    1 s
    Bot Should Reply Within    2 s
    Hang Up    at=bot stops

Caller Interrupts The Greeting
    Place Call
    Play    ${CALLERS}/winter_tyres.wav    at=500 ms after bot starts
    Bot Should Stop Talking Within    1 s
    Bot Should Reply Within    2 s
    Hang Up    at=bot stops
