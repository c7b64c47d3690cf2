*** Settings ***
Documentation     What the bot understands and knows: by text over REST, and by voice in a call.

Resource          ../../resources/backend.resource

Suite Setup       A Listened Backend Is Running
Suite Teardown    Nothing Is Left

Test Tags         ai


*** Test Cases ***
Intents By Text
    [Tags]    smoke    critical
    [Template]    Text Should Mean
    Де моя посилка    delivery_tracking
    Where is my parcel    delivery_tracking
    I want a refund    refund
    Tell me about this product    product_inquiry
    Який статус замовлення    order_status
    З'єднайте з оператором    operator

Intents By Voice
    [Tags]    critical
    [Template]    Voice Should Mean
    winter_tyres    зимові шини на шістнадцять    tyre_search
    order_status    статус мого замовлення    order_status
    fitting    шиномонтаж    booking

Answers Come From The Knowledge Base
    [Template]    Answer Should Come From Knowledge
    Яка гарантія на шини?    два роки
    Скільки коштує доставка?    безкоштовна
    What are your opening hours?    eight in the morning

What Is Too Unlike Is Not Found
    ${found}    Ask For    knowledge/search    q=Яка сьогодні погода на Марсі?    threshold=0.7
    Should Be Empty    ${found}[data]

The Likest Come First And No More Than Asked For
    ${found}    Ask For    knowledge/search    q=Яка гарантія на шини?    threshold=0.1    top_k=2
    Length Should Be    ${found}[data]    2
    Should Be True    ${found}[data][0][similarity] >= ${found}[data][1][similarity]


*** Keywords ***
A Listened Backend Is Running
    [Documentation]    A backend whose events are heard.
    A Backend Is Running
    Listen For Bot Events    ${WS}    token=${VIEWER}

Text Should Mean
    [Documentation]    The bot is sure of the intent of a text.
    [Arguments]    ${text}    ${intent}
    ${answer}    Ask The Agent    ${text}
    Should Be Equal    ${answer}[intent]    ${intent}
    Should Be True    ${answer}[confidence] >= 0.6

Voice Should Mean
    [Documentation]    The bot understands a recording, and its intent.
    [Arguments]    ${recording}    ${text}    ${intent}
    Place Call
    Play    ${recording}
    Bot Should Have Understood    ${text}    within=10 s
    Wait For Bot Event    recognised    intent=${intent}
    Hang Up

Answer Should Come From Knowledge
    [Documentation]    The answer has these words, and names its source.
    [Arguments]    ${question}    ${words}
    ${answer}    Ask The Agent    ${question}
    Should Contain    ${answer}[answer]    ${words}
    Should Not Be Empty    ${answer}[sources]
