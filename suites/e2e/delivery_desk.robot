*** Settings ***
Documentation    Another business by the same keywords: a delivery desk that tracks parcels, refunds, tells of products.
...              Of its bot we know but its events, as it writes them to a file.

Resource         ../../resources/bot.resource

Suite Setup      The Delivery Desk Is Open
Test Template    Desk Should Understand

Test Tags        uk    en    ai


*** Test Cases ***    PHRASE    INTENT    PROMPT
Parcel    Де зараз моя посилка?    delivery_tracking    delivery_status
Refund    Хочу повернути гроші за товар    refund    refund_started
Product    Розкажіть про цей товар докладніше    product_inquiry    product_info
Parcel In English    Where is my parcel now?    delivery_tracking    en_delivery_status
Refund In English    I would like to get a refund    refund    en_refund_started
Product In English    Tell me more about this product    product_inquiry    en_product_info


*** Keywords ***
The Delivery Desk Is Open
    [Documentation]    The reference bot with its other dialogue, and no backend.
    Skip If    $BOT != ""    The delivery desk is a dialogue of the reference bot, and ${BOT} was given
    VAR    ${events}    ${OUTPUT DIR}/delivery_desk_events.jsonl
    A Bot Is Running    dialogue=delivery_desk    events=${events}
    Listen For Bot Events    ${events}

Desk Should Understand
    [Documentation]    A caller says it over the greeting; the desk understands it surely, and answers by this prompt.
    [Arguments]    ${phrase}    ${intent}    ${prompt}
    Place Call
    Say    ${phrase}    at=${EARLY}
    Bot Should Have Understood    ${phrase}    within=10 s
    ${understood}    Wait For Bot Event    recognised    intent=${intent}
    Should Be True    ${understood}[confidence] >= 0.6
    Bot Should Play Prompt    ${prompt}
