"""The rules: every one broken, by either side, under each row that treats it differently."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from AudioSocketLibrary.protocol import (
    ROWS,
    AudioFormat,
    Event,
    Frame,
    FrameType,
    Incoming,
    Party,
    RuleBook,
    Violation,
    behaviour_of,
    encode,
    encode_dtmf,
    encode_uuid,
)
from AudioSocketLibrary.protocol import ViolationKind as Kind

pytestmark = pytest.mark.unit

BOT, CALLER = Party.BOT, Party.CALLER
AUDIO = Frame(0x10, bytes(320))
NAME = Frame(0x01, bytes(16))


def book(sender: Party, version: str = "22.10", **options: AudioFormat) -> RuleBook:
    return RuleBook(sender, behaviour_of(version), **options)


STRICT = "which no Asterisk since 22.4 (20.14, 21.9) accepts"
IGNORED = "which Asterisk ignored until 22.4 (20.14, 21.9) and drops the call for since"
TOO_NEW = "since 22.7 (20.17, 21.12, 23.1)"
LATE = "pass before the rest of a frame's payload, and Asterisk"
SPLIT = "the bot sent the header of a frame in two pieces, which Asterisk"
HALF = "the bot left the header of a frame unfinished"


@pytest.mark.parametrize(
    ("version", "frame", "kind", "fatal", "text"),
    [
        (
            "22.10",
            Frame(0x20, b""),
            Kind.UNKNOWN_TYPE,
            True,
            f"the bot sent a frame of unknown type 0x20, {STRICT}",
        ),
        (
            "22.10",
            Frame(0x19, b""),
            Kind.UNKNOWN_TYPE,
            True,
            f"the bot sent a frame of unknown type 0x19, {STRICT}",
        ),
        (
            "22.10",
            Frame(0x02, b""),
            Kind.TYPE_NOT_ALLOWED,
            True,
            f"the bot sent a frame of type 0x02, {STRICT}",
        ),
        (
            "22.4",
            Frame(0x03, b"1"),
            Kind.TYPE_NOT_ALLOWED,
            True,
            f"the bot sent a frame of type 0x03, {STRICT}",
        ),
        ("23.0", NAME, Kind.TYPE_NOT_ALLOWED, True, f"the bot sent a frame of type 0x01, {STRICT}"),
        (
            "20.14",
            Frame(0xFF, b""),
            Kind.TYPE_NOT_ALLOWED,
            True,
            f"the bot sent a frame of type 0xff, {STRICT}",
        ),
        (
            "22.10",
            Frame(0x10, b""),
            Kind.EMPTY_AUDIO,
            True,
            f"the bot sent an audio frame of 0 bytes, {STRICT}",
        ),
        (
            "22.3",
            Frame(0x20, b"x"),
            Kind.UNKNOWN_TYPE,
            False,
            f"the bot sent a frame of unknown type 0x20, {IGNORED}",
        ),
        (
            "18.5",
            Frame(0x02, b""),
            Kind.TYPE_NOT_ALLOWED,
            False,
            f"the bot sent a frame of type 0x02, {IGNORED}",
        ),
        (
            "20.9",
            Frame(0x10, b""),
            Kind.EMPTY_AUDIO,
            False,
            f"the bot sent an audio frame of 0 bytes, {IGNORED}",
        ),
        (
            "22.6",
            Frame(0x12, bytes(640)),
            Kind.TYPE_NOT_ALLOWED,
            True,
            f"the bot sent a frame of type 0x12, which Asterisk accepts only {TOO_NEW}",
        ),
        (
            "22.3",
            Frame(0x18, bytes(7680)),
            Kind.TYPE_NOT_ALLOWED,
            False,
            f"the bot sent a frame of type 0x18, which Asterisk accepts only {TOO_NEW}",
        ),
        (
            "22.10",
            Frame(0x10, bytes(321)),
            Kind.ODD_LENGTH,
            False,
            "the bot sent 321 bytes of 16-bit audio, an odd number: the last is half a sample, and lost",
        ),
        (
            "22.10",
            Frame(0x10, bytes(16194)),
            Kind.OVERSIZE_AUDIO,
            False,
            "the bot sent 16194 bytes of audio in one frame; beyond 16192 the phone hears none of it",
        ),
        (
            "22.10",
            Frame(0x00, bytes(7)),
            Kind.HANGUP_WITH_PAYLOAD,
            False,
            "the bot sent a hangup (0x00) with 7 bytes of payload, perhaps audio without frames",
        ),
    ],
)
def test_frames_of_the_bot(version: str, frame: Frame, kind: Kind, fatal: bool, text: str) -> None:
    rules = book(BOT, version)
    assert rules.check(AUDIO) is None
    assert rules.check(frame) == Violation(kind, fatal, text)
    by_header = rules.check_header(frame.type, len(frame.payload))
    content = {Kind.ODD_LENGTH, Kind.OVERSIZE_AUDIO, Kind.HANGUP_WITH_PAYLOAD}
    assert by_header == (None if kind in content else Violation(kind, fatal, text))


@pytest.mark.parametrize(
    ("version", "frame", "kind", "fatal", "text"),
    [
        (
            "22.10",
            Frame(0x20, b""),
            Kind.UNKNOWN_TYPE,
            True,
            "the caller sent a frame of unknown type 0x20, which Asterisk never sends",
        ),
        (
            "22.10",
            Frame(0x02, b""),
            Kind.TYPE_NOT_ALLOWED,
            True,
            "the caller sent a frame of type 0x02, which Asterisk never sends",
        ),
        (
            "22.10",
            Frame(0x10, b""),
            Kind.EMPTY_AUDIO,
            False,
            "the caller sent an audio frame of 0 bytes, which Asterisk never sends",
        ),
        (
            "22.6",
            Frame(0x11, b"ab"),
            Kind.TYPE_NOT_ALLOWED,
            False,
            f"the caller sent a frame of type 0x11, which Asterisk sends only {TOO_NEW}",
        ),
        (
            "22.3",
            Frame(0x03, b"1"),
            Kind.TYPE_NOT_ALLOWED,
            False,
            "the caller sent a frame of type 0x03, which Asterisk sends only since 22.4 (20.14, 21.9)",
        ),
        (
            "22.10",
            NAME,
            Kind.SECOND_UUID,
            True,
            "the caller sent a second UUID, and a connection carries one call",
        ),
        (
            "22.10",
            Frame(0x03, b""),
            Kind.BAD_DTMF,
            True,
            "the caller sent the DTMF b'', not one of 0 1 2 3 4 5 6 7 8 9 * # A B C D",
        ),
        (
            "22.10",
            Frame(0x03, b"12"),
            Kind.BAD_DTMF,
            True,
            "the caller sent the DTMF b'12', not one of 0 1 2 3 4 5 6 7 8 9 * # A B C D",
        ),
        (
            "22.10",
            Frame(0x10, b"abc"),
            Kind.ODD_LENGTH,
            False,
            "the caller sent 3 bytes of 16-bit audio, an odd number: the last is half a sample, and lost",
        ),
        (
            "22.10",
            Frame(0x00, b"x"),
            Kind.HANGUP_WITH_PAYLOAD,
            False,
            "the caller sent a hangup (0x00) with 1 byte of payload, perhaps audio without frames",
        ),
    ],
)
def test_frames_of_the_caller(version: str, frame: Frame, kind: Kind, fatal: bool, text: str) -> None:
    rules = book(CALLER, version)
    assert rules.check(NAME) is None
    assert rules.check(frame) == Violation(kind, fatal, text)


def test_a_uuid_of_wrong_length_is_said_once() -> None:
    rules = book(CALLER)
    text = "the caller sent a UUID of 15 bytes, not 16"
    assert rules.check(Frame(1, bytes(15))) == Violation(Kind.UUID_LENGTH, True, text)
    assert rules.check(AUDIO) is None


def test_no_uuid_first_is_said_once_and_a_late_one_is_no_second() -> None:
    rules = book(CALLER)
    text = "the caller began with a frame of type 0x10, not with its UUID (0x01)"
    assert rules.check(AUDIO) == Violation(Kind.NO_UUID_FIRST, True, text)
    assert rules.check(AUDIO) is None
    assert rules.check(NAME) is None
    second = rules.check(NAME)
    assert second is not None
    assert second.kind is Kind.SECOND_UUID


def test_a_hangup_may_come_without_a_uuid_only_late() -> None:
    rules = book(CALLER)
    first = rules.check(Frame(0, b""))
    assert first is not None
    assert first.kind is Kind.NO_UUID_FIRST
    unnamed = book(CALLER)
    unnamed.check(AUDIO)
    assert unnamed.check(Frame(0, b"")) is None


@pytest.mark.parametrize(("sender", "fatal"), [(CALLER, True), (BOT, False)])
def test_nothing_follows_a_hangup(sender: Party, fatal: bool) -> None:
    rules = book(sender)
    if sender is CALLER:
        rules.check(NAME)
    assert rules.check(Frame(0, b"")) is None
    for frame in (AUDIO, Frame(0, b""), NAME):
        sent = f"sent a frame of type 0x{frame.type:02x} after its hangup (0x00)"
        text = f"the {sender} {sent}, where nobody reads it"
        assert rules.check(frame) == Violation(Kind.AFTER_HANGUP, fatal, text)


@pytest.mark.parametrize("sender", Party)
@pytest.mark.parametrize("audio", AudioFormat)
def test_an_ordinary_call_breaks_no_rule(sender: Party, audio: AudioFormat) -> None:
    rules = book(sender, "22.10", audio=audio)
    media = Frame(audio.type, bytes(audio.size))
    call = [media, media, Frame(0, b"")]
    if sender is CALLER:
        call = [NAME, media, *(Frame(3, key.encode()) for key in "0*#D"), media, Frame(0, b"")]
    assert [rules.check(frame) for frame in call] == [None] * len(call)


def test_every_type_that_a_bot_may_answer_with() -> None:
    rules = book(BOT)
    assert [t for t in range(1, 256) if rules.check(Frame(t, b"ab")) is None] == list(range(0x10, 0x19))


def test_lengths_of_g711_are_free() -> None:
    rules = book(BOT, audio=AudioFormat.ulaw)
    assert rules.check(Frame(0x10, bytes(161))) is None
    assert rules.check(Frame(0x10, bytes(65535))) is None


def test_a_caller_may_send_long_frames() -> None:
    rules = book(CALLER)
    rules.check(NAME)
    assert rules.check(Frame(0x10, bytes(65534))) is None


@pytest.mark.parametrize(
    ("version", "ms", "text"),
    [
        ("22.10", 0.0, ""),
        ("22.10", 5.0, ""),
        (
            "22.10",
            6.04,
            f"the bot let 6.04 ms {LATE} waits 5 ms for it",
        ),
        (
            "22.4",
            0.5,
            f"the bot let 0.5 ms {LATE} does not wait for it at all",
        ),
    ],
)
def test_late_payload(version: str, ms: float, text: str) -> None:
    expected = Violation(Kind.LATE_PAYLOAD, True, text) if text else None
    assert book(BOT, version).late_payload(ms) == expected
    assert book(CALLER, version).late_payload(ms) is None


@pytest.mark.parametrize(
    ("version", "ms", "kind", "fatal", "text"),
    [
        (
            "22.6",
            0.0,
            Kind.SPLIT_HEADER,
            True,
            f"{SPLIT} takes for an error",
        ),
        (
            "22.7",
            0.0,
            Kind.SPLIT_HEADER,
            True,
            f"{SPLIT} misreads (its second piece over its first)",
        ),
        (
            "22.9",
            1500.0,
            Kind.HALF_HEADER,
            False,
            f"{HALF} for 1500 ms, and until it is whole Asterisk sends the bot no audio and hears no hangup",
        ),
    ],
)
def test_half_header(version: str, ms: float, kind: Kind, fatal: bool, text: str) -> None:
    assert book(BOT, version).half_header(ms) == Violation(kind, fatal, text)
    assert book(CALLER, version).half_header(ms) is None


def test_a_header_split_for_a_moment_is_read_correctly_since_22_9() -> None:
    assert book(BOT, "22.9").half_header(19.9) is None


@pytest.mark.parametrize("sender", Party)
def test_mutual_silence(sender: Party) -> None:
    assert book(sender).mutual_silence(1.999) is None
    text = "neither side sent a frame for 2.003 s (limit 2 s)"
    assert book(sender).mutual_silence(2.003) == Violation(Kind.MUTUAL_SILENCE, True, text)
    assert book(sender, "22.3").mutual_silence(100) is None


def test_late_accept() -> None:
    assert book(BOT).late_accept(1.9) is None
    text = "the bot did not accept the connection in 2 s (limit 2 s)"
    assert book(BOT).late_accept(2.0) == Violation(Kind.LATE_ACCEPT, True, text)


def test_unfinished_write() -> None:
    text = "the bot does not read: a frame to it could not be written whole, and Asterisk does not try twice"
    assert book(BOT).unfinished_write() == Violation(Kind.UNFINISHED_WRITE, True, text)


def test_reset() -> None:
    text = "the bot reset the connection instead of closing it, which Asterisk takes for an error, not a hangup"
    assert book(BOT).reset() == Violation(Kind.RESET, True, text)
    assert book(CALLER).reset() is None


def test_cut_mid_frame() -> None:
    text = "the bot closed in the middle of a frame, with 120 bytes of its payload missing"
    assert book(BOT).cut_mid_frame(120) == Violation(Kind.CUT_MID_FRAME, True, text)
    text = "the bot closed in the middle of a frame, with 2 bytes of its header missing"
    assert book(BOT, "22.4").cut_mid_frame(2, "header") == Violation(Kind.CUT_MID_FRAME, True, text)
    assert book(BOT, "22.9").cut_mid_frame(2, "header") == Violation(Kind.CUT_MID_FRAME, False, text)
    assert book(CALLER).cut_mid_frame(2, "header").fatal


def test_texts_are_clauses_without_a_full_stop() -> None:
    for row in ROWS:
        for sender in Party:
            rules = RuleBook(sender, row)
            found = [rules.check(Frame(t, payload)) for t in range(256) for payload in (b"", b"abc")]
            for violation in filter(None, found):
                assert violation.text.startswith(f"the {sender} ")
                assert not violation.text.endswith(".")
                assert "\n" not in violation.text


def test_incoming_of_a_server() -> None:
    incoming = Incoming(CALLER)
    uuid = UUID(int=5)
    data = encode_uuid(uuid) + encode(FrameType.AUDIO, bytes(320)) * 3 + encode_dtmf("#") + encode(2, b"")
    events: list[Event] = [event for i in range(len(data)) for event in incoming.feed(data[i : i + 1])]
    assert events[:5] == [Frame(1, uuid.bytes), AUDIO, AUDIO, AUDIO, Frame(3, b"#")]
    violation, frame = events[5:]
    assert isinstance(violation, Violation)
    assert frame == Frame(2, b"")
    assert incoming.eof() == []


def test_incoming_of_the_old_reports_what_it_ignores() -> None:
    violation, frame = Incoming(BOT, behaviour_of("20.9")).feed(encode(0x12, bytes(640)))
    assert isinstance(violation, Violation)
    assert not violation.fatal
    assert frame == Frame(0x12, bytes(640))


def test_a_connection_without_a_byte_is_legal_and_a_cut_one_is_not() -> None:
    assert Incoming(CALLER).eof() == []
    cut = Incoming(CALLER)
    assert cut.feed(encode(1, bytes(16))[:10]) == []
    [violation] = cut.eof()
    assert isinstance(violation, Violation)
    assert violation.kind is Kind.CUT_MID_FRAME
    assert "with 9 bytes of its payload missing" in violation.text


@given(st.lists(st.binary(max_size=300), max_size=10), st.sampled_from(Party), st.sampled_from(ROWS))
@settings(deadline=None, max_examples=100)
def test_rubbish_gives_events_and_no_errors(pieces: list[bytes], sender: Party, row: object) -> None:
    incoming = Incoming(sender, row)  # type: ignore[arg-type]
    events = [event for piece in pieces for event in incoming.feed(piece)] + incoming.eof()
    frames = [event for event in events if isinstance(event, Frame)]
    assert len(events) <= 2 * len(frames) + 1
