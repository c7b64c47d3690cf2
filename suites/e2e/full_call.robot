*** Settings ***
Documentation    A caller asks for something, and gets it, or a friendly no.

Resource         ../../resources/tyre_shop.resource

Suite Setup      A Tyre Shop Is Open
Test Teardown    Nothing Is Left

Test Tags        uk


*** Test Cases ***
Caller Finds Winter Tyres And Says Goodbye
    [Tags]    smoke    critical
    Given A Caller Is Greeted
    And Bot Should Say    Шиномонтаж Колесо
    When Say    Добрий день, потрібні зимові шини на шістнадцять
    Then Caller Hears    є чотири зимові шини
    When Say    Ні, дякую. До побачення
    Then Caller Hears    дякуємо за дзвінок
    And Bot Should Hang Up Within    5 s
    And Call Should Have Been Ended By    bot

What Was Said Is Stored
    [Tags]    critical
    When A Caller In A Hurry Says    Мені потрібні літні шини на сімнадцять
    Then Caller Hears    літні шини на 17
    When Hang Up
    ${call}    Stored Call    completed
    Then Should Contain    ${call}[turns][1][text]    літні шини

Caller Wants What The Shop Does Not Have
    [Documentation]    An honest no, and something else to choose from; the call goes on.
    [Tags]    critical
    Given A Caller Is Greeted
    When Say    Хочу купити літак
    Then Caller Hears    на жаль, такого в нас немає
    And Bot Should Say    зимові або літні шини
    When Say    Чи є у вас всесезонні шини?
    Then Caller Hears    всесезонні шини кількох розмірів

Bot Says It Once More
    When A Caller In A Hurry Says    Яка гарантія на шини?
    Then Caller Hears    два роки
    When Say    Повторіть, будь ласка
    Then Caller Hears    два роки

Caller Who Is Not Understood Is Asked Again And Then Transferred
    [Tags]    critical
    When A Caller In A Hurry Says    Яка завтра буде погода?
    Then Caller Hears    повторіть, будь ласка
    When Say    Яка завтра буде погода?
    Then Caller Hears    з'єдную вас з оператором
    And Bot Should Hang Up Within    5 s
