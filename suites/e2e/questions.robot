*** Settings ***
Documentation    What the shop knows, from its knowledge base; what it does not know, a colleague does.

Resource         ../../resources/tyre_shop.resource

Suite Setup      A Tyre Shop Is Open
Test Teardown    Nothing Is Left

Test Tags        uk    ai


*** Test Cases ***
Caller Asks And Is Answered From The Knowledge Base
    [Tags]    critical
    Given A Caller Is Greeted
    When Say    О котрій ви працюєте?
    Then Caller Hears    щодня з восьмої ранку
    And Bot Should Have Asked Its Knowledge Base    О котрій ви працюєте?

Every Question Has Its Answer
    [Documentation]    In one call: the bot asks each time what else it can do.
    When A Caller In A Hurry Says    Яка у вас адреса?
    Then Caller Hears    Хрещатик
    When Say    Яка гарантія на шини?
    Then Caller Hears    два роки
    When Say    Скільки коштує шиномонтаж?
    Then Caller Hears    тисячу гривень

Question That Only A Colleague Can Answer
    [Documentation]    The caller waits, an operator writes the answer, the bot says it.
    [Tags]    critical
    When A Caller In A Hurry Says    Як правильно зберігати шини?
    Then Caller Hears    уточню це в колеги
    When A Colleague Writes    Зберігайте шини в сухому, темному місці, стоячи і без дисків
    Then Bot Should Say    в сухому, темному місці    within=15 s


*** Keywords ***
Bot Should Have Asked Its Knowledge Base
    [Documentation]    Seen from inside: the tool that it called.
    [Arguments]    ${question}
    The Backend Is Known
    ${asked}    Wait For Bot Event    tool called    name=ask_knowledge
    Should Be Equal    ${asked}[arguments][text]    ${question}

A Colleague Writes
    [Documentation]    Answers the question of this call, as an operator's page would.
    [Arguments]    ${words}
    ${asked}    Wait For Bot Event    human needed
    VAR    &{answer}    answer=${words}
    POST    ${BACKEND}/human-requests/${asked}[request]/answer    json=${answer}    auth=${TOKEN}
