"""One measured call: placed, spoken on, waited on, ended, recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, MutableSequence
from datetime import UTC, datetime
from secrets import token_hex
from typing import Literal, Self
from uuid import UUID, uuid4

import numpy as np
from numpy.typing import NDArray

from ..media import Sound
from ..protocol import Party, RuleBook, encode_dtmf
from ..records import CallFailure, CallRecord, FailureKind, Histogram, Judgement, Mark, UsageError
from ..transport import Address, Connection, MediaClock, Playback, connect, now
from . import failures
from .call_words import Words
from .measures import record_of
from .moment import AFTER_THE_REPLY, Moment
from .outgoing import Outgoing
from .recording import SentAudio, arrived_samples, sent_audio
from .settings import CallSettings
from .timeline import Timeline, Utterance
from .turns import LiveTurn, find_turns

AROUND = 0.100
"""Seconds around speech that a recogniser shall hear, too: weak consonants lie there."""
PAST = 0.050
"""A moment that passed by more than this is missed: an error, not a later start."""
PAUSE = 0.200
KEY_INTERVAL = 0.100
"""Seconds between two keys pressed in a row."""


class Call:
    """One measured call, in either role. Made by ``Call.place`` or ``CallServer``; runs on the loop that made it.

    As a rule we are the caller, and what is heard and judged is the bot. In the bot's role it is the other way round:
    a turn begins when *we* speak, and its reply is the caller's.

    Example:
        ```python
        async with await Call.place(Address("127.0.0.1", 9092)) as call:
            await call.play(load_sound("hello.wav", 8000))
            await call.wait_until_replied()
        print(call.record().figures)
        ```
    """

    def __init__(
        self, bot: Address, settings: CallSettings, uuid: UUID, alias: str, *, role: Party = Party.CALLER
    ) -> None:
        self.id = token_hex(4)
        """The call id: ours, unique; names the recording."""
        self.bot = bot
        self.role = role
        """Which side we are."""
        self.settings = settings
        self.uuid = uuid
        self.alias = alias
        self.began = now()
        self.began_at = datetime.now(UTC)
        self.timeline = Timeline(
            self.began,
            settings.format,
            depth=settings.depth,
            spool_folder=settings.spool_folder,
            on_change=self._changed,
        )
        self.judgements: list[Judgement] = []
        self.words: dict[float, Words] = {}
        """What was understood of the bot, by the start of the part of a reply."""
        self.words_time: dict[int, float] = {}
        """By turn: seconds from the caller's last word until the expected words were said."""
        self.recording_name: str | None = f"recordings/{self.id}.wav"
        """Where the recording will be, for messages; None where it is not kept."""
        self.marks: tuple[Mark, ...] = ()
        """What the bot told of its inside, once it was asked for."""
        self.asked: list[Mark] = []
        """Requests to the bot's backend about this call."""
        self.end_expected = False
        """Whether somebody has checked who ended the call."""
        self.keys_asserted = 0
        """How many of the caller's keys were expected, and came."""
        self._line: Connection | None = None
        self._outgoing: Outgoing | None = None
        self._waiters: list[asyncio.Future[None]] = []
        self._clock = MediaClock.of()
        self._lag_before = self._clock.loop_lag.counts[:]
        self._lag_after: MutableSequence[int] | None = None
        self._cutter: asyncio.TimerHandle | None = None

    @classmethod
    async def place(
        cls, bot: Address, settings: CallSettings | None = None, *, uuid: UUID | None = None, alias: str = ""
    ) -> Self:
        """Call a bot: connect, send the UUID, begin to send media frames.

        Raises:
            CallFailure: nothing listens there, or it did not answer in time.
        """
        settings = settings or CallSettings()
        call = cls(bot, settings, uuid or uuid4(), alias)
        try:
            line = await connect(
                bot,
                uuid=call.uuid,
                timeout=settings.connect_timeout,
                format=settings.format,
                behaviour=settings.asterisk.behaviour,
                strict=settings.rules == "strict",
                dtx=settings.dtx,
                chunks=settings.chunks,
                listener=call.timeline,
            )
        except BaseException:
            call.timeline.let_go()
            raise
        call.begin(line)
        if not call.over:
            call._judge_accept(now() - call.began)
        return call

    def begin(self, line: Connection) -> None:
        """Take the connection, whose listener is the call's timeline."""
        self._line = line
        self.timeline.connected(line)
        self.outgoing.set(self.settings.line)
        self._cutter = asyncio.get_running_loop().call_later(self.settings.max_length, self._too_long)

    def _judge_accept(self, seconds: float) -> None:
        """A bot that accepts later than Asterisk waits is found out where we were told to wait longer."""
        violation = RuleBook(Party.BOT, self.settings.asterisk.behaviour).late_accept(seconds)
        if violation is not None:
            self.timeline.broke(now(), violation)
            if self.settings.rules == "strict":
                self.line.drop("asterisk", violation.text)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.hang_up()

    # -- what is known ------------------------------------------------------------------------------------------------

    @property
    def line(self) -> Connection:
        """The connection."""
        assert self._line
        return self._line

    @property
    def outgoing(self) -> Outgoing:
        """How the caller sounds; ``outgoing.set`` changes it."""
        if self._outgoing is None:
            self._outgoing = Outgoing(self.line, self.timeline, self.settings.line)
        return self._outgoing

    @property
    def other(self) -> Party:
        """The other side, which is heard and judged."""
        return Party.BOT if self.role is Party.CALLER else Party.CALLER

    @property
    def keys(self) -> list[tuple[float, str]]:
        """The caller's keys, and when they were sent or came."""
        return self.timeline.keys if self.role is Party.CALLER else self.timeline.keys_heard

    @property
    def over(self) -> bool:
        """Whether the call has ended."""
        return self.timeline.ending is not None

    @property
    def until(self) -> float:
        """The end of the call on the one clock; now, while it lasts."""
        return self.timeline.ending.at if self.timeline.ending else now()

    @property
    def loop_lag(self) -> Histogram:
        """How late our event loop woke during the call: our error in receiving."""
        lag = Histogram()
        lag.counts = self._lag_after or self._clock.loop_lag.counts
        lag.most = self._clock.loop_lag.most
        return lag.since(self._lag_before)

    @property
    def turns(self) -> list[LiveTurn]:
        """The turns so far, turn 0 (the greeting) first."""
        hearing = self.timeline.hearing
        return find_turns(self.timeline.utterances, hearing.spans, hearing.heard, reply_pause=self.settings.reply_pause)

    @property
    def greeting_time(self) -> float | None:
        """Seconds from the UUID sent to the bot's first voiced sample; None: it has not greeted, or is ourselves."""
        if self.role is Party.BOT:
            return None
        parts, sent = self.turns[0].parts, self.line.uuid_at
        return parts[0].start - sent if parts and sent is not None else None

    def seconds(self, at: float | None = None) -> float:
        """A time on the one clock (default: now) as seconds of the call, which are those of its recording."""
        return (now() if at is None else at) - self.began

    def listen_at(self, at: float | None) -> str:
        """`` Listen: recordings/472d5355.wav at 15.2 s``, for the end of a message; empty where nothing is kept."""
        if self.recording_name is None:
            return ""
        return f" Listen: {self.recording_name}" + ("" if at is None else f" at {max(0.0, self.seconds(at)):.1f} s")

    def arrived(self, start: float, end: float) -> tuple[NDArray[np.int16], int]:
        """What arrived from the bot between two times on the one clock, with a little around it.

        Returns:
            int16 samples of shape (n,), and their rate in Hz.
        """
        return arrived_samples(self.timeline, start - AROUND, end + AROUND)

    def sent_by_bot(self) -> SentAudio:
        """All audio that arrived from the bot so far, frame after frame."""
        return sent_audio(self.timeline)

    # -- what the caller does -----------------------------------------------------------------------------------------

    async def play(
        self, sound: Sound, *, said: str = "", voice: str = "", at: Moment = AFTER_THE_REPLY, turn: bool = True
    ) -> None:
        """Play a recording as the caller's speech; returns when its last voiced sample was sent.

        Args:
            sound: at the rate of the call's format.
            said: what people call it; default: the recording's name.
            voice: whose it is: the recording's file, or the voice that it was synthesised with.
            at: when its first voiced sample shall be heard; default: politely, after the reply.
            turn: whether it begins a turn; a mere sound (a cough) does not.

        Raises:
            CallFailure: the bot did not reply to the turn before, the moment was missed, or the call is over.
        """
        said = said or sound.name
        clean = await self.outgoing.prepare(sound, speech=turn)
        # What is not speech need not sound like it.
        voiced = clean.voiced if turn or clean.voiced else ((0, len(clean.samples)),)
        first, last = (clean.first_voiced, clean.last_voiced) if turn else (voiced[0][0], voiced[-1][1])
        doing = f"'{said}' could be said"
        begin = await self._wait_for_moment(at, doing)
        self.require_open(doing)
        if self.line.playing:
            self.line.stop_playing()
        samples = self.line.samples
        skip = 0
        if begin is not None:
            # Begin inside the leading silence where that is what it takes to be heard on time.
            early = begin - self.line.next_due
            skip = min(first // samples, max(0, round((first / sound.rate - early) / self.line.interval)))
        not_before = 0.0 if begin is None else begin - (first - skip * samples) / sound.rate
        playback = Playback(
            self.outgoing.frames(sound, not_before, skip, speech=turn),
            samples,
            mark=(last - 1) // samples,
            first=skip,
            not_before=not_before,
        )
        kind: Literal["speech", "sound"] = "speech" if turn else "sound"
        self.timeline.utterances.append(Utterance(kind, said, playback, first, last, sound.rate, voice=voice))
        self.line.play(playback)
        await asyncio.wait([playback.reached])
        self._changed()
        if playback.reached.cancelled():
            self.require_open(f"all of '{said}' was said")

    async def press(self, keys: str, *, at: Moment = AFTER_THE_REPLY) -> None:
        """Press keys, one every 100 ms; begins a turn. Returns when the last was sent.

        Raises:
            CallFailure: as for ``play``.
            UsageError: there is no such key, or this Asterisk has no DTMF over AudioSocket.
        """
        try:
            frames = [(key, encode_dtmf(key)) for key in keys.upper()]
        except ValueError as error:
            raise UsageError(str(error)) from None
        if not frames:
            raise UsageError("No keys to press: give one or more of 0-9, *, #, A-D")
        if self.role is Party.BOT:
            raise UsageError("A bot cannot press keys: Asterisk drops the call for a DTMF frame. Play their tones")
        if not self.settings.asterisk.behaviour.sends_dtmf:
            raise UsageError(
                f"Asterisk {self.settings.asterisk} does not tell the bot about keys: DTMF over AudioSocket came with "
                "20.14, 21.9, 22.4 and 23.0. Use a newer one (Place Call    asterisk=22.10), or play the tones in band"
            )
        doing = f"the keys '{keys}' could be pressed"
        begin = await self._wait_for_moment(at, doing)
        if begin is not None:
            await self.wait_for(lambda: begin, begin)
        utterance: Utterance | None = None
        for index, (key, frame) in enumerate(frames):
            if index:
                await asyncio.sleep(KEY_INTERVAL)
            self.require_open(doing)
            self.line.send(frame)
            time = now()
            self.timeline.keys.append((time, key))
            if utterance is None:
                utterance = Utterance("keys", keys, pressed=(time, time))
                self.timeline.utterances.append(utterance)
            else:
                assert utterance.pressed
                utterance.pressed = (utterance.pressed[0], time)
        self._changed()

    async def hang_up(self, *, at: Moment | None = None, with_frame: bool = False) -> None:
        """End the call as Asterisk does, by closing; nothing if it is over.

        Args:
            at: when; default: now.
            with_frame: send the frame 0x00 before, which no Asterisk does.

        Raises:
            CallFailure: the moment was missed, or the call ended before it.
        """
        if at is not None:
            doing = f"the {self.role} could hang up"
            begin = await self._wait_for_moment(at, doing)
            if begin is not None:
                await self.wait_for(lambda: begin, begin)
            self.require_open(doing)
        self.line.close(with_frame=with_frame)
        await self.line.wait_closed()
        self._finish()

    # -- waiting ------------------------------------------------------------------------------------------------------

    async def wait_for(self, check: Callable[[], float], until: float) -> bool:
        """Wait until ``check()`` names a time that has come.

        Args:
            check: when it will be true if nothing changes, on the one clock; ``inf`` where only a change can make
                it so. It is asked again at that time and whenever the bot begins or ceases to speak.
            until: when to give up.

        Returns:
            Whether it came true; False also where the call ended before.
        """
        while True:
            at, time = check(), now()
            if at <= time:
                return True
            if self.over or time >= until:
                return False
            await self._change(min(at, until) - time)

    async def wait_for_reply(self, turn: int, *, limit: float = 0.0) -> bool:
        """Wait until the bot has begun to reply in ``turn``.

        Args:
            turn: its number.
            limit: wait for so many seconds even where the time-out is shorter.

        Returns:
            False where it did not within its time-out, or the call ended.
        """
        end = self.turns[turn].end if turn else self.line.uuid_at or self.began
        deadline = (now() if end is None else end) + self._patience(turn, limit)
        return await self.wait_for(lambda: 0.0 if self.turns[turn].parts else float("inf"), deadline)

    def _patience(self, turn: int, limit: float = 0.0) -> float:
        """How long the bot may take to begin to reply in ``turn``, in seconds."""
        return max(limit, self.settings.turn_timeout if turn else self.settings.greeting_timeout)

    async def wait_until_quiet(self, pause: float | None = None, *, most: float = float("inf")) -> bool:
        """Wait until the bot has said nothing for ``pause`` seconds (default: ``reply_pause``).

        Args:
            pause: in seconds.
            most: how long to wait.

        Returns:
            False where it still spoke then, or the call ended.
        """
        pause = self.settings.reply_pause if pause is None else pause

        def quiet_at() -> float:
            last = self.timeline.hearing.last_voiced
            return 0.0 if last is None else last + pause

        return await self.wait_for(quiet_at, now() + most)

    async def wait_until_replied(self) -> None:
        """Wait until the bot has replied in the last turn and been quiet for ``reply_pause``.

        As the bot we wait for the caller to be quiet, not for an answer: a caller may press a key, or just listen.

        Raises:
            CallFailure: it did not begin to reply within ``turn_timeout``, or the call ended.
        """
        turn = self.turns[-1]
        awaited = self.role is Party.CALLER and (turn.number or self.settings.greets)
        if awaited and not await self.wait_for_reply(turn.number):
            raise self.no_reply(turn.number)
        await self._hear_out(turn.number)

    async def _hear_out(self, number: int, pause: float | None = None) -> None:
        """Wait until the bot has been quiet for ``pause``, at most ``longest_reply``."""
        if not await self.wait_until_quiet(pause, most=self.settings.longest_reply) and not self.over:
            raise failures.not_stopped(self, number)

    def no_reply(self, number: int, *, limit: float = 0.0) -> CallFailure:
        """The failure that says that the bot did not reply in a turn, or why it no longer can.

        Args:
            number: of the turn.
            limit: what ``wait_for_reply`` was given.
        """
        return failures.no_reply(self, number, self._patience(number, limit))

    def require_open(self, doing: str) -> None:
        """Raise the failure that fits if the call is over: ``doing`` is what should have been possible before."""
        if self.over:
            raise self.ended_early(doing)

    def require_unbroken(self, doing: str) -> None:
        """Raise the failure that fits if a rule of Asterisk or the network ended the call before ``doing``."""
        ending = self.timeline.ending
        if ending is not None and ending.by in ("asterisk", "network"):
            raise self.ended_early(doing)

    @property
    def broken_unnoticed(self) -> bool:
        """Whether a rule of Asterisk or the network ended the call, and nothing has told of it or expected it."""
        ending = self.timeline.ending
        told = {FailureKind.DROPPED, FailureKind.CUT_BY_NETWORK, FailureKind.WRONG_END}
        return (
            ending is not None
            and ending.by in ("asterisk", "network")
            and not self.end_expected
            and not any(judgement.kind in told for judgement in self.judgements)
        )

    def ended_early(self, doing: str) -> CallFailure:
        """The failure of a call that ended before ``doing``."""
        return failures.ended_early(self, doing)

    async def _wait_for_moment(self, moment: Moment, doing: str) -> float | None:
        """Wait until ``moment`` is known; returns when it is, on the one clock (None: now)."""
        if not moment.event:
            self.require_open(doing)
            await self.wait_until_replied()
            return None
        event = await self._event_time(moment, doing)
        self.require_open(doing)
        begin = event + moment.after
        late = now() - begin
        if late > PAST:
            raise failures.missed_moment(self, moment, doing, late)
        return begin

    async def _event_time(self, moment: Moment, doing: str) -> float:
        turn = self.turns[-1]
        hearing = self.timeline.hearing
        if moment.at is not None:
            return moment.at
        if moment.prompt:
            raise UsageError(f"'{moment}' is known only to a step, which can hear prompts: give the time instead")
        if moment.event == "call starts":
            return self.line.uuid_at or self.began
        who, _, does = moment.event.partition(" ")
        if who == self.role:
            if does != "stops":
                raise UsageError(f"In this call we are the {who}: of ourselves a moment can only be '{who} stops'")
            if turn.end is None:
                raise UsageError(f"'{moment.event}' has no meaning before the {who} has said anything")
            return turn.end
        if not await self.wait_for_reply(turn.number):
            if self.over:
                raise self.ended_early(doing)
            raise failures.never_spoke(self, turn.number, self._patience(turn.number), moment, doing)
        if does == "starts":
            return self.turns[turn.number].parts[0].start
        pause = PAUSE if does == "pauses" else self.settings.reply_pause
        await self._hear_out(turn.number, pause)
        return (hearing.last_voiced or now()) + pause

    async def _change(self, timeout: float) -> None:
        """Wait for news, at most ``timeout`` seconds."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()
        self._waiters.append(waiter)
        timer = loop.call_later(timeout, _wake, waiter) if timeout < float("inf") else None
        try:
            await waiter
        finally:
            self._waiters.remove(waiter)
            if timer:
                timer.cancel()

    def _changed(self) -> None:
        if self.over:
            self._finish()
        for waiter in self._waiters:
            _wake(waiter)

    def _too_long(self) -> None:
        self.line.close(reason="too long")

    def _finish(self) -> None:
        if self._cutter:
            self._cutter.cancel()
        if self._lag_after is None:
            self._lag_after = self._clock.loop_lag.counts[:]

    # -- what is kept -------------------------------------------------------------------------------------------------

    def record(
        self, *, recording: str | None = None, sha256: str | None = None, arrived: str | None = None
    ) -> CallRecord:
        """The record of the call so far.

        Args:
            recording: its path relative to the run's folder, once written.
            sha256: of the recording.
            arrived: path of the bot's side as it arrived, where that differs.
        """
        return record_of(self, recording=recording, sha256=sha256, arrived=arrived)


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
