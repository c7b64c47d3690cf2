"""One call of the bot: what happens in it is told to the script's rows, and their actions are done."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from ..protocol import Frame, FrameType, Violation
from ..transport import PERIOD, Connection, Ending, now
from .actions import ACTIONS
from .agenda import Agenda, Cause
from .caller import Caller
from .mouth import Mouth, Saying
from .recordings import first_voiced, tone_frames
from .script import Row

if TYPE_CHECKING:
    from .bot import Bot


class Session:
    """One call; the listener of its connection."""

    def __init__(self, bot: Bot, number: int) -> None:
        settings = bot.settings
        self.number = number
        self._bot = bot
        self._line: Connection | None = None
        self._early: list[Callable[[], None]] = []
        self._taken: Counter[tuple[str, ...]] = Counter()
        self.mouth: Mouth = Mouth(settings.format, fill=settings.fill == "silence", on_end=self._all_said)
        self._agenda = Agenda(bot.script, number, settings.seed, self._do)
        self._caller = Caller(settings, self._agenda, self.mouth, self._note)

    def begin(self, line: Connection) -> None:
        """The call's own task runs: the connection stands."""
        if line.ending is not None:
            return
        self._line = self.mouth.line = line
        at = now()
        self._note("connected")
        self._agenda.fire("connected", at, 0)
        for row in self._bot.script.rows_on("time"):
            came = at + row.when["at"]
            self._agenda.later(came - now(), partial(self._time_came, row, came))
        self._caller.watch_silence()
        early, self._early = self._early, []
        for take in early:
            take()

    # -- the connection's listener ------------------------------------------------------------------------------------

    def sent(self, at: float, late: float, frame: bytes | None) -> None:  # noqa: ARG002 - the interface of a listener
        """A media frame is due: the connection itself sends nothing."""
        self.mouth.tick(at - late, at)

    def heard(self, at: float, frame: Frame) -> None:
        """The caller's audio."""
        if self._line is None:
            # Data may come before the call's task first runs; never much.
            self._early.append(partial(self.heard, at, frame))
            return
        if self.mouth.echoing:
            self.mouth.echo(frame)
        self._caller.heard(at, frame)

    def told(self, at: float, frame: Frame) -> None:
        """Anything else: the UUID and keys matter, the rest is borne."""
        if self._line is None:
            self._early.append(partial(self.told, at, frame))
        elif frame.type == FrameType.DTMF and len(frame.payload) == 1:
            self._caller.pressed(at, frame.payload.decode("latin-1"))
        elif frame.type == FrameType.UUID and self._line.uuid_at == at:
            self._note(f"uuid {self._line.uuid}")
            self._agenda.fire("uuid", at, 0)

    def broke(self, at: float, violation: Violation) -> None:  # noqa: ARG002
        """The caller broke a rule: a bot bears it."""
        self._note(violation.text)

    def ended(self, ending: Ending) -> None:
        """The call is over."""
        self._agenda.clear()
        self._caller.close()
        self.mouth.stop()
        self.mouth.line = None
        self._note(f"{ending.by} {ending.reason}")

    # -- what actions do ----------------------------------------------------------------------------------------------

    def play(self, names: tuple[str, ...], cause: Cause, *, speed: float) -> None:
        """Say the next of these recordings; its first voiced sample is sent as planned, to the nearest frame."""
        taken = self._taken[names]
        self._taken[names] += 1
        sound = self._bot.recordings[names[min(taken, len(names) - 1)]]
        audio = self.mouth.audio
        onset = first_voiced(sound) / audio.rate
        late = self._next_due - (cause.planned - onset)
        skip = min(round(max(0.0, late) / PERIOD), int(onset / PERIOD))
        onset -= skip * PERIOD
        self._say(sound.name, sound.frames(audio), cause, cause.planned - onset, onset, position=skip, speed=speed)

    def play_tone(self, seconds: float, frequency: int, cause: Cause) -> None:
        """Send a tone whose first sample leaves as planned, to the sample."""
        audio = self.mouth.audio
        first = self._next_due
        ahead = max(0.0, cause.planned - first)
        lead = round(ahead % PERIOD * audio.rate)
        frames = tone_frames(audio, frequency, seconds, lead)
        self._say("tone", frames, cause, first + ahead // PERIOD * PERIOD, lead / audio.rate)

    def stop_talking(self) -> None:
        """Say nothing more, nor what waits to be said."""
        waited = self._agenda.drop_words()
        if self.mouth.stop() or waited:
            self._note("stops talking")

    def mute(self) -> None:
        """Send nothing at all any more."""
        self.stop_talking()
        self.mouth.mute()

    def hang_up(self, *, with_frame: bool = False) -> None:
        """Close the connection."""
        if self._line:
            self._line.close(with_frame=with_frame)

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

    def _do(self, row: Row, cause: Cause) -> None:
        line, action = self._line, ACTIONS[row.do]
        if line is None or line.ending is not None:
            return
        if not action.talks:
            self._note(f"does '{row.do}'")
        try:
            action.run(self, dict(row.how), cause)
        except Exception as error:  # noqa: BLE001 - one broken call must not harm the others
            asyncio.get_running_loop().call_exception_handler(
                {"message": f"The bot failed to '{row.do}' in call {self.number}", "exception": error}
            )
            line.close(reason="failed")

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
        self._note(f"turn {cause.turn}: says {name}")
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
            self._note(f"turn {turn}: all said")
            self._agenda.fire("reply ends", at, turn)

    def _note(self, text: str) -> None:
        self._bot.note(self, text)
