"""All probes, in the order in which they are asked and told."""

from __future__ import annotations

from ..media.files import nearest
from ..protocol import ViolationKind
from ..records import UsageError
from . import bearing, talking, wire
from .probe import Probe

PROBES: tuple[Probe, ...] = (
    Probe(
        name="greets",
        title="answers a call and greets",
        why="Asterisk connects, sends the UUID and waits for nothing: until the bot speaks, the caller hears silence.",
        advice="Send the greeting as soon as the UUID has arrived. A bot that waits to be spoken to should at least "
        "play a tone.",
        ask=talking.greets,
        ends_call=False,
    ),
    Probe(
        name="replies",
        title="replies when spoken to",
        why="The caller's audio comes as 16-bit little-endian samples at 8 kHz (0x10), 320 bytes every 20 ms, silence "
        "included. A bot that takes it for anything else understands nothing.",
        advice="Record what the bot hears and listen to it: noise means a wrong format, half the speed a wrong rate.",
        ask=talking.replies,
        ends_call=False,
    ),
    Probe(
        name="pace",
        title="keeps 20 ms pace",
        why="Asterisk passes each frame on at once and buffers nothing: a pause of more than 60 ms between two frames "
        "is a hole in a word on the phone.",
        advice="Send by absolute deadlines (start + n * 20 ms) from a task that does nothing else; sleeping 20 ms "
        "after each frame falls behind under load.",
        ask=talking.pace,
        ends_call=False,
    ),
    Probe(
        name="ahead",
        title="sends no faster than real time",
        why="Asterisk has no buffer for it: 5 s of speech sent at once went out to the phone in 0.5 ms (measured), "
        "and its jitter buffer of some 200 ms keeps only a part.",
        advice="Send one frame of 20 ms every 20 ms, however fast the speech was synthesised.",
        ask=talking.ahead,
        ends_call=False,
    ),
    Probe(
        name="leading_silence",
        title="begins its replies without silence",
        why="Synthesised speech often begins with silence; every caller waits for it before every reply.",
        advice="Cut the silence before the first sound of a recording or of the synthesiser's output.",
        ask=talking.leading_silence,
        ends_call=False,
    ),
    Probe(
        name="barge_in",
        title="stops when spoken over",
        why="Audio flows both ways all the time: only the bot can stop itself, and a caller who is talked down hangs "
        "up.",
        advice="Listen while speaking, and throw away what is still to be sent when the caller speaks.",
        ask=talking.barge_in,
        ends_call=False,
    ),
    Probe(
        name="notices_hangup",
        title="notices that the caller hung up",
        why="No Asterisk ever sends 0x00: a hangup is a plain close. A bot that waits for 0x00 keeps the socket, and "
        "whatever its speech services cost, for ever.",
        advice="Take a read of 0 bytes for the end of the call, and close the socket.",
        ask=talking.notices_hangup,
        ends_call=False,
        beside=True,
    ),
    Probe(
        name="bears_silence",
        title="bears a caller who sends nothing",
        why="While a phone suppresses silence, Asterisk sends no frames at all: no read for seconds is no hangup.",
        advice="Have no read time-out of a few seconds; ask the caller whether he is still there instead.",
        ask=talking.bears_silence,
        beside=True,
    ),
    Probe(
        name="keeps_sending",
        title="keeps sending while nobody speaks",
        why="Since 20.14, 21.9 and 22.4 the application AudioSocket() ends a call in which neither side has sent a "
        "frame for 2 s. Most phones send silence all the time; where one does not, the bot must.",
        advice="Send frames of silence while there is nothing to say.",
        ask=talking.keeps_sending,
        concerns=lambda _: False,
        beside=True,
    ),
    Probe(
        name="same_uuid",
        title="takes a second call with the same UUID",
        why="The UUID is whatever the dialplan says, often a constant; a call transferred back has its old one.",
        advice="Forget a UUID when its call ends; do not refuse one that is known.",
        ask=bearing.same_uuid,
        beside=True,
    ),
    Probe(
        name="slin16",
        title="understands 16 kHz (0x12)",
        why="Since 20.17, 21.12 and 22.7 Dial(AudioSocket/.../c(slin16)) sends 640 bytes in type 0x12; before, the "
        "same in 0x10. Only calls that are set up so.",
        advice="Take the rate from the frame's type: 0x10 is 8 kHz, 0x11 12 kHz, 0x12 16 kHz and so on to 0x18.",
        ask=talking.hears_wide,
        concerns=lambda _: False,
        beside=True,
    ),
    Probe(
        name="hangs_up",
        title="hangs up so that Asterisk understands it",
        why="0x00 ends a call in every version. A plain close between two frames does since 20.14, 21.9 and 22.4; "
        "before, the caller hears silence until he hangs up himself. RST is an error: the dialplan does not go on.",
        advice="Send 00 00 00, then read until the caller has closed too, then close.",
        ask=talking.hangs_up,
        beside=True,
    ),
    Probe(
        name="keys",
        title="keeps the line when it gets a key press",
        why="Since 20.14, 21.9 and 22.4 Asterisk sends each key as a frame of type 0x03 between the audio frames.",
        advice="Read 0x03 (one byte of 0-9, *, #, A-D) as a key, or skip it by its length.",
        ask=bearing.keys,
        concerns=lambda row: row.sends_dtmf,
    ),
    Probe(
        name="unknown_type",
        title="skips a frame of a type it does not know",
        why="No version sends such a frame today. Keys (0x03) and wide audio (0x11-0x18) were unknown until they came "
        "with an update, and ended the calls of bots that did not skip them.",
        advice="Skip what is not known by the length in its header.",
        ask=bearing.unknown_type,
        concerns=lambda _: False,
    ),
    Probe(
        name="coalesced",
        title="reads several frames that came at once",
        why="TCP has no frames: a bot that was busy for 1.5 s got the UUID and 76 audio frames in one read (measured).",
        advice="Keep what was read in a buffer, and take whole frames out of it by their length.",
        ask=bearing.coalesced,
    ),
    Probe(
        name="split",
        title="reads a frame that came in pieces",
        why="Asterisk writes a frame at once, but a network may cut it anywhere, even inside the header.",
        advice="Read exactly 3 bytes of header, then exactly as many as its length says, in however many reads.",
        ask=bearing.split,
    ),
    Probe(
        name="no_uuid",
        title="survives a connection without a UUID",
        why="A channel that is hung up before it is answered connects, sends 0 bytes and closes (measured: 11 ms).",
        advice="Take a close before the UUID for the end of that connection alone.",
        ask=bearing.no_uuid,
    ),
    Probe(
        name="close_at_once",
        title="survives a caller who hangs up at once",
        why="The first write of the greeting then fails; an error that nobody catches ends the bot, or its thread.",
        advice="Treat a broken pipe or a reset as the end of that call alone.",
        ask=bearing.close_at_once,
    ),
    Probe(
        name="reset",
        title="survives a connection that breaks (RST)",
        why="Asterisk closes with audio of the bot still unread, which resets the connection; so do crashes and "
        "firewalls.",
        advice="Treat a reset as the end of that call alone.",
        ask=bearing.survives_reset,
    ),
    Probe(
        name="accepts",
        title="accepts 20 connections within 2 s",
        why="Asterisk gives up after 2 s. A backlog of 1 lost 4 of 6 calls that came together (measured).",
        advice="Listen with a backlog of at least the calls of two seconds, and accept in a task of its own.",
        ask=wire.accepts,
    ),
    Probe(
        name="crowd",
        title="answers 20 calls at once",
        why="A bot that serves one call after the other leaves the second caller in silence.",
        advice="Serve each call in a task or thread of its own; do not block the others while a model thinks.",
        ask=wire.crowd,
    ),
    Probe(
        name="types",
        title="sends only frames that Asterisk accepts",
        why="Since 20.14, 21.9 and 22.4 any frame of the bot's but audio and 0x00 ends the call; before, it was "
        "ignored. 0x11-0x18 are understood since 20.17, 21.12 and 22.7.",
        advice="Send audio in 0x10, and 0x00 to hang up; nothing else. 0x02 'silence' and 0xff are inventions of "
        "other libraries.",
        ask=wire.keeps(ViolationKind.UNKNOWN_TYPE, ViolationKind.TYPE_NOT_ALLOWED),
    ),
    Probe(
        name="empty_audio",
        title="sends no audio of 0 bytes",
        why="Since 20.14, 21.9 and 22.4 it ends the call.",
        advice="Send nothing, or a frame of silence, where there is no audio.",
        ask=wire.keeps(ViolationKind.EMPTY_AUDIO),
    ),
    Probe(
        name="sizes",
        title="sends frames of a size that is heard",
        why="Of more than 16,192 bytes in one frame nothing reaches a phone on G.711; an odd last byte is half a "
        "sample, and lost.",
        advice="Send 320 bytes every 20 ms.",
        ask=wire.keeps(ViolationKind.ODD_LENGTH, ViolationKind.OVERSIZE_AUDIO),
    ),
    Probe(
        name="whole_frames",
        title="sends header and payload together",
        why="Asterisk reads the header and waits 5 ms for the payload; before 20.15, 21.10 and 22.5 not at all.",
        advice="Join header and payload before the write: one write a frame.",
        ask=wire.keeps(ViolationKind.LATE_PAYLOAD),
    ),
    Probe(
        name="whole_headers",
        title="sends no header in two pieces",
        why="Until the header is whole, the newest versions send the bot no audio and hear no hangup; older ones "
        "misread it, or end the call.",
        advice="Join header and payload before the write: one write a frame.",
        ask=wire.keeps(ViolationKind.SPLIT_HEADER, ViolationKind.HALF_HEADER),
    ),
)


def probe_named(name: str) -> Probe:
    """The probe of that name, or of that title; a UsageError names the nearest."""
    wanted = " ".join(name.lower().replace("_", " ").split())
    for probe in PROBES:
        if wanted in (probe.name.replace("_", " "), probe.title.lower()):
            return probe
    names = [probe.name for probe in PROBES]
    near = nearest(name, names)
    hint = f"nearest: {near[0]}. " if near else ""
    raise UsageError(f"There is no probe '{name}'; {hint}Probes: {', '.join(names)}")
