*** Settings ***
Documentation    The pool of database connections: what DB_POOL_SIZE, DB_POOL_MAX_OVERFLOW and DB_POOL_TIMEOUT change.
...              Ten requests come at once, and each holds a connection for 100 ms.

Resource         ../../resources/backend.resource
Library          OperatingSystem

Test Teardown    The Pool Is As It Was

Test Tags        db    slow


*** Test Cases ***
Enough Connections Nobody Waits
    ${statuses}    ${pool}    Ask Ten Times At Once    size=20    timeout=30
    Should Be True    set($statuses) == {200}
    Should Be True    ${pool}[wait_max] < 0.8

One Connection The Last Waits For All Others
    ${statuses}    ${pool}    Ask Ten Times At Once    size=1    timeout=30
    Should Be True    set($statuses) == {200}
    Should Be True    ${pool}[wait_max] > 0.8
    Should Be Equal As Integers    ${pool}[peak_in_use]    1

One Connection And Little Patience Some Are Refused
    ${statuses}    ${pool}    Ask Ten Times At Once    size=1    timeout=0.25
    Should Be True    set($statuses) == {200, 503}
    Should Be Equal As Integers    ${pool}[timeouts]    ${statuses.count(503)}


*** Keywords ***
Ask Ten Times At Once
    [Documentation]    Starts a backend with this pool, asks, and returns the statuses and the pool's figures.
    [Arguments]    ${size}    ${timeout}
    A Slow Backend Is Running    ${size}    ${timeout}
    VAR    @{urls}    @{{ [$BACKEND + "/orders"] * 10 }}
    ${statuses}    Evaluate
    ...    [each.status_code for each in futures.ThreadPoolExecutor(10).map(partial(requests.get, auth=$VIEWER), $urls)]
    ...    namespace=${{ {"futures": concurrent.futures, "partial": functools.partial} }}
    DELETE    ${BACKEND}/faults    auth=${OPERATOR}
    ${figures}    Ask For    metrics/performance
    RETURN    ${statuses}    ${figures}[pool]

A Slow Backend Is Running
    [Documentation]    Whoever asks it holds a connection for 100 ms.
    [Arguments]    ${size}    ${timeout}
    Set Environment Variable    DB_POOL_SIZE    ${size}
    Set Environment Variable    DB_POOL_MAX_OVERFLOW    0
    Set Environment Variable    DB_POOL_TIMEOUT    ${timeout}
    A Backend Is Running
    VAR    &{slow}    by=100 ms
    PUT    ${BACKEND}/faults/slow-database    json=${slow}    auth=${OPERATOR}

The Pool Is As It Was
    [Documentation]    Stops the backend; the next has the usual pool.
    Stop Reference Bot
    Remove Environment Variable    DB_POOL_SIZE    DB_POOL_MAX_OVERFLOW    DB_POOL_TIMEOUT
