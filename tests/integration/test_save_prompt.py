"""``Save Prompt`` against a real bot, the page to listen on, and the commands that accept and reject."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile

from tests.helpers.inner_run import InnerRun, run_robot

pytestmark = pytest.mark.integration

SETTINGS = """\
*** Settings ***
Library        AudioSocketLibrary
Library        AudioSocketLibrary.ReferenceBot
"""
SAVE = """\
Save
    Start Reference Bot    greeting={recording}    silence_after=never
    Place Call
    Save Prompt    hello

Play
    Start Reference Bot    greeting={recording}    silence_after=never
    Place Call
    Bot Should Play Prompt    hello

No Name
    Save Prompt    ../hello

No Reply
    Start Reference Bot    greeting=none    silence_after=never
    Place Call    greeting_timeout=500 ms
    Save Prompt    hello
"""
NEW = re.compile(r"What the bot said as prompt 'hello' (.*)\. Listen: file://\S+/audio/prompts/index\.html Accept it: ")


def robot(folder: Path, recording: str = "greeting") -> InnerRun:
    return run_robot(folder, SAVE.format(recording=recording), settings=SETTINGS)


def phrases(folder: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "AudioSocketLibrary", "phrases", *arguments],
        capture_output=True, text=True, encoding="utf-8", cwd=folder, timeout=60, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


def test_from_new_to_known_to_changed(tmp_path):
    audio = tmp_path / "audio"
    prompts, page = audio / "prompts", audio / "prompts" / "index.html"

    first = robot(tmp_path)
    assert first.status("Save") == "PASS", first.message("Save")
    assert NEW.search(first.console)[1] == "is new"
    kept = soundfile.info(prompts / "new" / "hello.wav")
    assert kept.duration == pytest.approx(2.9, abs=1.0)
    assert re.fullmatch(
        r"The prompt 'hello' is new: listen to \S+/prompts/new/hello\.wav, and accept it: "
        r"audiosocket phrases accept hello --book \S+/audio/phrases\.yaml",
        first.message("Play"),
    )
    assert first.message("No Name") == (
        "The prompt '../hello' could not be kept: '../hello' cannot name a prompt: "
        "use letters, digits and _, like 'tyres_found'"
    )
    assert first.message("No Reply").startswith("Bot did not greet within 500 ms")
    html = page.read_text("utf-8")
    assert 'src="new/hello.wav"' in html
    assert "audiosocket phrases accept hello --book" in html
    assert "1 new of 1" in html

    code, told = phrases(tmp_path, "accept", "hello")
    assert (code, told) == (0, f"'hello' is known now: {prompts / 'hello.wav'}\n")
    assert 'src="hello.wav"' in page.read_text("utf-8")

    second = robot(tmp_path)
    assert second.status("Save") == second.status("Play") == "PASS", second.message("Play")
    assert "WARN" not in second.console
    assert not (prompts / "new" / "hello.wav").exists()

    third = robot(tmp_path, "goodbye")
    assert third.status("Save") == "PASS"
    assert NEW.search(third.console)[1] == "is another recording than the known one"
    assert third.status("Play") == "FAIL"
    html = page.read_text("utf-8")
    assert 'src="hello.wav"' in html
    assert 'src="new/hello.wav"' in html

    assert phrases(tmp_path, "reject", "--all") == (0, "The new recording of 'hello' is removed\n")
    assert (prompts / "hello.wav").exists()
    assert phrases(tmp_path, "accept", "hello") == (
        2, f"There is no new recording of 'hello' beside {audio / 'phrases.yaml'}. New: none\n",
    )  # fmt: skip
    assert phrases(tmp_path, "accept") == (2, "Name the prompts, or take all that is new: --all\n")
    assert phrases(tmp_path, "reject", "a/b")[0] == 2


def test_without_a_book(tmp_path):
    assert phrases(tmp_path, "accept", "hello") == (
        2, "There is no phrase book in this folder or above: name it with --book FILE\n",
    )  # fmt: skip
