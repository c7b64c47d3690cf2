*** Settings ***
Documentation    Volume: a thousand short calls to an echo, and not one bit of what was said is lost.

Resource         ../../resources/stress.resource

Suite Setup      A Bot Is Under Stress    echo=yes
Test Timeout     ${STRESS_TIMEOUT}

Test Tags        volume


*** Test Cases ***
A Thousand Short Calls Come Back Bit By Bit
    Many Call    ${CALLS}    A Caller Says A Word And Hears It Back    over=${SPREAD}
