"""What of a response time the bot sends as silence: seen from the wire alone, where it sends nothing in between."""

from __future__ import annotations

from time import sleep

import pytest

from AudioSocketLibrary.call import Call, CallSettings, Depth
from AudioSocketLibrary.transport import Address
from tests.helpers.raw_bot import RawBot
from tests.integration.test_call import speech

pytestmark = pytest.mark.integration


async def silent_frames(hush, *, between, depth=Depth.EVENTS):
    """A turn with a bot that sends so much silence before it speaks, and the longest pause of its frames."""

    def script(line):
        line.wait_frames(1)
        line.say(0.3)
        line.wait(lambda: line.hears_voice(0.0))
        if between:
            line.hush(0.8)
        else:
            sleep(0.8)
        line.hush(hush)
        line.say(0.4)
        line.wait_end()

    with RawBot(script) as bot:
        settings = CallSettings(depth=depth)
        async with await Call.place(Address("127.0.0.1", bot.port), settings) as call:
            await call.play(speech(0.2))
            await call.wait_until_replied()
        return call.record().turns[1], call.timeline.hearing.cadence.most


@pytest.mark.parametrize("depth", Depth)
async def test_silence_before_the_first_word_is_told(depth):
    turn, _ = await silent_frames(0.3, between=False, depth=depth)
    assert 0.25 <= turn.silent_frames <= turn.response_time
    # A busy machine may send it later, but not earlier.
    assert turn.silent_frames == pytest.approx(0.3, abs=0.15)


async def test_a_bot_that_speaks_at_once_has_next_to_none():
    turn, _ = await silent_frames(0.0, between=False)
    assert turn.silent_frames < 0.1


async def test_of_a_bot_whose_frames_never_pause_nothing_is_told():
    turn, longest_pause = await silent_frames(0.3, between=True)
    assert turn.response_time is not None
    # A machine that held the bot up for 200 ms has made it pause.
    assert turn.silent_frames is None or longest_pause > 0.2
