"""Words and prompts of a real bot: what passes, and what a user reads where it does not."""

from __future__ import annotations

import json
import re

import pytest

from tests.helpers.inner_run import InnerRun, run_robots

pytestmark = [pytest.mark.integration, pytest.mark.timeout(400)]

LISTEN = r" Listen: recordings/[0-9a-f]{8}\.wav at \d+\.\d s"
TESTS = """\
What Is Said
    Place Call
    ${heard}    Bot Should Say    слухаю вас    within=6 s
    Should Be Equal    ${heard}    слухаю вас
    Play    winter_tyres
    Bot Should Say One Of    літак    ЗИМОВІ шини!
    ${found}    Bot Should Say Matching    є (?P<count>\\\\d+) зимов
    Should Be Equal    ${found}[count]    4
    Bot Should Not Say    до побачення
    ${words}    Get Bot Words
    Should Be Equal    ${words}    Є чотири зимові шини. Бажаєте замовити?
    Bot Should Say    вітаю    turn=0
    Call Figure Should Be    words time    <    4 s

What Is Played
    Place Call
    Bot Should Play Prompt    greeting
    Play    winter_tyres
    ${name}    Bot Should Play One Of Prompts    goodbye    tyres_found
    Should Be Equal    ${name}    tyres_found
    ${time}    Get Call Figure    words time    turn=1
    Should Be True    0.75 < ${time} < 1.5

The Same Words Twice
    Start Reference Bot    replies=tyres_found, tyres_found, goodbye    reply_after=800 ms    silence_after=never
    Place Call
    Play    winter_tyres
    Play    winter_tyres
    Play    winter_tyres
    Bot Should Say    до побачення
    Call Figure Should Be    repeated replies    ==    1
    Call Figure Should Be    missed turns    ==    0
    Call Figure Should Be    repeated replies    ==    0

A Turn Without A Reply
    Start Reference Bot    reply_after=8 s
    Place Call    turn_timeout=1 s
    Play    winter_tyres
    Run Keyword And Ignore Error    Bot Should Reply Within    500 ms
    Call Figure Should Be    missed turns    ==    0

Keys In Band
    Start Reference Bot    echo=yes
    Place Call    greets=no
    Send DTMF    12\\#    in_band=yes
    Bot Should Play Tone    dtmf    keys=12\\#

When A Prompt Starts
    Place Call
    Bot Should Play Prompt    greeting
    Play    winter_tyres
    Make Sound    cough    at=2500 ms after prompt tyres_found starts
    ${call}    Get Call
    ${late}    Evaluate    $call['sounds'][0][0]['start'] - $call['turns'][1]['parts'][0]['start'] - 2.5
    Log    ${call}
    Should Be True    -0.03 < ${late} < 0.05

A Prompt That Has Long Begun
    Place Call
    Bot Should Play Prompt    greeting
    Play    winter_tyres
    Play    stop    at=10 ms after prompt tyres_found starts

A Prompt That Never Starts
    Place Call    turn_timeout=3 s
    Play    winter_tyres
    Play    stop    at=1 s after prompt goodbye starts

A Prompt Nobody Knows Starts
    Place Call
    Play    stop    at=1 s after prompt tyres_foundd starts

A Word In A Longer Prompt Is No Prompt
    Start Reference Bot    replies=order_shipped    reply_after=800 ms    silence_after=never
    Place Call    turn_timeout=3 s
    Play    winter_tyres
    Bot Should Play Prompt    day_tomorrow    within=3 s

Late Words Are Soft
    Place Call
    Play    winter_tyres
    Bot Should Say    зимові шини    within=1 s
    Bot Should Play Prompt    tyres_found    within=300 ms

Other Words
    Place Call    turn_timeout=4 s
    Play    winter_tyres
    Bot Should Say    купити літак    within=4 s

Neither Of The Texts
    Place Call    turn_timeout=4 s
    Bot Should Say One Of    літак    човен    within=4 s

Not As Expected
    Place Call    turn_timeout=4 s
    Bot Should Say Matching    номер (?P<number>\\\\d+)    within=4 s

Words That Should Not Be Said
    Place Call
    Bot Should Not Say    слухаю

Another Prompt
    Place Call    turn_timeout=4 s
    Play    winter_tyres
    Bot Should Play Prompt    goodbye    within=3 s

No Reply
    Start Reference Bot    greeting=none
    Place Call    turn_timeout=1 s    greeting_timeout=1 s
    Bot Should Say    вітаю

A Bot Whose Words Nobody Knows
    Start Reference Bot    echo=yes
    Place Call    greets=no    turn_timeout=3 s
    Play    winter_tyres
    Bot Should Say    зимові шини    within=3 s

Other Sound
    Start Reference Bot    echo=yes
    Place Call    greets=no    turn_timeout=3 s
    Play    winter_tyres
    Bot Should Play Prompt    tyres_found    within=3 s

A Script Understands
    Use Recogniser    script:words.yaml    scope=test
    Start Reference Bot    echo=yes
    Place Call    greets=no
    Play    winter_tyres
    Bot Should Say    купити літак

No Such Engine
    Use Recogniser    vsok

Engine That Is Not There
    Use Recogniser    http://127.0.0.1:1/v1    scope=test
    Place Call
    Bot Should Say    слухаю вас

Misspelt Option
    Place Call
    Bot Should Say One Of    літак    whithin=2 s

Misspelt Option Of Prompts
    Place Call
    Bot Should Play One Of Prompts    greeting    whithin=2 s

No Words
    Place Call
    Bot Should Say    ...

No Pattern
    Place Call
    Bot Should Say Matching    (

No Such Prompt
    Place Call
    Bot Should Play Prompt    tyres_foundd

No Share
    Place Call
    Bot Should Say    вітаю    tolerance=0.2
"""
SETTINGS = """\
*** Settings ***
Library        AudioSocketLibrary
Library        AudioSocketLibrary.ReferenceBot
Suite Setup    Start Reference Bot    replies=tyres_found, goodbye    reply_after=800 ms    silence_after=never
"""
SAID = {
    "Late Words Are Soft": (
        r"Several failures occurred:\n\n"
        r"1\) Bot said 'зимові шини' [1-4](\.\d+)? s after 'winter_tyres' \(turn 1, limit 1 s\)\.{listen}\n\n"
        r"2\) Bot played 'tyres_found' (\d{{3}} ms|[1-4](\.\d+)? s) after 'winter_tyres' "
        r"\(turn 1, limit 300 ms\)\.{listen}"
    ),
    "The Same Words Twice": r"The number of repeated replies was 1, not == 0\. Listen: .*",
    "A Turn Without A Reply": r"The number of missed turns was 1, not == 0\. Listen: .*",
    "A Prompt That Has Long Begun": (
        r"'stop' could be said only \S+ m?s too late: 10 ms after prompt tyres_found starts was over when it came to "
        r"it\. Take a later moment, or do less before"
    ),
    "A Prompt That Never Starts": (
        r"Waited for '1 s after prompt goodbye starts', but the bot did not play 'goodbye' within 3 s after "
        r"'winter_tyres'\.{listen}"
    ),
    "A Prompt Nobody Knows Starts": r"phrases\.yaml has no prompt 'tyres_foundd': did you mean 'tyres_found'\?",
    "A Word In A Longer Prompt Is No Prompt": (
        r"Bot did not play 'day_tomorrow' within 3 s after 'winter_tyres'\. It played 'order_shipped' .*{listen}"
    ),
    "Other Words": (
        r"Bot did not say 'купити літак' within 4 s after 'winter_tyres'\. "
        r"It said: 'Є чотири зимові шини\. Бажаєте замовити\?'\.{listen}"
    ),
    "Neither Of The Texts": (
        r"Bot did not say 'літак' nor 'човен' within 4 s as its greeting\. "
        r"It said: 'Вітаю! Шиномонтаж Колесо, слухаю вас'\.{listen}"
    ),
    "Not As Expected": r"Bot did not say anything like 'номер \(\?P<number>\\d\+\)' within 4 s as its greeting\..*",
    "Words That Should Not Be Said": r"Bot said 'слухаю' as its greeting, which it should not \(turn 0\)\.{listen}",
    "Another Prompt": (
        r"Bot did not play 'goodbye' within 3 s after 'winter_tyres'\. "
        r"It played 'tyres_found' \(similarity [01]\.\d\d\) \('goodbye' similarity 0\.\d\d, coverage \d+%\)\.{listen}"
    ),
    "No Reply": r"Bot did not greet within 1 s.*",
    "A Bot Whose Words Nobody Knows": (
        r"Bot did not say 'зимові шини' within 3 s after 'winter_tyres'\. What it said \([\d.]+ s of speech\) is no "
        r"known prompt\. To understand any words, set a recogniser \(Use Recogniser    http://127\.0\.0\.1:8000/v1\); "
        r"to check a recording, keep it \(Save Prompt\)\.{listen}"
    ),
    "Other Sound": (
        r"Bot did not play 'tyres_found' within 3 s after 'winter_tyres'\. Its [\d.]+ s of speech are no known "
        r"prompt; nearest '\w+' with similarity 0\.\d\d, 0\.60 is needed "
        r"\('tyres_found' similarity 0\.\d\d, coverage \d+%\)\.{listen}"
    ),
    "No Such Engine": r".*no engine 'vsok'\. Installed: .*Did you mean 'vosk'\?",
    "Engine That Is Not There": (
        r"What the bot said could not be understood: Nothing recognises speech at http://127\.0\.0\.1:1/v1 "
        r"\(Connection refused\): start the service, or give another address"
    ),
    "Misspelt Option": r"'whithin=2 s' is not a text: did you mean the option 'within='\?",
    "Misspelt Option Of Prompts": r"'whithin=2 s' is not a text: did you mean the option 'within='\?",
    "No Words": r"There is no word to listen for: write what the bot shall say, like 'зимові шини'",
    "No Pattern": r"'\(' is no regular expression: missing \), unterminated subpattern at position 0",
    "No Such Prompt": r"phrases\.yaml has no prompt 'tyres_foundd': did you mean 'tyres_found'\?",
    "No Share": r".*a share is written with a percent sign, like '5 %'.*",
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> InnerRun:
    folder = tmp_path_factory.mktemp("words")
    (folder / "words.yaml").write_text("answers: [Хочу купити літак]\nrepeat: yes\n", encoding="utf-8")
    return run_robots(folder, TESTS.replace("\\\\\\\\", "\\\\"), settings=SETTINGS, at_once=4)


@pytest.mark.parametrize(
    "test", ["What Is Said", "What Is Played", "A Script Understands", "Keys In Band", "When A Prompt Starts"]
)
def test_what_is_heard_passes(run, test):
    assert run.status(test) == "PASS", run.message(test)


@pytest.mark.parametrize("test", SAID)
def test_what_a_user_reads(run, test):
    pattern = SAID[test].format(listen=LISTEN) if "{listen}" in SAID[test] else SAID[test]
    assert re.fullmatch(pattern, run.message(test), re.DOTALL), run.message(test)


def test_the_dialogue_has_the_words(run):
    assert "| Є чотири зимові шини. Бажаєте замовити? |" in run.metadata("What Is Said")["Dialogue"]
    turns = json.loads(run.metadata("What Is Said")["Record"])["calls"][0]["turns"]
    assert turns[1]["words"] == ["Є чотири зимові шини. Бажаєте замовити?"]
    assert 0.8 < turns[1]["words_time"] < 4


def test_words_nobody_asked_for_are_in_the_dialogue_too(run):
    assert "Вітаю! Шиномонтаж Колесо, слухаю вас" in run.metadata("What Is Played")["Dialogue"]


def test_a_recogniser_that_is_missing_is_told_once_the_test_is_over(run):
    assert "[ WARN ] The dialogue is shown without all words." in run.console
