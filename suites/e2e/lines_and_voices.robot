*** Settings ***
Documentation    The same request over bad lines and by other voices: the bot understands, and tells the same.

Resource         ../../resources/tyre_shop.resource

Suite Setup      A Tyre Shop Is Open
Test Teardown    Nothing Is Left

Test Tags        uk


*** Test Cases ***
Street
    [Tags]    critical
    [Template]    Bot Should Understand Over Line
    street

Bad Mobile
    [Documentation]    Muffled, with hiss, and three frames of a hundred lost.
    [Template]    Bot Should Understand Over Line
    bad_mobile

Three Voices
    [Tags]    critical
    [Template]    Bot Should Understand Voice
    winter_tyres.wav
    f3/winter_tyres.flac
    m7/winter_tyres.flac

Street Noise Alone Starts No Conversation
    [Documentation]    A caller who holds a phone in the street and says nothing is no speaker.
    Given Set Line    street
    And A Caller Is Greeted
    When Wait Until Bot Has Spoken
    Then Bot Should Stay Silent For    3 s


*** Keywords ***
Bot Should Understand Over Line
    [Documentation]    The caller's line is so; the noise is the same at each run.
    [Arguments]    ${line}
    Set Line    ${line}    seed=7
    A Caller Is Greeted
    Say    Добрий день, потрібні зимові шини на шістнадцять    voice=f3
    Caller Hears    є чотири зимові шини

Bot Should Understand Voice
    [Documentation]    One of the three who recorded the phrase book, each into a folder.
    [Arguments]    ${recording}
    The Phone Rings
    Play    ${CALLERS}/${recording}    at=${EARLY}
    Caller Hears    є чотири зимові шини
