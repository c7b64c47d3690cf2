*** Settings ***
Documentation    SIP messages: an INVITE with its SDP, the 200 OK to it, and what makes a message invalid.

Library          OperatingSystem
Library          AudioSocketLibrary.Wire

Test Tags        sip


*** Test Cases ***
Invite Is Read
    ${text}    Get File    ${CURDIR}/invite.sip
    ${invite}    Parse SIP Message    ${text}
    Should Be Equal    ${invite.method}    INVITE
    Should Be Equal    ${invite.uri}    sip:100@pbx1:5060
    Should Be Equal    ${invite.request_uri.host}    pbx1
    Should Be Equal    ${invite.from_address.name}    Olena Kovalenko
    Should Be Equal    ${invite.headers}[call-id]    a84b4c76e66710@10.0.0.7
    Should Be Equal As Integers    ${invite.cseq.number}    314159
    SIP Message Should Be Valid    ${text}

Offer Says Where The Audio Goes
    ${text}    Get File    ${CURDIR}/invite.sip
    ${invite}    Parse SIP Message    ${text}
    VAR    ${audio}    ${invite.sdp.audio}
    Should Be Equal    ${audio.address}:${audio.port}    10.0.0.7:40000
    Should Be Equal    ${audio.codecs[0].name}    PCMU
    Should Be Equal As Integers    ${audio.ptime}    20

Invite Is Answered
    ${invite}    Build SIP Message    INVITE    sip:100@127.0.0.1    audio=127.0.0.1:40000
    ${ok}    Build SIP Message    200 OK    request=${invite}    audio=127.0.0.1:40002    codecs=PCMU
    SIP Message Should Be Valid    ${ok}
    Should Be Equal    ${ok.start_line}    SIP/2.0 200 OK
    Should Be Equal    ${ok.vias}    ${invite.vias}
    Should Not Be Empty    ${ok.to_address.tag}
    Should Be Equal As Integers    ${ok.sdp.audio.port}    40002

Message Is Invalid
    [Documentation]    One thing wrong in each; the error says what, and where that is written.
    [Template]    Invite Should Be Refused
    Max-Forwards    ${None}    it has no Max-Forwards (RFC 3261, section*
    Call-ID    ${None}    it has no Call-ID*
    Call-ID    two words    its Call-ID 'two words' is not one word*
    Contact    ${None}    it has 0 Contact addresses*
    CSeq    1 OPTIONS    its CSeq says OPTIONS, and its first line INVITE*
    CSeq    one INVITE    'one INVITE' is no CSeq*
    From    <sip:olena@10.0.0.7>    its From has no tag*
    To    Olena Kovalenko    'Olena Kovalenko' is no URI*
    Via    SIP/2.0/UDP 10.0.0.7;branch=1    the branch of its first Via is '1'*
    Content-Type    ${None}    it has a body of * bytes and no Content-Type*

Text That Is No Message Is Refused
    [Template]    Text Should Be Refused
    GET / HTTP/1.1\n\n    *begins no SIP message*
    INVITE sip:100@127.0.0.1 SIP/2.0\n    *no empty line after its headers*
    INVITE sip:100@127.0.0.1 SIP/2.0\nNo colon\n\n    *'No colon' is no header*
    OPTIONS sip:a@b.example SIP/2.0\nContent-Length: 9\n\nshort    *says 9 bytes of body, and only 5 came*


*** Keywords ***
Invite Should Be Refused
    [Documentation]    An INVITE with this header, and else as it should be, is invalid.
    [Arguments]    ${header}    ${value}    ${reason}
    VAR    &{headers}    ${header}=${value}
    ${invite}    Build SIP Message    INVITE    sip:100@127.0.0.1    audio=127.0.0.1:40000    headers=${headers}
    Run Keyword And Expect Error    The SIP message is not valid: ${reason}    SIP Message Should Be Valid    ${invite}

Text Should Be Refused
    [Documentation]    The text is no SIP message, and the error says why.
    [Arguments]    ${text}    ${error}
    Run Keyword And Expect Error    ${error}    Parse SIP Message    ${text}
