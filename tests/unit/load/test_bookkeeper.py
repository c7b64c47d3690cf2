"""What a worker keeps: rows and recordings; and what becomes of both when there is no room."""

from __future__ import annotations

import asyncio
import hashlib
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from AudioSocketLibrary.call import Figure
from AudioSocketLibrary.load.bookkeeper import Bookkeeper
from AudioSocketLibrary.load.casting import Casting
from AudioSocketLibrary.load.course import Phase
from AudioSocketLibrary.load.engine import RowsToStream
from AudioSocketLibrary.load.profile import Keep
from AudioSocketLibrary.load.runner import Runner
from AudioSocketLibrary.load.shapes import Hold
from AudioSocketLibrary.records.rows import RowWriter, read_rows
from AudioSocketLibrary.scenario import CallFigureShouldBe, PlaceCall, StaySilent
from AudioSocketLibrary.transport import now
from tests.helpers.loads import NOBODY, SETTINGS, job, plan, rows_of, short
from tests.helpers.own_bot import OwnBot

pytestmark = pytest.mark.unit

ALL = Keep(recordings=1.0)
PHASE = Phase("hold", 0.0, 60.0)
LATE = CallFigureShouldBe(figure=Figure.greeting_time, operator=">", limit=9.0)
FAILS = plan(StaySilent(least=0.2), LATE, name="Fails")
"""No bot of these tests takes so long."""


def kept(folder, calls, *plans, rows=None, keep=ALL, sound=None, **how):
    """Makes calls at once and keeps them; returns their rows and the bookkeeper. ``sound``: where it lies meanwhile."""

    async def main():
        async with OwnBot() as bot:
            one = job(folder, Hold(1, 1.0), bot.address, plans, keep=keep)
            where = rows or RowWriter(one.rows_of(0))
            books = Bookkeeper(where, now(), folder, 0, **how)
            casting = Casting(one.profile, one.plans, one.bots, one.seed, sound or folder)
            runner = Runner(casting, books, run=one.run, start_at=now(), at_once=50)
            for number in range(calls):
                runner.call(number, PHASE)
            await runner.over()
            await books.finish()
            runner.close()
            if rows is None:
                where.close()
            return ([] if rows else rows_of(one, "call")), books

    return asyncio.run(main())


def test_recordings_are_there_sound_and_match_their_hash(tmp_path):
    rows, books = kept(tmp_path, 3, short(0.6))
    assert books.trouble == ""
    assert len({row["recording"] for row in rows}) == 3
    for row in rows:
        file = tmp_path / row["recording"]
        assert file.name == f"{row['call']}.wav"
        assert hashlib.sha256(file.read_bytes()).hexdigest() == row["recording_sha256"]
        sound, rate = soundfile.read(file)
        assert rate == 8000
        assert len(sound) / rate == pytest.approx(row["length"], abs=0.1)
        caller, bot = sound.T
        assert np.abs(caller).max() == 0  # who stays silent
        assert np.abs(bot).max() > 0.1  # left caller, right bot


def test_only_failed_calls_have_a_recording_where_that_is_asked_for(tmp_path):
    rows, _ = kept(tmp_path, 8, short(0.3), FAILS, failed_only=True)
    failed = {row["call"] for row in rows if row["outcome"] == "failed"}
    assert 0 < len(failed) < 8
    assert {row["failure"] for row in rows if row["outcome"] == "failed"} == {"limit broken"}
    assert {row["call"] for row in rows if "recording" in row} == failed
    assert {file.stem for file in (tmp_path / "recordings").iterdir()} == failed
    told = {row["call"]: row["judgements"][0]["text"] for row in rows if row["outcome"] == "failed"}
    assert all(f"Listen: recordings/{call}.wav" in text for call, text in told.items())


def test_nobody_is_sent_to_a_recording_that_is_not_kept(tmp_path):
    rows, _ = kept(tmp_path, 2, FAILS, keep=Keep(recordings=0.0))
    for row in rows:
        assert "The greeting time was" in row["judgements"][0]["text"]
        assert "Listen" not in row["judgements"][0]["text"]
    assert not (tmp_path / "recordings").exists()


def test_recordings_stop_where_the_disk_is_full_enough_and_rows_go_on(tmp_path):
    size = round(0.5 * 8000) * 4
    rows, books = kept(tmp_path, 4, short(0.4), disk=2 * size + 1000)
    assert len(rows) == 4
    recorded = [row for row in rows if "recording" in row]
    assert 1 <= len(recorded) <= 3
    assert books.left_out == 4 - len(recorded)
    assert sum(file.stat().st_size for file in (tmp_path / "recordings").iterdir()) < 2 * size + 2000


def test_a_recording_that_cannot_be_written_is_told_and_its_call_is_not_lost(tmp_path):
    (tmp_path / "recordings").write_text("somebody's file", encoding="utf-8")
    rows, books = kept(tmp_path, 2)
    assert [row["outcome"] for row in rows] == ["passed"] * 2
    assert not any("recording" in row for row in rows)
    assert books.trouble.startswith(f"A recording cannot be written to {tmp_path}")
    assert "File exists" in books.trouble


def test_sound_for_which_there_is_no_room_while_the_call_lasts_is_told_and_its_call_is_not_lost(tmp_path, monkeypatch):
    monkeypatch.setattr("AudioSocketLibrary.call.kept.IN_MEMORY", 100)
    rows, books = kept(tmp_path, 2, sound=tmp_path / "gone")
    assert [row["outcome"] for row in rows] == ["passed"] * 2
    assert not any("recording" in row for row in rows)
    assert "The sound of the call could not be kept in " in books.trouble
    assert "gone: No such file or directory" in books.trouble


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_rows_that_cannot_be_written_are_told(tmp_path):
    with Path("/dev/full").open("wb", buffering=0) as full:
        _, books = kept(tmp_path, 1, rows=RowsToStream(full), failed_only=True)
    assert books.trouble == "Rows cannot be written to standard output: No space left on device"


FULL = """
import resource, signal, sys
from pathlib import Path
from AudioSocketLibrary.records.rows import RowWriter

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
rows = RowWriter(Path(sys.argv[1]))
told = []
for number in range(20):
    try:
        rows.write({"row": "call", "n": number, "text": "x" * 100})
    except OSError as error:
        told.append(error.strerror)
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, resource.RLIM_INFINITY))
rows.write({"row": "end"})
print(len(told), set(told))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of a file")
def test_a_disk_that_is_full_for_a_while_leaves_whole_rows_only(tmp_path):
    place = tmp_path / "rows.jsonl"
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(place)], capture_output=True, text=True, timeout=60, check=True
    )
    rows = list(read_rows(place))
    assert [row.get("n") for row in rows[:-1]] == list(range(len(rows) - 1))
    assert rows[-1] == {"row": "end"}
    assert done.stdout.split()[0] == str(20 - len(rows) + 1)
    assert "File too large" in done.stdout


def test_a_caller_with_two_calls_has_a_row_of_each_and_one_of_them_failed(tmp_path):
    second = PlaceCall(bot=NOBODY, settings=SETTINGS, call="second")
    two = plan(StaySilent(least=0.2), second, StaySilent(least=0.2), replace(LATE, call="second"), name="Transfer")
    rows, _ = kept(tmp_path, 1, two)
    first, other = sorted(rows, key=lambda row: "steps" not in row)
    assert first["uuid"] != other["uuid"]
    assert {row["index"] for row in rows} == {0}
    assert (other["outcome"], other["failure"]) == ("failed", "limit broken")
    assert [step["name"] for step in first["steps"]] == [
        *("PlaceCall", "StaySilent", "PlaceCall", "StaySilent", "CallFigureShouldBe", "HangUp")
    ]
    assert "steps" not in other
    assert "callers_wait" in first["figures"]
    assert "callers_wait" not in other["figures"]
