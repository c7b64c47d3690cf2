"""``audiosocket check`` as a stranger would run it."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.helpers.raw_bot import RawBot

pytestmark = pytest.mark.integration

AUDIOSOCKET = [sys.executable, "-m", "AudioSocketLibrary"]
FEW = ["--probe", "greets", "--probe", "keys"]


@pytest.fixture(scope="module")
def bot() -> Iterator[str]:
    yield from running_bot("--greeting", "one_moment")


@pytest.fixture(scope="module")
def bad_bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    script = tmp_path_factory.mktemp("bad") / "script.yaml"
    script.write_text("{base: usual, rows: [{on: key, key: 1, do: hang up}]}", encoding="utf-8")
    yield from running_bot("--script", str(script))


def running_bot(*arguments: str) -> Iterator[str]:
    with subprocess.Popen(
        [*AUDIOSOCKET, "bot", "--stop-with-stdin", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdin
        yield process.stdout.readline().removeprefix("listening on ").strip()
        process.stdin.close()
        process.wait(60)


def check(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*AUDIOSOCKET, "check", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=folder,
        timeout=100,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done


def test_a_good_bot(bot: str, tmp_path: Path):
    done = check(tmp_path, bot, *FEW)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^ ok    answers a call and greets +after \d+ ms$", done.stdout, re.MULTILINE)
    assert re.search(r"^ ok    keeps the line when it gets a key press$", done.stdout, re.MULTILINE)
    assert "2 ok, 0 no, in " in done.stdout
    assert "  every version\n      yes\n" in done.stdout
    assert (tmp_path / "results" / "check-127.0.0.1.html").is_file()


def test_a_bot_that_hangs_up_at_a_key(bad_bot: str, tmp_path: Path):
    done = check(tmp_path, bad_bot, *FEW, "--output", "kept")
    assert done.returncode == 1
    why = r"closed the call (\d+ ms|at once) after DTMF '1'"
    assert re.search(rf"^ no    keeps the line when it gets a key press +{why}$", done.stdout, re.MULTILINE)
    answers = r"Asterisk, as far as was measured\?\n  (.*)\n      yes\n  (.*)\n      no, because it closed"
    old, new = re.search(answers, done.stdout).groups()
    assert old == "18, 19, 20.0 to 20.13, 21.0 to 21.8, 22.0 to 22.3, certified-18.9, certified-20.7"
    assert new == "20.14 and newer, 21.9 and newer, 22.4 and newer, 23, certified-22.8"
    folder = tmp_path / "kept"
    data = json.loads((folder / "check-127.0.0.1.json").read_text("utf-8"))
    assert data["passed"] is False
    assert [probe["verdict"] for probe in data["probes"]] == ["ok", "no"]
    assert [version["lives"] for version in data["versions"]] == [True, False]
    suite = ET.parse(folder / "check-127.0.0.1.junit.xml").getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert "The bot closed the call" in suite.find(".//failure").get("message")
    page = (folder / "check-127.0.0.1.html").read_text("utf-8")
    assert "after DTMF &#39;1&#39;" in page
    assert not re.search(r"(src|href)=|<script", page)


def test_one_version(bad_bot: str, tmp_path: Path):
    old = check(tmp_path, bad_bot, *FEW, "--asterisk", "18.20", "--quiet")
    assert old.returncode == 0
    assert "  18.20: yes\n" in old.stdout
    assert "answers a call" not in old.stdout
    new = check(tmp_path, bad_bot, *FEW, "--asterisk", "22.10")
    assert new.returncode == 1
    assert "  22.10: no, because it closed the call" in new.stdout


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ([], "Missing argument"),
        (["http://127.0.0.1:9"], "is no address of a bot: write host:port"),
        (["127.0.0.1:1"], "Cannot call the bot at 127.0.0.1:1: nothing listens there (connection refused)."),
        (["BOT", "--asterisk", "13"], "Asterisk 13 has no AudioSocket (first: 18)"),
        (["BOT", "--language", "xx"], "'xx' is not one of 'uk', 'en'"),
        (["BOT", "--probe", "key"], "There is no probe 'key'; nearest: keys. Probes: greets, replies"),
        (["BOT", "--nonsense"], "No such option"),
    ],
)
def test_bad_input_is_one_sentence(bot: str, tmp_path: Path, arguments: list[str], text: str):
    done = check(tmp_path, *[bot if argument == "BOT" else argument for argument in arguments])
    assert done.returncode == 2
    assert text in done.stderr
    assert not (tmp_path / "results").exists()


def test_a_folder_that_cannot_be_written_is_told_before_the_calls(bot: str, tmp_path: Path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = check(tmp_path, bot, "--output", "file/in/the/way")
    assert done.returncode == 2
    assert "Nothing can be kept in" in done.stderr
    assert not done.stdout


def test_a_web_server(tmp_path: Path):
    def answer(line) -> None:
        line.wait(lambda: line.chunks)
        line.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with RawBot(answer) as web:
        done = check(tmp_path, web.address)
    assert done.returncode == 2
    assert done.stderr.startswith(f"No bot answers at {web.address}: a web server listens there; it said 'HTTP/1.1 400")
    assert not done.stdout


def test_a_port_that_accepts_and_says_nothing(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        done = check(tmp_path, address)
    assert done.returncode == 2
    assert done.stderr == (
        f"No bot answers at {address}: something accepts calls there, but sent nothing at all, when called and when "
        "spoken to. Is it an AudioSocket server, and is this its port?\n"
    )


def test_a_port_that_closes_every_call(tmp_path: Path):
    with RawBot(lambda line: line.wait(lambda: line.chunks)) as rude:
        done = check(tmp_path, rude.address)
    assert done.returncode == 2
    assert "something accepts calls there, but closed the call" in done.stderr
