*** Settings ***
Documentation     Chaos: callers speak, interrupt, press keys, say nothing and hang up as it comes, while operators look
...               at their calls. What comes is drawn by a seed, and the same seed draws the same:
...               robot -v SEED:4711 suites/stress/chaos.robot

Resource          ../../resources/stress.resource
Resource          ../../resources/backend.resource
Library           OperatingSystem
Library           DatabaseLibrary

Suite Setup       Chaos Begins
Suite Teardown    Chaos Ends
Test Timeout      ${STRESS_TIMEOUT}

Test Tags         stability


*** Variables ***
${ACTIONS}             12    # of three callers and their operators, one after the other
@{CALLERS IN CHAOS}    Ann    Borys    Chan
@{CALLERS UP}          @{EMPTY}    # whose calls are up
&{WEIGHTS}
...                    A Caller Speaks=3
...                    A Caller Barges In=3
...                    A Caller Presses Some Keys=3
...                    A Caller Says Nothing=2
...                    A Caller Hangs Up=2
&{BACKEND WEIGHTS}     # where the bot is ours
...                    An Operator Looks At The Call=1
...                    A Dashboard Listens To The Call=1
...                    The Call Is In The Database=1


*** Test Cases ***
The Same Seed Draws The Same
    ${once}    Draw Actions    42    200
    ${again}    Draw Actions    42    200
    ${other}    Draw Actions    43    200
    Lists Should Be Equal    ${once}    ${again}
    Should Not Be Equal    ${once}    ${other}
    FOR    ${action}    IN    @{WEIGHTS}
        Should Contain    ${once}    ${action}
    END

Three Callers Do What Comes
    ${drawn}    Draw Actions    ${SEED}    ${ACTIONS}
    Start Performance Monitor    chaos of three callers
    FOR    ${action}    ${caller}    IN    @{drawn}
        Run Keyword    ${action}    ${caller}
    END
    Tell What It Took    ${ACTIONS}
    Hang Up All Calls
    No Call Should Be Left
    The Bot Answers As Ever

A Crowd Does What Comes
    [Documentation]    Ten at once, each one of seven kinds of callers: profiles/chaos.yaml.
    Set Environment Variable    CHAOS_SEED    ${SEED}
    TRY
        Run Load    profiles/chaos.yaml    bot=${BOT}
    EXCEPT    INVALID*    type=GLOB    AS    ${late}
        Log    ${late}    WARN
    END
    Load Figure Should Be    failed calls    0
    No Call Should Be Left
    The Bot Answers As Ever


*** Keywords ***
Chaos Begins
    [Documentation]    A bot with all that is behind it, unless one was given; and a seed, unless one was given.
    IF    $SEED == ""
        ${drawn}    Evaluate    random.randrange(1_000_000)
        VAR    ${SEED}    ${drawn}    scope=SUITE    # robocop: off=VAR05
    END
    Set Suite Metadata    Seed    ${SEED}
    Log    Chaos of the seed ${SEED}; the same again: robot -v SEED:${SEED} suites/stress/chaos.robot    console=yes
    VAR    ${THE BOT IS OURS}    ${{ $BOT == "" }}    scope=SUITE    # robocop: off=VAR05
    IF    not $THE_BOT_IS_OURS    RETURN
    ${name}    Generate Random String    12    [LOWER][NUMBERS]
    Set Environment Variable    AUDIOSOCKET_BACKEND_DATABASE    ${OUTPUT DIR}/${name}.sqlite
    A Backend Is Running    dialogue=none    greeting=one_moment    replies=tyres_found
    Connect To Database    sqlite3    database=${OUTPUT DIR}/${name}.sqlite    isolation_level=${None}

Chaos Ends
    [Documentation]    No row is left either.
    IF    not $THE_BOT_IS_OURS    RETURN
    Nothing Is Left
    Disconnect From Database
    Remove Environment Variable    AUDIOSOCKET_BACKEND_DATABASE

Draw Actions
    [Documentation]    So many actions, each followed by the caller that it is about; drawn by weight.
    [Arguments]    ${seed}    ${count}
    VAR    &{ways}    &{WEIGHTS}
    IF    $THE_BOT_IS_OURS
        VAR    &{ways}    &{WEIGHTS}    &{BACKEND WEIGHTS}
    END
    ${drawn}    Evaluate    random.Random(str($seed))    random
    ${numbers}    Evaluate    [int(weight) for weight in $ways.values()]
    ${actions}    Evaluate    $drawn.choices(list($ways), $numbers, k=int($count))
    ${callers}    Evaluate    $drawn.choices($CALLERS_IN_CHAOS, k=int($count))
    ${pairs}    Evaluate    list(itertools.chain(*zip($actions, $callers)))    itertools
    RETURN    ${pairs}

# -- what may come -----------------------------------------------------------------------------------------------------

A Caller Is There
    [Documentation]    Calls, unless this caller's call is still up.
    [Arguments]    ${caller}
    IF    $caller in $CALLERS_UP    RETURN
    Place Call    alias=${caller}
    Append To List    ${CALLERS UP}    ${caller}

A Caller Speaks
    [Documentation]    And is answered.
    [Arguments]    ${caller}
    A Caller Is There    ${caller}
    Play    yes    call=${caller}
    Bot Should Reply Within    5 s    call=${caller}

A Caller Barges In
    [Documentation]    The bot falls silent.
    [Arguments]    ${caller}
    A Caller Is There    ${caller}
    Send DTMF    5    call=${caller}
    Play    stop    at=1500 ms after bot starts    call=${caller}
    Bot Should Stop Talking Within    3 s    call=${caller}

A Caller Presses Some Keys
    [Documentation]    And is answered.
    [Arguments]    ${caller}
    A Caller Is There    ${caller}
    Send DTMF    12*34#    call=${caller}
    Bot Should Reply Within    5 s    call=${caller}

A Caller Says Nothing
    [Documentation]    For a while.
    [Arguments]    ${caller}
    A Caller Is There    ${caller}
    Stay Silent    300 ms    1500 ms    call=${caller}

A Caller Hangs Up
    [Documentation]    Whatever the bot is doing.
    [Arguments]    ${caller}
    A Caller Is There    ${caller}
    Hang Up    call=${caller}
    Remove Values From List    ${CALLERS UP}    ${caller}

An Operator Looks At The Call
    [Documentation]    By REST.
    [Arguments]    ${caller}
    ${uuid}    UUID Of The Call Of    ${caller}
    Wait Until Keyword Succeeds    5 s    100 ms    Ask For    calls/${uuid}

A Dashboard Listens To The Call
    [Documentation]    By WebSocket.
    [Arguments]    ${caller}
    ${uuid}    UUID Of The Call Of    ${caller}
    ${link}    Open Web Socket    ${WS}    ${VIEWER}    uuid=${uuid}
    Send    ${link}    type=ping    id=${1}
    Receive    ${link}    pong

The Call Is In The Database
    [Documentation]    One row of it.
    [Arguments]    ${caller}
    ${uuid}    UUID Of The Call Of    ${caller}
    Check Row Count    SELECT * FROM calls WHERE uuid = '${uuid}'    ==    1    retry_timeout=5 s

UUID Of The Call Of
    [Documentation]    Who calls, unless the call is still up.
    [Arguments]    ${caller}
    A Caller Is There    ${caller}
    ${call}    Get Call    call=${caller}
    RETURN    ${call}[uuid]

# -- afterwards --------------------------------------------------------------------------------------------------------

No Call Should Be Left
    [Documentation]    The backend knows of no call that goes on.
    IF    not $THE_BOT_IS_OURS    RETURN
    Wait Until Keyword Succeeds    10 s    200 ms    No Call Should Be Active

No Call Should Be Active
    [Documentation]    All have ended in the database, too.
    ${active}    Ask For    calls    status=active
    Should Be Equal As Integers    ${active}[total]    0
