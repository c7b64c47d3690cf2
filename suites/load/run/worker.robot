*** Settings ***
Documentation    A worker of a load run: one process, many calls. It is started by 'audiosocket load', or by pabot
...              (docs/load.md), and has no tests of its own to run by hand.

Library          AudioSocketLibrary.LoadRun

Test Tags        load-worker


*** Variables ***
${JOB}       ${EMPTY}    # what is to be done: a file that the conductor has written
${WORKER}    0    # which of the workers this is


*** Test Cases ***
Share Of The Calls
    Make Share Of Calls    ${JOB}    ${WORKER}
