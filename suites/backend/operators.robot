*** Settings ***
Documentation     A human in the loop: the bot is unsure, operators are alerted, one answers, the caller hears it, and
...               the bot has learnt it.

Resource          ../../resources/backend.resource

Suite Setup       A Backend Is Running
Suite Teardown    Nothing Is Left


*** Variables ***
${QUESTION}    Як правильно зберігати шини?
${ANSWER}      Зберігайте шини в сухому, темному місці, стоячи і без дисків


*** Test Cases ***
An Operator's Answer Is Heard By The Caller
    [Tags]    ai    ws    critical
    Given Two Operators Are At Work
    And A Caller Asks What The Bot Does Not Know
    When Both Operators Are Alerted
    And One Operator Answers
    Then Wait For Bot Event    human answered    answer=${ANSWER}
    And Wait For Bot Event    answered    prompt=answer_storage, anything_else    within=10 s
    And Bot Should Reply Within    10 s

An Operator's Answer Becomes Knowledge
    [Tags]    ai
    ${unsure}    Ask The Agent    ${QUESTION}
    Should Be True    ${unsure}[needs_human] and ${unsure}[confidence] < 0.6
    Answer The Request    ${unsure}[human_request]
    ${entry}    POST    ${BACKEND}/human-requests/${unsure}[human_request]/knowledge
    ...    auth=${OPERATOR}    expected_status=201
    ${sure}    Ask The Agent    ${QUESTION}
    Should Be Equal    ${sure}[answer]    ${ANSWER}
    Should Be True    not ${sure}[needs_human]
    [Teardown]    DELETE    ${BACKEND}/knowledge/${entry.json()}[id]    auth=${OPERATOR}    expected_status=204

Of Two Operators Who Answer One Is Told That It Was Late
    [Tags]    api
    ${unsure}    Ask The Agent    Чи літають у вас пінгвіни?
    Answer The Request    ${unsure}[human_request]
    Answer The Request    ${unsure}[human_request]    expected_status=409

A Caller Who Wants A Human Is Transferred
    [Tags]    critical
    Listen For Bot Events    ${WS}    token=${VIEWER}
    Place Call
    Play    operator
    ${transfer}    Wait For Bot Event    transfer    within=10 s
    Should Be Equal    ${transfer}[reason]    asked for
    Bot Should Hang Up Within    10 s
    ${ended}    Wait For Bot Event    call ended
    Should Contain    ${ended}[reason]    transfer


*** Keywords ***
Two Operators Are At Work
    [Documentation]    Both have a WebSocket, and what happens in the call is told.
    ${first}    Open Web Socket    ${WS}    ${OPERATOR}
    ${second}    Open Web Socket    ${WS}    ${OPERATOR}
    VAR    @{OPERATORS}    ${first}    ${second}    scope=TEST    # robocop: off=VAR06
    Listen For Bot Events    ${WS}    token=${VIEWER}

A Caller Asks What The Bot Does Not Know
    [Documentation]    The storage of tyres is not in its knowledge base.
    Place Call
    Play    storage
    Bot Should Have Understood    ${QUESTION}    within=10 s

Both Operators Are Alerted
    [Documentation]    With the same request.
    VAR    @{requests}    @{EMPTY}
    FOR    ${operator}    IN    @{OPERATORS}
        ${alert}    Receive    ${operator}    alert    within=10 s
        Should Be Equal    ${alert}[fields][question]    ${QUESTION}
        Append To List    ${requests}    ${alert}[fields][request]
    END
    Should Be Equal    ${requests}[0]    ${requests}[1]
    VAR    ${REQUEST}    ${requests}[0]    scope=TEST    # robocop: off=VAR06

One Operator Answers
    [Documentation]    Over REST, as an operator's page would.
    Answer The Request    ${REQUEST}

Answer The Request
    [Documentation]    Answers a question to the operators.
    [Arguments]    ${request}    ${expected_status}=200
    VAR    &{answer}    answer=${ANSWER}
    POST    ${BACKEND}/human-requests/${request}/answer    json=${answer}    auth=${OPERATOR}
    ...    expected_status=${expected_status}
