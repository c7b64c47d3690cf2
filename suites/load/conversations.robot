*** Settings ***
Documentation    The calls of your acceptance tests, played by many: recorded once, each judged as one alone would be.

Library          AudioSocketLibrary.Load
Resource         ../../resources/bot.resource

Suite Setup      A Bot Is Running    dialogue=tyre_shop


*** Variables ***
${CALLERS AT ONCE}    20
${OVER}               10 s    # the time in which they begin
${QUICK}              yes    # the same shapes in under a minute each


*** Test Cases ***
Twenty Callers Ask For Tyres
    [Documentation]    A user keyword as many calls, and thresholds for all of them.
    Run Calls    ${CALLERS AT ONCE}    A Caller Asks For Tyres    over=${OVER}
    Load Should Meet    p95 greeting time < 2 s    p95 response time < 3 s    error rate = 0 %

Callers From A List
    [Documentation]    What each caller asks and hears stands in a row of customers.csv.
    Use Call Data    ${CURDIR}/customers.csv    order=random
    Run Calls    ${CALLERS AT ONCE}    A Caller Of The List Calls    over=${OVER}
    Load Should Meet    error rate < 5 %

A Morning In The Tyre Shop
    [Documentation]    Tests of suites/e2e, each as often as its weight says: profiles/tyre_shop.yaml.
    Run Load    profiles/tyre_shop.yaml    quick=${QUICK}


*** Keywords ***
A Caller Asks For Tyres
    [Documentation]    One call, as in suites/e2e.
    Place Call
    Bot Should Greet Within    2 s
    Say One Of    Добрий день, потрібні зимові шини на шістнадцять    Чи є у вас всесезонні шини?
    Bot Should Reply Within    3 s
    Stay Silent    500 ms    2 s
    Say    Ні, дякую. До побачення
    Bot Should Hang Up Within    10 s

A Caller Of The List Calls
    [Documentation]    Asks for what stands in the list, and hears what stands there.
    Place Call
    Bot Should Greet Within    2 s
    Say    {wish}
    Bot Should Say    {answer}
    Hang Up
