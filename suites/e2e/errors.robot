*** Settings ***
Documentation    What a caller notices when something behind the bot is slow, broken or gone.

Resource         ../../resources/tyre_shop.resource

Suite Setup      The Reference Bot Is Open
Test Teardown    All Is Well Again

Test Tags        uk


*** Test Cases ***
Nobody Answers
    [Tags]    smoke
    Run Keyword And Expect Error    *nothing listens there*    Place Call    127.0.0.1:9

Bot Says Nothing
    [Documentation]    A bot whose speech fails: the greeting is waited for so long, and no longer.
    Given Set Bot Fault    failing speech
    And The Phone Rings    greeting_timeout=3 s
    Then Run Keyword And Expect Error    *did not greet*    Bot Should Greet Within    2 s

Connection Breaks
    [Tags]    critical
    Given Set Bot Fault    reset    after=2 s
    When The Phone Rings
    Then Call Should Have Been Ended By    network

Bot Hangs Up In The Middle Of A Word
    Given Set Bot Fault    hang up mid prompt    after=500 ms
    When The Phone Rings
    Then Call Should Have Been Ended By    bot

Recogniser Is Slow
    [Documentation]    The answer comes late, and the figure says by how much.
    Given A Caller Is Greeted
    When Set Bot Fault    slow recogniser    delay=2 s
    And Say    Яка гарантія на шини?
    Then Bot Should Say    два роки
    And Call Figure Should Be    response time    >    2 s    turn=1

Recogniser Is Down
    [Documentation]    Nobody gets stuck: the bot asks again, then an operator takes over.
    [Tags]    critical
    Given A Caller Is Greeted
    When Set Bot Fault    failing recogniser
    And Say    Яка гарантія на шини?
    Then Bot Should Say    повторіть, будь ласка
    When Say    Яка гарантія на шини?
    Then Bot Should Say    з'єдную вас з оператором
    And Bot Should Hang Up Within    5 s

Database Is Down
    [Documentation]    The bot apologises, the call goes on, and all is well when the database is back.
    [Tags]    critical    db
    Given A Caller Is Greeted
    When Set Bot Fault    failing database
    And Say    Номер тисяча один
    Then Bot Should Say    сервіс тимчасово недоступний
    When All Is Repaired
    And Say    Номер тисяча один
    Then Bot Should Say    прибуде завтра

Database Is Slow
    [Documentation]    After five seconds the bot waits no longer.
    [Tags]    db
    Given A Caller Is Greeted
    When Set Bot Fault    slow database    delay=7 s
    And Say    Номер тисяча один
    Then Bot Should Say    сервіс тимчасово недоступний    within=15 s

Supplier Is Slow
    [Documentation]    The bot knows the order all the same, and answers a second later.
    Given A Caller Is Greeted
    When Set Bot Fault    slow dependency    delay=1 s
    And Say    Номер тисяча один
    Then Bot Should Say    прибуде завтра
    And Call Figure Should Be    response time    >    1 s    turn=1

Circuit Breaker Opens Tries And Closes
    [Documentation]    Five failures open the breaker: then nothing is tried, though the supplier is back, and the bot
    ...    tells what was last known. After 5 s one request may try (half-open); after two that succeed it is closed.
    [Tags]    critical
    Given A Caller Is Greeted
    When Set Bot Fault    failing dependency
    And The Caller Asks Five Times By Keys
    Then Breaker Should Be    open
    When Clear Bot Faults
    And Send DTMF    3    at=2 s after bot starts
    Then Bot Should Say    служба доставки зараз не відповідає
    When Breaker May Try Again
    And Say    Номер тисяча один
    Then Bot Should Say    прибуде завтра
    And Breaker Should Be    half-open
    When Say    Номер тисяча один
    Then Bot Should Say    прибуде завтра
    And Breaker Should Be    closed


*** Keywords ***
The Reference Bot Is Open
    [Documentation]    Nobody breaks another's bot: where one was given, this suite is skipped.
    A Tyre Shop Is Open
    Skip If    not $THE_SHOP_IS_OURS    Faults are set on the reference bot, and another was given

The Caller Asks Five Times By Keys
    [Documentation]    For the same order, over the bot's answers: who asks so often does not listen.
    Send DTMF    3
    Send DTMF    1001    at=500 ms after bot starts
    Send DTMF    3    at=500 ms after bot starts
    Send DTMF    3    at=500 ms after bot starts
    Send DTMF    3    at=500 ms after bot starts
    Send DTMF    3    at=500 ms after bot starts
    Wait Until Bot Starts Speaking

Breaker Should Be
    [Documentation]    That of the supplier, as the health check tells it.
    [Arguments]    ${state}
    ${health}    GET    ${BACKEND}/healthcheck
    Should Be Equal    ${health.json()}[breakers][supplier]    ${state}

Breaker May Try Again
    [Documentation]    The time is over for which it lets nothing through.
    Wait Until Keyword Succeeds    10 s    200 ms    Breaker Should Wait No Longer

Breaker Should Wait No Longer
    [Documentation]    An open breaker tells when it will try.
    ${response}    GET    ${BACKEND}/breakers    auth=${TOKEN}
    ${waits}    Evaluate    [each["probes_in"] for each in $response.json()["data"] if each["name"] == "supplier"]
    Should Be Equal As Numbers    ${waits}[0]    0

All Is Repaired
    [Documentation]    No fault is left, and no breaker open.
    DELETE    ${BACKEND}/faults    auth=${TOKEN}

All Is Well Again
    [Documentation]    The next test finds the bot as it was.
    All Is Repaired
    Nothing Is Left
