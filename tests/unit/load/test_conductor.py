"""The conductor, with its one worker in this process and a bot on real sockets: how a run ends, and what is left."""

from __future__ import annotations

import errno
import os
from dataclasses import replace

import pytest

from AudioSocketLibrary.call import Figure
from AudioSocketLibrary.keywords.engine import Engine
from AudioSocketLibrary.keywords.load_running import WorkerHere, judged
from AudioSocketLibrary.load import conductor as conductors
from AudioSocketLibrary.load.conductor import Conductor, Watching
from AudioSocketLibrary.load.limits import Limits
from AudioSocketLibrary.load.preparation import prepare
from AudioSocketLibrary.load.shapes import Hold, Repeat
from AudioSocketLibrary.records import Threshold, UsageError
from AudioSocketLibrary.records import validity as validities
from AudioSocketLibrary.records import verdict as verdicts
from AudioSocketLibrary.records.rows import read_rows
from AudioSocketLibrary.records.run_info import read_run_info
from AudioSocketLibrary.records.validity import ValidityLimits
from AudioSocketLibrary.records.verdict import Word
from AudioSocketLibrary.scenario import CallData, CallFigureShouldBe, Say, StaySilent
from AudioSocketLibrary.transport import Address
from tests.helpers.loads import NOBODY, plan, profile, short
from tests.helpers.raw_bot import RawBot

pytestmark = pytest.mark.unit

FAILS = plan(StaySilent(least=0.2), CallFigureShouldBe(figure=Figure.call_length, operator=">", limit=999.0))


@pytest.fixture(scope="module")
def bot():
    """Takes calls, and says nothing."""
    with RawBot() as raw:
        yield Address("127.0.0.1", raw.port)


@pytest.fixture(scope="module")
def engine():
    return Engine()


@pytest.fixture
def patient(monkeypatch):
    """This machine runs other tests, too: its lateness is not what is asked about."""
    limits = ValidityLimits(*[(9.0, 9.0)] * 5)
    monkeypatch.setattr(verdicts, "validity_of", lambda errors: validities.validity_of(errors, limits))


class View:
    """What was shown."""

    def __init__(self, act=lambda at: None):
        self.said, self.plateaus, self._act = [], [], act

    def add(self, row):
        pass

    def show(self, at):
        self._act(at)

    def say(self, sentence):
        self.said.append(sentence)

    def row(self, heads, cells):
        self.plateaus.append(dict(zip(heads, cells, strict=True)))


class Run:
    def __init__(self, folder, engine, address, shape, *plans, act=lambda at: None, watching=None, **more):
        thresholds = [Threshold.parse(text) for text in more.pop("thresholds", ())]
        reasons = [Threshold.parse(text) for text in more.pop("abort_when", ())]
        of = profile(shape, max(1, len(plans)), **more)
        of = replace(of, thresholds=tuple(thresholds), abort_when=tuple(reasons), seed=7)
        chosen = [[each] for each in plans or (short(),)]
        job, info = prepare(of, chosen, {"bot": address}, folder, workers=1)
        self.folder, self.view = folder, View(act)
        self.conductor = Conductor(job, info, self.view, watching)
        self.workers = WorkerHere(engine)

    def conduct(self):
        info = self.conductor.conduct(self.workers)
        assert not self.workers.alive
        assert read_run_info(self.folder / "run.json") == info
        return info

    @property
    def verdict(self):
        return judged(self.conductor.info, self.conductor.facts)

    @property
    def outcomes(self):
        rows = read_rows(self.folder / "rows/worker-0.jsonl")
        return [row["outcome"] for row in rows if row["row"] == "call"]


def test_a_run_to_its_end(tmp_path, engine, bot, patient):
    run = Run(tmp_path, engine, bot, Hold(2, 1.5), thresholds=["error rate < 1 %", "p50 call length < 1 ms"])
    info = run.conduct()
    assert (info.state, info.reason) == ("finished", "")
    assert info.ended > info.started
    assert info.duration == pytest.approx(run.conductor.facts.end, abs=0.01)
    assert info.start_at
    assert set(run.outcomes) == {"passed"}
    assert run.verdict.word is Word.FAILED
    assert [result.ok for result in run.verdict.thresholds] == [True, False]
    assert run.verdict.sentence.startswith(f"FAIL {len(run.outcomes)} calls, 0 failed, 1 threshold broken. valid: ")
    assert run.view.said == []


def test_ctrl_c_ends_the_calls_politely_and_loses_no_row(tmp_path, engine, bot, patient):
    def interrupt(at):
        if at > 1.5:
            raise KeyboardInterrupt

    run = Run(tmp_path, engine, bot, Hold(3, 600.0), short(60.0), act=interrupt)
    info = run.conduct()
    assert (info.state, info.reason) == ("interrupted", "interrupted by Ctrl-C")
    assert run.outcomes == ["interrupted"] * 3
    assert run.view.said == ["interrupted by Ctrl-C. The calls that are up are hung up"]
    assert run.verdict.word is Word.INTERRUPTED
    assert "worker 0" not in run.verdict.sentence


def test_what_cuts_the_conductor_short_does_not_leave_calls_behind(tmp_path, engine, bot):
    class TimeoutExceeded(BaseException):
        """As Robot's."""

    def cut(at):
        if at > 0.5:
            raise TimeoutExceeded

    run = Run(tmp_path, engine, bot, Hold(1, 600.0), short(60.0), act=cut)
    with pytest.raises(TimeoutExceeded):
        run.conductor.conduct(run.workers)
    assert not run.workers.alive
    assert run.outcomes == ["interrupted"]
    assert read_run_info(tmp_path / "run.json").state == "interrupted"


def test_a_reason_to_abort_ends_the_run_and_it_has_failed(tmp_path, engine, bot, patient):
    run = Run(tmp_path, engine, bot, Hold(4, 600.0), FAILS, abort_when=["error rate > 50 % for 2 s"])
    info = run.conduct()
    assert info.state == "aborted"
    assert info.reason.startswith("stopped early: error rate ")
    assert "(error rate > 50 % for 2 s)" in info.reason
    assert run.verdict.word is Word.FAILED
    assert info.reason in run.verdict.sentence


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(calls=5), "stopped: "),
        (Limits(talk_time=2.0), "stopped: "),
        (Limits(duration=2.0), "stopped after "),
    ],
    ids=["calls", "talk", "duration"],
)
def test_limits_end_a_run_whatever_was_planned(tmp_path, engine, bot, patient, limits, reason):
    # A number of calls passes the guards, for nobody knows how long they will last; then the limits are lowered.
    run = Run(tmp_path, engine, bot, Repeat(9000, at_once=3), short(0.3), limits=Limits())
    job = run.conductor._job
    run.conductor._job = replace(job, profile=replace(job.profile, limits=limits))
    info = run.conduct()
    assert info.state == "aborted"
    assert info.reason.startswith(reason)
    assert "the limit is " in info.reason
    assert run.verdict.word is Word.FAILED


def test_a_bot_that_ends_ends_the_run(tmp_path, engine, bot, patient):
    ends = iter([""] * 3)
    watching = Watching(bot_ended=lambda: next(ends, "the bot has ended: look at bot.log"))
    info = Run(tmp_path, engine, bot, Hold(1, 600.0), short(60.0), watching=watching).conduct()
    assert (info.state, info.reason) == ("aborted", "the bot has ended: look at bot.log")


def test_what_nobody_can_play_is_an_error_and_no_verdict(tmp_path, engine, bot):
    asks = plan(Say(texts=("{name}",)), data=CallData("shop.csv", ({"phone": "1"},)))
    run = Run(tmp_path, engine, bot, Hold(1, 600.0), asks)
    with pytest.raises(UsageError, match=r"t\.robot:2: 'Say' cannot be played\. There is no field '{name}'"):
        run.conduct()
    info = read_run_info(tmp_path / "run.json")
    assert info.state == "failed"
    assert "There is no field '{name}'" in info.reason


def test_workers_that_never_come_are_told(tmp_path, engine, monkeypatch):
    class Nobody:
        alive = True

        def start(self, job):
            pass

        def kill(self):
            self.alive = False

        def error(self):
            return ""

    monkeypatch.setattr(conductors, "RENDEZVOUS", 0.3)
    monkeypatch.setattr(conductors, "END_WITHIN", 0.3)
    run = Run(tmp_path, engine, NOBODY, Hold(1, 1.0))
    run.workers = Nobody()
    with pytest.raises(UsageError, match=r"^Only 0 of 1 workers were there after 300 ms: take fewer \(--workers\)"):
        run.conductor.conduct(run.workers)
    assert not run.workers.alive
    assert read_run_info(tmp_path / "run.json").state == "interrupted"


def test_a_full_disk_is_told(tmp_path, engine, bot):
    def full(at):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    run = Run(tmp_path, engine, bot, Hold(1, 600.0), short(60.0), watching=Watching(sample=full))
    with pytest.raises(UsageError) as told:
        run.conductor.conduct(run.workers)
    assert str(told.value) == f"The run cannot be kept in {tmp_path}: No space left on device"
    assert not run.workers.alive
