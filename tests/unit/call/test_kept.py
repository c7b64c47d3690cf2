"""Frames that are kept: what was put in comes out, wherever it lay meanwhile."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from AudioSocketLibrary.call.kept import IN_MEMORY, HeardFrames, SentFrames, Spool
from AudioSocketLibrary.records import UsageError

pytestmark = pytest.mark.unit

HEARD = st.tuples(
    st.floats(0, 1e6),
    st.none() | st.floats(0, 1e6),
    st.sampled_from([8000, 16000, 48000]),
    st.sampled_from(["slin", "ulaw"]),
    st.sampled_from([b"", bytes(320), b"\x01" * 160]) | st.binary(max_size=40),
)


@given(st.lists(HEARD))
def test_what_was_heard_is_as_it_was(rows):
    kept = HeardFrames(Spool())
    for row in rows:
        kept.add(*row)
    assert list(kept) == rows
    assert kept[1:3] == rows[1:3]
    assert list(kept.times) == [row[0] for row in rows]
    assert kept.rates == {row[2] for row in rows}


def test_both_directions_share_a_file_in_the_folder_that_was_given(tmp_path, monkeypatch):
    # Nothing but that folder will do.
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "not there"))
    spool, random = Spool(tmp_path), Random(7)
    sent, heard = SentFrames(spool), HeardFrames(spool)
    ours = [random.randbytes(323) for _ in range(2 * IN_MEMORY // 323)]
    theirs = [random.randbytes(320) for _ in ours]
    for index, (frame, payload) in enumerate(zip(ours, theirs, strict=True)):
        sent.add(index * 0.02, frame)
        heard.add(index * 0.02, None if index % 7 else index * 0.02, 8000, "slin", payload)
    assert [frame for _, frame in sent] == ours
    assert [row[-1] for row in heard] == theirs
    assert [row[1] is None for row in heard] == [bool(index % 7) for index in range(len(theirs))]
    assert list(tmp_path.iterdir()) == [], "the file has no name, so nothing of it is left whatever ends the process"


def test_silence_is_kept_once():
    spool = Spool()
    sent, heard = SentFrames(spool), HeardFrames(spool)
    for index in range(1000):
        sent.add(index * 0.02, bytes(323))
        heard.add(index * 0.02, index * 0.02, 8000, "slin", bytes(320))
    assert spool.put(b"") == 323 + 320
    assert len(sent) == len(heard) == 1000
    assert sent[-1] == (999 * 0.02, bytes(323))


def test_a_thread_reads_while_more_comes():
    kept, random = SentFrames(Spool()), Random(7)
    frames = [random.randbytes(323) for _ in range(3 * IN_MEMORY // 323)]

    def read():
        seen = 0
        while seen < len(frames):
            seen = len(kept)
            assert [frame for _, frame in kept[:seen:17]] == frames[:seen:17]

    with ThreadPoolExecutor(2) as pool:
        readers = [pool.submit(read) for _ in range(2)]
        for frame in frames:
            kept.add(0.0, frame)
        for reader in readers:
            reader.result()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk(monkeypatch):
    with Path("/dev/full").open("w+b") as full:
        monkeypatch.setattr("AudioSocketLibrary.call.kept.TemporaryFile", lambda **_: full)
        kept = SentFrames(Spool())
        for index in range(IN_MEMORY // 300):
            kept.add(index * 0.02, index.to_bytes(2) * 160)
        with pytest.raises(UsageError, match=r"could not be kept in .+ \(another folder: set TMPDIR\): No space left"):
            list(kept)


def test_what_cannot_be_kept_ends_no_call_and_is_told_to_who_asks(tmp_path):
    kept = SentFrames(Spool(tmp_path / "not there"))
    for index in range(IN_MEMORY // 300):
        kept.add(index * 0.02, index.to_bytes(2) * 160)
    assert len(kept) == IN_MEMORY // 300
    said = f"The sound of the call could not be kept in {tmp_path / 'not there'}: No such file or directory"
    with pytest.raises(UsageError, match=f"^{re.escape(said)}$"):
        kept[0]
    kept.add(9.0, b"later")
    with pytest.raises(UsageError, match="could not be kept"):
        list(kept)
