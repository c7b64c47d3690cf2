*** Settings ***
Documentation    Who ends the call, and how.

Resource         ../../resources/bot.resource

Suite Setup      A Bot Is Running    hang_up_after_turn=1


*** Test Cases ***
Bot Says Goodbye And Hangs Up
    [Tags]    critical
    Place Call
    Play    ${CALLERS}/goodbye.wav
    Bot Should Reply Within    2 s
    Bot Should Hang Up Within    2 s
    Call Should Have Been Ended By    bot

Caller Hangs Up In The Middle Of The Greeting
    Place Call
    Wait Until Bot Starts Speaking
    Hang Up
    Call Should Have Been Ended By    caller
    Call Should Have No Findings
