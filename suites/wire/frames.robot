*** Settings ***
Documentation    AudioSocket frames: what Asterisk sends, what it would not bear, where a frame was cut.

Library          AudioSocketLibrary.Wire

Test Tags        audiosocket


*** Variables ***
${UUID}           40325ec2-5efd-4bd3-805f-53576e581d13
# What an Asterisk sends first: the UUID, a media frame of silence, the key 5.
${FIRST_BYTES}    01 00 10 40325ec2-5efd-4bd3-805f-53576e581d13 10 00 04 00 00 00 00 03 00 01 35


*** Test Cases ***
Frames Of A Call Are Read
    ${frames}    Parse Frames    ${FIRST_BYTES}    sender=caller
    Length Should Be    ${frames}    3
    Should Be Equal    ${frames[0].uuid}    ${UUID}
    Should Be Equal    ${frames[1].name}    0x10 AUDIO
    Should Be Equal    ${frames[2].key}    5

What Is Built Is Read
    ${sound}    Evaluate    bytes(640)
    ${data}    Build Frame    SLIN16    ${sound}
    ${frames}    Parse Frames    ${data}    sender=bot
    Should Be Equal    ${frames[0].payload}    ${sound}
    Should Be Equal As Numbers    ${frames[0].milliseconds}    20

Bot May Not Send
    [Documentation]    Each of these frames ends a call behind a new Asterisk.
    [Template]    Frame Should Be Refused
    20 00 00    *unknown type 0x20*
    03 00 01 35    *0x03*no Asterisk since 22.4*
    10 00 00    *audio frame of 0 bytes*
    10 00 03 01 02 03    *odd number*
    01 00 10 ${UUID}    *0x01*no Asterisk since 22.4*

Older Asterisk Knows Fewer Types
    Parse Frames    12 00 02 00 00    sender=bot    asterisk=22.7
    Run Keyword And Expect Error    *only since 22.7*
    ...    Parse Frames    12 00 02 00 00    sender=bot    asterisk=22.4

Cut Frame Is Told
    Run Keyword And Expect Error    *0x10 AUDIO) is cut short: its payload lacks 2 bytes
    ...    Parse Frames    10 00 04 00 00
    Run Keyword And Expect Error    *its header lacks 1 byte
    ...    Parse Frames    10 00


*** Keywords ***
Frame Should Be Refused
    [Documentation]    The bytes are not what a bot may send.
    [Arguments]    ${data}    ${error}
    Run Keyword And Expect Error    ${error}    Parse Frames    ${data}    sender=bot
