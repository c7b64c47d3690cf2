"""All that happened in one call, on the one clock: what was sent, what arrived, what was said and pressed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Literal

from ..media.echo import Echo
from ..protocol import AudioFormat, Frame, FrameType, Violation
from ..records import Finding, Histogram
from ..transport import Connection, Ending, Playback
from .hearing import Hearing
from .kept import SentFrames, Spool
from .sending import Sending

MOST_FINDINGS = 100
"""Findings kept of one call; a bot that breaks a rule with every frame is understood long before."""


class Depth(Enum):
    """How much of a call is kept."""

    FRAMES = "every frame: what a recording needs"
    EVENTS = "events and histograms: what a load of many calls needs"


@dataclass(slots=True)
class Utterance:
    """Something the caller did that begins a turn (or a sound, which does not)."""

    kind: Literal["speech", "keys", "sound"]
    said: str
    playback: Playback | None = None
    first: int = 0
    """The first voiced sample of the clean recording."""
    last: int = 0
    """One past its last voiced sample."""
    rate: int = 8000
    pressed: tuple[float, float] | None = None
    voice: str = ""
    """Whose: the recording's file, or the voice that it was synthesised with."""

    @property
    def start(self) -> float | None:
        """When the caller's first voiced sample (or first key) was sent; None: not yet."""
        if self.pressed:
            return self.pressed[0]
        assert self.playback
        return self.playback.time_of(self.first, self.rate)

    @property
    def end(self) -> float | None:
        """When the last voiced sample (or key) was sent, or all that was sent before a cut; None: not yet."""
        if self.pressed:
            return self.pressed[1]
        playback = self.playback
        assert playback
        end = playback.time_of(self.last - 1, self.rate)
        if end is not None:
            return end + 1 / self.rate
        if playback.reached.cancelled() and playback.times:
            return playback.times[-1] + playback.samples / self.rate
        return None


class Timeline:
    """The facts of one call; it is the listener of the call's connection.

    Args:
        began: when the call began to connect, on the one clock. Times told to people are counted from there.
        format: what the call agreed on.
        depth: how much to keep.
        spool_folder: where the sound of every frame is kept while the call lasts; None: the system's temporary folder.
        on_change: called when something happened that a wait may be waiting for.
    """

    __slots__ = (
        "_echo", "_frames_sent", "_lateness", "_line", "_number", "_on_change", "_sending", "_sent_frames", "began",
        "depth", "ending", "findings", "first_audio", "hearing", "keys", "keys_heard", "utterances",
    )  # fmt: skip

    def __init__(
        self,
        began: float,
        format: AudioFormat,  # noqa: A002 - the field's word
        *,
        depth: Depth = Depth.FRAMES,
        spool_folder: Path | None = None,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self.began = began
        self.depth = depth
        self.utterances: list[Utterance] = []
        self.keys: list[tuple[float, str]] = []
        self.keys_heard: list[tuple[float, str]] = []
        """Keys of the other side."""
        self.first_audio: tuple[int, int] | None = None
        """Type and size of the first audio frame that arrived."""
        self.findings: list[Finding] = []
        self.ending: Ending | None = None
        self._lateness: Histogram | None = None
        """1.6 kB, where a frame was told to us and not noted with those of other calls."""
        self._frames_sent = 0
        self._sending: Sending | None = None
        self._number = -1
        spool = Spool(spool_folder) if depth is Depth.FRAMES else None
        self.hearing = Hearing(format, keep=spool, on_change=on_change)
        self._echo: Echo | None = None
        self._line: Connection | None = None
        self._sent_frames = None if spool is None else SentFrames(spool)
        self._on_change = on_change

    def connected(self, line: Connection) -> None:
        """The connection stands, and may bring frames of which nothing follows where many calls are heard at once."""
        if self.ending is not None:
            return
        self._line = line
        self.hear_echo(self._echo)
        if self._sent_frames is None:
            self._sending = Sending.of()
            self._number = self._sending.enter()
            line.note_in(self._sending.book, self._number)

    @property
    def lateness(self) -> Histogram:
        """How late we sent each media frame."""
        found = Histogram() if self._sending is None else self._sending.lateness(self._number)
        if self._lateness is not None:
            found.merge(self._lateness)
        return found

    @property
    def frames_sent(self) -> int:
        """Media frames that we sent."""
        return self._frames_sent + (0 if self._sending is None else self._sending.frames(self._number))

    @property
    def sent_frames(self) -> SentFrames:
        """Every frame that we sent; none where they are not kept."""
        return SentFrames(Spool()) if self._sent_frames is None else self._sent_frames

    def hear_echo(self, echo: Echo | None) -> None:
        """Let an echo of the caller's line hear each frame of the bot, too; None: no more."""
        self._echo = echo
        self.hearing.divert(self._line.divert if self._line is not None and echo is None else None)

    def sent(self, at: float, late: float, frame: bytes | None) -> None:
        """A media frame was sent (media path)."""
        if self._lateness is None:
            self._lateness = Histogram()
        self._lateness.add(late)
        if frame is not None:
            self._frames_sent += 1
            if self._sent_frames is not None:
                self._sent_frames.add(at, frame)

    def heard(self, at: float, frame: Frame) -> None:
        """An audio frame arrived (media path)."""
        if self._echo is not None:
            self._echo.heard(at, frame)
        if self.first_audio is None:
            self.first_audio = (frame.type, len(frame.payload))
            self._on_change()
        self.hearing.add(at, frame)

    def told(self, at: float, frame: Frame) -> None:
        """A frame that is no audio arrived."""
        if frame.type == FrameType.DTMF and len(frame.payload) == 1:
            self.keys_heard.append((at, frame.payload.decode("ascii", "replace")))
        self._on_change()

    def broke(self, at: float, violation: Violation) -> None:
        """The bot broke a rule of AudioSocket or of Asterisk."""
        self.find(at, str(violation.kind), violation.text)

    def find(self, at: float, kind: str, text: str) -> None:
        """Note a finding at ``at``, on the one clock."""
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(Finding(at - self.began, kind, text))

    def ended(self, ending: Ending) -> None:
        """The call is over."""
        self.hearing.finish()
        if self._sending is not None and self._line is not None:
            self._line.note_in(None, -1)
            noted, self._sending = self._sending.leave(self._number), None
            self._frames_sent += len(noted)
            if self._lateness is not None:
                noted.merge(self._lateness)
            self._lateness = noted
        self._line = None
        self.ending = ending
        self._on_change()
        self.let_go()

    def let_go(self) -> None:
        """Nothing more will happen. Without this the call would be in a ring, which only the collector finds."""
        self._on_change = self.hearing.on_change = _nobody

    def seconds(self, at: float) -> float:
        """A time on the one clock as seconds of the call."""
        return at - self.began


def _nobody() -> None:
    """Nobody waits any more."""
