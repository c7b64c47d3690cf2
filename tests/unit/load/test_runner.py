"""The runner: calls begin at their times, and each that was due leaves a row, whatever became of it."""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict
from itertools import pairwise
from uuid import UUID

import pytest

from AudioSocketLibrary.load import runner as runners
from AudioSocketLibrary.load.bookkeeper import Bookkeeper
from AudioSocketLibrary.load.course import Phase
from AudioSocketLibrary.load.limits import Limits
from AudioSocketLibrary.load.runner import REDIAL, Runner
from AudioSocketLibrary.load.shapes import Burst, Hold, Repeat
from AudioSocketLibrary.records.rows import RowWriter
from AudioSocketLibrary.scenario import (
    CallData,
    Calls,
    HangUp,
    PlaceCall,
    Plan,
    PlannedStep,
    Say,
    StaySilent,
    open_source,
)
from AudioSocketLibrary.transport import Address, new_event_loop, now
from tests.helpers.loads import NOBODY, SETTINGS, job, plan, rows_of, short, until
from tests.helpers.own_bot import OwnBot

pytestmark = pytest.mark.unit

PHASE = Phase("hold", 0.0, 60.0)
EARLY = 0.001
"""Rows have whole milliseconds or better."""


class Made:
    """A runner of one job, with the rows that came of it."""

    def __init__(self, one, lead=0.1):
        self.job = one
        self.rows = RowWriter(one.rows_of(0))
        start_at = now() + lead
        self.books = Bookkeeper(self.rows, start_at, one.folder, 0)
        self.runner = Runner(one.casting(), self.books, run=one.run, start_at=start_at, at_once=one.at_once(0))

    async def play(self, **how):
        await self.runner.play(self.job.schedule, **how)
        return await self.over()

    async def over(self):
        await self.books.finish()
        self.runner.close()
        self.rows.close()
        assert not self.books.trouble
        return rows_of(self.job, "call")


def run(main):
    """On a loop of the kind that workers have."""
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(main)


def with_bot(folder, shape, act, *plans, **more):
    """Runs ``act(made, bot)`` while a bot answers."""

    async def main():
        before = asyncio.all_tasks()
        async with OwnBot() as bot:
            made = Made(job(folder, shape, bot.address, plans, **more))
            rows = await act(made, bot)
        await until(lambda: asyncio.all_tasks() == before)  # the bot's own have ended
        return rows, made.runner

    return run(main())


async def played(made, _):
    return await made.play()


def test_arrivals_begin_at_their_times_and_their_rows_say_all(tmp_path):
    rows, runner = with_bot(tmp_path, Burst(5, within=0.6, rest=2.0), played)
    assert sorted(row["index"] for row in rows) == [0, 1, 2, 3, 4]
    for row in rows:
        assert row["intended"] == pytest.approx(0.15 * row["index"], abs=0.001)
        assert row["start"] >= row["intended"] - EARLY
        assert (row["outcome"], row["scenario"], row["phase"]) == ("passed", "Short", "burst 1")
        assert row["worker"] == "0"
        assert [step["name"] for step in row["steps"]] == ["PlaceCall", "StaySilent", "HangUp"]
        assert row["figures"]["callers_wait"] >= row["figures"]["greeting_time"] - EARLY
        assert "failure" not in row
        assert "recording" not in row
    assert (runner.counts.began, runner.counts.ended, runner.counts.up, runner.counts.failed) == (5, 5, 0, 0)
    assert runner.counts.talk == pytest.approx(sum(row["length"] for row in rows), abs=0.01)


def test_a_seat_calls_again_and_again_but_not_as_fast_as_it_could(tmp_path):
    rows, _ = with_bot(tmp_path, Hold(2, 2.4), played)
    seats = defaultdict(list)
    for row in rows:
        seats[row["index"] % 2].append(row["start"])
    assert set(seats) == {0, 1}
    for starts in seats.values():
        assert len(starts) >= 2
        assert all(later - earlier > REDIAL / 2 for earlier, later in pairwise(sorted(starts)))
    # Numbers go on in each seat: no two calls have the same.
    assert len({row["index"] for row in rows}) == len(rows)


def test_a_bot_that_refuses_is_not_hammered(tmp_path):
    async def main():
        return await Made(job(tmp_path, Hold(1, 2.2), NOBODY)).play()

    rows = run(main())
    assert 1 < len(rows) <= 3
    starts = [row["start"] for row in rows]
    assert all(later - earlier > REDIAL / 2 for earlier, later in pairwise(starts))
    for row in rows:
        assert (row["outcome"], row["failure"], row["bot"]) == ("failed", "refused", "127.0.0.1:9")
        assert row["judgements"][0]["text"].startswith("Cannot call the bot at 127.0.0.1:9")
        assert row["uuid"].startswith("1f9c2e70-")


def test_calls_beyond_the_limit_are_not_placed_and_have_failed(tmp_path):
    rows, runner = with_bot(tmp_path, Burst(5), played, short(0.5), limits=Limits(calls_at_once=2))
    assert [row["outcome"] for row in sorted(rows, key=lambda row: row["index"])] == ["passed"] * 2 + ["not placed"] * 3
    (told,) = {row["judgements"][0]["text"] for row in rows if row["outcome"] == "not placed"}
    assert told == "2 calls were up, and no more may be (limits: calls_at_once)"
    assert {row.get("start") for row in rows if row["outcome"] == "not placed"} == {None}
    assert {row["failure"] for row in rows if row["outcome"] == "not placed"} == {"not placed"}
    assert (runner.counts.not_placed, runner.counts.failed) == (3, 3)


def test_calls_that_we_come_too_late_to_place_are_dropped_and_told(tmp_path):
    async def act(made, _):
        # All that can go wrong with us looks like this: nothing runs for a while.
        asyncio.get_running_loop().call_later(0.15, time.sleep, 1.7)
        return await made.play(offset=0.3)

    rows, runner = with_bot(tmp_path, Burst(4, within=0.3, rest=1.0), act)
    assert {row["outcome"] for row in rows} == {"dropped"}
    assert {row["reason"] for row in rows} == {"we were too late to place it"}
    assert "failure" not in rows[0]
    assert (runner.counts.dropped, runner.counts.failed, runner.counts.began) == (4, 0, 0)


def test_calls_that_are_up_are_hung_up_when_the_run_is_stopped_and_have_their_rows(tmp_path):
    async def act(made, bot):
        playing = asyncio.create_task(made.play())
        await until(lambda: made.runner.counts.up == 3)
        await asyncio.sleep(0.3)
        await made.runner.stop()
        rows = await playing
        await until(lambda: not bot.tasks)  # it saw all of them end
        return rows

    rows, runner = with_bot(tmp_path, Hold(3, 60.0), act, short(30.0))
    assert [row["outcome"] for row in rows] == ["interrupted"] * 3
    assert all(0.2 < row["length"] < 20 for row in rows)
    assert {row["ended_by"] for row in rows} == {"caller"}
    assert all("failure" not in row and "judgements" not in row for row in rows)
    assert runner.counts.up == 0


def test_a_call_that_had_not_even_begun_when_the_run_was_stopped_has_its_row(tmp_path):
    async def act(made, _):
        made.runner.call(17, PHASE)
        await made.runner.stop()
        return await made.over()

    rows, runner = with_bot(tmp_path, Hold(1, 1.0), act)
    assert [(row["index"], row["outcome"]) for row in rows] == [(17, "interrupted")]
    assert runner.counts.up == 0


def test_calls_may_be_made_after_a_stop(tmp_path):
    async def act(made, _):
        made.runner.call(0, PHASE)
        await made.runner.stop()
        made.runner.resume()
        made.runner.call(1, PHASE)
        await made.runner.over()
        return await made.over()

    rows, _ = with_bot(tmp_path, Hold(1, 1.0), act)
    assert [(row["index"], row["outcome"]) for row in rows] == [(0, "interrupted"), (1, "passed")]


def test_who_stops_while_the_bots_last_events_are_awaited_loses_no_call(tmp_path, monkeypatch):
    monkeypatch.setattr(runners, "LAST_EVENTS", 20.0)
    uuid = UUID("1f9c2e70-0000-4000-8000-000000000001")
    events = tmp_path / "events.jsonl"
    events.write_text("", encoding="utf-8")
    known = Plan("Short", "t.robot", tuple(
        PlannedStep(step, "x", "t.robot:1")
        for step in (PlaceCall(bot=NOBODY, settings=SETTINGS, uuid=uuid), StaySilent(least=0.4), HangUp())
    ))  # fmt: skip

    async def act(made, _):
        made.runner.events.listen(open_source(str(events)), "run")
        made.runner.call(0, PHASE)
        with events.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"event": "call started", "uuid": str(uuid), "fields": {}}) + "\n")
        await until(lambda: made.runner.counts.ended)
        await asyncio.sleep(0.1)
        assert not rows_of(made.job, "call")  # 'call ended' is still awaited
        await made.runner.stop()
        return await made.over()

    rows, _ = with_bot(tmp_path, Hold(1, 1.0), act, known)
    assert [row["outcome"] for row in rows] == ["passed"]
    assert [mark["name"] for mark in rows[0]["marks"]] == ["call started"]


def test_calls_that_do_not_end_are_cut_when_nobody_would_wait_any_longer(tmp_path, monkeypatch):
    monkeypatch.setattr(runners, "DRAIN", (0.3, 1.0))
    rows, _ = with_bot(tmp_path, Burst(2), played, short(30.0))
    assert [row["outcome"] for row in rows] == ["interrupted"] * 2
    assert all(row["length"] < 20 for row in rows)


def test_a_number_of_calls_one_after_another_waits_for_all_of_them(tmp_path):
    rows, _ = with_bot(tmp_path, Repeat(3, at_once=2), played)
    assert sorted(row["index"] for row in rows) == [0, 1, 2]
    assert {row["outcome"] for row in rows} == {"passed"}


def test_what_nobody_can_play_ends_the_run_with_a_sentence(tmp_path):
    asks = plan(Say(texts=("Добрий день, {name}",)), data=CallData("shop.csv", ({"phone": "1"},), "sequential"))
    rows, runner = with_bot(tmp_path, Burst(20, within=5.0), played, asks)
    assert runner.error == (
        "t.robot:2: 'Say' cannot be played. There is no field '{name}'. Fields: phone"
    )  # fmt: skip
    assert len(rows) < 20  # nobody else is called
    assert rows[0]["outcome"] == "interrupted"


def test_rows_that_run_out_end_the_run_with_a_sentence(tmp_path):
    few = plan(StaySilent(least=0.1), data=CallData("shop.csv", ({"phone": "1"},), "unique"))
    rows, runner = with_bot(tmp_path, Burst(9, within=2.0), played, few)
    assert len(rows) == 1
    assert runner.error == (
        "shop.csv has 1 rows, and each is for one call only: call 2 has none. Add rows, or take order=sequential"
    )


def test_a_fault_of_ours_is_no_failure_of_the_bot(tmp_path, monkeypatch):
    def broken(*_):
        raise RuntimeError("ours")

    monkeypatch.setattr(Calls, "get", broken)
    _, runner = with_bot(tmp_path, Burst(3, within=1.0), played)
    assert runner.error == "A call failed by a fault of ours: RuntimeError: ours"


def test_several_bots_are_called_in_turns(tmp_path):
    async def main():
        async with OwnBot() as new, OwnBot() as base:
            bots = {"new": new.address, "base": base.address}
            return await Made(
                job(tmp_path, Burst(6, within=0.3, rest=1.0), Address("127.0.0.1", 9), bots=bots)
            ).play(), bots

    rows, bots = run(main())
    assert len(rows) == 6
    assert all(row["bot"] == str(bots[row["target"]]) for row in rows)
    assert sorted(row["target"] for row in rows) == ["base"] * 3 + ["new"] * 3
