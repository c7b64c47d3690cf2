"""``audiosocket init`` as a stranger uses it: an empty folder, the commands that it prints, and what is seen then."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from tests.helpers.inner_run import read_tests

pytestmark = pytest.mark.integration


def run(folder: Path, module: str, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        cwd=folder,
        timeout=110,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


def make(folder: Path, *arguments: str) -> tuple[int, str]:
    return run(folder, "AudioSocketLibrary", "init", *arguments)


def run_tests(project: Path, *arguments: str) -> dict[str, str]:
    """The failed tests of a run, each with its message; robot.args says where the output is."""
    _, console = run(project, "robot", "-A", "robot.args", *arguments)
    tests = read_tests(project / "results" / "output.xml")
    assert tests, console
    return {name: test.message for name, test in tests.items() if not test.passed}


@contextmanager
def a_bot(*options: str) -> Iterator[str]:
    """The reference bot, as its command starts it; gives its address."""
    command = [sys.executable, "-m", "AudioSocketLibrary", "bot", "--stop-with-stdin", *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as bot:
        assert bot.stdout
        assert bot.stdin
        yield bot.stdout.readline().removeprefix("listening on ").strip()
        bot.stdin.close()
        bot.wait(60)


@pytest.mark.slow
def test_the_first_run_is_green(tmp_path):
    with a_bot() as address:
        code, told = make(tmp_path, "mine", "--bot", address, "--language", "en")
        assert code == 0
        assert f"Next:\n  cd mine\n  audiosocket check {address}\n  robot -A robot.args tests\n" in told
        assert run_tests(tmp_path / "mine", "tests") == {}
    code, told = run(tmp_path / "mine", "AudioSocketLibrary", "phrases")
    assert code == 0
    assert "4 phrases, 4 recorded, 0 synthesised, 0 missing." in told
    assert len(read_tests(tmp_path / "mine" / "results" / "output.xml")) == 4


@pytest.mark.slow
@pytest.mark.parametrize("language", ["uk", "en"])
def test_the_next_steps_run(language, tmp_path):
    """Each test that is commented out, as it is when its comment signs are taken away."""
    with a_bot("--dialogue", "tyre_shop") as address:
        make(tmp_path, "mine", "--bot", address, "--language", language)
        suite = tmp_path / "mine" / "tests" / "e2e" / "first_call.robot"
        before, steps = suite.read_text("utf-8").split("# Next steps")
        suite.write_text(before + re.sub(r"^# ?", "", steps.partition("#\n")[2], flags=re.MULTILINE), "utf-8")
        failed = run_tests(tmp_path / "mine", "tests/e2e")
    # The shop stops for all that is loud for 200 ms.
    assert list(failed) in (["Кашель не перебиває"], ["A Cough Does Not Interrupt"]), failed
    [message] = failed.values()
    assert message.startswith("Bot stopped talking")
    assert len(read_tests(tmp_path / "mine" / "results" / "output.xml")) == 6


@pytest.mark.slow
def test_the_tutorial_goes_on_from_there(tmp_path):
    page = (Path(__file__).resolve().parents[2] / "docs" / "tutorial.md").read_text("utf-8")
    [block] = re.findall(r"```robotframework\n(.*?)```", page, re.DOTALL)
    assert "tests/e2e/tyres.robot" in page
    with a_bot("--dialogue", "tyre_shop") as address:
        make(tmp_path, "mine", "--bot", address, "--language", "uk")
        (tmp_path / "mine" / "tests" / "e2e" / "tyres.robot").write_text(block, "utf-8")
        assert run_tests(tmp_path / "mine", "tests/e2e/tyres.robot") == {}


def test_where_no_bot_is_the_message_says_so(tmp_path):
    make(tmp_path, "mine", "--bot", "127.0.0.1:9", "--language", "en")
    [message] = run_tests(tmp_path / "mine", "tests/e2e").values()
    assert message.startswith(
        "Cannot call the bot at 127.0.0.1:9: nothing listens there (connection refused). Start the bot"
    )
    assert "\n" not in message


@pytest.mark.parametrize(("ci", "file"), [("github", ".github/workflows/voice.yml"), ("gitlab", ".gitlab-ci.yml")])
def test_a_pipeline(ci, file, tmp_path):
    code, told = make(tmp_path, ".", "--bot", "10.0.0.5:9092", "--ci", ci)
    assert code == 0
    assert file in told
    assert "  cd " not in told
    text = (tmp_path / file).read_text("utf-8")
    assert yaml.safe_load(text)
    assert "robot -A robot.args -v BOT:10.0.0.5:9092" in text


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "README.md").write_text("mine", "utf-8")
    code, told = make(tmp_path, ".", "--bot", "10.0.0.5:9092")
    assert (code, told) == (2, ". is not empty (README.md is in it): give a new folder, or an empty one\n")
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]


def test_a_fresh_clone_counts_as_empty(tmp_path):
    (tmp_path / ".git").mkdir()
    assert make(tmp_path, ".", "--bot", "10.0.0.5:9092")[0] == 0


def test_no_folder_can_be_made_there(tmp_path):
    (tmp_path / "file").touch()
    assert make(tmp_path, "file", "--bot", "10.0.0.5:9092") == (
        2,
        "No project can be made in file: Not a directory\n",
    )
    code, told = make(tmp_path, "file/mine", "--bot", "10.0.0.5:9092")
    assert code == 2
    assert "file/mine" in told


def test_the_address_is_read(tmp_path):
    code, told = make(tmp_path, "mine", "--bot", "http://10.0.0.5")
    assert code == 2
    assert "'http://10.0.0.5' is no address of a bot: write host:port, like 127.0.0.1:9092 (no http://)" in told
    assert not (tmp_path / "mine").exists()
