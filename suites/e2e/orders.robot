*** Settings ***
Documentation    Tyres are ordered: how many, are you sure, and what is then in the database.

Resource         ../../resources/tyre_shop.resource

Suite Setup      A Tyre Shop Is Open
Test Teardown    Nothing Is Left

Test Tags        uk    db


*** Test Cases ***
Caller Orders At Once
    [Tags]    smoke    critical
    Given A Caller Is Greeted
    When Say    Добрий день, потрібні зимові шини на шістнадцять
    Then Caller Hears    бажаєте замовити
    When Say    Так, замовляю чотири
    Then Caller Hears    замовлення прийнято
    And Order Should Be Stored    4

Caller Is Asked How Many And Changes The Number
    [Tags]    critical
    Given A Caller In A Hurry Says    Добрий день, потрібні зимові шини на шістнадцять
    And Caller Hears    бажаєте замовити
    And Say    Так, будь ласка
    Then Caller Hears    скільки шин
    When Say    Чотири штуки
    Then Caller Hears    чотири шини
    And Bot Should Say    підтверджуєте
    When Say    Ні, краще дві
    Then Caller Hears    дві шини
    When Say    Так, підтверджую
    Then Caller Hears    замовлення прийнято
    And Order Should Be Stored    2

Caller Decides Against It
    Given A Caller In A Hurry Says    Хочу замовити чотири шини
    And Caller Hears    підтверджуєте
    When Say    Ні, не треба
    Then Caller Hears    не замовляємо
    And Nothing Should Be Stored    orders

Caller Asks Where The Order Is
    [Tags]    critical
    Given A Caller Is Greeted
    When Say    Який статус мого замовлення?
    Then Caller Hears    номер замовлення
    When Say    Номер тисяча один
    Then Caller Hears    прибуде завтра

There Is No Such Order
    When A Caller In A Hurry Says    Номер сім тисяч сімсот сімдесят сім
    Then Caller Hears    не знайшла вашого замовлення
