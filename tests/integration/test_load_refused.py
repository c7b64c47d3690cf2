"""What ``audiosocket load`` refuses before anybody is called, each in one sentence; and what it would cost."""

from __future__ import annotations

import shlex
import sys

import pytest

from AudioSocketLibrary.cli import run
from AudioSocketLibrary.load.started_bot import CommandBot
from AudioSocketLibrary.records import UsageError
from AudioSocketLibrary.transport import Address
from tests.helpers.load_runs import SUITE
from tests.helpers.raw_bot import RawBot

pytestmark = pytest.mark.integration

ENDED = "The bot ended with exit code 5 before it listened on {address}. It said: no model"
NEVER = (
    "The bot does not listen on {address}, 1.5 s after its start. It said: loading. "
    "Where it needs longer: --ready-within 2min"
)
SHORT = ("--test", "Short Call", "--from", "suite.robot")


@pytest.fixture
def said(tmp_path, monkeypatch, capsys):
    """Runs the command in a folder with a suite; returns its exit code and what it said on both streams."""
    (tmp_path / "suite.robot").write_text(SUITE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    def load(*arguments):
        code = run(["load", *arguments])
        told = capsys.readouterr()
        return code, told.out, told.err

    return load


def nothing_happened(folder):
    return not (folder / "results").exists()


def free_port():
    with RawBot() as bot:
        return bot.port


def test_a_dry_run_tells_the_cost_and_calls_nobody(said, tmp_path):
    with RawBot() as bot:
        code, out, err = said("--calls", "3", "--for", "10 s", *SHORT, "--bot", bot.address, "--dry-run")
        assert not bot.lines
    assert (code, err) == (0, "")
    assert out == (
        "load: keeps that many calls up; each that ends is followed by the next\n"
        f"  plays Short Call; calls {bot.address}; 1 worker\n"
        "  about 9 calls of 4.2 s in 10 s, up to 3 at once, 37.8 s of talk\n"
        "  records 1 % of the calls, about 0.0121 MB, 1 GB at most\n"
    )
    assert nothing_happened(tmp_path)


def test_a_dry_run_looks_at_the_call_data_too(said, tmp_path):
    (tmp_path / "few.csv").write_text("phone\n1\n", encoding="utf-8")
    (tmp_path / "sale.yaml").write_text(
        "callers: {data: {file: few.csv, order: unique}}\nload: {burst: {calls: 5}}\n", encoding="utf-8"
    )
    code, _, err = said("sale.yaml", "--dry-run")
    assert code == 2
    assert err == (
        "few.csv has 1 rows, and each is for one call only; about 5 calls are planned. Add rows, take order: "
        "sequential, or plan fewer calls\n"
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("smoke", "--bot", "10.0.0.5:9092"), "10.0.0.5:9092 is another machine, and nobody said which: a load could "),
        (("smoke", "--bot", "127.0.0.1:9", "--environment", "production"), "127.0.0.1:9 is marked production. Add --a"),
        (("smoke", "--bot", "127.0.0.1:1", "--bot", "127.0.0.1:2"), "Several bots need names of their own: --bot new="),
        ((), "Which load? Name a profile ('audiosocket profiles' lists them), or say how many calls: --calls 20 "),
        (("smoke", "--start", "true"), "'start' starts a bot, and nobody said where it listens: give its address, "),
        (("--calls", "2", *SHORT, "--variable", "SHOP"), "'SHOP' is no variable: write NAME:VALUE, like --variable "),
        (("smoke", "--output", "."), "There is something in . already: a run needs a folder of its own"),
        (("smoke", "--output", "x", "--prepare", "y"), "--prepare names the folder of the run already: leave --output"),
        (("smoke", "-T", "p95 response tim < 2 s"), "no figure 'response tim'; nearest: response time. Figures: "),
    ],
)  # fmt: skip
def test_what_is_refused_at_once(said, arguments, sentence):
    code, out, err = said(*arguments)
    assert code == 2
    assert err.startswith(sentence)
    assert err.count("\n") == 1
    assert out == ""


def test_what_would_cost_too_much_is_refused_with_the_line_to_add(said, tmp_path):
    code, _, err = said("--calls", "600", "--for", "10 s", *SHORT, "--bot", "127.0.0.1:9")
    assert code == 2
    assert (
        "600 calls at once are planned, the limit is 500: if that is meant, add 'limits: {calls_at_once: 600}'" in err
    )
    assert nothing_happened(tmp_path)


def test_nobody_listens(said, tmp_path):
    port = free_port()
    code, _, err = said("--calls", "1", *SHORT, "--bot", f"127.0.0.1:{port}")
    assert code == 2
    assert err.startswith(f"Cannot call the bot at 127.0.0.1:{port}: nothing listens there. Start it, have it started")
    assert nothing_happened(tmp_path)


def started(folder, address, command, within=1.5):
    """What is said where a bot cannot be started."""
    with pytest.raises(UsageError) as refused:
        CommandBot(command, Address.parse(address), within, folder / "bot.log")
    return str(refused.value)


def test_a_bot_to_be_started_where_one_listens_already(tmp_path):
    with RawBot() as bot:
        assert started(tmp_path, bot.address, "true") == (
            f"Something listens on {bot.address} already: stop it, or leave 'start' out to call it as it is"
        )


@pytest.mark.skipif(sys.platform == "win32", reason="there is no sh")
@pytest.mark.parametrize(
    ("program", "sentence"),
    [
        ("echo no model; exit 5", ENDED),
        ("echo loading; sleep 60", NEVER),
    ],
    ids=["ends", "never ready"],
)
def test_a_bot_that_does_not_start_says_its_last_words(tmp_path, program, sentence):
    address = f"127.0.0.1:{free_port()}"
    within = 1.5 if "sleep" in program else 60.0
    command = shlex.join(["sh", "-c", program])
    assert started(tmp_path, address, command, within) == sentence.format(address=address)


def test_a_bot_whose_command_there_is_none(tmp_path):
    said = started(tmp_path, f"127.0.0.1:{free_port()}", "no-such-bot --port 1")
    assert said == "The bot cannot be started by 'no-such-bot': No such file or directory"
    assert started(tmp_path, "127.0.0.1:9", " ") == "The command that starts the bot is empty"


def test_a_search_without_thresholds_looks_for_nothing(said, tmp_path):
    (tmp_path / "search.yaml").write_text("load: {capacity: {from: 1, to: 4}}\n", encoding="utf-8")
    code, _, err = said("search.yaml")
    assert code == 2
    assert err.startswith("A search for a capacity needs thresholds: it looks for the most calls at which they hold")
