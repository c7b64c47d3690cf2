*** Settings ***
Documentation     The WebSocket of operators: live events, ping and pong, coming back, many listeners and slow ones.

Resource          ../../resources/backend.resource

Suite Setup       A Backend Is Running
Suite Teardown    Nothing Is Left

Test Tags         ws


*** Test Cases ***
An Operator Is Greeted And Answered
    [Tags]    smoke    critical
    ${link}    Open Web Socket    ${WS}    ${OPERATOR}
    ${hello}    Receive    ${link}    hello
    Should Be Equal    ${hello}[role]    operator
    Send    ${link}    type=ping    id=${7}
    ${pong}    Receive    ${link}    pong
    Should Be Equal As Integers    ${pong}[id]    7

Without A Good Token The Line Is Closed
    [Tags]    security
    FOR    ${kind}    IN    invalid    expired
        ${token}    Create Access Token    kind=${kind}
        ${link}    Open Web Socket    ${WS}    ${token}
        Should Close With    ${link}    4401
    END

A Call Is Told As It Happens
    [Tags]    critical
    ${link}    Open Web Socket    ${WS}    ${VIEWER}
    ${uuid}    Place Call
    FOR    ${event}    IN    call started    first audio
        ${told}    Receive    ${link}    event    ${event}
        Should Be Equal    ${told}[uuid]    ${uuid}
    END
    Hang Up
    Receive    ${link}    event    call ended

Who Comes Back Gets What Was Missed
    ${link}    Open Web Socket    ${WS}    ${OPERATOR}
    ${hello}    Receive    ${link}    hello
    ${uuid}    A Call Was Made
    ${again}    Open Web Socket    ${WS}    ${OPERATOR}    since=${hello}[number]&uuid=${uuid}
    ${first}    Receive    ${again}    event
    Should Be Equal    ${first}[event]    call started
    Receive    ${again}    event    call ended

Two Hundred Listeners Hear The Same And Delay Nobody
    [Documentation]    One of them never reads. The call is answered in time, and none of its events is lost.
    [Tags]    slow
    Open Web Socket    ${WS}    ${VIEWER}
    ${listeners}    Open Web Sockets    ${200}    ${WS}    ${VIEWER}
    ${uuid}    Place Call
    Bot Should Greet Within    2 s
    Hang Up
    All Should Have Heard    ${listeners}    ${uuid}
    ${figures}    Ask For    metrics/performance
    Should Be True    ${figures}[feed][subscribers] >= 201
    Should Be Equal As Integers    ${figures}[bus][dropped]    0


*** Keywords ***
All Should Have Heard
    [Documentation]    Each of them was told the beginning and the end of the call.
    [Arguments]    ${listeners}    ${uuid}
    FOR    ${listener}    IN    @{listeners}
        ${started}    Receive    ${listener}    event    call started
        Should Be Equal    ${started}[uuid]    ${uuid}
        Receive    ${listener}    event    call ended
    END
