"""Words and names of recordings, and what the bot told of its inside, in the dialogue and on the page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from AudioSocketLibrary.media.phrases import load_phrase_book
from AudioSocketLibrary.records import CallRecord, Mark, Span, Turn
from AudioSocketLibrary.report import Names, dialogue_rows
from AudioSocketLibrary.report.call_page import call_page
from AudioSocketLibrary.report.told import stages, told_rows, understood

pytestmark = pytest.mark.unit

BOOK = Names.of(load_phrase_book())
TURN = Turn(1, "speech", "winter_tyres", 4.0, 6.0, (Span(6.6, 9.0),), 0.6, words=("Одна шина Дві шини",))
RECORD = CallRecord("c", "u", "h:1", length=12.0, ended_by="bot", turns=(Turn(0, "greeting"), TURN))
MARKS = (
    Mark(5.0, "recognised", {"text": "зимові"}),
    Mark(6.5, "end of speech", {"turn": 1, "last_voiced": 8123.4}),
    Mark(6.55, "recognised", {"text": "шпигуни", "intent": ""}),
    Mark(6.62, "first audio", {}),
    Mark(8.0, "first audio", {}),
    Mark(11.0, "llm <b>", {"x": "y" * 500}, "wall"),
)


def test_a_recording_is_shown_by_its_words_and_its_name() -> None:
    caller, bot, _ = dialogue_rows(RECORD, BOOK)
    assert caller.text == "Добрий день, потрібні зимові шини на шістнадцять (winter_tyres, 2.0 s)"
    assert (bot.text, bot.name) == ("Одна шина Дві шини", "quantity_1, quantity_2")
    assert [row.text for row in dialogue_rows(RECORD)[:2]] == ["winter_tyres (2.0 s)", "Одна шина Дві шини"]


@pytest.mark.parametrize("words", ["", "Одна шина, і ще щось", "щось Одна шина", "Одна шиника"])
def test_other_words_have_no_name(words: str) -> None:
    assert BOOK.of_prompts(words) == ""


def test_a_prompt_is_found_whatever_its_case_and_punctuation() -> None:
    assert BOOK.of_prompts("одна ШИНА!") == "quantity_1"


def test_how_a_reply_came_about() -> None:
    told = "noticed the end after 0.50 s, recognised after 0.55 s, first audio after 0.62 s"
    assert stages(replace(RECORD, marks=MARKS), TURN) == told
    assert stages(RECORD, TURN) == ""
    assert stages(replace(RECORD, marks=MARKS), replace(TURN, parts=())) == "", "there was no reply"


def test_what_the_bot_misunderstood_is_told_at_what_was_said() -> None:
    record = replace(RECORD, marks=MARKS)
    assert understood(record, TURN) == "зимові шпигуни"
    assert dialogue_rows(record, BOOK)[0].note == "the bot understood 'зимові шпигуни'"
    right = Mark(6.5, "recognised", {"text": "добрий день потрібні зимові шини на шістнадцять"})
    assert dialogue_rows(replace(RECORD, marks=(right,)), BOOK)[0].note == ""


def test_all_that_was_told_is_on_the_page() -> None:
    record = replace(RECORD, marks=MARKS)
    rows = told_rows(record)
    assert [row.after for row in rows][:2] == [None, 0.5]
    assert rows[2].what == "text: шпигуни", "nothing of what is empty"
    assert rows[-1].clock == "by the bot's wall clock"
    assert len(rows[-1].what) == 201
    page = call_page(record, "x.wav", names=BOOK)
    assert "What the bot told of its inside" in page
    assert "llm &lt;b&gt;" in page
    assert '<a class="at" href="x.wav#t=6.500"' in page, "readable and to be heard without its script"
    assert "What the bot told" not in call_page(RECORD, None)


def test_speech_that_the_end_cut_off_says_so() -> None:
    cut = replace(RECORD, length=9.05, turns=(replace(TURN, words=()),))
    assert dialogue_rows(cut)[1].said == "(2.4 s of speech, then the call ended)"
