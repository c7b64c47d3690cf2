"""The plateaus of a search, each judged on its own; of rows as workers write them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from AudioSocketLibrary.load.capacity import Capacity
from AudioSocketLibrary.load.plateaus import LEAD, Plateaus, answer_of, is_answered
from AudioSocketLibrary.records import Histogram, Threshold
from AudioSocketLibrary.records.run_facts import RunFacts
from AudioSocketLibrary.records.run_info import Plateau, RunInfo

pytestmark = pytest.mark.unit

THRESHOLDS = (Threshold.parse("p95 response time < 2 s"), Threshold.parse("error rate < 1 %"))


def histogram(seconds):
    found = Histogram()
    for _ in range(50):
        found.add(seconds)
    return found.to_json()


def play(plateaus, facts, stage, response, *, late=0.001, up=None):
    """What a worker would write of a plateau in which all calls are answered after so long."""
    for second in range(int(stage.start), int(stage.end) + 3):
        facts.add(
            {
                "row": "pulse", "worker": 0, "at": float(second), "sent": 500, "skipped": 0, "cpu": 0.1,
                "up": (stage.calls if up is None else up) if stage.start < second <= stage.end else 0,
                "lateness": histogram(late), "loop_lag": histogram(late),
            }
        )  # fmt: skip
    for index in range(30):
        start = stage.start + stage.ramp + (stage.seconds - 5.0) * index / 30
        facts.add(
            {
                "row": "call", "phase": stage.name, "start": start, "length": 4.0, "outcome": "passed",
                "turns": [{"number": 1, "kind": "speech", "end": 1.0, "response_time": response}],
            }
        )  # fmt: skip
    return plateaus.close(facts, 1)


def search():
    return Plateaus(Capacity(10, 20, 60.0, 120.0), THRESHOLDS), RunFacts()


def test_plateaus_follow_one_another_until_the_answer_is_confirmed():
    plateaus, facts = search()
    assert plateaus.measured_from == float("inf")
    at, played = 0.0, []
    while (stage := plateaus.next(at)) is not None:
        assert stage.start == at + LEAD
        assert plateaus.measured_from == stage.start + stage.ramp
        done = play(plateaus, facts, stage, response=1.0 + (stage.calls > 10) * 2)
        played.append((stage.name, done.confirms, done.held))
        at = stage.end + 3
    assert played == [
        *(("1: 10 calls", False, True), ("2: 20 calls", False, False), ("3: 20 calls", False, False)),
        ("4: 10 calls", True, True),
    ]
    assert plateaus.done[1].why == (
        'p95 response time in "2: 20 calls" 3 s, limit 2 s: over by 1 s (30 replies; too few for an interval)'
    )
    assert plateaus.claim(facts).startswith("10 calls held for 2 min at p95 response time 1 s")
    assert [phase.measured for phase in plateaus.phases] == [False, True] * 4


def test_a_plateau_in_which_we_were_late_says_nothing_and_is_played_once_more():
    plateaus, facts = search()
    stage = plateaus.next(0.0)
    done = play(plateaus, facts, stage, response=9.0, late=0.2)
    assert done.held is None
    assert done.why.startswith("INVALID: our lateness p99 200 ms (limit 10 ms")
    again = plateaus.next(stage.end + 3)
    assert again.calls == stage.calls
    assert play(plateaus, facts, again, response=1.0).held is True
    assert plateaus.next(again.end + 3).calls == 20


def test_a_load_that_never_was_there_does_not_hold():
    plateaus, facts = search()
    done = play(plateaus, facts, plateaus.next(0.0), response=1.0, up=7)
    assert done.held is False
    assert done.why == "only 7 of 10 calls were up on average: the load never was there"


def test_what_is_given_up_does_not_hold_and_lasts_as_long_as_it_was_looked_at():
    plateaus, facts = search()
    assert not plateaus.give_up("nothing is played")
    stage = plateaus.next(0.0)
    assert plateaus.give_up("stopped early: error rate 100 %")
    assert not plateaus.give_up("again")
    done = play(plateaus, facts, stage, response=1.0)
    assert (done.held, done.why) == (False, "stopped early: error rate 100 %")
    assert done.end == facts.end < stage.end
    assert plateaus.phases[-1].end == done.end
    # The next one is not given up by it.
    assert plateaus.next(stage.end) is not None


def test_a_run_is_judged_by_the_plateau_that_is_its_answer():
    plateaus, facts = search()
    at = 0.0
    while (stage := plateaus.next(at)) is not None:
        play(plateaus, facts, stage, response=1.0 + (stage.calls > 10) * 2)
        at = stage.end + 3
    info = RunInfo(plateaus=plateaus.done, phases=plateaus.phases, thresholds=tuple(map(str, THRESHOLDS)))
    thresholds, windows = answer_of(info)
    confirmed = plateaus.done[-1]
    assert windows == [(confirmed.start, confirmed.end)]
    assert {threshold.phase for threshold in thresholds} == {"4: 10 calls"}
    assert all(facts.judge(threshold).ok for threshold in thresholds)
    assert answer_of(RunInfo(thresholds=("error rate < 1 %",))) == ((Threshold.parse("error rate < 1 %"),), None)


def test_only_a_confirmed_plateau_that_held_is_an_answer():
    tried = Plateau(10, 0.0, 60.0, 60.0, held=True)
    assert is_answered(RunInfo())
    assert not is_answered(RunInfo(plateaus=(tried,)))
    assert not is_answered(RunInfo(plateaus=(tried, replace(tried, confirms=True, held=False))))
    assert is_answered(RunInfo(plateaus=(tried, replace(tried, confirms=True))))
