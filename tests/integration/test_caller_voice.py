"""The keywords of the caller's voice, as a suite says them, with what they tell when they cannot."""

from __future__ import annotations

import json
import re

import pytest
import soundfile

from AudioSocketLibrary.media import tone
from tests.helpers.inner_run import run_robot

pytestmark = pytest.mark.integration

SETTINGS = """\
*** Settings ***
Library          AudioSocketLibrary
Library          AudioSocketLibrary.ReferenceBot
Library          Collections
Suite Setup      Start Reference Bot    replies=tyres_found,promotions
Test Setup       Set Call Defaults    greets=no    scope=test
"""

TESTS = """\
Say
    Place Call
    Say    ТАК будь ласка!    voice=f3
    ${record}    Get Call
    Should Be Equal    ${record}[turns][1][said]    Так, будь ласка
    Should Be Equal    ${record}[turns][1][voice]    f3/yes_please.flac
    Bot Should Reply Within    5 s

Say In English
    Set Call Defaults    language=en    scope=test
    Place Call
    Say    no
    ${record}    Get Call
    Should Be Equal    ${record}[turns][1][said]    No
    Should Match    ${record}[turns][1][voice]    *en_no.flac

Say A Field
    Use Call Data    data.csv    scope=test
    Place Call
    Say    {answer}
    ${record}    Get Call
    Should Be Equal    ${record}[turns][1][said]    Так

Say Without Anything To Say It
    Use Voice    http://127.0.0.1:9/v1    scope=test
    Place Call
    Say    Добрий день, потрібен кіт

Say By A Voice That Did Not
    Use Phrase Book    other/phrases.yaml    scope=test
    Place Call
    Say    Стоп    voice=petro

Own Book Beside The Suite
    Place Call
    Say    Це мій голос
    ${record}    Get Call
    Should Be Equal    ${record}[turns][1][voice]    oksana_mine.ogg

Say One Of
    Place Call
    ${said}    Say One Of    Так    Ні    У суботу    voice=f3
    ${record}    Get Call
    Should Be Equal    ${record}[turns][1][said]    ${said}
    Set Suite Metadata    said    ${said}    top=yes

Say One Of Misspelt
    Place Call
    Say One Of    Так    Ні    vioce=f3

Say One Of Nothing
    Place Call
    Say One Of

Make Sound
    Place Call
    Make Sound    cough    at=300 ms after call starts    level=-25 dBFS
    Make Sound    bell.wav    at=1 s after call starts
    ${record}    Get Call
    Length Should Be    ${record}[turns]    1
    Should Be Equal    ${record}[sounds][0][1]    cough
    Should Be Equal    ${record}[sounds][1][1]    bell

Make No Such Sound
    Place Call
    Make Sound    coughh

Make No Such File
    Place Call
    Make Sound    bel.wav

Make Sound Without Unit
    Place Call
    Make Sound    cough    level=-25

Line Before A Call
    Set Line    street    snr=12 dB
    Place Call
    Say    Так
    ${record}    Get Call
    Should Be Equal    ${record}[line]    street, snr 12 dB

Line Is Undone After The Test
    Place Call
    ${record}    Get Call
    Should Be Equal    ${record}[line]    clean

Line In A Call
    Place Call
    Set Line    bad_mobile
    Say    Так
    Set Line    noise=hum.wav    echo=-25 dB    echo_delay=200 ms    speed=1.2    muffled=yes    loss=2 %
    Say    Ні    at=300 ms after caller stops
    Set Line    street    noise=none
    ${record}    Get Call
    Should Start With    ${record}[line]    clean then bad_mobile then clean, noise
    Should End With    ${record}[line]    then street, noise${SPACE}
    Place Call
    ${record}    Get Call
    Should Be Equal    ${record}[line]    clean

No Such Line
    Set Line    stret

No Such Noise
    Set Line    noise=raine

Snr Without Unit
    Set Line    noise=pink    snr=15

Too Much Loss
    Set Line    loss=90 %

No Such Book
    Use Phrase Book    phrasis.yaml

A Broken Book
    Use Phrase Book    broken.yaml

No Such Voice
    Use Voice    espeek
"""
FAIL = {
    "Say Without Anything To Say It": r"'Добрий день, потрібен кіт' has no recording in phrases.yaml, and could not be "
    r"synthesised: Nothing speaks at http://127.0.0.1:9/v1 \(.*\): start the service, or give another address. "
    r"Or take another voice \(Use Voice    http://host:port/v1\), or record it.*",
    "Say By A Voice That Did Not": r"'Стоп' was not recorded by 'petro': record it, or leave out voice=. "
    r"There is 'oksana'",
    "Say One Of Misspelt": r"'vioce=f3' is not a text: did you mean the option 'voice='\?.*",
    "Say One Of Nothing": "Nothing to say: give at least one text",
    "Make No Such Sound": "There is no sound 'coughh'; nearest: cough. Sounds: cough, uh-huh, .*",
    "Make No Such File": "There is no file .*bel.wav.*",
    "Make Sound Without Unit": ".*'-25' is no level: write it like '-20 dBFS', a ratio like '10 dB'.*",
    "No Such Line": "There is no line 'stret'; nearest: street. Lines: clean, street, car, bad_mobile, far_from_phone",
    "No Such Noise": "There is no noise 'raine'.* Noises: white, pink, street, car, office, babble, or a sound file",
    "Snr Without Unit": ".*'15' is no level: write it like '-20 dBFS', a ratio like '10 dB'.*",
    "Too Much Loss": "A line cannot have this loss: write it from 0 % to 50 %, like '3 %'",
    "No Such Book": "There is no file .*phrasis.yaml.*",
    "A Broken Book": "broken.yaml line 1: no key 'phrase' here; nearest: phrases",
    "No Such Voice": "There is no voice 'espeek'. Voices: espeak, .* Did you mean 'espeak'?.*",
}


def make_files(folder):
    hiss = tone(440, 1.0, 16000, -20.0)
    (folder / "audio").mkdir()
    (folder / "other").mkdir()
    for name in ("audio/oksana_mine.ogg", "bell.wav", "hum.wav", "other/oksana_stop.flac", "other/petro_go.flac"):
        soundfile.write(folder / name, hiss, 16000)
    (folder / "audio" / "phrases.yaml").write_text(
        "language: uk\nphrases:\n  - {text: Це мій голос, recordings: [oksana_mine.ogg]}\n", "utf-8"
    )
    (folder / "other" / "phrases.yaml").write_text(
        "language: uk\nphrases:\n  - {text: Стоп, recordings: [oksana_stop.flac]}\n"
        "  - {text: Далі, recordings: [petro_go.flac]}\n",
        "utf-8",
    )
    (folder / "data.csv").write_text("answer\nТак\n", "utf-8")
    (folder / "broken.yaml").write_text("phrase: []\n", "utf-8")


@pytest.mark.slow
def test_every_keyword_and_what_it_says(tmp_path):
    make_files(tmp_path)
    run = run_robot(tmp_path, TESTS, settings=SETTINGS)
    for name, test in run.tests.items():
        if name in FAIL:
            assert re.fullmatch(FAIL[name], test.message, re.DOTALL), f"{name}: {test.message}"
        else:
            assert test.passed, f"{name}: {test.message}"
    assert set(FAIL) < set(run.tests)
    assert len(run.tests) == 23
    assert json.dumps(run.metadata("Say"), ensure_ascii=False).count("Так, будь ласка")


@pytest.mark.slow
def test_the_same_test_says_the_same(tmp_path):
    tests = """\
First
    Place Call
    ${said}    Say One Of    Так    Ні    У суботу    Завтра    Сьогодні    У неділю    У середу
    Log    said ${said}    console=yes

Second
    Place Call
    ${said}    Say One Of    Так    Ні    У суботу    Завтра    Сьогодні    У неділю    У середу
    Log    said ${said}    console=yes
"""
    said = [
        re.findall(
            r"said (.*)", run_robot(tmp_path, tests, "--outputdir", str(tmp_path / "out"), settings=SETTINGS).console
        )
        for _ in range(2)
    ]
    assert len(said[0]) == 2
    assert said[0] == said[1]
