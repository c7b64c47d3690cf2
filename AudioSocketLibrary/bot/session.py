"""One call of the bot: what happens in it is told to the script's rows, and their actions are done."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from ..media import Sound
from ..protocol import Frame, FrameType, Violation
from ..transport import PERIOD, Connection, Ending, Inbox, now
from .actions import ACTIONS
from .agenda import Agenda, Cause
from .burdens import Burdens
from .call_faults import ONE_MOMENT, CallFaults
from .caller import Caller
from .dialogue.talk import Talk
from .mouth import Mouth, Saying
from .recordings import first_voiced, tone_frames
from .script import Row
from .telling import Teller

if TYPE_CHECKING:
    from .bot import Bot


class Session:
    """One call; the listener of its connection."""

    __slots__ = (
        "__weakref__", "_agenda", "_bot", "_caller", "_cause", "_early", "_line", "_taken", "_talk", "faults", "mouth",
        "number", "settings", "teller",
    )  # fmt: skip

    def __init__(self, bot: Bot, number: int) -> None:
        settings = bot.settings
        self.number = number
        self.settings = settings
        self.teller = Teller(bot.publish, number, settings.run)
        self._bot = bot
        self._line: Connection | None = None
        self._early: list[Callable[[], None]] = []
        self._taken: Counter[tuple[str, ...]] = Counter()
        self._cause: Cause | None = None
        """Of what was said last."""
        self.faults = CallFaults(bot.faults, self)
        self.mouth: Mouth = Mouth(settings.format, fill=settings.fill == "silence", on_end=self._all_said)
        self._agenda = Agenda(bot.script, number, settings.seed, self.do, self.teller.happened)
        self._caller = Caller(settings, self._agenda, self.mouth, self.note)
        self._talk = Talk(bot.host, self) if bot.host else None

    def begin(self, line: Connection) -> None:
        """The call's own task runs: the connection stands."""
        if line.ending is not None:
            return
        limit = self.faults.get("refusing")
        if limit is not None and self.calls_at_once >= limit["above"]:
            self.note(f"refused: {self.calls_at_once} calls stand already")
            line.close(reason="refused the call")
            return
        self._line = line
        self.mouth.begin(line)
        self._bot.sessions.add(self)
        at = now()
        self.note("connected")
        self.faults.changed()
        self._agenda.fire("connected", at, 0)
        for row in self._bot.script.rows_on("time"):
            came = at + row.when["at"]
            self._agenda.later(came - now(), partial(self._time_came, row, came))
        self._caller.watch_silence()
        self._divert()
        early, self._early = self._early, []
        for take in early:
            take()

    # -- the connection's listener ------------------------------------------------------------------------------------

    def sent(self, at: float, late: float, frame: bytes | None) -> None:
        """A media frame was sent; or none was, and the mouth sends what is not as it should be."""
        if frame is None:
            self.mouth.tick(at - late, at)
        else:
            self.mouth.went(at)

    def heard(self, at: float, frame: Frame) -> None:
        """The caller's audio."""
        if self._line is None:
            # Data may come before the call's task first runs; never much.
            self._early.append(partial(self.heard, at, frame))
            return
        if self.mouth.echoing:
            self.mouth.echo(frame)
        if not self._hears():
            return
        if self._talk:
            self._talk.heard(at, frame)
        self._caller.heard(at, frame)

    def echo(self, echoing: bool) -> None:
        """Send back what arrives, or no more."""
        self.mouth.echo_all(echoing)
        self._divert()

    def _hears(self) -> bool:
        return self.mouth.talking_since is None or self.faults.get("half duplex") is None

    def _divert(self) -> None:
        """Where nobody needs each frame, silence is heard for many calls at once."""
        line = None if self.mouth.echoing or self._talk else self._line
        self._caller.divert(line.divert if line else None, self._hears)

    def told(self, at: float, frame: Frame) -> None:
        """Anything else: the UUID and keys matter, the rest is borne."""
        if self._line is None:
            self._early.append(partial(self.told, at, frame))
        elif frame.type == FrameType.DTMF and len(frame.payload) == 1:
            self._caller.pressed(at, frame.payload.decode("latin-1"))
        elif frame.type == FrameType.UUID and self._line.uuid_at == at:
            self.note(f"uuid {self._line.uuid}")
            self.teller.begin(self.uuid, at)
            self.faults.changed()
            self._agenda.fire("uuid", at, 0)

    def broke(self, at: float, violation: Violation) -> None:  # noqa: ARG002
        """The caller broke a rule: a bot bears it."""
        self.note(violation.text)

    def ended(self, ending: Ending) -> None:
        """The call is over."""
        self._bot.sessions.discard(self)
        self._agenda.clear()
        self._early.clear()
        self._caller.close()
        if self._talk:
            self._talk.close()
        self._talk = None
        self.mouth.close()
        self.note(f"{ending.by} {ending.reason}")
        self.teller.end(ending.by, ending.reason, ending.at)
        if self._line is not None:
            # Else the two would hold each other until the collector comes, which hardly ever does beside many calls.
            self._line.listener, self._line.source = Inbox(), None

    @property
    def uuid(self) -> str:
        """As it travelled; empty where none did."""
        return str(self._line.uuid) if self._line and self._line.uuid else ""

    @property
    def calls_at_once(self) -> int:
        """How many calls of the bot stand now."""
        return len(self._bot.sessions)

    @property
    def burdens(self) -> Burdens:
        """What the bot does to its machine."""
        return self._bot.burdens

    @property
    def talking(self) -> bool:
        """Whether the bot speaks, or is about to."""
        return self.mouth.talking or self._agenda.words_wait

    # -- what actions do ----------------------------------------------------------------------------------------------

    def converse(self, cause: Cause) -> None:
        """Answer by the dialogue."""
        if self._talk:
            self._talk.on(cause)

    def say(self, names: Sequence[str], cause: Cause) -> None:
        """Say these recordings, one after the other."""
        for name in names:
            self.play((name,), cause, speed=1.0)

    def play(self, names: tuple[str, ...], cause: Cause, *, speed: float) -> None:
        """Say the next of these recordings; its first voiced sample is sent as planned, to the nearest frame."""
        taken = self._taken[names]
        self._taken[names] += 1
        if self._speech_fails(cause):
            return
        planned = cause.planned + self.faults.delay(cause.turn)
        if cause is not self._cause and cause.turn and (late := self.faults.get("one moment")):
            self._play(self._bot.recordings[ONE_MOMENT], cause, planned, speed)
            planned += late["by"]
        self._cause = cause
        burst = self.faults.get("burst")
        sound = self._bot.recordings[names[min(taken, len(names) - 1)]]
        self._play(sound, cause, planned, burst["speed"] if burst else speed)

    def _play(self, sound: Sound, cause: Cause, planned: float, speed: float) -> None:
        audio = self.mouth.audio
        sound = self.faults.spoiled(sound, audio)
        onset = first_voiced(sound) / audio.rate
        late = self._next_due - (planned - onset)
        skip = min(round(max(0.0, late) / PERIOD), int(onset / PERIOD))
        onset -= skip * PERIOD
        self._say(sound.name, sound.frames(audio), cause, planned - onset, onset, position=skip, speed=speed)

    def _speech_fails(self, cause: Cause) -> bool:
        if self.faults.get("failing speech") is None:
            return False
        if cause is not self._cause:
            self._cause = cause
            self.note(f"turn {cause.turn}: speech failed")
            self.teller.tell("mark", name="speech failed", turn=cause.turn)
            self.later(0.0, lambda: self._all_said(cause.turn, now()))
        return True

    def play_tone(self, seconds: float, frequency: int, cause: Cause) -> None:
        """Send a tone whose first sample leaves as planned, to the sample."""
        if self._speech_fails(cause):
            return
        audio = self.mouth.audio
        first = self._next_due
        ahead = max(0.0, cause.planned + self.faults.delay(cause.turn) - first)
        lead = round(ahead % PERIOD * audio.rate)
        frames = tone_frames(audio, frequency, seconds, lead)
        self._say("tone", frames, cause, first + ahead // PERIOD * PERIOD, lead / audio.rate)

    def stop_talking(self) -> None:
        """Say nothing more, nor what waits to be said."""
        waited = self._agenda.drop_words()
        if self.mouth.stop() or waited:
            self.note("stops talking")
            if self._talk:
                self._talk.stopped()

    def mute(self) -> None:
        """Send nothing at all any more."""
        self.stop_talking()
        self.mouth.mute()

    def hang_up(self, *, with_frame: bool = False, reason: str = "hung up") -> None:
        """Close the connection."""
        if self._line:
            self._line.close(with_frame=with_frame, reason=reason)

    def reset(self) -> None:
        """Break the connection."""
        if self._line:
            self._line.reset()

    def stop_reading(self) -> None:
        """Read nothing more."""
        if self._line:
            self._line.pause_reading()

    # -- inside -------------------------------------------------------------------------------------------------------

    @property
    def _next_due(self) -> float:
        return self._line.next_due if self._line else now()

    def _time_came(self, row: Row, at: float) -> None:
        self._agenda.start(row, at, self._caller.turn)

    def later(self, wait: float, work: Callable[[], object]) -> None:
        """Do something after ``wait`` seconds, unless the call ends before."""
        self._agenda.later(wait, work)

    def do(self, row: Row, cause: Cause) -> None:
        """Do a row's action."""
        line, action = self._line, ACTIONS[row.do]
        if line is None or line.ending is not None:
            return
        if cause.event == "caller speaks over" and self.faults.get("never stops talking") is not None:
            return
        if not action.talks:
            self.note(f"does '{row.do}'")
        try:
            action.run(self, dict(row.how), cause)
        except Exception as error:  # noqa: BLE001 - one broken call must not harm the others
            self.failed(row.do, error)

    def failed(self, doing: str, error: BaseException) -> None:
        """The bot could not do something: this call ends."""
        asyncio.get_running_loop().call_exception_handler(
            {"message": f"The bot failed to '{doing}' in call {self.number}", "exception": error}
        )
        self.hang_up(reason="failed")

    def _say(
        self,
        name: str,
        frames: Sequence[bytes],
        cause: Cause,
        not_before: float,
        onset: float,
        *,
        position: int = 0,
        speed: float = 1.0,
    ) -> None:
        began = partial(self._began, name, cause)
        self.mouth.say(Saying(frames, cause.turn, not_before, onset, began, position=position, speed=speed))

    def _began(self, name: str, cause: Cause, at: float) -> None:
        self._caller.bot_began()
        self.faults.began_to_speak()
        self.note(f"turn {cause.turn}: says {name}")
        self.teller.sounded(cause.turn, at, at - cause.at if cause.event == "caller stops" else None)
        if self._bot.truth and cause.event == "caller stops":
            self._bot.truth.write(
                uuid=str(self._line.uuid) if self._line and self._line.uuid else None,
                call=self.number,
                turn=cause.turn,
                last_voiced=cause.at,
                delay=cause.delay,
                planned=cause.planned,
                sent=at,
            )

    def _all_said(self, turn: int, at: float) -> None:
        if not self._agenda.words_wait:
            self.note(f"turn {turn}: all said")
            self._agenda.fire("reply ends", at, turn)

    def note(self, text: str) -> None:
        """Something happened in the call."""
        self._bot.note(self, text)
