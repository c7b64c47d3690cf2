"""The engine as a process that is spoken to in JSON lines."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

from AudioSocketLibrary.load.limits import Limits
from AudioSocketLibrary.load.shapes import Hold
from AudioSocketLibrary.scenario import CallData, Say
from AudioSocketLibrary.transport import Address
from tests.helpers.loads import job, plan, short
from tests.helpers.raw_bot import RawBot

pytestmark = pytest.mark.integration
LIMIT = 120.0


class Engine:
    """One engine: what it tells, row by row."""

    def __init__(self, place):
        self.child = subprocess.Popen(
            [sys.executable, "-m", "AudioSocketLibrary.load.engine", "--job", str(place)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        )  # fmt: skip
        self.guard = threading.Timer(LIMIT, self.child.kill)
        self.guard.start()

    def tell(self, order):
        print(order if isinstance(order, str) else json.dumps(order), file=self.child.stdin, flush=True)

    def call(self, number):
        """Have it make a call, and wait until it is up."""
        self.tell({"do": "call", "number": number})
        while not self.row("pulse")["up"]:
            pass

    def row(self, *kinds):
        """The next row of one of these kinds."""
        for line in self.child.stdout:
            row = json.loads(line)
            if row["row"] in kinds:
                return row
        raise AssertionError(f"no row {kinds} came any more: {self.child.stderr.read()}")

    def rest(self):
        rows = [json.loads(line) for line in self.child.stdout]
        self.said = self.child.stderr.read()
        self.code = self.child.wait()
        return rows


@contextmanager
def engine_of(folder, *plans, **more):
    """An engine for a bot that takes calls and says nothing; both gone at the end."""
    with RawBot() as bot:
        job(folder, Hold(1, 1.0), Address("127.0.0.1", bot.port), plans, **more).save(folder / "job")
        engine = Engine(folder / "job")
        try:
            yield engine, bot
        finally:
            engine.child.kill()
            engine.child.wait()
            for stream in (engine.child.stdin, engine.child.stdout, engine.child.stderr):
                stream.close()
            engine.guard.cancel()


def test_calls_are_made_as_they_are_told_and_each_has_its_row(tmp_path):
    with engine_of(tmp_path, short(0.3), limits=Limits(calls_at_once=3)) as (engine, bot):
        ready = engine.row("ready")
        assert (ready["v"], ready["pid"], ready["run"], ready["scenarios"]) == (
            1, engine.child.pid, "1f9c2e70", ["Short"],
        )  # fmt: skip
        for number in (5, 17, 3):
            engine.tell({"do": "call", "number": number})
        engine.tell({"do": "call", "number": 99})  # one more than may be
        first = engine.row("call")
        assert (first["index"], first["outcome"], first["failure"]) == (99, "not placed", "not placed")
        made = [engine.row("call") for _ in range(3)]
        assert {row["index"] for row in made} == {5, 17, 3}
        assert {row["outcome"] for row in made} == {"passed"}
        assert {row["phase"] for row in made} == {"load"}
        assert engine.row("pulse")["worker"] == 0
        engine.tell({"do": "call", "number": 4})
        engine.tell({"do": "end"})  # waits for it
        rows = engine.rest()
        assert [row["index"] for row in rows if row["row"] == "call"] == [4]
        last = rows[-1]
        assert (last["row"], last["reason"], last["calls"], last["error"]) == ("end", "finished", 5, "")
        assert (engine.code, engine.said) == (0, "")
        assert len(bot.lines) == 4


def test_a_stop_hangs_up_and_calls_may_follow_it(tmp_path):
    with engine_of(tmp_path, short(60.0)) as (engine, bot):
        engine.row("ready")
        engine.call(0)
        engine.tell({"do": "stop"})
        row = engine.row("call")
        assert (row["index"], row["outcome"]) == (0, "interrupted")
        assert bot.lines[0].wait_end() == "eof"
        engine.call(1)
        engine.child.stdin.close()  # as when the program that speaks to it is gone
        rows = engine.rest()
        assert [(row["index"], row["outcome"]) for row in rows if row["row"] == "call"] == [(1, "interrupted")]
        assert rows[-1]["reason"] == "finished"
        assert engine.code == 0


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_signal_ends_it_politely_and_ctrl_c_is_for_who_speaks_to_it(tmp_path):
    with engine_of(tmp_path, short(60.0)) as (engine, _):
        engine.row("ready")
        engine.tell({"do": "call", "number": 0})
        engine.child.send_signal(signal.SIGINT)
        while not engine.row("pulse")["up"]:
            pass
        engine.child.send_signal(signal.SIGTERM)
        rows = engine.rest()
        assert [row["outcome"] for row in rows if row["row"] == "call"] == ["interrupted"]
        assert engine.code == 0


@pytest.mark.parametrize("by", ["a line", "a signal"])
def test_calls_that_take_too_long_to_end_can_still_be_stopped(tmp_path, by):
    with engine_of(tmp_path, short(60.0)) as (engine, bot):
        engine.row("ready")
        engine.call(0)
        engine.tell({"do": "end"})
        engine.tell({"do": "call", "number": 1})
        assert engine.row("error")["error"] == '\'{"do": "call", "number": 1}\' cannot be done: it comes after \'end\''
        if by == "a line" or sys.platform == "win32":
            engine.tell({"do": "stop"})
        else:
            engine.child.send_signal(signal.SIGTERM)
        rows = engine.rest()
        assert [(row["index"], row["outcome"]) for row in rows if row["row"] == "call"] == [(0, "interrupted")]
        assert bot.lines[0].wait_end() == "eof"
        assert engine.code == 0


def test_what_cannot_be_done_is_told_and_the_engine_goes_on(tmp_path):
    with engine_of(tmp_path) as (engine, _):
        engine.row("ready")
        for line, why in (
            ("call 17", 'write {"do": "call", "number": 17}, {"do": "stop"} or {"do": "end"}'),
            ('{"do": "call"}', 'write {"do": "call", "number": 17}, {"do": "stop"} or {"do": "end"}'),
            ('{"do": "call", "number": -1}', "the number of a call is a whole number from 0 on"),
            ('{"do": "call", "number": true}', "the number of a call is a whole number from 0 on"),
            ('{"do": "dance"}', "there are call, stop and end"),
        ):
            engine.tell(line)
            assert engine.row("error")["error"] == f"'{line}' cannot be done: {why}"
        engine.tell({"do": "call", "number": 1})
        assert engine.row("call")["outcome"] == "passed"


def test_what_nobody_can_play_ends_it(tmp_path):
    asks = plan(Say(texts=("{name}",)), data=CallData("shop.csv", ({"phone": "1"},)))
    with engine_of(tmp_path, asks) as (engine, _):
        engine.row("ready")
        engine.tell({"do": "call", "number": 0})
        rows = engine.rest()
        assert rows[-1]["row"] == "end"
        assert rows[-1]["reason"] == "failed"
        assert "There is no field '{name}'" in rows[-1]["error"]
        assert engine.code == 2
        assert engine.said.strip() == rows[-1]["error"]


def test_the_example_of_the_docs_runs(tmp_path):
    text = (Path(__file__).resolve().parents[2] / "docs/engine.md").read_text("utf-8")
    example = text.partition("```python\n")[2].partition("```")[0]
    place = tmp_path / "results/mine"
    place.mkdir(parents=True)
    with RawBot() as bot:
        job(place, Hold(1, 1.0), Address("127.0.0.1", bot.port)).save(place / "job")
        done = subprocess.run(
            [sys.executable, "-c", example], cwd=tmp_path, capture_output=True, text=True, timeout=LIMIT, check=True
        )  # fmt: skip
    assert sorted(done.stdout.splitlines()) == [f"{number} passed None" for number in range(10)]


def test_a_job_that_is_none(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "AudioSocketLibrary.load.engine", "--job", str(tmp_path / "none")],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith(f"The job of this run cannot be read from {tmp_path / 'none'}: ")
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
