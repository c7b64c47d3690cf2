"""Feeds mutated conversations to the reader and the rule book: `python tests/fuzz/fuzz_reader.py [seconds]`.

With atheris installed it is guided by coverage; without, it mutates at random and prints what broke.
"""

from __future__ import annotations

import importlib
import random
import sys
import time

from AudioSocketLibrary.protocol import ROWS, Frame, Incoming, Party, Violation, encode

SEEDS = (
    encode(0x01, bytes(range(16))) + encode(0x10, bytes(320)) * 3 + encode(0x03, b"1") + b"\0\0\0",
    encode(0x12, b"\x12\x00" * 320) + encode(0xFF, b"\x01"),
    b"\x10\xff\xff" + bytes(300),
    b"\x10\x00\x00" * 5 + b"\x02\x00\x00\x10",
    b"GET / HTTP/1.1\r\nHost: bot\r\n\r\n",
    b"",
)


def fuzz(data: bytes) -> None:
    """Holds the promises of `protocol/` against any bytes; the first two choose the sides and the cuts."""
    head, stream = data[:2].ljust(2, b"\0"), data[2:]
    incoming = Incoming(list(Party)[head[0] & 1], ROWS[(head[0] >> 1) % len(ROWS)])
    cuts = random.Random(head[1])
    position, seen = 0, bytearray()
    while position < len(stream):
        size = cuts.choice((1, 2, 3, 7, 323, 1000))
        for event in incoming.feed(stream[position : position + size]):
            if isinstance(event, Frame):
                seen += encode(*event)
            else:
                assert isinstance(event, Violation)
                assert event.text
        position += size
        held = len(incoming.reader._held)
        assert held < 65538
        assert (incoming.reader.inside == "") == (incoming.reader.missing == 0) == (held == 0)
        assert len(seen) + held == min(position, len(stream))
    seen += incoming.reader._held
    assert len(incoming.eof()) <= 1
    assert seen == stream


def mutated(rng: random.Random) -> bytes:
    """A seed, or two, with bytes changed, taken out, doubled."""
    data = bytearray(rng.randbytes(2) + rng.choice(SEEDS) + rng.choice(SEEDS))
    for _ in range(rng.randrange(8)):
        at = rng.randrange(len(data))
        match rng.randrange(4):
            case 0:
                data[at] = rng.choice((0, 1, 2, 3, 0x10, 0x18, 0x19, 0xFF, rng.randrange(256)))
            case 1:
                del data[at : at + rng.randrange(1, 20)]
                data += b"\0\0"
            case 2:
                data[at:at] = data[at : at + rng.randrange(1, 400)]
            case _:
                data[at:at] = rng.randbytes(rng.randrange(1, 20))
    return bytes(data)


def run(seconds: float, seed: int = 0) -> int:
    """Fuzzes for so long; returns how many inputs it tried. Prints one that breaks a promise, and raises."""
    rng = random.Random(seed)
    until = time.monotonic() + seconds
    tried = 0
    while time.monotonic() < until:
        data = mutated(rng)
        try:
            fuzz(data)
        except BaseException:
            print(f"broken by: {data!r}", file=sys.stderr)
            raise
        tried += 1
    return tried


def main() -> None:
    """The command line."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    try:
        atheris = importlib.import_module("atheris")
    except ImportError:
        print(f"{run(seconds, seed=time.time_ns())} inputs, nothing broken")
        return
    atheris.instrument_all()
    atheris.Setup([sys.argv[0], f"-max_total_time={seconds:.0f}"], fuzz)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
