*** Settings ***
Documentation     Who may do what, and what a hostile request meets.

Resource          ../../resources/backend.resource

Suite Setup       A Backend Is Running
Suite Teardown    Nothing Is Left

Test Tags         security


*** Test Cases ***
Without A Good Token Nothing Is Told
    [Tags]    smoke    critical
    [Template]    A Token Should Be Refused
    invalid    calls
    expired    calls
    invalid    knowledge/search?q=шини
    expired    human-requests
    invalid    metrics/performance

Without Any Token Nothing Is Told
    FOR    ${path}    IN    calls    events    states    orders    agents    faults
        GET    ${BACKEND}/${path}    expected_status=401
    END

A Token Ends When It Should
    [Tags]    slow
    ${token}    Create Access Token    expires_in=4 s
    GET    ${BACKEND}/calls    auth=${token}
    Wait Until Keyword Succeeds    10 s    500 ms    GET    ${BACKEND}/calls    auth=${token}    expected_status=401

A Viewer May Look But Not Change
    [Tags]    critical
    ${entry}    Create Knowledge Data
    GET    ${BACKEND}/knowledge    auth=${VIEWER}
    POST    ${BACKEND}/knowledge    json=${entry}    auth=${VIEWER}    expected_status=403
    DELETE    ${BACKEND}/runs/${RUN}    auth=${VIEWER}    expected_status=403

SQL In A Path Or Query Finds Nothing
    [Template]    SQL Should Find Nothing
    1 OR 1=1
    1; DROP TABLE calls
    ' UNION SELECT password FROM users--

HTML Is Taken Out Of What Is Stored
    VAR    &{entry}    title=<script>alert(1)</script>Вентилі    content=<img src=x onerror=alert(1)>Так
    ${created}    Add    knowledge    ${entry}
    Should Be Equal    ${created}[title]    Вентилі
    Should Be Equal    ${created}[content]    Так

A Body That Is Too Long Is Refused
    VAR    ${long}    ${{"x" * 70000}}
    VAR    &{entry}    title=${long}    content=Так
    # Not by 'Add': the log should not have it all.
    POST    ${BACKEND}/knowledge    json=${entry}    auth=${OPERATOR}    expected_status=413


*** Keywords ***
A Token Should Be Refused
    [Documentation]    401, for a token of this kind.
    [Arguments]    ${kind}    ${path}
    ${token}    Create Access Token    kind=${kind}
    GET    ${BACKEND}/${path}    auth=${token}    expected_status=401

SQL Should Find Nothing
    [Documentation]    404 in a path, an empty list in a query; and the calls are still there.
    [Arguments]    ${sql}
    GET    ${BACKEND}/calls/${sql}    auth=${VIEWER}    expected_status=404
    ${found}    Ask For    calls    uuid=${sql}
    Should Be Equal As Integers    ${found}[total]    0
    Ask For    calls
