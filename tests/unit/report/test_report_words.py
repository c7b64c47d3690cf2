"""A call in sentences."""

from __future__ import annotations

from dataclasses import replace

import pytest

from AudioSocketLibrary.records import CallRecord, Judgement, Span, Turn
from AudioSocketLibrary.report import Row, call_line, clock, dialogue_rows

pytestmark = pytest.mark.unit


def row_at(rows: list[Row], at: float) -> Row:
    return next(row for row in rows if row.at == at)


def test_the_call_line(record: CallRecord) -> None:
    assert call_line(record) == "472d5355, 28.2 s, ended by the bot, greeting 0.62 s"


@pytest.mark.parametrize(
    ("side", "words"),
    [
        ("caller", "ended by the caller"),
        ("asterisk", "dropped by Asterisk's rule"),
        ("network", "cut by the network"),
        (None, "not ended yet"),
    ],
)
def test_who_ended_it_and_its_alias(record: CallRecord, side: str, words: str) -> None:
    shown = replace(record, ended_by=side, alias="alice", figures={})
    assert call_line(shown) == f"472d5355 (alice), 28.2 s, {words}"


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (0, "00:00.0"),
        (-0.2, "00:00.0"),
        (4.31, "00:04.3"),
        (59.96, "01:00.0"),
        (3599.99, "1:00:00.0"),
        (3724.3, "1:02:04.3"),
    ],
)
def test_the_clock(at: float, shown: str) -> None:
    assert clock(at) == shown


def test_the_dialogue_in_order_of_time(record: CallRecord) -> None:
    shown = [(clock(row.at), row.who, row.text) for row in dialogue_rows(record)]
    assert shown == [
        ("00:00.6", "bot", "(2.5 s of speech)"),
        ("00:04.3", "caller", "Потрібні зимові шини (2.1 s)"),
        ("00:07.6", "bot", "(1.3 s of speech)"),
        ("00:10.0", "bot", "(2.9 s of speech)"),
        ("00:10.8", "finding", "The bot sent no media frame for 243 ms"),
        ("00:11.0", "caller", "makes a sound: cough (0.5 s)"),
        ("00:13.7", "caller", "Так, замовляю (1.5 s)"),
        ("00:16.0", "caller", "presses 9 *"),
        ("00:18.6", "bot", "(3.6 s of speech)"),
        ("00:21.9", "caller", "Стоп (1.2 s)"),
        ("00:24.3", "bot", "(0.7 s of speech)"),
        ("00:25.5", "failure", "Bot did not say 'шини' within 10 s"),
        ("00:26.0", "caller", "presses 1 2 #"),
        ("00:28.2", "bot", "hangs up"),
    ]


def test_a_response_time_is_on_the_first_part_of_its_reply(record: CallRecord) -> None:
    rows = dialogue_rows(record)
    assert [row_at(rows, at).response_time for at in (0.62, 7.61, 10.0, 18.61)] == [0.62, 1.21, None, 3.41]


def test_what_broke_a_limit_is_in_the_note(record: CallRecord) -> None:
    late = row_at(dialogue_rows(record), 18.61)
    assert late.note == "over 2 s, stopped after 0.31 s"
    assert late.broken


def test_a_slow_stop_is_told_at_the_speech_that_was_spoken_over(record: CallRecord) -> None:
    slow = Judgement(22.21, "did not stop talking", "Bot went on", 3, "barge in time", 0.31, 0.25)
    rows = dialogue_rows(replace(record, judgements=(slow,)))
    assert row_at(rows, 18.61).note == "stopped after 0.31 s, over 0.25 s"
    assert not [row for row in rows if row.kind == "failure"]


def test_a_late_greeting_is_told_at_the_greeting(record: CallRecord) -> None:
    late = Judgement(0.62, "late greeting", "Bot greeted after 0.62 s", None, "greeting_time", 0.62, 0.5)
    first = dialogue_rows(replace(record, judgements=(late,)))[0]
    assert (first.note, first.broken) == ("over 0.5 s", True)


def test_a_bot_that_interrupts_and_one_that_does_not_reply(record: CallRecord) -> None:
    turns = (
        Turn(1, "speech", "a", 1.0, 3.0, (Span(2.5, 4.0),), -0.5),
        Turn(2, "speech", "", 5.0, 6.0),
        Turn(3, "speech", "", 7.0, None),
    )
    rows = dialogue_rows(replace(record, turns=turns, judgements=(), findings=(), keys=(), sounds=()))
    assert row_at(rows, 2.5).note == "interrupted the caller"
    assert (row_at(rows, 5.0).said, row_at(rows, 5.0).note) == ("(1.0 s of speech)", "no reply")
    assert (row_at(rows, 7.0).said, row_at(rows, 7.0).note) == ("(still speaking)", "")


def test_a_call_that_asterisk_would_have_dropped(record: CallRecord) -> None:
    end = dialogue_rows(replace(record, ended_by="asterisk", reason="a frame of type 0x02"))[-1]
    assert (end.who, end.said, end.note, end.broken) == (
        "asterisk",
        "drops the call",
        "a frame of type 0x02",
        True,
    )


def test_a_reason_that_a_judgement_told_is_not_told_twice(record: CallRecord) -> None:
    assert dialogue_rows(replace(record, reason="Bot replied after 3.41 s"))[-1].note == ""


def test_an_empty_call_has_no_rows() -> None:
    assert dialogue_rows(CallRecord("a", "", "h:1")) == []
