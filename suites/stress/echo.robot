*** Settings ***
Documentation    Volume: a thousand short calls to an echo, and not one bit of what was said is lost.

Resource         ../../resources/stress.resource

Suite Setup      An Echo Is Under Stress
Test Timeout     ${STRESS_TIMEOUT}

Test Tags        volume


*** Variables ***
${ECHO}    ${EMPTY}    # host:port of an echo, like a dialplan with Echo()


*** Test Cases ***
A Thousand Short Calls Come Back Bit By Bit
    Many Call    ${CALLS}    A Caller Says A Word And Hears It Back    over=${SPREAD}


*** Keywords ***
An Echo Is Under Stress
    [Documentation]    Yours, else the reference bot's where that is the bot. A bot that answers is no echo.
    IF    $ECHO != ""
        VAR    ${BOT}    ${ECHO}    scope=SUITE    # robocop: off=VAR05
    ELSE
        Skip If    $BOT != ""    Nobody said where an echo is: robot -v ECHO:host:port
        Start Reference Bot    echo=yes
    END
