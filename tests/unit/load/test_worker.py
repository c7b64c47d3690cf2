"""A worker: its share of the calls, its rows, and how it is told to end. In one process here; as many in test_load."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from AudioSocketLibrary.load import worker as workers
from AudioSocketLibrary.load.control import NUMBERS, Stage
from AudioSocketLibrary.load.profile import Keep
from AudioSocketLibrary.load.shapes import Burst, Hold
from AudioSocketLibrary.load.worker import Job, begin, work
from AudioSocketLibrary.records import Threshold, UsageError
from AudioSocketLibrary.records.run_facts import RunFacts
from AudioSocketLibrary.records.run_info import RunInfo, read_run_info, write_run_info
from AudioSocketLibrary.scenario import CallData, Say
from tests.helpers.loads import NOBODY, job, plan, rows_of, short, until
from tests.helpers.own_bot import OwnBot

pytestmark = pytest.mark.unit


def prepared(one, **info):
    write_run_info(one.folder, RunInfo(workers=one.workers, **info))
    return one


async def all_work(one):
    return await asyncio.gather(*(work(one, number) for number in range(one.workers)))


def worked(folder, shape, *plans, **more):
    """Makes all calls of a run; returns the job and how each worker ended."""

    async def main():
        async with OwnBot() as bot:
            one = prepared(job(folder, shape, bot.address, plans, **more))
            return one, await all_work(one)

    return asyncio.run(main())


def test_four_workers_make_the_same_calls_as_one_and_lose_nothing_when_they_are_merged(tmp_path):
    plans = tuple(short(0.2, name) for name in "AB")
    made = {}
    for count in (1, 4):
        folder = tmp_path / str(count)
        folder.mkdir()
        made[count], ended = worked(folder, Burst(16, within=1.0, rest=2.0), *plans, workers=count)
        assert ended == ["finished"] * count
    one, four = (
        {row["index"]: (row["scenario"], round(row["intended"], 6), row["phase"]) for row in rows_of(made[n], "call")}
        for n in (1, 4)
    )
    assert one == four
    assert len(one) == 16
    # Each made its own, every fourth.
    rows = rows_of(made[4], "call")
    assert {(row["index"] % 4, row["worker"]) for row in rows} == {(number, str(number)) for number in range(4)}
    facts = RunFacts()
    for row in rows_of(made[4]):
        facts.add(row)
    lengths = [row["length"] for row in rows]
    nearest = np.percentile(lengths, 95, method="inverted_cdf")
    assert facts.value(Threshold.parse("p95 call length >= 0 s")) == pytest.approx(nearest)


def test_the_rows_of_a_worker_begin_with_who_writes_and_end_with_why(tmp_path):
    one, _ = worked(tmp_path, Burst(2, rest=1.5))
    rows = rows_of(one)
    assert rows[0]["row"] == "worker"
    assert (rows[0]["workers"], rows[0]["run"], rows[0]["pid"]) == (1, one.run, os.getpid())
    assert rows[-1]["row"] == "end"
    assert (rows[-1]["reason"], rows[-1]["calls"], rows[-1]["error"]) == ("finished", 2, "")
    pulses = rows_of(one, "pulse")
    assert pulses
    assert [pulse["at"] for pulse in pulses] == sorted(pulse["at"] for pulse in pulses)
    assert sum(pulse["sent"] for pulse in pulses) == rows[-1]["sent"] > 10
    assert pulses[-1]["ended"] == 2
    assert max(pulse["due"] for pulse in pulses if "due" in pulse and pulse["due"] is not None) == 2
    assert all(pulse["memory"] > 1e6 and pulse["cpu"] >= 0 for pulse in pulses)
    assert json.dumps(pulses[0]["lateness"])
    info = read_run_info(tmp_path / "run.json")
    assert info.start_at  # nobody conducts: worker 0 began the run
    assert info.started


def test_a_worker_is_told_to_end_by_a_file(tmp_path):
    async def main():
        async with OwnBot() as bot:
            one = prepared(job(tmp_path, Hold(2, 600.0), bot.address, (short(60.0),), conductor=os.getpid()))
            working = asyncio.create_task(work(one, 0))
            await until(one.rows_of(0).exists)
            control = begin(one)
            await until(lambda: any(row.get("up") for row in rows_of(one, "pulse")))
            replace(control, stop="aborted").write(tmp_path)
            async with asyncio.timeout(30):
                return one, await working

    one, ended = asyncio.run(main())
    assert ended == "aborted"
    assert [row["outcome"] for row in rows_of(one, "call")] == ["interrupted"] * 2
    assert rows_of(one)[-1]["reason"] == "aborted"


def test_a_worker_stops_by_itself_where_its_conductor_is_gone(tmp_path):
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)

    async def main():
        async with OwnBot() as bot:
            one = prepared(job(tmp_path, Hold(1, 600.0), bot.address, (short(60.0),), conductor=child.pid))
            working = asyncio.create_task(work(one, 0))
            await until(one.rows_of(0).exists)
            begin(one)
            await until(lambda: any(row.get("up") for row in rows_of(one, "pulse")))
            child.kill()
            child.wait()
            child.stdin.close()
            async with asyncio.timeout(30):
                return one, await working

    one, ended = asyncio.run(main())
    assert ended == "interrupted"
    assert [row["outcome"] for row in rows_of(one, "call")] == ["interrupted"]


def test_workers_that_are_not_all_there_say_so(tmp_path, monkeypatch):
    monkeypatch.setattr(workers, "RENDEZVOUS", 0.3)
    one = prepared(job(tmp_path, Hold(1, 1.0), NOBODY, workers=3))
    with pytest.raises(UsageError) as refused:
        asyncio.run(work(one, 1))
    assert str(refused.value) == (
        "Only 1 of 3 workers were there after 300 ms: start all of them at once (pabot --processes 3)"
    )


def test_stages_are_played_as_they_are_told_and_numbered_apart(tmp_path):
    async def main():
        async with OwnBot() as bot:
            one = prepared(job(tmp_path, Hold(1, 1.0), bot.address, conductor=os.getpid()))
            working = asyncio.create_task(work(one, 0))
            await until(one.rows_of(0).exists)
            control = begin(one, (), last=False)
            first = Stage(0.5, 2, 2.0, 0.3, "1: 2 calls")
            control = replace(control, stages=(first,))
            control.write(tmp_path)
            await until(lambda: len(rows_of(one, "call")) >= 3 and rows_of(one, "pulse"))
            at = rows_of(one, "pulse")[-1]["at"] + 2.0
            replace(control, stages=(first, Stage(at, 1, 0.5, 0.0, "2: 1 calls")), last=True).write(tmp_path)
            async with asyncio.timeout(30):
                return one, await working

    one, ended = asyncio.run(main())
    assert ended == "finished"
    rows = rows_of(one, "call")
    assert {row["index"] for row in rows if row["index"] < NUMBERS} >= {0, 1}
    assert [row["index"] for row in rows if row["index"] >= NUMBERS] == [NUMBERS]
    assert {row["phase"] for row in rows} == {"up to 1: 2 calls", "1: 2 calls", "2: 1 calls"}
    assert all(row["measured"] is ("up to" not in row["phase"]) for row in rows if "measured" in row)


def test_what_nobody_can_play_is_told_in_its_last_row_and_to_who_waits(tmp_path):
    few = plan(Say(texts=("{size}",)), data=CallData("shop.csv", ({"phone": "1"},), "sequential"))
    with pytest.raises(UsageError, match=r"t\.robot:2: 'Say' cannot be played\. There is no field '{size}'"):
        worked(tmp_path, Burst(3), few)
    last = rows_of(job(tmp_path, Burst(3), NOBODY))[-1]
    assert (last["row"], last["reason"]) == ("end", "failed")
    assert "There is no field '{size}'" in last["error"]


def test_recordings_that_cannot_be_written_end_the_run_with_a_sentence(tmp_path):
    (tmp_path / "recordings").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match=r"A recording cannot be written to .*File exists"):
        worked(tmp_path, Hold(1, 60.0), keep=Keep(recordings=1.0))
    rows = rows_of(job(tmp_path, Burst(3), NOBODY))
    assert rows[-1]["reason"] == "failed"
    assert any(row["row"] == "call" and row["outcome"] == "passed" for row in rows)


def test_the_job_is_for_its_users_eyes_only_and_survives_the_way(tmp_path):
    one = job(tmp_path, Hold(2, 3.0), NOBODY)
    one.save(tmp_path / "job")
    if sys.platform != "win32":
        assert stat.S_IMODE((tmp_path / "job").stat().st_mode) == 0o600
    assert Job.load(tmp_path / "job") == one
    with pytest.raises(FileExistsError):
        one.save(tmp_path / "job")
    with pytest.raises(UsageError, match=r"The job of this run cannot be read from .*none: .*No such file"):
        Job.load(tmp_path / "none")
    (tmp_path / "text").write_text("x", encoding="utf-8")
    with pytest.raises(UsageError, match="cannot be read"):
        Job.load(tmp_path / "text")


def test_the_limit_of_calls_at_once_is_shared_out():
    one = job("x", Hold(2, 3.0), NOBODY, workers=3)
    one = replace(one, profile=replace(one.profile, limits=replace(one.profile.limits, calls_at_once=8)))
    assert [one.at_once(worker) for worker in range(3)] == [3, 3, 2]
    few = replace(one, profile=replace(one.profile, limits=replace(one.profile.limits, calls_at_once=1)))
    assert [few.at_once(worker) for worker in range(3)] == [1, 1, 1]
