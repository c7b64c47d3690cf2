"""The reader: any cut of the bytes gives the same frames, and no bytes at all can upset it."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from AudioSocketLibrary.protocol import Frame, FrameReader, Remainder, encode

pytestmark = pytest.mark.unit

FRAMES = st.lists(
    st.builds(Frame, st.integers(0, 255), st.binary(max_size=40) | st.sampled_from([bytes(320), bytes(300)])),
    max_size=8,
)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:stop] for start, stop in pairwise(edges)]


@given(FRAMES)
@settings(deadline=None, max_examples=100)
def test_round_trip(frames: list[Frame]) -> None:
    reader = FrameReader()
    assert reader.feed(b"".join(encode(*frame) for frame in frames)) == frames
    assert (reader.inside, reader.missing, reader.header, reader.eof()) == ("", 0, None, None)


@given(FRAMES, st.lists(st.integers(0, 5000), max_size=30))
@settings(deadline=None, max_examples=300)
def test_any_cut_gives_the_same_frames(frames: list[Frame], places: list[int]) -> None:
    reader = FrameReader()
    data = b"".join(encode(*frame) for frame in frames)
    assert [frame for piece in cut(data, places) for frame in reader.feed(piece)] == frames
    assert reader.eof() is None


@given(FRAMES)
@settings(deadline=None, max_examples=50)
def test_byte_by_byte(frames: list[Frame]) -> None:
    reader = FrameReader()
    data = b"".join(encode(*frame) for frame in frames)
    assert [frame for byte in data for frame in reader.feed(bytes([byte]))] == frames


@given(st.lists(st.binary(max_size=3000), max_size=20))
@settings(deadline=None, max_examples=200)
def test_rubbish_never_upsets_it_and_nothing_is_lost(pieces: list[bytes]) -> None:
    reader = FrameReader()
    seen = b""
    for piece in pieces:
        seen += b"".join(encode(*frame) for frame in reader.feed(piece))
        assert len(reader._held) < 65538
        assert bool(reader.missing) == bool(reader.inside) == bool(reader._held)
        assert (reader.header is not None) == (reader.inside == "payload")
    remainder = reader.eof()
    assert seen + (remainder.held if remainder else b"") == b"".join(pieces)


def test_what_is_unfinished_and_by_how_much() -> None:
    reader = FrameReader()
    states = []
    for byte in b"\x10\x00\x03abc":
        states.append((reader.inside, reader.missing, reader.header))
        frames = reader.feed(bytes([byte]))
    assert states == [
        ("", 0, None),
        ("header", 2, None),
        ("header", 1, None),
        ("payload", 3, (0x10, 3)),
        ("payload", 2, (0x10, 3)),
        ("payload", 1, (0x10, 3)),
    ]
    assert frames == [Frame(0x10, b"abc")]


def test_the_header_of_a_whole_coalesced_read_is_known_too() -> None:
    reader = FrameReader()
    assert reader.feed(encode(3, b"1") + b"\x02\xff\xff" + b"x" * 5) == [Frame(3, b"1")]
    assert reader.header == (0x02, 65535)
    assert reader.missing == 65530


@pytest.mark.parametrize(
    ("data", "remainder"),
    [
        (b"", None),
        (b"\x10", Remainder("header", 0x10, b"\x10", 2)),
        (b"\x10\x01", Remainder("header", 0x10, b"\x10\x01", 1)),
        (b"\x10\x01\x40", Remainder("payload", 0x10, b"\x10\x01\x40", 320)),
        (b"\x10\x01\x40xy", Remainder("payload", 0x10, b"\x10\x01\x40xy", 318)),
    ],
)
def test_what_a_close_cuts_off(data: bytes, remainder: Remainder | None) -> None:
    reader = FrameReader()
    assert reader.feed(data) == []
    assert reader.eof() == remainder
    assert reader.eof() is None
    assert reader.feed(encode(0x10, b"ab")) == [Frame(0x10, b"ab")], "an emptied reader begins anew"


def test_the_longest_frame_in_the_smallest_pieces_is_not_quadratic() -> None:
    data = encode(0x10, bytes(65535)) * 3
    reader = FrameReader()
    started = time.process_time()
    assert sum(len(reader.feed(data[i : i + 1])) for i in range(len(data))) == 3
    assert time.process_time() - started < 2.0


def test_a_payload_is_the_readers_own() -> None:
    reader = FrameReader()
    reader.feed(b"\x10\x00\x02a")
    [frame] = reader.feed(b"b")
    reader.feed(b"\x10\x00\x02z")
    assert frame == Frame(0x10, b"ab")
    assert type(frame) is Frame
    assert type(frame.payload) is bytes
