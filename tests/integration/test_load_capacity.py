"""The knee that was programmed into the reference bot is found; and our own lateness is not taken for the bot's."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace

import psutil
import pytest

from AudioSocketLibrary.bot.process import BotProcess
from AudioSocketLibrary.keywords.engine import Engine
from AudioSocketLibrary.keywords.load_running import WorkerHere, judged
from AudioSocketLibrary.load.capacity import Capacity
from AudioSocketLibrary.load.conductor import Conductor
from AudioSocketLibrary.load.preparation import prepare
from AudioSocketLibrary.load.shapes import Hold, Shape
from AudioSocketLibrary.records import Threshold
from AudioSocketLibrary.records import validity as validities
from AudioSocketLibrary.records import verdict as verdicts
from AudioSocketLibrary.records.validity import Validity, ValidityLimits
from AudioSocketLibrary.records.verdict import Word
from AudioSocketLibrary.scenario import BotShouldReplyWithin, Say
from tests.helpers.loads import plan, profile

pytestmark = pytest.mark.integration
TALK = plan(Say(texts=("Добрий день",)), BotShouldReplyWithin(limit=30.0), name="Talk")
"""One short sentence, and its reply."""


class View:
    """Shows nothing; may do something meanwhile."""

    def __init__(self, act):
        self.show = act

    def add(self, row):
        pass

    def say(self, sentence):
        pass

    def row(self, heads, cells):
        pass


def conducted(folder, bot, shape: Shape, thresholds, *, abort_when=(), act=lambda engine: None):
    """Makes a load from this process; returns what is known at its end, and its verdict."""
    engine = Engine()
    of = profile(shape)
    of = replace(
        of, seed=7, thresholds=tuple(map(Threshold.parse, thresholds)),
        abort_when=tuple(map(Threshold.parse, abort_when)),
    )  # fmt: skip
    job, info = prepare(of, [[TALK]], {"bot": bot.address}, folder, workers=1)
    conductor = Conductor(job, info, View(lambda _: act(engine)))
    info = conductor.conduct(WorkerHere(engine))
    return info, judged(info, conductor.facts)


@pytest.fixture(scope="module")
def bot():
    with BotProcess(["--greeting", "day_friday", "--reply", "day_monday", "--reply-after", "200ms"]) as process:
        yield process


def test_the_programmed_knee_is_found(tmp_path, bot, monkeypatch):
    # This machine runs other tests, too: a search that it makes invalid would find nothing.
    limits = ValidityLimits(*[(9.0, 9.0)] * 5)
    monkeypatch.setattr(verdicts, "validity_of", lambda errors: validities.validity_of(errors, limits))
    bot.set_fault("knee", {"above": 10, "by": "900 ms"})
    try:
        info, verdict = conducted(
            tmp_path, bot, Capacity(10, 11, each=10.0, confirm=6.0), ["p90 response time < 800 ms"],
            abort_when=["p50 response time > 800 ms for 3 s"],
        )  # fmt: skip
    finally:
        bot.clear_faults()
    assert info.claim.startswith("10 calls held for 6 s at p90 response time "), info.claim
    assert verdict.word is Word.PASSED
    assert [(plateau.calls, plateau.held) for plateau in info.plateaus] == [
        *((10, True), (11, False), (11, False), (10, True)),
    ]


HOG = "import time; until = time.monotonic() + 60\nwhile time.monotonic() < until: pass"


def test_beside_a_hog_a_good_bot_does_not_fail(tmp_path, bot):
    hogs = [subprocess.Popen([sys.executable, "-c", HOG]) for _ in range(4 * (psutil.cpu_count() or 1))]
    try:
        _, verdict = conducted(tmp_path, bot, Hold(20, 5.0), ["error rate < 1 %", "p50 response time < 20 s"])
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()
    assert verdict.word is not Word.FAILED, verdict.sentence
    late = verdict.validity.validity is Validity.INVALID
    assert (verdict.word is Word.INVALID) is late


def test_what_made_us_late_outranks_what_it_broke(tmp_path, bot):
    def hold_up(engine):
        async def stand_still():
            time.sleep(0.3)  # noqa: ASYNC251 - a hog that nothing escapes

        engine.submit(stand_still())

    _, verdict = conducted(tmp_path, bot, Hold(3, 5.0), ["p50 response time < 1 ms"], act=hold_up)
    assert not verdict.thresholds[0].ok
    assert verdict.word is Word.INVALID
    assert verdict.word.exit_code == 3
    assert verdict.sentence.startswith("INVALID: ")
    assert "nothing is said about the bot" in verdict.sentence
