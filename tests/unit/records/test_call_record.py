import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from AudioSocketLibrary.records import CallFailure, CallRecord, FailureKind, Finding, Judgement, Span, Turn, UsageError

pytestmark = pytest.mark.unit

times = st.integers(0, 10_000_000).map(lambda value: value / 10_000)
maybe = st.none() | times
texts = st.text(max_size=20)
spans = st.builds(Span, times, times)
turns = st.builds(
    Turn, number=st.integers(0, 99), kind=st.sampled_from(["greeting", "speech", "keys"]), said=texts, start=maybe,
    end=maybe, parts=st.lists(spans, max_size=3).map(tuple), response_time=maybe, barge_in_time=maybe,
)  # fmt: skip
records = st.builds(
    CallRecord, call=texts, uuid=texts, bot=texts, alias=texts, length=times,
    ended_by=st.sampled_from([None, "caller", "bot", "asterisk", "network"]), reason=texts,
    figures=st.dictionaries(texts, times, max_size=4), turns=st.lists(turns, max_size=3).map(tuple),
    keys=st.lists(st.tuples(times, st.sampled_from("0123456789*#ABCD")), max_size=3).map(tuple),
    sounds=st.lists(st.tuples(spans, texts), max_size=2).map(tuple),
    findings=st.lists(st.builds(Finding, times, texts, texts), max_size=3).map(tuple),
    judgements=st.lists(
        st.builds(Judgement, times, texts, texts, st.none() | st.integers(0, 9), st.none() | texts, maybe, maybe),
        max_size=3,
    ).map(tuple),
    recording=st.none() | texts, recording_sha256=st.none() | texts, arrived=st.none() | texts,
)  # fmt: skip


@given(record=records)
def test_a_record_comes_back_from_json_as_it_was(record):
    line = json.dumps(record.to_json(), ensure_ascii=False)
    assert "\n" not in line
    assert CallRecord.from_json(json.loads(line)) == record


@given(time=st.floats(0, 1e5))
def test_times_are_rounded_to_a_tenth_of_a_millisecond(time):
    record = CallRecord("c", "u", "b", figures={"greeting_time": time}, turns=(Turn(1, "speech", "a", time, None),))
    back = CallRecord.from_json(record.to_json())
    assert back.figures["greeting_time"] == pytest.approx(time, abs=0.00005)
    assert back.turns[0].start == pytest.approx(time, abs=0.00005)


def test_a_newer_record_is_refused():
    newer = {**CallRecord("c", "u", "b").to_json(), "v": 2}
    with pytest.raises(ValueError, match=r"The call record has version 2; this library reads up to 1\. Update it\."):
        CallRecord.from_json(newer)


def test_a_failure_is_a_sentence_for_robot():
    hard = CallFailure(FailureKind.NO_REPLY, "Bot did not reply.", at=3.0, turn=1)
    assert str(hard) == "Bot did not reply."
    assert (hard.ROBOT_SUPPRESS_NAME, hard.ROBOT_CONTINUE_ON_FAILURE) == (True, False)
    assert hard.judgement == Judgement(3.0, "no reply", "Bot did not reply.", 1)
    soft = CallFailure(FailureKind.LATE_REPLY, "Late.", soft=True, figure="response time", value=3.4, limit=2.0)
    assert soft.ROBOT_CONTINUE_ON_FAILURE
    assert isinstance(soft, AssertionError)
    assert isinstance(UsageError("no"), ValueError)
