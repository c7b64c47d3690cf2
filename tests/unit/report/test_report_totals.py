"""Totals are exact, count what never came as at least so long, and lead to the worst reply; many calls in a table."""

from __future__ import annotations

from dataclasses import replace

import pytest
from robot.utils import html_format

from AudioSocketLibrary.records import CallRecord, Finding, Judgement, Turn
from AudioSocketLibrary.report import Totals, calls_table, robot_failures, robot_table, slim
from AudioSocketLibrary.report.words import Row, grouped

pytestmark = pytest.mark.unit


def call(name: str, *times: float, judgements: tuple[Judgement, ...] = ()) -> CallRecord:
    turns = tuple(Turn(n + 1, "speech", "a", n, n + 0.5, (), time) for n, time in enumerate(times))
    return CallRecord(name, "u", "h:1", ended_by="caller", length=9, turns=turns, judgements=judgements)


def test_percentiles_are_by_nearest_rank() -> None:
    totals = Totals()
    for n in range(20):
        totals.add(f"S.T{n}", call(f"c{n}", (n + 1) / 10))
    times = "response time p50 1.00 s, p95 1.90 s (n=20), worst [calls/c19.html#t=0.5|2.00 s] in S.T19"
    assert str(totals) == f"20 calls, 20 replies, {times}"


def test_a_reply_that_never_came_counts_as_at_least_as_long_as_it_was_waited_for() -> None:
    totals = Totals()
    missing = Judgement(3.0, "no reply", "x", 2, "response time", 10.0)
    totals.add("S.T", call("c", 0.5, judgements=(missing,)))
    assert str(totals).startswith(
        "1 call, 1 reply, 1 that never came, response time p50 0.50 s, p95 over 10.00 s (n=2)"
    )
    assert "[calls/c.html#t=3.0|over 10.00 s] in S.T" in str(totals)


def test_without_replies_there_are_no_percentiles() -> None:
    totals = Totals()
    assert not totals
    totals.add("S", call("c"))
    totals.add("S", replace(call("d", 4.0), role="bot"))
    assert str(totals) == "2 calls, 0 replies", "what a caller takes to answer us is no response time of a bot"


def test_hostile_names_stay_text() -> None:
    totals = Totals()
    totals.add("S.[x|y] *b* <u>", call("c", 1.0))
    html = html_format(str(totals))
    assert html.count("<a ") == 1
    assert "<b>" not in html


def test_of_too_many_calls_those_that_failed_are_kept() -> None:
    late = Judgement(1.0, "late reply", "Bot | was late", 1, "response time", 1.0, 0.5)
    one = replace(call("c"), figures={"response_time": 0.5})
    calls = [
        (replace(one, call=f"c{n}", judgements=(late, late) if n == 90 else ()), f"calls/c{n}.html") for n in range(100)
    ]
    table = calls_table(calls, most=10).splitlines()
    assert len(table) == 12
    assert table[10].startswith(
        "| 91 | [calls/c90.html|c90] | 9.0 s |  | 0.50 s | ended by the caller | *Bot \u2502 was"
    )
    assert "(and 1 more)*" in table[10]
    assert table[11] == "|  | 90 more |  |  |  |  |  |"


def test_a_slim_record_still_adds_up() -> None:
    record = replace(call("c", 1.0, 2.0), findings=(Finding(1, "gap", "x"),), figures={"greeting_time": 0.1, "x": 1.0})
    full, small = Totals(), Totals()
    full.add("T", record)
    small.add("T", CallRecord.from_json(slim(record).to_json()))
    assert str(full) == str(small)
    assert slim(record).figures == {"greeting_time": 0.1}


def test_findings_of_one_kind_share_a_row_between_two_utterances() -> None:
    gaps = [Row(0.1 * n, "finding", "finding", f"gap {n}", note="gap") for n in range(1, 4)]
    rows = grouped([*gaps, Row(1, "speech", "bot", "x"), *gaps[:1]])
    assert [(row.said, row.note) for row in rows] == [
        ("gap 1", "gap, and 2 more until 00:00.3"),
        ("x", ""),
        ("gap 1", "gap"),
    ]


def test_times_lead_to_the_page_and_what_was_late_to_the_beginning_of_the_wait() -> None:
    late = Judgement(5.0, "late reply", "Late. Listen: x.wav at 5 s", 1, "response time", 2.0, 1.0)
    other = Judgement(6.0, "wrong words", "Wrong " * 100, 1)
    lines = robot_failures(replace(call("c"), judgements=(other, late)), "calls/c.html").split("\n\n")
    assert lines[0] == "[calls/c.html#t=3.0|00:03.0] Late."
    assert lines[1].startswith("[calls/c.html#t=6.0|00:06.0] Wrong")
    assert len(lines[1]) < 400
    assert "| [calls/c.html#t=1.0|00:01.0] | bot |" in robot_table(
        [Row(1.0, "speech", "bot", "x")], page="calls/c.html"
    )
    assert len(robot_table([Row(1.0, "speech", "bot", "x" * 9999)])) < 700
