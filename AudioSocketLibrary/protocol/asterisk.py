"""What each version of Asterisk sends and enforces on an AudioSocket, as data.

Source: the source of every release tag compared; 22.10.1 and 22.3.0 also measured.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, Literal

from .formats import AudioFormat
from .frames import FrameType

NEWEST: Final = "22.10"


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """How the versions of one row behave. Times are in seconds.

    Attributes:
        name: The row, by the version of the 22 line (or the oldest one) that began it or stands for it.
        covers: The versions of the row, in words.
        sends_dtmf: Keys reach the bot as 0x03; before, they never did.
        slin_types: 0x11 to 0x18 are sent and understood; before, every rate travelled in 0x10.
        strict_frames: Any frame of the bot's but audio and 0x00 ends the call, and so does audio of 0 bytes;
            before, they were read, warned of and ignored.
        hangup_continues: After the bot's 0x00 or close the dialplan goes on; before, the channel was hung up.
        inactivity: With no frame from either side for so long, `AudioSocket()` ends the call. None: never.
        payload_stall: The pieces of a frame after its header may be so far apart. 0.0: not apart at all.
        split_header: A header in two pieces is `fatal`; or `misread`, the rest being read over the beginning;
            or it `waits`: until it is whole, the call stands still and no audio goes to the bot either.
        busy_loop: The application takes a whole core per call.
        nodelay: Frames leave at once (TCP_NODELAY); before, Nagle's algorithm may have joined them.
        noise_fatal: Comfort noise and the like from the phone end the call.
        connect_timeout: The bot must have accepted within this, per address.
        oversize_audio: Bytes of audio at 8 kHz in one frame beyond which nothing of it reaches the phone (8096
            samples, the room that Asterisk has for transcoding); at higher rates as many seconds (measured).
    """

    name: str
    covers: str
    sends_dtmf: bool = False
    slin_types: bool = False
    strict_frames: bool = False
    hangup_continues: bool = False
    inactivity: float | None = None
    payload_stall: float = 0.0
    split_header: Literal["fatal", "misread", "waits"] = "fatal"
    busy_loop: bool = False
    nodelay: bool = False
    noise_fatal: bool = True
    connect_timeout: float = 2.0
    oversize_audio: int = 16192

    def sends(self, audio: AudioFormat) -> bool:
        """Whether these versions ever send audio so: before 0x11 to 0x18 came, 16 kHz travelled in 0x10."""
        if audio is AudioFormat.slin16_in_0x10:
            return not self.slin_types
        return self.slin_types or audio.type == FrameType.AUDIO


_R18_0 = Behaviour(name="18.0", covers="18.0 to 18.19, 19.0 to 19.8, 20.0 to 20.4, certified-18.9", busy_loop=True)
_R22_3 = replace(
    _R18_0,
    name="22.3",
    covers="18.20 to 18.26, 20.5 to 20.13, 21.0 to 21.8, 22.0 to 22.3, certified-20.7",
    busy_loop=False,
)
_R22_4 = replace(
    _R22_3,
    name="22.4",
    covers="20.14, 21.9, 22.4",
    sends_dtmf=True,
    strict_frames=True,
    hangup_continues=True,
    inactivity=2.0,
)
_R22_5 = replace(
    _R22_4,
    name="22.5",
    covers="20.15, 20.16, 21.10, 21.11, 22.5, 22.6, 23.0",
    payload_stall=0.005,
    nodelay=True,
)
_R22_7 = replace(
    _R22_5,
    name="22.7",
    covers="20.17, 20.18, 21.12, 22.7, 22.8, 23.1, 23.2, certified-22.8",
    slin_types=True,
    split_header="misread",
)
_R22_9 = replace(_R22_7, name="22.9", covers="20.19, 22.9, 23.3", split_header="waits")
_R22_10 = replace(_R22_9, name="22.10", covers="20.20, 22.10, 23.4", noise_fatal=False)

ROWS: Final[tuple[Behaviour, ...]] = (_R18_0, _R22_3, _R22_4, _R22_5, _R22_7, _R22_9, _R22_10)

# Of each line: the minor release with which each row began, and the last release known.
_LINES: Final[dict[int, tuple[dict[int, Behaviour], int]]] = {
    18: ({0: _R18_0, 20: _R22_3}, 26),
    19: ({0: _R18_0}, 8),
    20: ({0: _R18_0, 5: _R22_3, 14: _R22_4, 15: _R22_5, 17: _R22_7, 19: _R22_9, 20: _R22_10}, 20),
    21: ({0: _R22_3, 9: _R22_4, 10: _R22_5, 12: _R22_7}, 12),
    22: ({0: _R22_3, 4: _R22_4, 5: _R22_5, 7: _R22_7, 9: _R22_9, 10: _R22_10}, 10),
    23: ({0: _R22_5, 1: _R22_7, 3: _R22_9, 4: _R22_10}, 4),
}
_CERTIFIED: Final[dict[tuple[int, int], Behaviour]] = {(18, 9): _R18_0, (20, 7): _R22_3, (22, 8): _R22_7}
_FIRST: Final = min(_LINES)
_LAST: Final = max(_LINES)

_VERSION: Final = re.compile(
    r"(?:asterisk[ /-])?(?P<certified>certified[ /-])?(?P<major>[0-9]{1,3})(?:\.(?P<minor>[0-9]{1,3}))?"
    r"(?:\.[0-9]{1,3})?(?:-(?:(?P<cert>cert[0-9]{1,3})|(?:rc|pre)[0-9]{1,3}))?(?:-rc[0-9]{1,3})?",
    re.IGNORECASE,
)


@lru_cache(maxsize=256)
def behaviour_of(version: str) -> Behaviour:
    """Returns the row that a released version of Asterisk belongs to.

    Args:
        version: As `asterisk -V` has it, such as `22.10.1`, `20.9`, `certified-20.7-cert3`; or a line, such
            as `22`, meaning its newest release known.

    Raises:
        ValueError: There is no such version, or it has no AudioSocket; the text names the nearest.
    """
    match = _VERSION.fullmatch(version.strip())
    if not match:
        raise ValueError(f"{version!r} is no version of Asterisk; write for instance {NEWEST} or certified-20.7")
    major = int(match["major"])
    minor = None if match["minor"] is None else int(match["minor"])
    if major < _FIRST:
        raise ValueError(f"Asterisk {major} has no AudioSocket (first: {_FIRST})")
    if match["certified"] or match["cert"]:
        return _certified(major, minor)
    return _released(major, minor)


def _released(major: int, minor: int | None) -> Behaviour:
    starts, last = _LINES[min(major, _LAST)]
    if minor is None and major <= _LAST:
        minor = last
    if major > _LAST or minor is None or minor > last:
        asked = major if minor is None else f"{major}.{minor}"
        raise ValueError(f"No Asterisk {asked} is known; nearest: {min(major, _LAST)}.{last}")
    return starts[max(start for start in starts if start <= minor)]


def _certified(major: int, minor: int | None) -> Behaviour:
    if minor is None:
        minor = next((known for line, known in _CERTIFIED if line == major), None)
    row = _CERTIFIED.get((major, minor or 0))
    if row is None:
        near = min(_CERTIFIED, key=lambda known: (abs(known[0] - major), abs(known[1] - (minor or 0))))
        asked = major if minor is None else f"{major}.{minor}"
        raise ValueError(f"No Asterisk certified-{asked} is known; nearest: certified-{near[0]}.{near[1]}")
    return row


class AsteriskVersion(str):
    """A released version of Asterisk, as the user wrote it: `22.10.1`, `20.9`, `certified-20.7-cert3`, `22`.

    Raises:
        ValueError: There is no such version (see `behaviour_of`), or it came as a number: 22.10 is 22.1.
    """

    __slots__ = ()

    def __new__(cls, version: str = NEWEST) -> AsteriskVersion:
        if not isinstance(version, str):
            text = f"Write the version of Asterisk in quotes, not as the number {version}: 22.10 would be 22.1"
            raise ValueError(text)  # noqa: TRY004 - Robot takes a ValueError for a bad argument
        behaviour_of(version)
        return super().__new__(cls, version)

    @property
    def behaviour(self) -> Behaviour:
        """The row of this version."""
        return behaviour_of(str(self))
