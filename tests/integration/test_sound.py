"""How a real bot sounds: defects planted in what it plays, and what a user reads of them."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import soundfile

from AudioSocketLibrary.media import find_recording, load_sound
from AudioSocketLibrary.media.dtmf import dtmf
from tests.helpers.inner_run import InnerRun, run_robots

pytestmark = pytest.mark.integration

RATE = 8000
LISTEN = r" Listen: recordings/[0-9a-f]{8}\.wav at \d+\.\d s"
TESTS = """\
Clean
    Say One Thing    clean.wav
    Bot Should Sound Clean
    Bot Should Send Audio On Time

Clipped
    Say One Thing    clipped.wav
    Bot Should Sound Clean    level=-35..0 dBFS
    Log    goes on

Quiet
    Say One Thing    quiet.wav
    Bot Should Sound Clean    noise=-20 dBFS

Noisy
    Say One Thing    noisy.wav
    Bot Should Sound Clean    noise=-50 dBFS

Holes
    Say One Thing    holes.wav
    Bot Should Sound Clean

Holes Are Findings
    Say One Thing    holes.wav
    Run Keyword And Ignore Error    Bot Should Sound Clean
    Call Should Have No Findings

Burst
    Start Scripted    {rows: [{on: uuid, do: burst clean.wav, speed: 4}]}
    Place Call
    Bot Should Send Audio On Time

Tones
    Say One Thing    beep.wav
    Bot Should Play Tone    beep    within=2 s
    Bot Should Play Tone    busy    within=2 s

Keys In Band
    Say One Thing    keys.wav
    Bot Should Play Tone    dtmf    keys=12#
    Bot Should Play Tone    dtmf    keys=9    within=2 s

Silent Frames Are One Way Audio
    Start Reference Bot    greeting=none    reply_after=60 s    silence_after=never
    Place Call    greets=no
    Play    winter_tyres
    Stay Silent    2500 ms
    Hang Up
    Call Should Have No Findings

Nothing At All Is One Way Audio
    Start Reference Bot    greeting=none    reply_after=60 s    silence_after=never    fill=nothing
    Place Call    greets=no    rules=lenient
    Play    winter_tyres
    Stay Silent    2500 ms
    Hang Up
    Call Should Have No Findings

A Bot That Spoke Once Was Heard
    Say One Thing    clean.wav
    Play    winter_tyres
    Stay Silent    2500 ms
    Hang Up
    Call Should Have No Findings

No Time To Answer
    Start Reference Bot    greeting=none    silence_after=never
    Place Call    greets=no
    Play    winter_tyres
    Hang Up
    Call Should Have No Findings

Speech Is No Tone
    Say One Thing    clean.wav
    Bot Should Play Tone    ringback    within=2 s

Keys Of A Beep
    Bot Should Play Tone    beep    keys=1

No Range
    Bot Should Sound Clean    level=-12..-35 dBFS

No Share
    Bot Should Sound Clean    clipping=0.1

*** Keywords ***
Say One Thing
    [Arguments]    ${recording}
    Start Reference Bot    greeting=${recording}    silence_after=never
    Place Call    turn_timeout=3 s

Start Scripted
    [Arguments]    ${rows}
    Create File    ${CURDIR}/script.yaml    ${rows}
    Start Reference Bot    script=script.yaml
"""
SETTINGS = """\
*** Settings ***
Library    AudioSocketLibrary
Library    AudioSocketLibrary.ReferenceBot
Library    OperatingSystem
"""
SAID = {
    "Clipped": r"Bot does not sound clean: clipping of \d+\.\d% of the speech \(limit 0\.1%\) at \d\.\d s.*{listen}",
    "Quiet": r"Bot does not sound clean: a level of -4\d dBFS \(limit -35 dBFS\) at 0\.\d s\.{listen}",
    "Noisy": r"Bot does not sound clean: noise of -3\d dBFS \(limit -50 dBFS\) at 0\.\d s\.{listen}",
    "Holes": (
        r"Bot does not sound clean: a dropout of 60 ms \(limit 0 of them\) at 1\.\d s; "
        r"a dropout of 60 ms \(limit 0 of them\) at 1\.\d s.*{listen}"
    ),
    "Holes Are Findings": r"Dropout at 1\.\d s: a dropout of 60 ms \(limit 0 of them\) \(and 1 more.*{listen}",
    "Burst": (
        r"Bot was up to \d\.\d+ s ahead of real time \(limit 200 ms\), of which a phone lost \d\.\d+ s\. "
        r"It should send one frame of 20 ms every 20 ms\.{listen}"
    ),
    "Tones": (r"Bot did not play the busy tone within 2 s as its greeting\. Heard instead: beep\.{listen}"),
    "Keys In Band": (r"Bot did not play the keys 9 within 2 s as its greeting\. Heard instead: 1+2+#+\.{listen}"),
    "Speech Is No Tone": r"Bot did not play the ringback tone within 2 s as its greeting\. No tone was heard\.{listen}",
    "Silent Frames Are One Way Audio": (
        r"One-way audio at \d\.\d s: the caller spoke for [\d.]+ s, but nothing was heard of the bot: its \d+ media "
        r"frames are silent\. Look whether its audio is muted, or goes to another call.*{listen}"
    ),
    "Nothing At All Is One Way Audio": r".*One-way audio at \d\.\d s: .* it sent no audio at all\..*",
    "Keys Of A Beep": r"Keys belong to dtmf, not to beep: write Bot Should Play Tone    dtmf    keys=1",
    "No Range": r".*'-12\.\.-35 dBFS' is no range of levels: write the lower one first, like '-35\.\.-12 dBFS'",
    "No Share": r".*a share is written with a percent sign, like '5 %'.*",
}


def planted(folder: Path) -> None:
    """The same speech, clean and with one defect each."""
    speech = load_sound(find_recording(Path("winter_tyres")), RATE).samples.astype(float)
    random = np.random.default_rng(7)
    peak = np.abs(speech).max()
    holes = speech.copy()
    for at in voiced_places(speech, 480):
        holes[at : at + 480] = 0
    sounds = {
        "clean": speech,
        "clipped": np.clip(speech * 6, -peak, peak),
        "quiet": speech * 10 ** (-25 / 20),
        "noisy": speech + random.normal(0, 32768 * 10 ** (-36 / 20), len(speech)),
        "holes": holes,
        "beep": 8000 * np.sin(2 * np.pi * 1000 * np.arange(RATE // 2) / RATE),
        "keys": dtmf("12#", RATE).astype(float),
    }
    for name, samples in sounds.items():
        soundfile.write(folder / f"{name}.wav", np.clip(samples, -32768, 32767).astype(np.int16), RATE)


def voiced_places(speech: np.ndarray, size: int) -> list[int]:
    """A place in each half of the speech where it is loud right before and right after ``size`` samples."""
    near = RATE // 100
    power = np.convolve(speech**2, np.ones(near), "valid")
    edges = np.minimum(power[: -size - near], power[size + near :])
    half = len(edges) // 2
    return [near + int(edges[:half].argmax()), near + half + int(edges[half:].argmax())]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> InnerRun:
    folder = tmp_path_factory.mktemp("sound")
    planted(folder)
    return run_robots(folder, TESTS, settings=SETTINGS)


@pytest.mark.parametrize("test", ["Clean", "A Bot That Spoke Once Was Heard", "No Time To Answer"])
def test_nothing_is_wrong(run, test):
    assert run.status(test) == "PASS", run.message(test)


@pytest.mark.parametrize("test", SAID)
def test_what_a_user_reads(run, test):
    pattern = SAID[test].replace("{listen}", LISTEN)
    assert re.fullmatch(pattern, run.message(test), re.DOTALL), run.message(test)


def test_the_defects_are_in_the_dialogue(run):
    assert "a dropout of 60 ms" in run.metadata("Holes")["Dialogue"]
