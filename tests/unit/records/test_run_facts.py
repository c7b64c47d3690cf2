"""Every figure of a run equals an independent computation on its raw rows, however they were split into workers."""

from __future__ import annotations

from math import inf, isclose

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from AudioSocketLibrary.records.phase import Phase
from AudioSocketLibrary.records.run_facts import RunFacts
from AudioSocketLibrary.records.samples import Samples
from AudioSocketLibrary.records.thresholds import Threshold

pytestmark = pytest.mark.unit

PHASES = (Phase("ramp", 0.0, 20.0, measured=False), Phase("Hold", 20.0, inf))
OUTCOMES = ("passed", "passed", "passed", "failed", "not placed", "dropped", "interrupted")
TIMES = st.floats(0.001, 9.0).map(lambda value: round(value, 4))


@st.composite
def calls(draw):
    """A row as a worker writes it."""
    intended = round(draw(st.floats(0.0, 60.0)), 4)
    outcome = draw(st.sampled_from(OUTCOMES))
    row = {
        "row": "call",
        "scenario": draw(st.sampled_from(["A", "B"])),
        "target": draw(st.sampled_from(["new", "base"])),
        "intended": intended,
        "phase": "ramp" if intended < 20 else "Hold",
        "measured": intended >= 20,
        "outcome": outcome,
        "index": draw(st.integers(0, 99)),
    }
    if outcome in ("not placed", "dropped"):
        return row
    row["start"] = round(intended + draw(st.floats(0, 0.5)), 4)
    row["length"] = round(draw(st.floats(0.1, 30)), 4)
    row["figures"] = {"dead_air": draw(TIMES)}
    greeting = draw(TIMES)
    if draw(st.booleans()):
        row["figures"] |= {"greeting_time": greeting, "callers_wait": greeting + row["start"] - intended}
    elif outcome == "failed":
        row["failure"] = "no greeting"
        row["judgements"] = [{"at": 10.0, "kind": "no greeting", "text": "no", "value": 10.0}]
    row["turns"] = [
        {"number": number, "kind": "speech", "start": 1.0, "end": 2.0, "response_time": time}
        for number, time in enumerate(draw(st.lists(TIMES, max_size=4)))
    ]
    return row


RUNS = st.lists(calls(), min_size=1, max_size=60)


def facts_of(rows, phases=PHASES):
    facts = RunFacts(phases)
    for row in rows:
        facts.add(row)
    return facts


def split(rows, workers):
    """In the order in which files of workers are read, one after the other."""
    return [row for worker in range(workers) for row in rows[worker::workers]]


def counted(rows, **wanted):
    return [row for row in rows if row["measured"] and all(row[key] == value for key, value in wanted.items())]


def nearest_rank(values, percent):
    return np.percentile(values, percent, method="inverted_cdf")


def responses(rows, start=20.0, end=inf):
    """Of turns that happened within these seconds of the run, whenever their calls began."""
    return [
        turn["response_time"]
        for row in rows
        for turn in row.get("turns", ())
        if turn["number"] and start <= row["start"] + turn["end"] + turn["response_time"] <= end
    ]


def end_of(rows):
    return max((row.get("start", row["intended"]) + row.get("length", 0.0) for row in rows), default=0.0)


@given(RUNS, st.integers(1, 5))
@settings(max_examples=150, deadline=None)
def test_percentiles_are_those_of_numpy(rows, workers):
    facts = facts_of(split(rows, workers))
    for only in ({}, {"scenario": "A"}, {"target": "base"}, {"scenario": "B", "target": "new"}):
        chosen = [row for row in rows if all(row[key] == value for key, value in only.items())]
        expected = responses(chosen, end=end_of(rows))
        found = facts.samples("response time", **only)
        assert isinstance(found, Samples)
        assert sorted(found.values) == sorted(expected)
        for percent in (50, 90, 95, 99):
            told = found.distribution.percentile(percent)
            assert (told is None) == (not expected)
            assert told is None or told.value == nearest_rank(expected, percent)
        mean = found.distribution.mean()
        assert mean is None or isclose(mean.value, np.mean(expected), rel_tol=1e-12)


@given(RUNS, st.integers(1, 5))
@settings(max_examples=100, deadline=None)
def test_totals_are_counts_of_rows(rows, workers):
    facts = facts_of(split(rows, workers))
    measured = counted(rows)
    due = [row for row in measured if row["outcome"] != "interrupted"]
    failed = [row for row in due if row["outcome"] in ("failed", "not placed")]
    tried = [row for row in due if row["outcome"] != "dropped"]
    assert len(facts) == len(rows)
    assert facts.due == len(due)
    assert facts.failed == len(failed) == sum(facts.failures.values())
    assert value(facts, "failed calls <= 0") == (len(failed) if due else None)
    assert value(facts, "calls >= 1") == len(due)
    for outcome in ("dropped", "not placed"):
        expected = sum(row["outcome"] == outcome for row in due) if due else None
        assert value(facts, f"{outcome} = 0") == expected
    assert value(facts, "error rate < 1 %") == (len(failed) / len(tried) if tried else None)
    if tried:
        assert isclose(value(facts, "success rate > 1 %"), 1 - len(failed) / len(tried))


@given(RUNS, st.integers(1, 5))
@settings(max_examples=100, deadline=None)
def test_what_was_given_up_is_at_least_so_much(rows, workers):
    facts = facts_of(split(rows, workers))
    measured = counted(rows)
    known = [row["figures"]["greeting_time"] for row in measured if "greeting_time" in row.get("figures", {})]
    given_up = [10.0 for row in measured if row.get("judgements")]
    found = facts.samples("greeting time")
    assert sorted(found.values) == sorted(known + given_up)
    assert sum(found.censored) == len(given_up)
    wait = facts.samples("caller's wait")
    late = [row["start"] - row["intended"] for row in measured if row.get("judgements")]
    told = [
        value for value, open_end in zip(wait.values, wait.censored or [False] * len(wait), strict=True) if open_end
    ]
    assert np.allclose(sorted(told), sorted(10.0 + each for each in late))


@given(RUNS, st.integers(1, 5))
@settings(max_examples=100, deadline=None)
def test_calls_at_once_and_a_minute_are_counted_by_hand(rows, workers):
    facts = facts_of(split(rows, workers))
    placed = [row for row in rows if "start" in row]
    end = max(row.get("start", row["intended"]) + row.get("length", 0.0) for row in rows)
    assert facts.end == end
    # At each moment at which the number may have grown, it is counted anew.
    moments = [max(20.0, row["start"]) for row in placed] if end > 20 else []
    most = max(
        (sum(row["start"] <= at < row["start"] + row["length"] for row in placed) for at in moments if at < end),
        default=0,
    )
    assert value(facts, "calls at once >= 1") == most
    if end > 20:
        passed = [row["start"] + row["length"] for row in placed if row["outcome"] == "passed"]
        ended = sum(20 < at <= end for at in passed)
        assert isclose(value(facts, "calls per minute > 0"), ended * 60 / (end - 20))
    else:
        assert value(facts, "calls per minute > 0") is None


@given(RUNS)
@settings(max_examples=50, deadline=None)
def test_a_phase_that_is_not_measured_can_be_asked_about_by_any_spelling(rows):
    facts = facts_of(rows)
    end = end_of(rows)
    assert sorted(facts.samples("response time", phase="RAMP").values) == sorted(responses(rows, 0.0, min(20.0, end)))
    assert sorted(facts.samples("response time", phase="hold").values) == sorted(responses(rows, end=end))
    assert len(facts.samples("response time", phase="nowhere")) == 0


def test_the_order_of_rows_changes_nothing():
    rows = [
        {"row": "call", "scenario": "A", "intended": at, "start": at, "length": 5.0, "outcome": "passed"}
        for at in (3.0, 1.0, 2.0)
    ]
    there, back = facts_of(rows, ()), facts_of(reversed(rows), ())
    assert there.concurrency() == back.concurrency() == ([1.0, 2.0, 3.0, 6.0, 7.0, 8.0], [1, 2, 3, 2, 1, 0])
    assert there.windows() == [(1.0, 8.0)]


def test_without_a_call_nothing_is_known():
    facts = facts_of([])
    assert (facts.due, facts.end, facts.begin, facts.windows()) == (0, 0.0, 0.0, [])
    assert facts.judge(Threshold.parse("calls >= 1")).ok is False
    assert "no samples" in facts.judge(Threshold.parse("p95 response time < 2 s")).sentence


def test_a_row_of_a_kind_nobody_knows_says_nothing():
    facts = facts_of([{"row": "dream", "at": 1.0}])
    assert (len(facts), facts.rows) == (0, 1)


def test_requests_are_read_of_marks():
    row = {
        "row": "call", "intended": 0.0, "start": 1.0, "length": 3.0, "outcome": "passed",
        "marks": [
            {"at": 0.5, "name": "request", "fields": {"request_time": 0.25}},
            {"at": 0.7, "name": "request", "fields": {"request_time": "long"}},
        ],
    }  # fmt: skip
    found = facts_of([row], ()).samples("request time")
    assert (list(found.values), list(found.at)) == ([0.25], [1.5])


def test_barge_in_is_dated_from_the_callers_first_sample():
    turn = {"number": 2, "kind": "speech", "start": 4.0, "end": 6.0, "barge_in_time": 0.3}
    found = facts_of([{"row": "call", "start": 10.0, "length": 9.0, "turns": [turn]}], ()).samples("barge in time")
    assert (list(found.values), list(found.at)) == ([0.3], [14.3])


def test_resources_within_the_measured_time():
    rows = [{"row": "call", "intended": 30.0, "start": 30.0, "length": 30.0, "outcome": "passed"}]
    rows += [{"row": "sample", "who": "bot", "at": at, "cpu": at / 100, "memory": 1e6 * at} for at in (10, 20, 40, 60)]
    facts = facts_of(rows)
    assert list(facts.samples("bot CPU").values) == [0.2, 0.4, 0.6]
    assert value(facts, "bot memory growth < 1 MB") == 40e6
    assert facts.watched == ["bot"]
    assert facts.judge(Threshold.parse("max bot threads < 5")).actual is None


def test_a_threshold_of_a_baseline_is_a_share_of_its_value():
    def run(time):
        turns = [{"number": 1, "kind": "speech", "end": 1.0, "response_time": time}] * 20
        return facts_of([{"row": "call", "start": 0.0, "length": 9.0, "turns": turns}], ())

    threshold = Threshold.parse("p95 response time <= 110 % of baseline")
    worse = run(1.84).judge(threshold, run(1.40), "main")
    assert (worse.ok, round(worse.actual, 3)) == (False, 1.314)
    assert "131.43 % of main (1.84 s after 1.4 s), limit 110 %: over by 21.43 %" in worse.sentence
    assert "nothing to compare with" in run(1.0).judge(threshold).sentence


def value(facts, sentence):
    return facts.value(Threshold.parse(sentence))
