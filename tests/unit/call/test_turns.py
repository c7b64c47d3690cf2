from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from AudioSocketLibrary.call import Utterance, find_turns
from AudioSocketLibrary.call.hearing import Stretch
from AudioSocketLibrary.call.turns import REPLY_PAUSE, WORD_PAUSE
from AudioSocketLibrary.transport import Playback

pytestmark = pytest.mark.unit


def said(start, end, kind="speech"):
    return Utterance(kind, "words", pressed=(start, end))


def stretches(*pairs):
    return [Stretch(start, end) for start, end in pairs]


def parts(turn):
    return [(part.start, part.end) for part in turn.parts]


# name: what the caller said, when the bot spoke, the parts of each turn, response times, barge-in times
TABLE = {
    "nothing at all": ([], [], [[]], [None], [None]),
    "a greeting": ([], [(1, 2)], [[(1, 2)]], [None], [None]),
    "one reply": ([(3, 4)], [(1, 2), (5.5, 7)], [[(1, 2)], [(5.5, 7)]], [None, 1.5], [None, None]),
    "no greeting": ([(3, 4)], [(5, 6)], [[], [(5, 6)]], [None, 1.0], [None, None]),
    "no reply": ([(3, 4)], [(1, 2)], [[(1, 2)], []], [None, None], [None, None]),
    "words of one part": ([(0, 1)], [(2, 3), (3.5, 4), (4.79, 5)], [[], [(2, 5)]], [None, 1.0], [None, None]),
    "800 ms part it": (
        [(0, 1)], [(2, 3), (3.81, 4), (4.79, 5)], [[], [(2, 3), (3.81, 5)]], [None, 1.0], [None, None],
    ),
    "the bot interrupts": ([(3, 5)], [(1, 2), (4.5, 6)], [[(1, 2)], [(4.5, 6)]], [None, -0.5], [None, None]),
    "the caller interrupts": ([(3, 4)], [(1, 3.4), (5, 6)], [[(1, 3.4)], [(5, 6)]], [None, 1.0], [None, 0.4]),
    "the tail is no reply": ([(3, 3.5)], [(1, 4.5)], [[(1, 4.5)], []], [None, None], [None, 1.5]),
    "nor its words while the caller speaks": (
        [(3, 5)], [(1, 3.3), (3.8, 4.2), (6, 7)], [[(1, 4.2)], [(6, 7)]], [None, 1.0], [None, 1.2],
    ),
    "nor a word just after": (
        [(3, 3.4)], [(1, 3.3), (3.55, 4.2), (6, 7)], [[(1, 4.2)], [(6, 7)]], [None, 2.6], [None, 1.2],
    ),
    "but what comes after a pause is": (
        [(3, 3.4)], [(1, 3.3), (3.65, 4.2)], [[(1, 3.3)], [(3.65, 4.2)]], [None, 0.25], [None, 0.3],
    ),
    "interrupted between two words": (
        [(3, 3.9)], [(1, 2.9), (3.2, 4.1)], [[(1, 4.1)], []], [None, None], [None, 1.1],
    ),
    "turn after turn": (
        [(2, 3), (6, 7), (10, 11)],
        [(0, 1), (4, 5), (8, 9), (12, 13)],
        [[(0, 1)], [(4, 5)], [(8, 9)], [(12, 13)]],
        [None, 1, 1, 1],
        [None] * 4,
    ),
    "a reply goes on beyond the next turn": (
        [(2, 3), (5, 6)], [(4, 6.5), (7, 8)], [[], [(4, 6.5)], [(7, 8)]], [None, 1, 1], [None, None, 1.5],
    ),
    "speech that begins with a turn is of that turn": ([(3, 4)], [(3, 5)], [[], [(3, 5)]], [None, -1], [None, None]),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLE)
def test_turns(name):
    caller, bot, expected, response_times, barge_ins = TABLE[name]
    speech = stretches(*bot)
    turns = find_turns([said(*span) for span in caller], speech, speech)
    assert [turn.number for turn in turns] == list(range(len(caller) + 1))
    assert [parts(turn) for turn in turns] == expected
    assert [turn.response_time for turn in turns] == pytest.approx(response_times)
    assert [turn.barge_in_time for turn in turns] == pytest.approx(barge_ins)


async def test_a_sound_begins_no_turn_and_what_was_not_begun_neither():
    unsaid = Utterance("speech", "cut", playback=Playback([b""], 160))
    turns = find_turns([said(1, 2, "sound"), unsaid, said(3, 3, "keys")], stretches((4, 5)), stretches((4, 5)))
    assert [turn.kind for turn in turns] == ["greeting", "keys"]
    assert turns[1].response_time == 1.0


def test_reply_pause_is_a_setting():
    speech = stretches((1, 2), (2.5, 3))
    assert parts(find_turns([], speech, speech, reply_pause=0.4)[0]) == [(1, 2), (2.5, 3)]
    assert parts(find_turns([], speech, speech, reply_pause=0.6)[0]) == [(1, 3)]


def test_barge_in_is_taken_as_the_phone_hears_it():
    # 5 s were sent in a burst: without a buffer they would be heard to their end; the phone lost most of it.
    turns = find_turns([said(3, 3.5)], stretches((1, 6)), stretches((1, 3.2)))
    assert turns[1].barge_in_time == pytest.approx(0.2)
    # It had lost the rest before the caller began.
    assert find_turns([said(3, 3.5)], stretches((1, 6)), stretches((1, 1.2)))[1].barge_in_time is None


# Times that floats hold exactly: none is a hair before or behind a limit.
lengths = st.integers(1, 3000).map(lambda count: count / 1024)
gaps = st.integers(205, 3000).map(lambda count: count / 1024)


@st.composite
def spans(draw, least_gap):
    at, found = 0.0, []
    for gap, length in draw(st.lists(st.tuples(least_gap, lengths), max_size=12)):
        found.append((at + gap, at + gap + length))
        at += gap + length
    return found


@given(caller=spans(lengths), bot=spans(gaps))
def test_parts_are_ordered_disjoint_and_none_is_lost(caller, bot):
    speech = stretches(*bot)
    turns = find_turns([said(*span) for span in caller], speech, speech)
    found = [part for turn in turns for part in parts(turn)]
    assert found == sorted(found)
    for (_, end), (start, _) in pairwise(found):
        assert start - end >= min(REPLY_PAUSE, WORD_PAUSE) - 1e-9
    # Each stretch of speech is in exactly one part, and a part is made of nothing else.
    for start, end in bot:
        assert sum(first <= start and end <= last for first, last in found) == 1
    assert {start for start, _ in found} <= {start for start, _ in bot}
    assert {end for _, end in found} <= {end for _, end in bot}
    for turn, following in zip(turns, [*turns[1:], None], strict=True):
        for first, last in pairwise(parts(turn)):
            assert last[0] - first[1] >= REPLY_PAUSE - 1e-9
        for start, _ in parts(turn):
            assert start >= turn.start
            assert following is None or start < following.start
        assert turn.barge_in_time is None or turn.barge_in_time > 0
    # Nothing of it changed what it was given.
    assert [(stretch.start, stretch.end) for stretch in speech] == bot


@given(caller=spans(lengths), bot=spans(gaps))
def test_turns_do_not_depend_on_when_the_call_was(caller, bot):
    def summary(by):
        speech = stretches(*((start + by, end + by) for start, end in bot))
        turns = find_turns([said(start + by, end + by) for start, end in caller], speech, speech)
        return [len(turn.parts) for turn in turns]

    assert summary(0.0) == summary(128.0)
