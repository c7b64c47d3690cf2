"""``audiosocket profiles`` and ``audiosocket calls-needed``, as a stranger would run them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration


@pytest.fixture
def audiosocket(tmp_path):
    def runs(*arguments, **environment):
        return subprocess.run(  # noqa: PLW1510 - the exit code is what is looked at
            [sys.executable, "-m", "AudioSocketLibrary", *arguments],
            cwd=tmp_path,
            env={**os.environ, "COLUMNS": "160", "PYTHONIOENCODING": "utf-8", **environment},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
        )

    return runs


def test_the_operators_question(audiosocket):
    done = audiosocket("calls-needed", "--per-hour", "1200", "--length", "3min")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "1,200 calls an hour of 3 min are 60 at once on average; 79 at once is passed 1 % of the time; "
        "75 lines lose under 1 % of callers.\n"
    )


def test_another_loss(audiosocket):
    done = audiosocket("calls-needed", "--per-hour", "1200", "--length", "3:00", "--loss", "5 %")
    assert "66 lines lose under 5 % of callers" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--per-hour", "1200"), "Missing option '--length'"),
        (("--per-hour", "many", "--length", "3min"), "'many' is not a valid float"),
        (("--per-hour", "1200", "--length", "180"), "180 means 180 seconds; for milliseconds write '180 ms'"),
        (("--per-hour", "-5", "--length", "3min"), "Calls an hour and their length are above 0"),
        (("--per-hour", "nan", "--length", "3min"), "Calls an hour and their length are above 0"),
        (("--per-hour", "1200", "--length", "3min", "--loss", "1"), "a share is written with a percent sign"),
        (("--per-hour", "1200", "--length", "3min", "--loss", "0 %"), "write a share between 0 % and 100 %"),
    ],
)
def test_what_cannot_be_answered(audiosocket, arguments, message):
    done = audiosocket("calls-needed", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_profiles_are_listed_and_copied(audiosocket, tmp_path):
    listed = audiosocket("profiles")
    assert listed.returncode == 0
    for name in ("smoke", "normal", "peak", "stress", "soak", "capacity", "platform-stress"):
        assert f"\n{name} " in f"\n{listed.stdout}"
    assert "yours" not in listed.stdout

    made = audiosocket("profiles", "copy", "peak")
    assert made.returncode == 0
    assert made.stdout == f"Made {Path('profiles/peak.yaml')}. Change it, then: audiosocket load peak\n"
    assert "hold: {calls: 50" in (tmp_path / "profiles" / "peak.yaml").read_text("utf-8")
    again = audiosocket("profiles", "copy", "peak")
    assert again.returncode == 2
    assert "There is a" in again.stderr
    assert "give another name with --as" in again.stderr
    assert audiosocket("profiles", "copy", "peak", "--as", "sale").returncode == 0

    (tmp_path / "profiles" / "broken.yaml").write_text("about: [\n", "utf-8")
    (tmp_path / "profiles" / "needs.yaml").write_text("about: Needs ${TARGET}\nbot: {address: '${TARGET}'}\n", "utf-8")
    (tmp_path / "profiles" / "other.json").write_text('{"profiles": {"smoke": {}, "soak": {}}}', "utf-8")
    listed = audiosocket("profiles").stdout
    rows = {line.split()[0]: line for line in listed.splitlines() if line.strip()}
    assert "yours" in rows["sale"]
    assert "cannot be read" in rows["broken"]
    assert "broken.yaml line 2 is not YAML" in listed
    assert "yours" in rows["needs"]
    assert "a file with the profiles smoke, soak" in rows["other"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("copy", "peek"), "There is no profile 'peek'; nearest: peak. There are: batches, burst"),
        (("copy", "peak", "--as", "../x"), "'../x' is no name of a profile: write one without folders, like peak"),
        (("copy", "peak", "--output", "file"), "Directory 'file' is a file"),
    ],
)
def test_what_cannot_be_copied(audiosocket, tmp_path, arguments, message):
    (tmp_path / "file").write_text("", "utf-8")
    done = audiosocket("profiles", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
