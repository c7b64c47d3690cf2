"""Tools: what they are given, what their results amount to, and that none keeps the bot waiting."""

import time
from datetime import date

import numpy as np
import pytest

from AudioSocketLibrary.bot.backend.events import CallRef
from AudioSocketLibrary.bot.dialogue.local import LocalBackend
from AudioSocketLibrary.bot.dialogue.tools import Toolbox, as_tools_want, outcome_of
from AudioSocketLibrary.bot.dialogue.utterance import MOST, Utterance
from AudioSocketLibrary.protocol import AudioFormat, Frame, FrameType

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        ({}, "found"),
        ({"found": True}, "found"),
        ({"found": [{"id": 1}]}, "found"),
        ({"found": []}, "none"),
        ({"found": False}, "none"),
        ({"found": "no"}, "none"),
        ({"cancelled": False}, "none"),
        ({"found": True, "confidence": 0.59}, "unsure"),
        ({"found": True, "confidence": 0.6}, "found"),
        ({"found": False, "confidence": 0.1}, "none"),
        ({"confidence": "?"}, "found"),
        ({"found": True, "stale": True}, "stale"),
        ({"found": True, "stale": False}, "found"),
    ],
)
def test_outcomes(result, outcome):
    assert outcome_of(result) == outcome


@pytest.mark.parametrize(
    ("day", "wanted"),
    [
        ("saturday", "2026-11-21"),
        ("thursday", "2026-11-26"),
        ("friday", "2026-11-27"),
        ("tomorrow", "tomorrow"),
        ("2031-01-31", "2031-01-31"),
    ],
)
def test_a_weekday_is_the_next_one(day, wanted):
    assert as_tools_want({"day": day}, date(2026, 11, 20)) == {"day": wanted}


class Tools(LocalBackend):
    def __init__(self, work):
        super().__init__()
        self.call = lambda *_: work()

    @property
    def services(self):
        return self


def raising(error):
    def work():
        raise error

    return work


@pytest.mark.parametrize(
    ("work", "outcome"),
    [
        (lambda: {"found": True}, "found"),
        (raising(ValueError("taken")), "none"),
        (raising(RuntimeError("down")), "failed"),
        (lambda: time.sleep(0.5), "failed"),
    ],
    ids=["works", "cannot be", "fails", "too late"],
)
async def test_whatever_a_tool_does_is_an_outcome(work, outcome):
    tools = Toolbox(Tools(work), {}, timeout=0.2)
    assert (await tools.call("any", {}, CallRef()))[0] == outcome
    tools.close()


async def test_canned_results_need_no_backend():
    tools = Toolbox(LocalBackend(), {"find": {"found": "no"}})
    assert await tools.call("find", {}, CallRef()) == ("none", {"found": "no"})
    assert (await tools.call("unknown", {}, CallRef()))[0] == "failed"
    tools.close()


async def test_the_shop_in_memory():
    tools = Toolbox(LocalBackend(), {})

    async def call(name, **given):
        outcome, result = await tools.call(name, given, CallRef())
        return outcome, result

    assert (await call("search_tyres", season="none"))[0] == "none"
    assert (await call("search_tyres", season="all"))[1]["found"][0]["id"] == 1
    assert (await call("order_status", number="1001"))[0] == "found"
    assert (await call("order_status", number="9"))[0] == "none"
    order = (await call("place_order", product="1", quantity="4"))[1]["number"]
    assert (await call("order_status", number=order))[0] == "found"
    booking = (await call("book_fitting", day="monday", time="10:00"))[1]["id"]
    assert [(await call("cancel_booking", booking=booking))[0] for _ in range(2)] == ["found", "none"]
    tools.close()


def frames(utterance, begin, count, value=1, kind=FrameType.AUDIO):
    for number in range(count):
        utterance.add(begin + number * 0.02, Frame(kind, np.full(160, value, "<i2").tobytes()))


def test_an_utterance_is_what_was_said_with_a_little_around_it():
    utterance = Utterance(AudioFormat.slin)
    frames(utterance, 0.0, 50)
    frames(utterance, 1.0, 50, value=2)
    utterance.begin(1.0)
    frames(utterance, 2.0, 50, value=3)
    samples, rate = utterance.take(2.0)
    assert rate == 8000
    assert len(samples) == pytest.approx(1.3 * rate, abs=1600)
    assert set(samples) == {1, 2, 3}
    utterance.begin(2.5)
    assert len(utterance.take(3.0)[0]) > 1.9 * rate, "goes on until it is done"
    utterance.done()
    utterance.begin(2.8)
    assert len(utterance.take(3.0)[0]) < 0.6 * rate


def test_an_utterance_is_bounded():
    utterance = Utterance(AudioFormat.slin)
    utterance.begin(0.0)
    frames(utterance, 0.0, 2000)
    assert len(utterance.take(40.0)[0]) <= (MOST + 0.1) * 8000
    for _ in range(40):
        utterance.add(50.0, Frame(FrameType.AUDIO, bytes(65_000)))
    assert utterance._size <= 1 << 20


def test_an_utterance_of_another_rate_begins_anew():
    utterance = Utterance(AudioFormat.slin)
    frames(utterance, 0.0, 20)
    frames(utterance, 0.4, 20, kind=FrameType.SLIN16)
    utterance.begin(0.0)
    samples, rate = utterance.take(1.0)
    assert (len(samples), rate) == (20 * 160, 16000)
