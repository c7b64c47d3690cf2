"""Events: what is written can be read, by us and by those who write their own."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from AudioSocketLibrary.bot.backend import KINDS, CallRef, Event, Told

pytestmark = pytest.mark.unit

ABOUT = CallRef("6ba7b810-9dad-11d1-80b4-00c04fd430c8", 3, "run-1")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(), lambda inner: st.lists(inner, max_size=3)
)


@given(st.dictionaries(st.text(min_size=1), JSON, max_size=5))
def test_an_event_comes_back_as_it_was(fields):
    event = Event("mark", ABOUT, {"name": "x", **fields}, 12.5, 1_700_000_000.25)
    line = Told.of(event, 7).line
    line.encode()
    data = json.loads(line)
    assert data["number"] == 7
    assert Event.from_json(event.to_json()) == event


def test_an_event_of_now_has_both_clocks_and_one_of_before_agrees_with_both():
    before = time.monotonic(), time.time()
    event = Event.now("end of speech", ABOUT, turn=1)
    assert event.at - before[0] == pytest.approx(event.wall - before[1], abs=0.05)
    earlier = Event.now("end of speech", ABOUT, at=event.at - 5)
    assert event.wall - earlier.wall == pytest.approx(5, abs=0.05)


def test_another_bot_needs_only_event_and_uuid():
    event = Event.from_json({"event": "call ended", "uuid": "u", "fields": {"reason": "bye"}})
    assert event == Event("call ended", CallRef("u"), {"reason": "bye"})


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"event": "mark", "uuid": "u", "v": 2}, "reads up to 1"),
        ({"uuid": "u"}, "needs 'event'"),
        ({"event": "mark", "uuid": 5}, "needs 'event'"),
        ({"event": "transfer", "uuid": "u"}, "'transfer' lacks reason"),
        ({"event": "recognised", "uuid": "u", "fields": {}}, "lacks text, confidence"),
        ({"event": "mark", "uuid": "u", "fields": [1]}, "no object"),
    ],
)
def test_what_is_no_event_is_told(data, text):
    with pytest.raises(ValueError, match=text):
        Event.from_json(data)


def test_an_event_of_an_unknown_kind_is_read():
    assert Event.from_json({"event": "coffee made", "uuid": "u"}).name not in KINDS


@pytest.mark.parametrize("value", [float("nan"), {(1, 2): 3}, object(), "\ud800"])
def test_what_json_cannot_hold_still_makes_a_line(value):
    line = Told.of(Event.now("mark", ABOUT, name="x", value=value), 1).line
    assert json.loads(line.encode().decode())["event"] == "mark"
    assert "NaN" not in line
