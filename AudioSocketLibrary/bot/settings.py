"""The plain settings of the bot, and the script that they amount to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from ..protocol import AudioFormat
from ..records import UsageError
from .actions import CONVERSE
from .script import Row, row

USUAL: Final = "usual"
PHRASES: Final = "phrases"
"""The recogniser that needs no model: the recordings of the phrase book."""
ENDPOINT: Final = 0.5
_MENU: Final = {"1": "tyres_found", "0": "one_moment"}


@dataclass(frozen=True, slots=True, kw_only=True)
class BotSettings:
    """Settings of the reference bot; times in seconds."""

    greeting: str | None = USUAL
    """A prompt's name or a file; None: the caller speaks first. ``usual``: the shop's; none to echo and calibrate."""
    greeting_after: float = 0.0
    """From the UUID to the first voiced sample; 0: the recording starts at once."""
    replies: tuple[str, ...] = ("tyres_found", "order_accepted")
    """Prompts or files, taken in turn; the last one is repeated."""
    reply_after: tuple[float, ...] = (0.6,)
    """The programmed delay: from the caller's last voiced sample to the reply's first. Several are taken in turn, again
    and again; with ``seed``, drawn. Never earlier than the end of speech was noticed (``endpoint``)."""
    yields_after: float | None = 0.2
    """Stops once the caller has spoken over it for so long; None: never."""
    on_keys: bool = True
    """Whether it answers keys: 1, 0 and others."""
    hang_up_after_turn: int | None = None
    """Hangs up after its last word in this turn (0 is the greeting)."""
    silence_after: float | None = 5.0
    """Asks whether the caller is still there after so much silence; None: never."""
    echo: bool = False
    """Sends back what arrives and says nothing itself."""
    calibration: bool = False
    """Measures the measurer: end of speech after one silent media frame, replies are tones at their exact sample."""
    fill: Literal["silence", "nothing"] = "silence"
    """What is sent between utterances."""
    endpoint: float = ENDPOINT
    """Seconds without voice that end the caller's utterance."""
    format: AudioFormat = AudioFormat.slin
    """What it sends, and what 0x10 carries when the caller sends it."""
    seed: int | None = None
    dialogue: str | None = None
    """One of the package's dialogues, or a file: the bot understands its callers, and answers by it."""
    recogniser: str = PHRASES
    """What it understands them with, as for ``open_recogniser``."""
    run: str = ""
    """The run that its calls belong to; its events and its backend's rows are tagged with it."""

    def __post_init__(self) -> None:
        if self.echo and self.calibration:
            raise UsageError("A bot that echoes has nothing to calibrate: take either echo or calibration")
        if self.echo and self.hang_up_after_turn is not None:
            raise UsageError("An echo has no replies after which it could hang up: leave out hang_up_after_turn")
        if self.dialogue is not None and (self.echo or self.calibration):
            raise UsageError("An echo or a calibration says nothing of its own: take either it or a dialogue")
        if not self.replies or not self.reply_after:
            raise UsageError("Give at least one reply, and one time to reply after")
        if min(self.reply_after) < 0 or self.greeting_after < 0:
            raise UsageError("The bot cannot answer before it was asked: times are 0 or more")
        if not 0.1 <= self.endpoint <= 10:
            raise UsageError(
                f"An end of speech after {self.endpoint:g} s cannot be: 0.1 to 10 s (default {ENDPOINT:g})"
            )
        if self.hang_up_after_turn is not None and self.hang_up_after_turn < 0:
            raise UsageError("Turns are numbered from 0, the greeting")

    def reply_delay(self, turn: int) -> float:
        """The programmed delay of a dialogue's reply in a turn."""
        return self.reply_after[max(0, turn - 1) % len(self.reply_after)]


def rows_of(settings: BotSettings) -> list[Row]:
    """The rows that the settings amount to."""
    rows: list[Row] = []
    if settings.dialogue is not None:
        return _dialogue(settings) + _hang_up(settings)
    greeting = settings.greeting
    if greeting == USUAL:
        greeting = None if settings.echo or settings.calibration else "greeting"
    if greeting is not None:
        rows.append(row("uuid", "play", after=settings.greeting_after, recording=greeting))
    if settings.echo:
        return [*rows, row("connected", "echo")]
    if settings.calibration:
        rows.append(row("caller stops", "tone", after=settings.reply_after))
    else:
        rows += _conversation(settings)
    return rows + _hang_up(settings)


def _hang_up(settings: BotSettings) -> list[Row]:
    if settings.hang_up_after_turn is None:
        return []
    # "and later": a caller who spoke over the last word is answered once more.
    return [row("reply ends", "hang up", turn=f"{settings.hang_up_after_turn}+")]


def _dialogue(settings: BotSettings) -> list[Row]:
    rows = [row(event, CONVERSE) for event in ("caller speaks", "caller stops", "reply ends")]
    rows.append(row("uuid", CONVERSE, after=settings.greeting_after))
    if settings.yields_after is not None:
        rows.append(row("caller speaks over", "stop", lasting=settings.yields_after))
    if settings.on_keys:
        rows.append(row("key", CONVERSE))
    if settings.silence_after is not None:
        rows.append(row("silence", CONVERSE, lasting=settings.silence_after))
    return rows


def _conversation(settings: BotSettings) -> list[Row]:
    rows = [row("caller stops", "play", after=settings.reply_after, recording=settings.replies)]
    if settings.yields_after is not None:
        rows.append(row("caller speaks over", "stop", lasting=settings.yields_after))
    if settings.on_keys:
        for key in (*_MENU, None):
            only = {} if key is None else {"key": key}
            prompt = _MENU.get(key or "", "not_understood")
            rows.append(row("key", "stop", **only))
            rows.append(row("key", "play", after=settings.reply_after, recording=prompt, **only))
    if settings.silence_after is not None:
        rows.append(row("silence", "play", lasting=settings.silence_after, recording="still_there"))
    return rows
