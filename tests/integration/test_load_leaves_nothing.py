"""Calls of a load go when they are over, whatever became of them: beside many calls nobody collects."""

import asyncio
import gc

import pytest

from AudioSocketLibrary.bot import Bot, BotSettings, Script, row
from AudioSocketLibrary.call import Call, Timeline
from AudioSocketLibrary.load.bookkeeper import Bookkeeper
from AudioSocketLibrary.load.course import Phase
from AudioSocketLibrary.load.runner import Runner
from AudioSocketLibrary.load.shapes import Hold
from AudioSocketLibrary.records.rows import RowWriter
from AudioSocketLibrary.scenario import BotShouldReplyWithin, Calls, Say, StaySilent
from AudioSocketLibrary.transport import Address, now
from tests.helpers.loads import job, plan

pytestmark = pytest.mark.integration

CALLS = 6
ASKS = (Say(texts=("stop",)), BotShouldReplyWithin(limit=5.0))


def ours():
    return [each for each in gc.get_objects() if type(each) in {Call, Timeline, Calls}]


async def made(folder, address, steps):
    """Make calls as a worker does; returns how many have failed."""
    (folder / "rows").mkdir()
    one = job(folder, Hold(1, 1.0), address, (plan(*steps),))
    rows = RowWriter(one.rows_of(0))
    books = Bookkeeper(rows, now(), folder, 0)
    runner = Runner(one.casting(), books, run=one.run, start_at=now(), at_once=50)
    for number in range(CALLS):
        runner.call(number, Phase("all", 0.0, 10.0, True))
    await runner.over()
    await books.settle()
    await books.finish()
    runner.close()
    rows.close()
    return runner.counts.failed


@pytest.mark.parametrize("kind", ["passes", "is hung up", "is answered late", "nobody there"])
def test_a_call_goes_by_itself(run, tmp_path, kind):
    async def main():
        if kind == "nobody there":
            return await made(tmp_path, Address("127.0.0.1", 9), (StaySilent(least=0.1),))
        script = Script([row("time", "hang up", at=0.2)]) if kind == "is hung up" else None
        steps = (ASKS[0], BotShouldReplyWithin(limit=0.1)) if kind == "is answered late" else ASKS
        async with Bot(BotSettings(), script) as bot:
            return await made(tmp_path, bot.address, steps)

    async def watched():
        failed = await main()
        await asyncio.sleep(0.3)
        assert [each for each in ours() if id(each) not in before] == []
        assert failed == (0 if kind == "passes" else CALLS)

    gc.collect()
    before = {id(each) for each in ours()}
    gc.disable()
    try:
        run(watched())
    finally:
        gc.enable()
