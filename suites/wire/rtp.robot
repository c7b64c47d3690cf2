*** Settings ***
Documentation    RTP packets: the header, field by field, and the audio behind it.

Library          AudioSocketLibrary.Wire

Test Tags        rtp


*** Variables ***
# Version 2, PCMU with the marker, sequence 4660, timestamp 160, SSRC 0xdecafbad, and 20 ms of silence in mu-law.
${HEADER}     80 80 12 34 00 00 00 a0 de ca fb ad
${SILENCE}    ${{ 'ff' * 160 }}


*** Test Cases ***
Packet Is Read Field By Field
    ${packet}    Parse RTP Packet    ${HEADER} ${SILENCE}
    Should Be Equal As Integers    ${packet.version}    2
    Should Be Equal As Integers    ${packet.payload_type}    0
    Should Be Equal    ${packet.codec}    PCMU
    Should Be True    ${packet.marker}
    Should Be Equal As Integers    ${packet.sequence}    4660
    Should Be Equal As Integers    ${packet.timestamp}    160
    Should Be Equal As Integers    ${packet.ssrc}    0xdecafbad

160 Bytes Of G711 Are 20 Milliseconds
    ${packet}    Parse RTP Packet    ${HEADER} ${SILENCE}
    Length Should Be    ${packet.payload}    160
    Should Be Equal As Numbers    ${packet.milliseconds}    20

Header Is Stripped Whatever It Holds
    [Documentation]    Two contributing sources, an extension of one word, four bytes of padding.
    ${packet}    Parse RTP Packet    b2 08 00 01 00000000 00000001 0000000a 0000000b bede0001 01020304 d5d5 00000004
    Should Be Equal    ${packet.payload}    ${{ b'\xd5\xd5' }}
    Should Be Equal    ${packet.csrcs}    ${{ (10, 11) }}
    Should Be Equal    ${packet.extension.data}    ${{ b'\x01\x02\x03\x04' }}

Packet Is Built
    ${data}    Build RTP Packet    ${SILENCE}    sequence=4660    timestamp=160    ssrc=0xdecafbad    marker=True
    ${expected}    Evaluate    bytes.fromhex($HEADER + $SILENCE)
    Should Be Equal    ${data}    ${expected}

What Is No Packet Is Refused
    [Template]    Packet Should Be Refused
    80 00 12    *12 bytes, and only 3 came*
    40 00 12 34 00000000 00000001    *version 2*says 1*
    81 00 12 34 00000000 00000001    *ends in its list of contributing sources*
    90 00 12 34 00000000 00000001 bede0002    *ends in its header extension: 8 bytes*
    a0 00 12 34 00000000 00000001 ff09    *padding says 9 bytes*
    80 c8 00 06 00000000 00000001    *RTCP (sender report)*


*** Keywords ***
Packet Should Be Refused
    [Documentation]    The bytes are no RTP packet, and the error says why.
    [Arguments]    ${data}    ${error}
    Run Keyword And Expect Error    ${error}    Parse RTP Packet    ${data}
