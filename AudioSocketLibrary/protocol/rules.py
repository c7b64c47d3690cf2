"""The rules of a connection: who may send what, what may follow what, what Asterisk does when one is broken.

Everything that this package says about Asterisk's rules, it says here; what differs by version is data of
`asterisk.py`. No socket and no clock: times come as arguments.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Final, Literal

from .formats import AudioFormat
from .frames import AUDIO_TYPES, DTMF_KEYS, RATE_OF, UUID_SIZE, Frame, FrameType
from .violations import Party, Violation, ViolationKind

if TYPE_CHECKING:
    from .asterisk import Behaviour


class _Stage(Enum):
    START = auto()  # the caller's first frame is due
    UNNAMED = auto()  # it was no UUID
    NAMED = auto()
    OPEN = auto()  # the bot has nothing to say first
    OVER = auto()  # 0x00 was sent


# What may follow what: in each stage, by type of the next frame (None: any other), the rule it breaks and the
# stage it leads to.
_NEXT: Final[dict[_Stage, dict[int | None, tuple[ViolationKind | None, _Stage]]]] = {
    _Stage.START: {
        FrameType.UUID: (None, _Stage.NAMED),
        FrameType.HANGUP: (ViolationKind.NO_UUID_FIRST, _Stage.OVER),
        None: (ViolationKind.NO_UUID_FIRST, _Stage.UNNAMED),
    },
    _Stage.UNNAMED: {
        FrameType.UUID: (None, _Stage.NAMED),
        FrameType.HANGUP: (None, _Stage.OVER),
        None: (None, _Stage.UNNAMED),
    },
    _Stage.NAMED: {
        FrameType.UUID: (ViolationKind.SECOND_UUID, _Stage.NAMED),
        FrameType.HANGUP: (None, _Stage.OVER),
        None: (None, _Stage.NAMED),
    },
    _Stage.OPEN: {FrameType.HANGUP: (None, _Stage.OVER), None: (None, _Stage.OPEN)},
    _Stage.OVER: {None: (ViolationKind.AFTER_HANGUP, _Stage.OVER)},
}
_FIRST: Final = {Party.CALLER: _Stage.START, Party.BOT: _Stage.OPEN}

# Who may send what. Asterisk itself sends 0x00 in no version; other callers do.
_MAY_SEND: Final[dict[Party, frozenset[int]]] = {
    Party.CALLER: frozenset({FrameType.HANGUP, FrameType.UUID, FrameType.DTMF}) | AUDIO_TYPES,
    Party.BOT: frozenset({FrameType.HANGUP}) | AUDIO_TYPES,
}
_KNOWN: Final = frozenset(FrameType)

_STRICT_SINCE: Final = "22.4 (20.14, 21.9)"
_SLIN_TYPES_SINCE: Final = "22.7 (20.17, 21.12, 23.1)"
# One media frame: a shorter stall of a header costs the bot no audio.
_HALF_HEADER_MS: Final = 20.0


class RuleBook:
    """Judges what one side of a connection does against one row of behaviour; `check` knows what came before.

    Args:
        sender: Whose frames these are.
        behaviour: What this Asterisk sends and enforces.
        audio: How this side's audio is coded: 16-bit audio has rules of length that G.711 has not.
    """

    __slots__ = ("_asterisk", "_limit", "_odd", "_ordinary", "_sender", "_stage")

    def __init__(self, sender: Party, behaviour: Behaviour, *, audio: AudioFormat = AudioFormat.slin) -> None:
        self._sender = sender
        self._asterisk = behaviour
        self._odd = audio.sample_size - 1
        self._limit = behaviour.oversize_audio if sender is Party.BOT and self._odd else 0xFFFF
        self._enter(_FIRST[sender])

    def check(self, frame: Frame) -> Violation | None:
        """Returns the first rule that this frame breaks, or None. Frames must come in their order."""
        frame_type, payload = frame
        size = len(payload)
        if frame_type in self._ordinary and 0 < size <= self._limit and not size & self._odd:
            return None
        return self._follow(frame_type) or self.check_header(frame_type, size) or self._content(frame)

    def check_header(self, frame_type: int, size: int) -> Violation | None:
        """Returns what is wrong with a header alone, whatever came before it.

        Asterisk drops a call, and takes 0x00 for a hangup, before it reads the payload: who imitates it
        asks here while `FrameReader.header` is set. `check` asks again once the frame is whole.
        """
        if frame_type not in _KNOWN:
            return self._refused(ViolationKind.UNKNOWN_TYPE, f"a frame of unknown type 0x{frame_type:02x}")
        if frame_type not in _MAY_SEND[self._sender]:
            return self._refused(ViolationKind.TYPE_NOT_ALLOWED, f"a frame of type 0x{frame_type:02x}")
        if frame_type in AUDIO_TYPES:
            if frame_type != FrameType.AUDIO and not self._asterisk.slin_types:
                return self._too_new(frame_type, _SLIN_TYPES_SINCE)
            if not size:
                return self._refused(ViolationKind.EMPTY_AUDIO, "an audio frame of 0 bytes")
        elif frame_type == FrameType.DTMF and not self._asterisk.sends_dtmf:
            return self._too_new(frame_type, _STRICT_SINCE)
        return None

    def late_payload(self, ms: float) -> Violation | None:
        """Judges `ms` between a header and its payload, or between two pieces of it.

        Measured on 22.10.1: 4 ms pass, 6 ms drop the call. On 22.3.0 even 3 ms did.
        """
        limit = self._asterisk.payload_stall * 1000
        if self._sender is Party.CALLER or (limit and ms <= limit):
            return None
        waits = f"waits {_number(limit)} ms for it" if limit else "does not wait for it at all"
        text = f"let {_number(ms, 2)} ms pass before the rest of a frame's payload, and Asterisk {waits}"
        return self._broken(ViolationKind.LATE_PAYLOAD, text)

    def half_header(self, ms: float) -> Violation | None:
        """Judges a header in two pieces, `ms` apart (so far).

        Measured on 22.10.1: until it is whole, the call's thread spins, and the bot got 1 media frame in 2 s.
        """
        if self._sender is Party.CALLER:
            return None
        if self._asterisk.split_header == "waits":
            if ms < _HALF_HEADER_MS:
                return None
            does = "until it is whole Asterisk sends the bot no audio and hears no hangup"
            text = f"left the header of a frame unfinished for {_number(ms)} ms, and {does}"
            return self._broken(ViolationKind.HALF_HEADER, text, fatal=False)
        misread = self._asterisk.split_header == "misread"
        does = "misreads (its second piece over its first)" if misread else "takes for an error"
        text = f"sent the header of a frame in two pieces, which Asterisk {does}"
        return self._broken(ViolationKind.SPLIT_HEADER, text)

    def mutual_silence(self, seconds: float) -> Violation | None:
        """Judges a time in which neither side sent a frame. Measured on 22.10.1: dropped after 2.003 s."""
        limit = self._asterisk.inactivity
        if limit is None or seconds < limit:
            return None
        text = f"neither side sent a frame for {_number(seconds, 3)} s (limit {_number(limit)} s)"
        return Violation(ViolationKind.MUTUAL_SILENCE, True, text)

    def late_accept(self, seconds: float) -> Violation | None:
        """Judges a time from connecting to being connected. Asterisk's limit is hard, and per address."""
        limit = self._asterisk.connect_timeout
        if seconds < limit:
            return None
        text = f"the bot did not accept the connection in {_number(seconds, 3)} s (limit {_number(limit)} s)"
        return Violation(ViolationKind.LATE_ACCEPT, True, text)

    def unfinished_write(self) -> Violation:
        """The sender reads so little that a frame could not be written to it whole."""
        text = "does not read: a frame to it could not be written whole, and Asterisk does not try twice"
        return self._broken(ViolationKind.UNFINISHED_WRITE, text)

    def cut_mid_frame(self, missing: int, inside: Literal["header", "payload"] = "payload") -> Violation:
        """The sender closed with `missing` bytes of a header or a payload unsent.

        Since Asterisk waits for headers, it takes a close inside one for an ordinary hangup.
        """
        fatal = self._sender is Party.CALLER or inside == "payload" or self._asterisk.split_header == "fatal"
        text = f"closed in the middle of a frame, with {_bytes(missing)} of its {inside} missing"
        return self._broken(ViolationKind.CUT_MID_FRAME, text, fatal=fatal)

    def closed(self) -> Violation | None:
        """The sender closed between two frames. Measured on 22.3.0: the call stays up at 100 % of a core, silent."""
        if self._sender is Party.CALLER or self._asterisk.hangup_continues:
            return None
        text = (
            f"closed without the frame 0x00, which Asterisk before {_STRICT_SINCE} does not notice: "
            "the caller hears silence until he hangs up himself"
        )
        return self._broken(ViolationKind.UNNOTICED_CLOSE, text, fatal=False)

    def reset(self) -> Violation | None:
        """The sender reset the connection. Asterisk does so too, when it closes with bytes unread."""
        if self._sender is Party.CALLER:
            return None
        text = "reset the connection instead of closing it, which Asterisk takes for an error, not a hangup"
        return self._broken(ViolationKind.RESET, text)

    def _enter(self, stage: _Stage) -> None:
        self._stage = stage
        self._ordinary: frozenset[int] = frozenset()
        if stage in {_Stage.NAMED, _Stage.OPEN}:
            self._ordinary = AUDIO_TYPES if self._asterisk.slin_types else frozenset({FrameType.AUDIO.value})

    def _follow(self, frame_type: int) -> Violation | None:
        step = _NEXT[self._stage]
        kind, stage = step.get(frame_type, step[None])
        if stage is not self._stage:
            self._enter(stage)
        if kind is ViolationKind.NO_UUID_FIRST:
            text = f"began with a frame of type 0x{frame_type:02x}, not with its UUID (0x01)"
            return self._broken(kind, text)
        if kind is ViolationKind.SECOND_UUID:
            return self._broken(kind, "sent a second UUID, and a connection carries one call")
        if kind is ViolationKind.AFTER_HANGUP:
            text = f"sent a frame of type 0x{frame_type:02x} after its hangup (0x00), where nobody reads it"
            return self._broken(kind, text, fatal=self._sender is Party.CALLER)
        return None

    def _content(self, frame: Frame) -> Violation | None:
        frame_type, payload = frame
        size = len(payload)
        if frame_type == FrameType.UUID:
            if size != UUID_SIZE:
                text = f"sent a UUID of {_bytes(size)}, not {UUID_SIZE}"
                return self._broken(ViolationKind.UUID_LENGTH, text)
        elif frame_type == FrameType.DTMF:
            if size != 1 or payload not in DTMF_KEYS.encode():
                text = f"sent the DTMF {payload[:16]!r}, not one of {' '.join(DTMF_KEYS)}"
                return self._broken(ViolationKind.BAD_DTMF, text)
        elif frame_type == FrameType.HANGUP:
            if size:
                text = f"sent a hangup (0x00) with {_bytes(size)} of payload, perhaps audio without frames"
                return self._broken(ViolationKind.HANGUP_WITH_PAYLOAD, text, fatal=False)
        elif size > (limit := self._limit * RATE_OF[frame_type] // RATE_OF[FrameType.AUDIO]):
            text = f"sent {size} bytes of audio in one frame; beyond {limit} the phone hears none of it"
            return self._broken(ViolationKind.OVERSIZE_AUDIO, text, fatal=False)
        elif size & self._odd:
            text = f"sent {_bytes(size)} of 16-bit audio, an odd number: the last is half a sample, and lost"
            return self._broken(ViolationKind.ODD_LENGTH, text, fatal=False)
        return None

    def _refused(self, kind: ViolationKind, what: str) -> Violation:
        if self._sender is Party.CALLER:
            fatal = kind is not ViolationKind.EMPTY_AUDIO
            return self._broken(kind, f"sent {what}, which Asterisk never sends", fatal=fatal)
        if self._asterisk.strict_frames:
            return self._broken(kind, f"sent {what}, which no Asterisk since {_STRICT_SINCE} accepts")
        text = f"sent {what}, which Asterisk ignored until {_STRICT_SINCE} and drops the call for since"
        return self._broken(kind, text, fatal=False)

    def _too_new(self, frame_type: int, since: str) -> Violation:
        bot = self._sender is Party.BOT
        text = f"sent a frame of type 0x{frame_type:02x}, which Asterisk {'accepts' if bot else 'sends'} only"
        fatal = bot and self._asterisk.strict_frames
        return self._broken(ViolationKind.TYPE_NOT_ALLOWED, f"{text} since {since}", fatal=fatal)

    def _broken(self, kind: ViolationKind, text: str, *, fatal: bool = True) -> Violation:
        return Violation(kind, fatal, f"the {self._sender} {text}")


def _bytes(count: int) -> str:
    return f"{count} byte{'' if count == 1 else 's'}"


def _number(value: float, places: int = 1) -> str:
    return f"{value:.{places}f}".rstrip("0").rstrip(".")
