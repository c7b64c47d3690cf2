*** Settings ***
Documentation    Loads that a bot should have borne before its callers come; docs/before-production.md has the order.
...              In minutes, with at most ten calls at once:    robot suites/load/loads.robot
...              As they are meant, in hours:    robot -v QUICK:no -v BOT:host:port -v ENVIRONMENT:staging suites/load
...              One of them, with a live view and a report:    audiosocket load peak --bot host:port

Library          AudioSocketLibrary.Load
Resource         ../../resources/bot.resource

Suite Setup      A Bot Is Running


*** Variables ***
${QUICK}          yes    # the same shapes in under a minute each
${ENVIRONMENT}    ${EMPTY}    # what the bot is, like staging; needed where it is not on this machine


*** Test Cases ***
Normal
    [Documentation]    An ordinary working day: twenty calls at once for half an hour, and not one fails.
    [Tags]    normal
    Run Load    normal    quick=${QUICK}    environment=${ENVIRONMENT}

Peak
    [Documentation]    The busiest quarter of an hour: fifty at once.
    [Tags]    peak
    Run Load    peak    quick=${QUICK}    environment=${ENVIRONMENT}

Stress
    [Documentation]    Up to two hundred at once: beyond what it was built for, most callers are still served.
    [Tags]    stress
    Run Load    stress    quick=${QUICK}    environment=${ENVIRONMENT}

Wave
    [Documentation]    Load that rises and falls: the bot gives back what it took.
    [Tags]    wave
    Run Load    wave    quick=${QUICK}    environment=${ENVIRONMENT}

Burst
    [Documentation]    Ten callers within half a second, three times.
    [Tags]    burst
    Run Load    burst    quick=${QUICK}    environment=${ENVIRONMENT}

Spike
    [Documentation]    From thirty to a hundred and fifty at once, and back: does it recover?
    [Tags]    spike
    Run Load    spike    quick=${QUICK}    environment=${ENVIRONMENT}

Soak
    [Documentation]    Thirty at once for an hour, a rest, and the load again: a leak shows the second time.
    [Tags]    soak
    Run Load    soak    quick=${QUICK}    environment=${ENVIRONMENT}

Stability
    [Documentation]    A few calls, more of them in the middle, and a few again.
    [Tags]    stability
    Run Load    stability    quick=${QUICK}    environment=${ENVIRONMENT}

Capacity
    [Documentation]    The most calls at once at which the thresholds hold, in one sentence.
    [Tags]    capacity
    Run Load    capacity    quick=${QUICK}    environment=${ENVIRONMENT}
    Capacity Should Be At Least    10
