*** Settings ***
Documentation    A staging bot whose ears and voice are mocks: whatever is said to it, its recogniser says what it was
...              told (told.yaml), and each of its prompts is the same beep. What can be verified all the same: that
...              there is sound in time (a tone), what happened inside (events), what is stored (REST).
...              Against your staging: docs/testing.md

Resource         ../../resources/tyre_shop.resource

Suite Setup      Staging Is Up
Test Teardown    Nothing Is Left

Test Tags        db


*** Variables ***
${SPEECH}    real    # of the bot that was given: real or mocked


*** Test Cases ***
Order Passes The Whole Pipeline Without A Word
    [Tags]    smoke    critical
    Given The Phone Rings
    Then Bot Should Play Tone    beep    turn=0
    When Say    Добрий день
    Then Bot Should Have Understood    зимові шини на шістнадцять    within=10 s
    And Bot Should Have Called    search_tyres
    And Bot Should Answer With A Tone    tyres_found
    When Say    Добрий день
    Then Bot Should Have Called    place_order
    And Bot Should Answer With A Tone    order_accepted
    And Order Should Be Stored    2
    When Say    Добрий день
    Then Bot Should Hang Up Within    5 s
    And Stored Call    completed


*** Keywords ***
Staging Is Up
    [Documentation]    The reference bot with mocked speech, unless a bot was given.
    A Tyre Shop Is Open
    ...    dialogue=${CURDIR}/mocked_speech/dialogue.yaml
    ...    recogniser=script:${CURDIR}/mocked_speech/told.yaml
    Skip If    not $THE_SHOP_IS_OURS and $SPEECH != "mocked"    For a bot with mocked speech: robot -v SPEECH:mocked
    The Backend Is Known

Bot Should Have Called
    [Documentation]    A tool, and it did what it should.
    [Arguments]    ${tool}
    ${called}    Wait For Bot Event    tool called    name=${tool}
    Should Be Empty    ${called}[error]

Bot Should Answer With A Tone
    [Documentation]    In time; which words the tone stands for, the event says.
    [Arguments]    ${prompt}
    Bot Should Reply Within    ${IN TIME}
    Bot Should Play Tone    beep
    Wait For Bot Event    answered    prompt=${prompt}
