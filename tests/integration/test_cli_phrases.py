"""``audiosocket phrases`` and ``audiosocket call --say``, as a stranger would run them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile

from AudioSocketLibrary.media import tone
from tests.helpers.raw_bot import RawBot

pytestmark = pytest.mark.integration

BOOK = """\
language: uk
phrases:
  - {text: Стоп, recordings: [oksana_stop.wav]}
  - {text: Парковка}
  - {text: Parking, language: en}
"""
SPEAK = """\
import sys, soundfile, numpy
soundfile.write(sys.argv[1], 0.3 * numpy.sin(numpy.arange(8000) / 8), 16000)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    audio = tmp_path / "audio"
    audio.mkdir()
    (audio / "phrases.yaml").write_text(BOOK, "utf-8")
    soundfile.write(audio / "oksana_stop.wav", tone(300, 0.5, 16000, -15.0), 16000)
    (tmp_path / "speak.py").write_text(SPEAK, "utf-8")
    return tmp_path


def run(folder: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "AudioSocketLibrary", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "XDG_CACHE_HOME": str(folder / "cache"), "COLUMNS": "160"},
        cwd=folder,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


def voice(folder: Path) -> str:
    return f"command:{sys.executable} {folder / 'speak.py'} {{wav}} {{text}}"


def test_a_book_is_listed_and_what_is_missing_synthesised(folder: Path):
    code, told = run(folder, "phrases", "--voice", voice(folder))
    assert code == 1
    assert re.search(r"uk +recorded +Стоп +oksana_stop.wav", told)
    assert re.search(r"en +missing +Parking", told)
    assert "3 phrases, 1 recorded, 0 synthesised, 2 missing. Synthesise them: audiosocket phrases" in told

    code, told = run(folder, "phrases", "--voice", voice(folder), "--missing", "--language", "en")
    assert (code, told.count("missing  "), "Стоп" in told) == (1, 1, False)

    code, told = run(folder, "phrases", "audio/phrases.yaml", "--voice", voice(folder), "--synthesise")
    assert code == 0
    assert len(list((folder / "audio" / "synthesised").glob("*.flac"))) == 2
    assert re.search(r"uk +synthesised +Парковка +synthesised/\w+.flac", told)

    (folder / "audio" / "memo.m4a").write_bytes(b"")
    assert "memo.m4a is not read: ffmpeg -i memo.m4a memo.wav" in run(folder, "phrases")[1]


def test_phrases_goes_wrong(folder: Path):
    code, told = run(folder, "phrases", "--synthesise", "--voice", "espeek")
    assert code == 2
    assert told.startswith("'Парковка' could not be synthesised: There is no voice 'espeek'. Voices: espeak, ")
    code, told = run(folder, "phrases", "audio/phrases.yml")
    assert (code, told.strip()) == (2, "There is no file audio/phrases.yml: did you mean 'phrases.yaml'?")


def test_the_books_of_the_library_are_all_recorded(tmp_path: Path):
    code, told = run(tmp_path, "phrases", "--language", "ko")
    assert code == 0
    assert "7 phrases, 7 recorded, 0 synthesised, 0 missing." in told


def test_say_and_play_in_their_order(folder: Path):
    def script(line):
        for _ in range(3):
            since = line.frames[-1][0] if line.frames else 0.0
            line.wait(lambda since=since: line.hears_voice(since) or line.end)
            line.wait_said(0.3)
            line.say(0.3)
        line.wait_end()

    with RawBot(script) as bot:
        arguments = ["--say", "Стоп!", "--play", "yes", "--say=Парковка", "--voice", voice(folder)]
        code, told = run(folder, "call", bot.address, "--greeting-within", "200 ms", *arguments)
    assert code == 0, told
    said = re.findall(r"caller +(\S+) \(", told)
    assert said == ["Стоп", "yes", "Парковка"]


def test_call_goes_wrong_before_the_bot_is_called(folder: Path):
    for arguments, message in (
        (["--say", "Ні, кіт", "--voice", "http://127.0.0.1:9/v1"], "'Ні, кіт' has no recording in phrases.yaml, and"),
        (["--say", "Стоп", "--phrase-book", "other.yaml"], "There is no file other.yaml"),
        (["--say", "Стоп", "--line", "stret"], "There is no line 'stret'; nearest: street."),
    ):
        code, told = run(folder, "call", "127.0.0.1:1", *arguments)
        assert code == 2
        assert told.startswith(message)
