*** Settings ***
Documentation    Neither callers nor bots are deterministic: not "does it work", but "how often".

Resource         ../../resources/tyre_shop.resource

Suite Setup      A Tyre Shop Is Open
Test Teardown    Nothing Is Left

Test Tags        uk    slow


*** Test Cases ***
Nine Of Ten Callers Find Winter Tyres
    [Documentation]    Each in a street of its own: another piece of noise, one of two voices.
    [Timeout]    5 min
    Scenario Should Succeed    A Caller In The Street Finds Winter Tyres    at least 9 of 10 calls


*** Keywords ***
A Caller In The Street Finds Winter Tyres
    [Documentation]    In a hurry: it does not hear the greeting out.
    ${seed}    Get Length    ${OUR CALLS}
    Set Line    street    seed=${seed}
    ${voice}    Evaluate    ("f3", "m7")[${seed} % 2]
    A Caller In A Hurry Says    Добрий день, потрібні зимові шини на шістнадцять    voice=${voice}
    Bot Should Say    є чотири зимові шини
