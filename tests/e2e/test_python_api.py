"""A whole call from plain Python, for those who test their bot with pytest."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from AudioSocketLibrary.call import Call, Moment
from AudioSocketLibrary.media import load_sound, utterance_path
from AudioSocketLibrary.protocol import FrameType
from AudioSocketLibrary.transport import Address, connect

pytestmark = pytest.mark.e2e

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def bot() -> Iterator[Address]:
    command = [sys.executable, "-m", "AudioSocketLibrary", "bot", "--reply", "promotions", "--stop-with-stdin"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdin
        yield Address.parse(process.stdout.readline().removeprefix("listening on ").strip())
        process.stdin.close()
        process.wait(60)


async def test_a_measured_call(bot: Address):
    async with await Call.place(bot) as call:
        await call.play(load_sound(utterance_path("order_four"), 8000))
        await call.play(load_sound(utterance_path("stop"), 8000), at=Moment("bot starts", 0.5))
        await call.wait_until_replied()
    record = call.record()
    assert record.ended_by == "caller"
    assert [turn.kind for turn in record.turns] == ["greeting", "speech", "speech"]
    assert record.turns[1].response_time is not None
    assert record.turns[2].barge_in_time is not None
    assert record.figures["frames_sent"] > 100


async def test_the_readmes_snippet(bot: Address, capsys: pytest.CaptureFixture[str]):
    snippet = README.split("```python\n")[1].split("```")[0].replace('Address("127.0.0.1", 9092)', "bot")
    names = {"Call": Call, "bot": bot, "load_sound": load_sound, "utterance_path": utterance_path}
    body = "".join(f"    {line}\n" for line in snippet.splitlines())
    exec(f"async def main():\n{body}", names)
    await names["main"]()
    assert 0.3 < float(capsys.readouterr().out) < 5


async def test_a_bare_connection(bot: Address):
    async with await connect(bot) as line:
        async for frame in line:
            assert frame.type == FrameType.AUDIO
            assert len(frame.payload) == 320
            break
    assert line.ending is not None
    assert line.ending.by == "caller"
