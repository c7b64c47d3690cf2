"""A paced AudioSocket connection in either role, on asyncio.

As the caller it behaves as Asterisk does: UUID in a write of its own, one write a frame, media at absolute deadlines,
silence while there is nothing to say, a plain close at the end; and, where it is strict, it drops the call where that
Asterisk would have.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self, cast
from uuid import UUID

from ..media import Sound, silence_frame
from ..protocol import (
    AUDIO_TYPES,
    HANGUP_FRAME,
    HEADER_SIZE,
    NEWEST,
    AudioFormat,
    Behaviour,
    Frame,
    FrameReader,
    FrameType,
    Party,
    RuleBook,
    Violation,
    ViolationKind,
    behaviour_of,
    encode,
    encode_dtmf,
    encode_uuid,
)
from ..records import Side, UsageError
from .clock import PERIOD, MediaClock, Sendable, now
from .compiling import mypyc_attr
from .listener import Ending, Inbox, Listener
from .mailbox import Mailbox, SentBook
from .playback import Background, Playback

HEADER_STALL = 1.0
"""Seconds of half a header after which it is told while it lasts; from its start Asterisk sends nothing, nor do we."""
LINGER = 0.5
"""Seconds that a bot which has hung up waits for the caller to close too."""
LEAST_STALL = 0.002
"""Versions that read a frame in one go fail on any split; this much is granted to the loopback and to our own loop."""
_new = tuple.__new__  # half the price of Frame(...), fifty times a second for every call
_UNHEARD = {ViolationKind.UNKNOWN_TYPE, ViolationKind.TYPE_NOT_ALLOWED, ViolationKind.EMPTY_AUDIO}
"""Frames that a strict caller ignores, where its Asterisk ignores them."""


@dataclass(frozen=True, slots=True)
class Chunks:
    """Audio in larger pieces than media frames: ``size`` payload bytes every ``interval`` seconds (n times 20 ms)."""

    size: int
    interval: float

    def __post_init__(self) -> None:
        frames = self.interval / PERIOD
        if not 2 <= self.size <= 65535 or frames < 1 or abs(frames - round(frames)) > 1e-6:
            raise UsageError(
                f"Chunks of {self.size} bytes every {self.interval * 1000:g} ms cannot be sent: "
                f"2 to 65535 bytes, every {PERIOD * 1000:g} ms or a multiple of it"
            )


@mypyc_attr(allow_interpreted_subclasses=True)
class Connection(asyncio.Protocol):
    """One AudioSocket connection, paced by the media clock. Made by ``connect`` and ``serve``.

    Args:
        role: which side we are.
        uuid: what the caller sends first; the bot gets it from the caller.
        format: what we send: type, rate and encoding.
        behaviour: what this Asterisk version does and enforces; default: the newest known.
        strict: end the connection where a rule is broken fatally. Only the caller does so: a bot bears what it gets.
        dtx: send nothing instead of silence while there is nothing to say.
        chunks: send larger pieces instead of media frames.
        listener: told of all that happens; default: an ``Inbox``, which ``async for`` reads.
    """

    __slots__ = (
        "_book",
        "_chunks",
        "_clock",
        "_every",
        "_going",
        "_half_untold",
        "_last_traffic",
        "_mailbox",
        "_number",
        "_place",
        "_playbacks",
        "_reader",
        "_rules",
        "_silence",
        "_stall_timer",
        "_stalled_since",
        "_stuck",
        "_ticks",
        "_told_unread",
        "_transport",
        "_unwritten",
        "_usual_header",
        "_usual_size",
        "_write",
        "background",
        "behaviour",
        "ending",
        "format",
        "idle",
        "listener",
        "mix",
        "over",
        "role",
        "skipped",
        "source",
        "strict",
        "uuid",
        "uuid_at",
    )  # fmt: skip

    def __init__(
        self,
        role: Party,
        *,
        uuid: UUID | None = None,
        format: AudioFormat = AudioFormat.slin,  # noqa: A002 - the field's word
        behaviour: Behaviour | None = None,
        strict: bool = True,
        dtx: bool = False,
        chunks: Chunks | None = None,
        listener: Listener | None = None,
    ) -> None:
        self.role = role
        self.uuid = uuid
        self.format = format
        self.behaviour = behaviour or behaviour_of(NEWEST)
        self.strict = strict and role is Party.CALLER
        self.listener: Listener = listener or Inbox()
        self.ending: Ending | None = None
        self.uuid_at: float | None = None
        """When the UUID was sent or received."""
        self.skipped = 0
        """Media frames not sent to avoid a burst."""
        self.background: Background | None = None
        """Sent instead of silence."""
        self.source: Callable[[float], bytes | None] | None = None
        """Chooses what is sent when a frame is due, instead of playbacks, background and silence (media path)."""
        self.idle: bytes | None = None
        """Sent instead of asking ``source``, as long as it is set; the listener is not told of it (media path)."""
        self.mix: Callable[[float, bytes | None], bytes | None] | None = None
        """Makes of a frame, about to be sent at a time, the one that is sent (media path)."""
        self.over: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        self._reader = FrameReader()
        self._usual_header = b""
        self._usual_size = -1
        """Header and size of the last frame, if it was audio, broke no rule and nothing followed it: so is the next."""
        self._mailbox: Mailbox | None = None
        self._place = -1
        """Where such frames go instead of to the listener, and under which number."""
        self._book: SentBook | None = None
        self._number = -1
        """Where frames that went are noted instead of with the listener, and under which number."""
        self._rules = RuleBook(Party.BOT if role is Party.CALLER else Party.CALLER, self.behaviour, audio=format)
        self._chunks = chunks
        self._going: Playback | None = None
        """Whose frame is being sent."""
        self._every = round(chunks.interval / PERIOD) if chunks else 1
        self._ticks = 0
        self._silence = None if dtx else self._silent_frame()
        self._playbacks: list[Playback] = []
        self._transport: asyncio.Transport | None = None
        self._write: Callable[[bytes], object] | None = None
        """The transport's, found once and not fifty times a second."""
        self._clock: MediaClock | None = None
        self._last_traffic = now()
        self._stalled_since = 0.0
        self._stuck = False
        self._half_untold = False
        self._told_unread = False
        self._unwritten = False
        self._stall_timer: asyncio.Handle | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        await self.wait_closed()

    # Not an async generator: mypyc, which may compile this module, has none.
    def __aiter__(self) -> AsyncIterator[Frame]:
        if not isinstance(self.listener, Inbox):
            raise TypeError("The frames of this connection go to its own listener; there are none to iterate over")
        return aiter(self.listener)

    @property
    def open(self) -> bool:
        """Whether the connection stands."""
        return self.ending is None and self._transport is not None

    @property
    def playing(self) -> bool:
        """Whether anything but silence is being sent or waits to be."""
        return bool(self._playbacks)

    @property
    def next_due(self) -> float:
        """When the next media frame is due; now, while no clock drives the connection."""
        return self._clock.next_due(self) if self._clock is not None and self.ending is None else now()

    @property
    def interval(self) -> float:
        """Seconds between two frames that we send."""
        return self._every * PERIOD

    @property
    def samples(self) -> int:
        """Samples in each frame that we send."""
        if self._chunks is None:
            return self.format.samples
        return self._chunks.size // (2 if self.format.encoding == "slin" else 1)

    @property
    def silence(self) -> bytes | None:
        """What is sent while there is nothing to say; None: nothing."""
        return self._silence

    def start_media(self) -> None:
        """Begin to send media frames."""
        if self._clock is None and self.open:
            self._clock = MediaClock.of()
            self._clock.add(self)

    def encode(self, sound: Sound) -> Sequence[bytes]:
        """The frames of a recording as this connection sends them (shared by all calls, unless in chunks)."""
        if self._chunks is None:
            return sound.frames(self.format)
        payload = b"".join(frame[3:] for frame in sound.frames(self.format))
        size = self._chunk_bytes()
        return [encode(self.format.type, payload[at : at + size]) for at in range(0, len(payload), size)]

    def play(self, playback: Playback) -> None:
        """Send ``playback`` after the earlier ones."""
        if self.ending is not None:
            playback.cut()
        else:
            self._playbacks.append(playback)

    def stop_playing(self) -> None:
        """Say nothing more: all playbacks are cut."""
        while self._playbacks:
            self._playbacks.pop(0).cut()

    async def say(self, sound: Sound) -> None:
        """Send a recording in real time; returns when its last frame was sent, or the connection ended."""
        playback = Playback(self.encode(sound), self.samples)
        self.play(playback)
        await asyncio.wait([playback.done])

    def press(self, key: str) -> None:
        """Send a key as a DTMF frame.

        Raises:
            ValueError: there is no such key.
        """
        self.send(encode_dtmf(key))

    def send(self, data: bytes) -> None:
        """Write bytes as they are, at once; nothing happens where the connection is over."""
        if self._transport is not None and self.ending is None and not self._transport.is_closing():
            self._last_traffic = now()
            self._transport.write(data)

    def divert(self, mailbox: Mailbox | None, place: int) -> bool:
        """Put media frames that are like the last one into a mailbox, under a number, and not before the listener.

        Args:
            mailbox: shared by many connections; None: to the listener again.
            place: tells whose frames they are.

        Returns:
            Whether they go there from now on: not where the last one was no media frame of that size.
        """
        diverts = mailbox is not None and mailbox.size == self._usual_size and self.ending is None
        self._mailbox, self._place = (mailbox, place) if diverts else (None, -1)
        return diverts

    def note_in(self, book: SentBook | None, number: int) -> None:
        """Note frames that went in a book of many connections, under a number; None: tell the listener."""
        self._book, self._number = book, number

    def close(self, *, with_frame: bool = False, reason: str = "hung up") -> None:
        """Hang up as Asterisk does, by a plain close.

        Args:
            with_frame: send the frame 0x00 before, which no Asterisk does.
            reason: kept in the ending.
        """
        if with_frame:
            self.send(HANGUP_FRAME)
        self._end(self._our_side, reason)

    def reset(self, reason: str = "reset the connection") -> None:
        """End the connection with RST: the other side gets an error instead of an end."""
        if self._transport is not None and self.ending is None:
            sock = self._transport.get_extra_info("socket")
            if sock is not None:
                # With a linger of zero, close() sends RST instead of FIN, on every system.
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._end(self._our_side, reason, abort=True)

    def drop(self, by: Side, reason: str) -> None:
        """End the connection in the name of ``by``: as Asterisk drops a call when a rule was broken."""
        self._end(by, reason)

    def pause_reading(self) -> None:
        """Read nothing more, so that the other side's writes fill the kernel's buffers."""
        if self._transport is not None:
            self._transport.pause_reading()

    async def wait_closed(self) -> Ending:
        """Wait until the connection is over and its socket closed."""
        return await asyncio.shield(self.over)

    def tick(self, due: float, skipped: int) -> Sendable | None:  # noqa: C901, PLR0912 - the media path makes no calls
        """Choose the media frame that is due. The media clock calls this, sends it, and then calls ``went``.

        Returns:
            What to send, and by what; None where nothing is to be sent, or it was sent here.
        """
        if skipped:
            self.skipped += skipped
        write = self._write
        if write is None or self._stuck or self._unwritten:
            self._ticks += 1
            return None
        if self._every != 1:
            self._ticks += 1
            if self._ticks % self._every:
                return None
        frame: bytes | None
        playback = self._playbacks[0] if self._playbacks else None
        if self.idle is not None:
            playback, frame = None, self.idle
        elif self.source is not None:
            playback, frame = None, self.source(due)
        # The tick nearest to the wished moment: half a period early is as near as half a period late.
        elif playback is not None and due >= playback.not_before - PERIOD / 2:
            frame = playback.frames[playback.position] or None
            if self.background is not None:
                self.background.next()
        else:
            playback = None
            frame = self._silence if self.background is None else self.background.next()
        self._going = playback
        if frame is not None and self.mix is None:
            return write, frame
        at = now()
        if self.mix is not None:
            frame = self.mix(at, frame)
        if frame is not None:
            write(frame)
        else:
            self._check_silence(at)
        self.went(at, due, frame)
        return None

    def went(self, at: float, due: float, frame: bytes | None) -> None:
        """The frame that ``tick`` chose was sent at ``at``; None: there was nothing to send."""
        if frame is not None:
            self._last_traffic = at
        if self.ending is not None:
            return
        book = self._book
        if book is not None and frame is not None:
            book.numbers.append(self._number)
            book.late.append(at - due)
        elif frame is None or frame is not self.idle:
            self.listener.sent(at, at - due, frame)
        playback = self._going
        if playback is not None and playback.advance(at):
            self._playbacks.pop(0)

    # -- asyncio.Protocol ---------------------------------------------------------------------------------------------

    def connection_made(self, made: asyncio.BaseTransport) -> None:
        """Send the UUID, as the caller."""
        # A cast: uvloop's transports do not derive from asyncio's.
        transport = cast(asyncio.Transport, made)
        if self.ending is not None:
            transport.abort()
            return
        self._transport, self._write = transport, transport.write
        # Each write goes out at once and by itself, and `pause_writing` tells where it could not.
        transport.set_write_buffer_limits(0)
        self._last_traffic = now()
        if self.role is Party.CALLER and self.uuid is not None:
            self._transport.write(encode_uuid(self.uuid))
            self.uuid_at = now()

    def data_received(self, data: bytes) -> None:
        """Take what arrived."""
        if len(data) == self._usual_size and data.startswith(self._usual_header):
            at = self._last_traffic = now()
            mailbox = self._mailbox
            if mailbox is not None:
                mailbox.numbers.append(self._place)
                mailbox.times.append(at)
                mailbox.audio += data
            else:
                self.listener.heard(at, _new(Frame, (data[0], data[HEADER_SIZE:])))
        elif self.ending is None and not self._take_usual(data):
            self._take(data)

    def _take_usual(self, data: bytes) -> bool:
        """Take several usual frames that came in one read, as they do after a hold-up; whether it was such a read."""
        size, header = self._usual_size, self._usual_header
        if size < 0 or len(data) % size:
            return False
        starts = range(0, len(data), size)
        if not all(data.startswith(header, start) for start in starts):
            return False
        at = self._last_traffic = now()
        mailbox = self._mailbox
        if mailbox is not None:
            mailbox.numbers.extend([self._place] * len(starts))
            mailbox.times.extend([at] * len(starts))
            mailbox.audio += data
            return True
        for start in starts:
            if self.ending is not None:
                break
            self.listener.heard(at, _new(Frame, (data[start], data[start + HEADER_SIZE : start + size])))
        return True

    def _take(self, data: bytes) -> None:
        """Take what is not just media frames like the last one."""
        self._forget_usual()
        at = self._last_traffic = now()
        frames = self._reader.feed(data)
        violation: Violation | None = None
        for frame in frames:
            violation = self._rules.check(frame)
            if violation is not None:
                self._broken(at, violation)
            if self._is_over():
                return
            if violation is None or violation.kind not in _UNHEARD or not self.strict:
                self._pass_on(at, frame)
            if self._is_over():
                return
        if self._stall_timer is not None:
            self._stall_over(at)
        if self._reader.inside:
            if self.role is Party.CALLER:
                self._watch_stall(at)
        elif frames and violation is None and frames[-1].type in AUDIO_TYPES:
            # So is the next: audio changes nothing of what may follow it.
            self._usual_size = HEADER_SIZE + len(frames[-1].payload)
            self._usual_header = encode(*frames[-1])[:HEADER_SIZE]

    def _pass_on(self, at: float, frame: Frame) -> None:
        if frame.type in AUDIO_TYPES:
            self.listener.heard(at, frame)
        else:
            self._told(at, frame)

    def _forget_usual(self) -> None:
        self._usual_size = -1
        self._mailbox = None  # it takes usual frames alone

    def eof_received(self) -> None:
        """The other side closed, or shut down its writing; Asterisk takes both for a hangup (measured)."""
        reason = "closed the connection"
        inside = self._reader.inside
        if inside:
            # A close inside a payload is an error to Asterisk: no hangup, the dialplan does not go on (measured).
            self._broken(now(), self._rules.cut_mid_frame(self._reader.missing, inside))
            reason += " in the middle of a frame"
        else:
            self._broken(now(), self._rules.closed())
        self._end(self._their_side, reason)

    def connection_lost(self, error: Exception | None) -> None:
        """The socket is closed."""
        if isinstance(error, ConnectionResetError):
            violation = self._rules.reset()
            if violation is not None and self.ending is None:
                self.listener.broke(now(), violation)
            if self.role is Party.CALLER:
                self._end("network", "bot reset it (RST)")
            else:
                # A plain close, as Asterisk hangs up, is an RST where something was not read yet (measured).
                self._end("caller", "closed the connection before it had read all (RST)")
        elif error is not None and not isinstance(error, BrokenPipeError):
            self._end("network", f"{error}")
        # A broken pipe is a close that a write met before a read did.
        self._end(self._their_side, "closed the connection")
        self._transport = self._write = None
        if not self.over.done() and self.ending is not None:
            self.over.set_result(self.ending)

    def pause_writing(self) -> None:
        """A write is unfinished. Asterisk does not wait: it drops the call. A bot just says less meanwhile."""
        self._unwritten = True
        if self.role is Party.CALLER and not self._told_unread:
            self._told_unread = True
            self._broken(now(), self._rules.unfinished_write())

    def resume_writing(self) -> None:
        """What was unfinished has gone."""
        self._unwritten = False

    # -- inside -------------------------------------------------------------------------------------------------------

    def _is_over(self) -> bool:
        """Asked twice in a function: mypyc, as mypy, believes what it saw of an attribute, whatever is called since."""
        return self.ending is not None

    @property
    def _our_side(self) -> Side:
        return "caller" if self.role is Party.CALLER else "bot"

    @property
    def _their_side(self) -> Side:
        return "bot" if self.role is Party.CALLER else "caller"

    def _chunk_bytes(self) -> int:
        assert self._chunks is not None
        return self._chunks.size // 2 * 2 if self.format.encoding == "slin" else self._chunks.size

    def _silent_frame(self) -> bytes:
        if self._chunks is None:
            return silence_frame(self.format)
        payload = silence_frame(self.format)[3:]
        size = self._chunk_bytes()
        return encode(self.format.type, (payload * (size // len(payload) + 1))[:size])

    def _told(self, at: float, frame: Frame) -> None:
        if frame.type == FrameType.UUID and self.role is Party.BOT and len(frame.payload) == 16 and self.uuid is None:
            self.uuid, self.uuid_at = UUID(bytes=frame.payload), at
        self.listener.told(at, frame)
        if frame.type == FrameType.HANGUP:
            self._end(self._their_side, "sent the hangup frame 0x00")

    def _broken(self, at: float, violation: Violation | None) -> None:
        """Tell of a broken rule, and end a strict call where this Asterisk would have."""
        if violation is not None and self.ending is None:
            self.listener.broke(at, violation)
            if violation.fatal and self.strict:
                self._end("asterisk", violation.text)

    def _check_silence(self, at: float) -> None:
        limit = self.behaviour.inactivity
        if self.role is Party.CALLER and limit is not None and at - self._last_traffic > limit:
            silent = at - self._last_traffic
            self._last_traffic = at
            self._broken(at, self._rules.mutual_silence(silent))

    def _watch_stall(self, at: float) -> None:
        self._stalled_since = at
        if self._reader.header is None:
            waits = self.behaviour.split_header == "waits"
            self._stuck = self.strict and waits
            self._half_untold = waits
            limit = HEADER_STALL if waits else LEAST_STALL
        elif self._reader.header[0] == FrameType.HANGUP:
            # Asterisk reads no payload of a hangup: raw PCM, which begins with zeros, ends the call at once.
            self._end(self._their_side, "sent the hangup frame 0x00")
        else:
            if self.strict:  # else the rule is told of once, with the whole frame
                violation = self._rules.check_header(*self._reader.header)
                self._broken(at, violation if violation and violation.fatal else None)
            limit = max(self.behaviour.payload_stall, LEAST_STALL)
        if self.ending is None:
            self._time_stall(limit, at)

    def _time_stall(self, limit: float, since: float) -> None:
        loop = asyncio.get_running_loop()
        # Twice round the loop after the time is up: what arrived while *we* were late is read first.
        self._stall_timer = loop.call_later(limit, lambda: loop.call_soon(loop.call_soon, self._stalled, since))

    def _stalled(self, since: float) -> None:
        if since != self._stalled_since or not self._reader.inside:
            return
        at = now()
        judge = self._rules.half_header if self._reader.header is None else self._rules.late_payload
        violation = judge((at - since) * 1000)
        if violation is None:  # uvloop's timers may be early by a millisecond
            self._time_stall(0.001, since)
        self._half_untold = False
        self._broken(at, violation)

    def _stall_over(self, at: float) -> None:
        if self._stall_timer is not None:
            self._stall_timer.cancel()
            self._stall_timer = None
        self._stuck = False
        if self._half_untold:
            self._half_untold = False
            self._broken(at, self._rules.half_header((at - self._stalled_since) * 1000))

    def _end(self, by: Side, reason: str, *, abort: bool = False) -> None:
        if self.ending is not None:
            return
        self.ending = Ending(by, reason, now())
        self._forget_usual()
        if self._clock is not None:
            self._clock.remove(self)
        if self._stall_timer is not None:
            self._stall_timer.cancel()
        self.stop_playing()
        transport = self._transport
        if transport is None:
            self.over.set_result(self.ending)
        elif abort or transport.get_write_buffer_size():
            # A peer that does not read would keep a closing transport open for ever.
            transport.abort()
        elif self.role is Party.BOT and by == "bot":
            self._close_gently(transport)
        else:
            transport.close()
        self.listener.ended(self.ending)

    def _close_gently(self, transport: asyncio.Transport) -> None:
        # To close a socket with unread input sends RST, which Asterisk takes for an error: first the end of what we
        # say, then read until the caller has closed too, which it does within a millisecond.
        try:
            transport.write_eof()
        except OSError:
            transport.abort()
        else:
            asyncio.get_running_loop().call_later(LINGER, transport.abort)
