*** Settings ***
Documentation    Storms: calls that come and go at once, hang up at the wrong moment, press keys without end. A bot that
...              is stuck afterwards, or has lost its place in the dialogue, does not answer the usual call.

Resource         ../../resources/stress.resource

Suite Setup      A Bot Is Under Stress    replies=one_moment
Test Teardown    The Bot Answers As Ever
Test Timeout     ${STRESS_TIMEOUT}

Test Tags        concurrency


*** Test Cases ***
Calls Come And Go
    Many Call    ${STORM}    A Caller Calls And Hangs Up    over=5 s

Callers Hang Up While The Bot Speaks
    Many Call    ${STORM}    A Caller Hangs Up In The Middle Of The Greeting    over=10 s

All Callers Press Keys Without End
    Many Call    ${KEY_STORM}    A Caller Presses All Keys    over=5 s

The Same Caller Calls Again And Again
    [Documentation]    One UUID for all calls, as of a PBX that tries again: several of them are up at once.
    Start Performance Monitor    the same UUID
    FOR    ${number}    IN RANGE    30
        Place Call    uuid=c0ffee00-0000-4000-8000-000000000001    alias=call ${number}
        IF    ${number} >= 5    Hang Up    call=call ${{ $number - 5 }}
    END
    Tell What It Took    30
