"""run.json: written whole, read back as it was, and refused in one sentence."""

import json
from math import inf

import pytest

from AudioSocketLibrary.records import UsageError
from AudioSocketLibrary.records.phase import Phase
from AudioSocketLibrary.records.run_info import Host, Plateau, RunInfo, read_run_info, write_run_info

pytestmark = pytest.mark.unit

FULL = RunInfo(
    run="1f9c2e70",
    name="peak",
    state="aborted",
    reason="stopped early: error rate 34 %",
    profile={"load": {"hold": {"calls": 50}}},
    notes=("quick",),
    seed=42,
    workers=4,
    rows=("rows/worker-0.jsonl",),
    bots={"bot": "10.0.0.5:9092"},
    phases=(Phase("ramp", 0.0, 20.0, measured=False), Phase("hold", 20.0, inf)),
    host=Host("runner", 4, "a CPU", "boot"),
    plateaus=(Plateau(10, 0.0, 120.0, 120.0, held=True), Plateau(20, 120.0, 140.0, 120.0, held=None, why="late")),
    thresholds=("p95 response time < 2 s",),
)


def test_it_reads_back_as_it_was(tmp_path):
    assert read_run_info(write_run_info(tmp_path / "run", FULL)) == FULL


def test_it_is_json_that_every_reader_takes(tmp_path):
    text = write_run_info(tmp_path, FULL).read_text("utf-8")
    assert json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))["phases"][1]["end"] is None


def test_what_is_not_there_has_its_default():
    assert RunInfo.from_json({"run": "1f9c2e70", "host": {"name": "x", "moon": 1}, "later": True}) == RunInfo(
        run="1f9c2e70", host=Host("x")
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "cannot be read: "),
        ("[]", "it is no run of this library"),
        ('{"v": 2}', "it has version 2, and this library reads up to 1: update it"),
        ('{"phases": [1]}', "cannot be read: "),
    ],
)
def test_what_is_no_run_is_told_in_a_sentence(tmp_path, text, why):
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(UsageError, match=why) as caught:
        read_run_info(tmp_path / "run.json")
    assert "\n" not in str(caught.value)


def test_a_run_that_is_not_there(tmp_path):
    with pytest.raises(UsageError, match=r"run\.json cannot be read: No such file"):
        read_run_info(tmp_path / "run.json")


def test_only_a_confirmed_plateau_is_called_so():
    assert Plateau(130, 0.0, 1.0, confirms=True, held=True).name == "130 calls, confirmed"
    assert Plateau(130, 0.0, 1.0, confirms=True, held=False).name == "130 calls"
