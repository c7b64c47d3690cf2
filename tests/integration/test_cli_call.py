"""``audiosocket call`` as a stranger would run it."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile

pytestmark = pytest.mark.integration

AUDIOSOCKET = [sys.executable, "-m", "AudioSocketLibrary"]


@pytest.fixture(scope="module")
def bot() -> Iterator[str]:
    with subprocess.Popen(
        [*AUDIOSOCKET, "bot", "--stop-with-stdin"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        yield process.stdout.readline().removeprefix("listening on ").strip()
        assert process.stdin
        process.stdin.close()
        process.wait(60)


def call(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*AUDIOSOCKET, "call", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=folder,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done


def test_a_call_with_two_turns(bot: str, tmp_path: Path):
    done = call(tmp_path, bot, "--play", "winter_tyres", "--play", "order_four")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    said = [line.split()[1:3] for line in lines[:6]]
    assert [who for who, *_ in said] == ["bot", "caller", "bot", "caller", "bot", "caller"]
    assert "winter_tyres" in lines[1]
    assert re.search(r"after \d+ ms", lines[2])
    assert lines[5].endswith("caller  hangs up")
    assert "response time, turn 1" in done.stdout
    assert "response time, turn 2" in done.stdout
    recording = tmp_path / re.search(r"Recording: (.*)", done.stdout)[1]
    assert soundfile.info(recording).channels == 2
    assert (tmp_path / re.search(r"Page with picture and player: (.*)", done.stdout)[1]).is_file()


def test_quiet_says_only_where_things_are(bot: str, tmp_path: Path):
    done = call(tmp_path, bot, "--quiet", "--output", "kept")
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == ["Recording", "Page with picture and player"]
    assert (tmp_path / "kept" / "calls").is_dir()


@pytest.mark.parametrize(
    ("arguments", "text", "code"),
    [
        (["127.0.0.1:1"], "Cannot call the bot at 127.0.0.1:1: nothing listens there (connection refused).", 1),
        (["http://127.0.0.1:9"], "'http://127.0.0.1:9' is no address of a bot: write host:port", 2),
        (["BOT", "--play", "nix.wav"], "There is no file", 2),
        (["BOT", "--uuid", "42"], "'42' is no UUID", 2),
        (["BOT", "--asterisk", "13"], "Asterisk 13 has no AudioSocket (first: 18)", 2),
        (["BOT", "--reply-within", "800"], "800 means 800 seconds", 2),
        (["BOT", "--format", "slin11"], "slin11", 2),
        (["BOT", "--nonsense"], "No such option", 2),
        ([], "Missing argument", 2),
    ],
)
def test_bad_input_is_one_sentence(bot: str, tmp_path: Path, arguments: list[str], text: str, code: int):
    done = call(tmp_path, *[bot if argument == "BOT" else argument for argument in arguments])
    assert done.returncode == code
    assert text in done.stderr
    assert not (tmp_path / "results").exists()


def test_a_bot_that_breaks_a_rule(tmp_path: Path):
    script = tmp_path / "script.yaml"
    script.write_text("{base: usual, rows: [{on: reply ends, do: send 02 00 00}]}", encoding="utf-8")
    with subprocess.Popen(
        [*AUDIOSOCKET, "bot", "--script", str(script), "--stop-with-stdin"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdin
        address = process.stdout.readline().removeprefix("listening on ").strip()
        done = call(tmp_path, address, "--output", "kept")
        process.stdin.close()
        process.wait(60)
    assert done.returncode == 1
    assert re.search(r"Asterisk 22\.10 would have dropped this call .* to go on regardless: --lenient", done.stderr)
    listen = re.search(r"Listen: (\S+\.wav)", done.stderr)
    assert (tmp_path / listen[1]).is_file()


def test_a_folder_that_cannot_be_written_is_told_before_the_call(bot: str, tmp_path: Path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = call(tmp_path, bot, "--output", "file/in/the/way")
    assert done.returncode == 2
    assert "Nothing can be kept in" in done.stderr
    assert not done.stdout


def test_a_bot_that_says_nothing(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        silent = call(tmp_path, address, "--greeting-within", "300ms")
        done = call(tmp_path, address, "--greeting-within", "300ms", "--reply-within", "1s", "--play", "stop")
    assert silent.returncode == 1
    assert silent.stderr == "The bot did not greet within 300 ms.\n"
    assert done.returncode == 1
    assert re.search(
        r"Bot did not reply to 'stop' within 1 s \(turn 1\): it has sent no audio at all\. "
        r"Listen: \S+\.wav at \d\.\d s",
        done.stderr,
    )
    assert "caller  hangs up" in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_ctrl_c_keeps_what_was_measured(bot: str, tmp_path: Path):
    with subprocess.Popen(
        [*AUDIOSOCKET, "call", bot, "--play", "winter_tyres"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    ) as process:
        assert process.stdout
        assert "bot" in process.stdout.readline(), "the greeting, shown once the caller speaks"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 4
    assert "Recording: " in out
    assert "Traceback" not in err
