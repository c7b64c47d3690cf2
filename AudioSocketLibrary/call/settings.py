"""What a call assumes unless told otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ..media.line import CLEAN, Line
from ..protocol import NEWEST, AsteriskVersion, AudioFormat
from ..records import UsageError
from ..transport import CONNECT_TIMEOUT, Chunks
from .timeline import Depth
from .turns import REPLY_PAUSE


@dataclass(frozen=True, slots=True)
class CallSettings:
    """Settings of one call; times in seconds."""

    format: AudioFormat = AudioFormat.slin
    """What the caller sends."""
    asterisk: AsteriskVersion = field(default_factory=lambda: AsteriskVersion(NEWEST))
    """Whose rules hold."""
    rules: Literal["strict", "lenient"] = "strict"
    """``strict``: the call ends where that Asterisk would have ended it; ``lenient``: the same things are findings."""
    dtx: bool = False
    """Send nothing while the caller is silent, as a phone with discontinuous transmission."""
    chunks: Chunks | None = None
    """Send larger pieces than media frames."""
    greets: bool = True
    """Whether the bot speaks first."""
    connect_timeout: float = CONNECT_TIMEOUT
    greeting_timeout: float = 10.0
    """How long to wait for the bot's first word at all; a limit judges earlier."""
    turn_timeout: float = 10.0
    """The same for a reply."""
    longest_reply: float = 60.0
    """How long a polite caller listens before it gives up waiting for its chance to speak."""
    max_length: float = 300.0
    """After this the call is hung up."""
    reply_pause: float = REPLY_PAUSE
    """Silence that ends a part of a reply, and after which the caller speaks."""
    language: str = "uk"
    """What caller and bot speak."""
    depth: Depth = Depth.FRAMES
    spool_folder: Path | None = None
    """Where the sound of a call is kept while it lasts; None: where the system has its temporary files."""
    line: Line = CLEAN
    """How the caller sounds."""

    def __post_init__(self) -> None:
        for name in (
            "connect_timeout",
            "greeting_timeout",
            "turn_timeout",
            "longest_reply",
            "max_length",
            "reply_pause",
        ):
            if getattr(self, name) <= 0:
                raise UsageError(f"{name} must be longer than nothing, like '800 ms' or '10 s'")
