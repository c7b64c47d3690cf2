"""The caller as the bot notices it: turns, ends of speech, keys, silence."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from ..call.steady import Divert
from ..protocol import Frame
from ..transport import PERIOD, now
from .agenda import Agenda, nothing
from .hearing import CallerEar, ExactHearing, Hearing
from .mouth import Mouth
from .script import Row
from .settings import BotSettings

KEYS_APART = 1.0
"""Keys that follow within this time are one turn."""
NO_FRAMES = 0.1
"""In calibration: end of speech where the caller sends no silence (DTX)."""
LATE_FRAMES = 0.25
"""No frames for so long are silence (DTX), for less they are late: a network that hesitates in the pause of a phrase
must not end it."""


class Caller:
    """What one caller does, told to the agenda as events."""

    __slots__ = (
        "_agenda", "_ear", "_endpoint", "_in_keys", "_key_at", "_last_voiced", "_mouth", "_note", "_quiet_from",
        "_speaking", "_stopped_at", "turn",
    )  # fmt: skip

    def __init__(self, settings: BotSettings, agenda: Agenda, mouth: Mouth, note: Callable[[str], None]) -> None:
        self.turn = 0
        self._agenda = agenda
        self._mouth = mouth
        self._note = note
        self._speaking = False
        self._last_voiced = 0.0
        self._key_at = 0.0
        self._in_keys = False
        self._quiet_from = now()
        self._stopped_at: set[Row] = set()
        self._endpoint = NO_FRAMES if settings.calibration else settings.endpoint
        self._ear: CallerEar | None = None
        if agenda.script.listens and settings.calibration:
            self._ear = ExactHearing(settings.format, self._voiced, self._silent_frame)
        elif agenda.script.listens:
            self._ear = Hearing(settings.format, self._voiced)

    def heard(self, at: float, frame: Frame) -> None:
        """Audio arrived."""
        if self._ear is not None:
            self._ear.add(at, frame)

    def divert(self, way: Divert | None, wanted: Callable[[], bool]) -> None:
        """Silence may be brought in this way to where many calls are heard at once, where ``wanted`` then."""
        if self._ear is not None:
            self._ear.divert(way, wanted)

    def pressed(self, at: float, key: str) -> None:
        """A key arrived: keys in a row are one turn."""
        if not self._in_keys or at - self._key_at > KEYS_APART:
            self._in_keys = True
            self.turn += 1
        self._key_at = at
        self._note(f"turn {self.turn}: key {key}")
        self._agenda.fire("key", at, self.turn, key)

    def close(self) -> None:
        """The call is over."""
        if self._ear is not None:
            self._ear.close()
        self._note = nothing

    def bot_began(self) -> None:
        """The bot says something new, over which the caller may speak, and after which keys are a new turn."""
        self._stopped_at.clear()
        self._in_keys = False

    def watch_silence(self) -> None:
        """Look out for silence."""
        for row in self._agenda.script.rows_on("silence"):
            self._agenda.later(row.when["lasting"], partial(self._check_silence, row))

    def _voiced(self, onset: float, last: float) -> None:
        if not self._speaking:
            self._speaking = True
            self._in_keys = False
            self.turn += 1
            self._stopped_at.clear()
            self._note(f"turn {self.turn}: the caller speaks")
            self._look_for_end(self._endpoint)
            self._agenda.fire("caller speaks", onset, self.turn)
        self._last_voiced = last
        if self._mouth.talking or self._agenda.words_wait:
            self._check_over(onset, last)

    def _check_over(self, onset: float, last: float) -> None:
        since = max(onset, self._mouth.talking_since or onset)
        for row in self._agenda.script.rows_on("caller speaks over", turn=self.turn):
            if row not in self._stopped_at and last - since >= row.when["lasting"]:
                self._stopped_at.add(row)
                self._agenda.start(row, now(), self.turn)

    def _silent_frame(self) -> None:
        if self._speaking:
            self._stopped()

    def _end_due(self) -> None:
        if not self._speaking:
            return
        assert self._ear
        self._ear.catch_up()
        heard, time = self._ear.heard_until(), now()
        due = self._last_voiced + self._endpoint  # now: what waited may have been heard just before
        if time < due:
            self._look_for_end(due - time)
        elif due - heard > PERIOD and time - heard < LATE_FRAMES:
            self._look_for_end(PERIOD)
        else:
            self._stopped()

    def _look_for_end(self, wait: float) -> None:
        # Twice round the loop after the time is up: what arrived while we were late is read first.
        loop = asyncio.get_running_loop()
        self._agenda.later(wait, lambda: loop.call_soon(loop.call_soon, self._end_due))

    def _stopped(self) -> None:
        self._speaking = False
        last = self._ear.last_voiced() if self._ear else None
        if last is not None:
            self._last_voiced = last
        self._note(f"turn {self.turn}: the caller stops")
        self._agenda.fire("caller stops", self._last_voiced, self.turn)

    def _check_silence(self, row: Row) -> None:
        lasting = row.when["lasting"]
        since = max(self._quiet_from, self._mouth.quiet_since, self._last_voiced, self._key_at)
        if self._speaking or self._mouth.talking or self._agenda.words_wait:
            since = now()
        left = since + lasting - now()
        if left <= 0:
            left = lasting
            self._quiet_from = now()
            self._note("silence")
            self._agenda.start(row, now(), self.turn)
        self._agenda.later(max(left, PERIOD), partial(self._check_silence, row))
