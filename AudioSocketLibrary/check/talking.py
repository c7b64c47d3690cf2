"""Probes of a conversation: who speaks when, at what pace, and how it ends."""

from __future__ import annotations

from itertools import pairwise

from ..call.steady import PHONE_BUFFER
from ..protocol import RATE_OF, AudioFormat
from ..records import Histogram, time_text
from ..transport import now
from .bench import ANSWERS_WITHIN, GREETS_WITHIN, OUR_LAG, Bench, NotAnswered, Talk
from .judging import ENDINGS, reasons_of
from .line import Line, until
from .probe import Answer, broken, fine, remark, unmeasured

STOPS_WITHIN = 1.0
SPEAKS_OVER_AFTER = 0.4
LONG_ENOUGH = SPEAKS_OVER_AFTER + STOPS_WITHIN + 0.4
NOTICES_WITHIN = 2.0
HANGS_UP_WITHIN = 6.0
MUTE_FOR = 5.0
SILENCE = 0.1
"""Leading silence shorter than this nobody notices."""


async def greets(bench: Bench) -> Answer:
    """The bot speaks first."""
    time = (await bench.talk()).greeting_time
    if time is None:
        return broken(f"said nothing in the first {time_text(GREETS_WITHIN)} of the call")
    return fine(f"after {time_text(time)}")


async def replies(bench: Bench) -> Answer:
    """The bot answers speech."""
    talk = await bench.talk()
    if talk.response_time is not None:
        return fine(f"after {time_text(talk.response_time)}")
    if len(talk.line.turns) == 1:
        return unmeasured(f"the bot {talk.line.how_it_ended} before it could be spoken to")
    if talk.line.bot_ended:
        return broken(f"{talk.line.how_it_ended} when it was spoken to")
    return broken(f"did not reply to '{talk.line.turns[-1].said}' within {time_text(ANSWERS_WITHIN)}")


async def pace(bench: Bench) -> Answer:
    """No holes in the bot's speech."""
    talk = await bench.talk()
    if why := _too_late(talk):
        return why
    hearing, gaps = talk.line.timeline.hearing, _gaps_in_speech(talk)
    if not hearing.spans:
        return unmeasured("the bot said nothing")
    if hearing.gaps:
        _, longest = max(hearing.gaps, key=lambda gap: gap[1])
        times = f"{len(hearing.gaps)} times" if len(hearing.gaps) > 1 else "once"
        return broken(f"paused in the middle of speech {times}, for up to {time_text(longest)}")
    return fine(f"time between frames p99 {time_text(gaps.percentile(99) or 0.0)}")


async def ahead(bench: Bench) -> Answer:
    """The bot does not send faster than it is played."""
    talk = await bench.talk()
    hearing = talk.line.timeline.hearing
    if not hearing.frames:
        return unmeasured("the bot sent no audio")
    if hearing.lost:
        return broken(
            f"sent up to {time_text(hearing.ahead)} ahead of real time: a phone that holds "
            f"{time_text(PHONE_BUFFER)} lost {time_text(hearing.lost)} of it"
        )
    return fine(f"at most {time_text(hearing.ahead)} ahead")


async def leading_silence(bench: Bench) -> Answer:
    """No silence before a reply."""
    talk = await bench.talk()
    if len(talk.line.turns) == 1 or not talk.line.turns[-1].parts:
        return unmeasured("the bot did not reply")
    turn = talk.line.turns[-1]
    assert turn.end is not None
    before = [piece.at for piece in talk.line.pieces if piece.at <= turn.end]
    after = [piece.at for piece in talk.line.pieces if piece.at > turn.end]
    if before and turn.end - before[-1] < SILENCE:
        return unmeasured("the bot sends silence all the time: where its reply begins, nobody can tell")
    silence = turn.parts[0].start - after[0]
    if silence >= SILENCE:
        return remark(f"sends {time_text(silence)} of silence before its reply: callers wait that much longer")
    return fine()


async def barge_in(bench: Bench) -> Answer:
    """The bot stops when it is spoken over."""
    talk = await bench.talk()
    if why := _too_late(talk):
        return why
    turn = next((number for number in (0, 1) if talk.length(number) >= LONG_ENOUGH), None)
    if turn is None:
        longest = max(talk.length(0), talk.length(1))
        return unmeasured(f"the bot spoke for {time_text(longest)} at most, too short to be spoken over")
    line = await bench.call()
    if turn:
        await bench.answered(line)
        await line.quiet(10.0)
        await line.speak(bench.sound("hello"))
    if not await until(lambda: len(line.turns) > turn and line.turns[turn].parts, ANSWERS_WITHIN):
        return unmeasured("the bot did not speak a second time")
    await line.speak(bench.sound("stop"), at=line.turns[turn].parts[0].start + SPEAKS_OVER_AFTER)
    await line.quiet(3.0, pause=0.5)
    over = line.turns[-1]
    line.close()
    if over.barge_in_time is None:
        return unmeasured("the bot was silent already when it was to be spoken over")
    if over.barge_in_time > STOPS_WITHIN:
        return broken(f"talked on for {time_text(over.barge_in_time)} when it was spoken over")
    return fine(f"after {time_text(over.barge_in_time)}")


async def notices_hangup(bench: Bench) -> Answer:
    """The bot frees the line when the caller hangs up."""
    line = await bench.call()
    await bench.answered(line)
    line.shut()
    at = now()
    if not await until(lambda: line.ending, NOTICES_WITHIN):
        return broken(f"kept its side of the call open for more than {time_text(NOTICES_WITHIN)} after the hangup")
    assert line.ending
    return fine(f"after {time_text(line.ending.at - at)}")


async def bears_silence(bench: Bench) -> Answer:
    """A caller's phone that sends nothing."""
    line = await bench.once("mute call", lambda: _mute_call(bench))
    if line.bot_ended:
        return broken(line.ended_after(line.began, "a caller's phone that sends nothing was connected"))
    return fine(f"{time_text(MUTE_FOR)} without a frame")


async def keeps_sending(bench: Bench) -> Answer:
    """What comes from the bot while nobody speaks."""
    line = await bench.once("mute call", lambda: _mute_call(bench))
    if line.bot_ended:
        return unmeasured(f"the bot {line.how_it_ended}")
    assert line.ending
    times = [line.began, *(piece.at for piece in line.pieces), line.ending.at]
    longest = max(after - before for before, after in pairwise(times))
    if longest >= 2.0:
        return broken(
            f"sent nothing for {time_text(longest)} while nobody spoke: if the caller's phone sends nothing either, "
            "the call ends after 2 s"
        )
    return fine(f"at least a frame every {time_text(longest)}")


async def _mute_call(bench: Bench) -> Line:
    line = await bench.call(dtx=True)
    if (await bench.talk()).greeting_time is not None:
        await bench.answered(line)
        await line.quiet(8.0)
    await until(lambda: line.ending, MUTE_FOR)
    line.close()
    return line


async def hears_wide(bench: Bench) -> Answer:
    """A caller in 16 kHz."""
    line = await bench.call(audio=AudioFormat.slin16)
    try:
        await bench.answered(line, lambda sound: line.speak(bench.sound(sound.name.removeprefix("en_"), 16000)))
    except NotAnswered as error:
        return remark(f"{error}, when the caller's audio came in 16 kHz (0x12)")
    if (await bench.talk()).response_time is not None and len(line.turns) == 1:
        await line.quiet(8.0)
        await line.speak(bench.sound("hello", 16000))
        await until(lambda: line.turns[-1].parts or line.ending, bench.patience)
    if line.ending:
        return remark(f"{line.how_it_ended} when the caller's audio came in 16 kHz (0x12)")
    if len(line.turns) > 1 and not line.turns[-1].parts:
        return remark("did not reply to speech in 16 kHz (0x12)")
    rate = RATE_OF.get(line.pieces[-1].data[0]) if line.pieces else None
    return fine(f"answers at {rate / 1000:g} kHz" if rate else "")


async def hangs_up(bench: Bench) -> Answer:
    """How the bot ends a call."""
    talk = await bench.talk()
    line = talk.line
    if not line.bot_ended:
        line = await bench.call()
        await bench.answered(line)
        await line.quiet(8.0)
        if not line.ending:
            await line.speak(bench.sound("goodbye"))
            await until(lambda: line.ending, HANGS_UP_WITHIN)
    if not line.bot_ended:
        return unmeasured(f"the bot did not hang up within {time_text(HANGS_UP_WITHIN)} of a goodbye")
    reasons = reasons_of([line], ENDINGS)
    if reasons:
        return broken(list(reasons.values())[-1].text, reasons)
    return fine(line.how_it_ended)


def _too_late(talk: Talk) -> Answer | None:
    if talk.lag > OUR_LAG:
        return unmeasured(
            f"this machine was too busy: our own loop woke {time_text(talk.lag)} late (p99, limit {time_text(OUR_LAG)})"
        )
    return None


def _gaps_in_speech(talk: Talk) -> Histogram:
    """Without the pauses of a bot that sends only while it speaks."""
    gaps = Histogram()
    gaps.counts = [*talk.line.timeline.hearing.cadence.counts[:-1], 0]
    gaps.most = talk.line.timeline.hearing.cadence.most
    return gaps
