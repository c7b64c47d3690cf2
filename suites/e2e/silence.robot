*** Settings ***
Documentation    A caller who says nothing.

Resource         ../../resources/bot.resource

Suite Setup      A Bot Is Running    silence_after=3 s


*** Test Cases ***
Bot Notices That The Caller Is Silent
    Place Call
    Wait Until Bot Has Spoken
    Bot Should Stay Silent For    1 s
    Stay Silent    3 s
    Call Figure Should Be    dead air    <    4 s

Bot Waits For A Caller Who Thinks
    Place Call
    Wait Until Bot Has Spoken
    Stay Silent    500 ms    1200 ms    seed=7
    Play    ${CALLERS}/winter_tyres.wav
    Bot Should Reply Within    2 s
