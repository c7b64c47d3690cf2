"""Probes of what a bot must bear: input cut and joined, keys, strange frames, connections that break."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from uuid import uuid4

from ..media import silence_frame
from ..protocol import AudioFormat, encode, encode_dtmf, encode_uuid
from ..records import time_text
from ..transport import now
from .bench import Bench, NotAnswered, why
from .line import Feed, Line, until
from .probe import Answer, broken, fine, remark

BACKLOG = 76
"""Media frames that came at once, with the UUID, at a bot that accepted 1.5 s late (measured)."""
WATCHED = 1.5
"""Seconds for which the line must stand after a key."""
KEYS = "15"
SETTLED = 0.3
"""Seconds after which a bot that does not survive something is gone."""


async def no_uuid(bench: Bench) -> Answer:
    """A connection that never says whose it is."""
    line = await bench.bare()
    line.shut()
    noticed = await until(lambda: line.ending, 2.0)
    line.close()
    if lost := await _no_more_calls(bench):
        return broken(f"{lost} after a connection without a UUID")
    if not noticed:
        return remark("keeps a connection open whose caller closed it before the UUID: one more for each such caller")
    return fine()


async def close_at_once(bench: Bench) -> Answer:
    """A caller who hangs up as the call is put through."""
    for _ in range(3):
        with suppress(OSError):  # what the first did to the bot is told by the call below
            (await bench.call()).close()
    if lost := await _no_more_calls(bench):
        return broken(f"{lost} after callers who hung up at once")
    return fine()


async def survives_reset(bench: Bench) -> Answer:
    """A connection that breaks."""
    line = await bench.call()
    await bench.answered(line)
    line.reset()
    if lost := await _no_more_calls(bench):
        return broken(f"{lost} after a connection was reset")
    return fine()


async def same_uuid(bench: Bench) -> Answer:
    """The UUID of an earlier call."""
    uuid = uuid4()
    first = await bench.call(uuid=uuid)
    await bench.answered(first)
    first.close()
    await asyncio.sleep(0.3)
    second = await bench.call(uuid=uuid)
    try:
        await bench.answered(second)
    except NotAnswered as error:
        return broken(f"{error} in a second call with the same UUID")
    finally:
        second.close()
    return fine()


async def coalesced(bench: Bench) -> Answer:
    """Several frames in one segment."""
    line = await bench.bare()
    line.send(encode_uuid(uuid4()) + silence_frame(AudioFormat.slin) * BACKLOG)
    return await _understands(bench, line, Feed(line, together=5), "when several frames came in one read")


async def split(bench: Bench) -> Answer:
    """A frame in several segments."""
    line = await bench.bare()
    for byte in encode_uuid(uuid4()):
        line.send(bytes([byte]))
        await asyncio.sleep(0.001)
    return await _understands(bench, line, Feed(line, cut=(1, 3, 100)), "when frames came in pieces")


async def keys(bench: Bench) -> Answer:
    """A key pressed."""
    line = await bench.call()
    await bench.answered(line)
    for key in KEYS:
        line.send(encode_dtmf(key))
        at = now()
        if await until(lambda: line.ending, WATCHED):
            return broken(line.ended_after(at, f"DTMF '{key}'"))
    return fine()


async def unknown_type(bench: Bench) -> Answer:
    """A frame that nobody knows yet."""
    line = await bench.call()
    await bench.answered(line)
    line.send(encode(0x20, b"new!"))
    at = now()
    if await until(lambda: line.ending, WATCHED):
        return remark(line.ended_after(at, "a frame of a type that it does not know (0x20)"))
    return fine()


async def _understands(bench: Bench, line: Line, feed: Feed, when: str) -> Answer:
    """Whether the bot greets and replies although its caller's frames are cut or joined."""
    feeding = asyncio.create_task(feed.run())
    try:
        await bench.answered(line, feed.say)
        await line.quiet(8.0)
        talk = await bench.talk()
        if not line.ending and talk.greeting_time is not None and talk.response_time is not None:
            said = await feed.say(bench.sound("hello"))
            spans = line.timeline.hearing.spans
            await until(lambda: line.ending or (spans and spans[-1].start > said - 0.3), bench.patience)
            if not line.ending and spans[-1].start <= said - 0.3:
                return broken(f"did not understand the caller {when}: no reply within {time_text(bench.patience)}")
        if line.ending:
            return broken(f"{line.how_it_ended} {when}")
        return fine()
    except NotAnswered as error:
        return broken(f"{error} {when}")
    finally:
        feeding.cancel()
        with suppress(asyncio.CancelledError):
            await feeding
        line.close()


async def _no_more_calls(bench: Bench) -> str:
    """What the bot does with the next call, if it does not answer it."""
    await asyncio.sleep(SETTLED)
    try:
        await bench.still_answers()
    except NotAnswered as error:
        return f"{error} in the next call"
    except OSError as error:
        return f"could not be called any more {why(error)}"
    return ""
