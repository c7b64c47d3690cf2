*** Settings ***
Documentation    A real Asterisk calls the suite. Its dialplan is extensions.conf beside this file.
...              Run it on the Asterisk's machine: robot -v ASTERISK:asterisk suites/dialplan

Library          Process
Library          AudioSocketLibrary
Library          AudioSocketLibrary.Server

Suite Setup      Listen Where The Dialplan Calls


*** Variables ***
# The command of a running Asterisk; where its configuration is not in /etc: asterisk -C /path/asterisk.conf
${ASTERISK}         ${EMPTY}
${PORT}             9092
${BOT_UUID}         40325ec2-5efd-4bd3-805f-53576e581d13
${OPERATOR_UUID}    9a1d1a3e-3c62-4a0b-8d0e-0d5d5a1c2b7f


*** Test Cases ***
Dialplan Calls The Bot In 8 kHz
    Asterisk Calls    100    sounding
    Wait For Call    5 s    uuid=${BOT_UUID}
    Call Format Should Be    slin

Dialplan Calls The Bot In 16 kHz
    Asterisk Calls    200    sounding
    Wait For Call    5 s    uuid=${BOT_UUID}
    Call Format Should Be    slin16

Keys Reach The Bot
    Asterisk Calls    100    pressing
    Wait For Call    5 s
    Play    promotions
    Caller Should Send DTMF    12\#    within=5 s

Operator Is Called After The Bot Has Hung Up
    Asterisk Calls    300    sounding
    Wait For Call    5 s    uuid=${BOT_UUID}    alias=bot
    Hang Up
    Wait For Call    5 s    uuid=${OPERATOR_UUID}    alias=operator

Caller Hangs Up
    Asterisk Calls    100    leaving
    Wait For Call    5 s
    Play    promotions
    Caller Should Hang Up Within    5 s
    Call Should Have No Findings


*** Keywords ***
Listen Where The Dialplan Calls
    [Documentation]    Skips the suite where no Asterisk was given.
    Skip If    not $ASTERISK    No Asterisk was given: robot -v ASTERISK:asterisk suites/dialplan
    Start AudioSocket Server    ${PORT}

Asterisk Calls
    [Documentation]    A caller of extensions.conf calls a number of the shop.
    [Arguments]    ${number}    ${caller}
    ${done}    Run Process    ${ASTERISK} -rx "channel originate Local/${number}@shop extension ${caller}@callers"
    ...    shell=True    timeout=10 s
    Should Be Equal As Integers    ${done.rc}    0    ${done.stdout} ${done.stderr}    values=False
