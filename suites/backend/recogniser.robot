*** Settings ***
Documentation     A test of all that comes after recognition needs no voice: told.yaml says what was understood, and how
...               surely. Below 0.6 the bot has not understood.

Resource          ../../resources/backend.resource

Suite Setup       A Backend Is Running    recogniser=script:told.yaml
Suite Teardown    Nothing Is Left

Test Tags         ai


*** Test Cases ***
An Unsure Bot Asks Again And A Sure One Answers
    [Tags]    critical
    Listen For Bot Events    ${WS}    token=${VIEWER}
    Place Call
    Play    hello
    Wait For Bot Event    recognised    confidence=0.4
    Wait For Bot Event    answered    prompt=not_understood
    Play    hello
    Wait For Bot Event    recognised    intent=tyre_search
    Wait For Bot Event    tool called    name=search_tyres
    Wait For Bot Event    answered    prompt=tyres_found
