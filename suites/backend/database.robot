*** Settings ***
Documentation     What the bot stores, read from its database: SQLite, or another:
...               robot -v DATABASE:postgresql://user@127.0.0.1:5432/test suites/backend/database.robot

Resource          ../../resources/backend.resource
Library           OperatingSystem
Library           DatabaseLibrary

Suite Setup       A Backend With A Known Database Is Running
Suite Teardown    The Database Is As It Was

Test Tags         db


*** Variables ***
${DATABASE}    sqlite


*** Test Cases ***
A Call Is Stored Under Its UUID
    [Tags]    smoke    critical
    ${uuid}    A Call Was Made
    ${rows}    Query    SELECT status, run, duration FROM calls WHERE uuid = '${uuid}'
    Length Should Be    ${rows}    1
    Should Be Equal    ${rows}[0][0]    completed
    Should Be Equal    ${rows}[0][1]    ${RUN}
    Should Be True    ${rows}[0][2] > 0

What Was Understood Is Stored With Its Quality
    [Tags]    critical
    ${uuid}    Place Call
    Play    winter_tyres
    Bot Should Reply Within    10 s
    Hang Up
    Wait Until Keyword Succeeds    5 s    100 ms    Call Should Be Stored    ${uuid}
    ${rows}    Query  # robocop: off=LEN08
    ...    SELECT t.text, t.confidence, t.call_id = c.id FROM turns t JOIN calls c ON c.uuid = t.uuid WHERE t.who = 'caller' AND c.uuid = '${uuid}'
    Length Should Be    ${rows}    1
    Should Contain    ${rows}[0][0]    зимові шини
    Should Be True    0.6 <= ${rows}[0][1] <= 1 and ${rows}[0][2]

Calls Of A Time Are Found
    [Documentation]    Made-up calls of the last 30 days, and those of the last 31.
    FOR    ${_}    IN RANGE    5
        ${call}    Create Call Data    run=${RUN}    status=completed
        Store    ${call}
    END
    ${from}    Evaluate    (datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=31)).isoformat()    datetime
    ${found}    Ask For    calls    run=${RUN}    since=${from}    status=completed
    Should Be True    ${found}[total] >= 5
    ${none}    Ask For    calls    run=${RUN}    until=${from}
    Should Be Equal As Integers    ${none}[total]    0

An Order Is Gone When Its Run Is Deleted
    VAR    &{wish}    product=${1}    quantity=${1}
    ${order}    Add    orders    ${wish}
    Check Row Count    SELECT * FROM orders WHERE number = '${order}[number]'    ==    1
    DELETE    ${BACKEND}/runs/${RUN}    auth=${OPERATOR}
    Check Row Count    SELECT * FROM orders WHERE number = '${order}[number]'    ==    0


*** Keywords ***
A Backend With A Known Database Is Running
    [Documentation]    Tells the bot by its environment where to store, and connects to the same place.
    ${name}    Generate Random String    12    [LOWER][NUMBERS]
    VAR    ${file}    ${OUTPUT DIR}/${name}.sqlite
    IF    $DATABASE == "sqlite"
        Set Environment Variable    AUDIOSOCKET_BACKEND_DATABASE    ${file}
    ELSE
        Set Environment Variable    AUDIOSOCKET_BACKEND_DATABASE    ${DATABASE}
    END
    A Backend Is Running
    IF    $DATABASE == "sqlite"
        Connect To Database    sqlite3    database=${file}    isolation_level=${None}
    ELSE
        Connect To Database    psycopg    conninfo=${DATABASE}    autocommit=${True}
    END

The Database Is As It Was
    [Documentation]    No row of ours is left in any table.
    Nothing Is Left
    FOR    ${table}    IN    calls    turns    tool_calls    orders    bookings    knowledge    human_requests
        Check Row Count    SELECT * FROM ${table} WHERE run = '${RUN}'    ==    0    rows of ${RUN} in ${table}
    END
    Disconnect From Database
    Stop Reference Bot
    Remove Environment Variable    AUDIOSOCKET_BACKEND_DATABASE

Store
    [Documentation]    Writes a made-up call to the database.
    [Arguments]    ${call}
    Execute Sql String    # robocop: off=LEN08
    ...    INSERT INTO calls (uuid, run, number, caller, callee, agent, language, started, duration, status, outcome, reason) VALUES ('${call}[uuid]', '${call}[run]', ${call}[number], '${call}[caller]', '${call}[callee]', '', '${call}[language]', '${call}[started]', ${call}[duration], '${call}[status]', '', '')
