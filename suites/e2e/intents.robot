*** Settings ***
Documentation    What callers mean, by voice: a row for each phrase. The shop is judged by its words, and from inside.

Resource         ../../resources/tyre_shop.resource

Suite Setup      A Tyre Shop Is Open
Test Teardown    Nothing Is Left
Test Template    Phrase Should Mean

Test Tags        uk    ai


*** Test Cases ***    PHRASE    INTENT    ANSWER
Greeting    Алло, ви мене чуєте?    greeting    чим ще можу допомогти
Summer Tyres    Мені потрібні літні шини на сімнадцять    tyre_search    літні шини на сімнадцять
Order Status    Який статус мого замовлення?    order_status    номер замовлення
Fitting    Хочу записатися на шиномонтаж    booking    на який день
Address    Яка у вас адреса?    address    Хрещатик
Warranty    Яка гарантія на шини?    warranty    два роки
Operator    З'єднайте мене з оператором    operator    з'єдную вас з оператором


*** Keywords ***
Phrase Should Mean
    [Documentation]    A caller says it; the bot understands it surely, and answers to it.
    [Arguments]    ${phrase}    ${intent}    ${answer}
    A Caller In A Hurry Says    ${phrase}
    Bot Should Say    ${answer}
    IF    $BACKEND
        Bot Should Have Understood    ${phrase}
        ${understood}    Wait For Bot Event    recognised    intent=${intent}
        Should Be True    ${understood}[confidence] >= 0.6
    END
