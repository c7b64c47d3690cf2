"""The caller as the bot notices it: silence is what was heard, not what the clock says."""

import asyncio

import pytest

from AudioSocketLibrary.bot import BotSettings, Script, row
from AudioSocketLibrary.bot import caller as module
from AudioSocketLibrary.bot.agenda import Agenda
from AudioSocketLibrary.bot.caller import LATE_FRAMES, Caller
from AudioSocketLibrary.bot.mouth import Mouth
from AudioSocketLibrary.protocol import AudioFormat

pytestmark = pytest.mark.unit


class StandIn:
    """An ear of which the test says how far it has heard."""

    def __init__(self):
        self.until = 0.0

    def catch_up(self):
        pass

    def heard_until(self):
        return self.until

    def last_voiced(self):
        return None

    def close(self):
        pass


@pytest.fixture
async def spoken(monkeypatch):
    """A caller whose last voiced sample came at 10 s; look(time, heard) tells what the bot noticed until then."""
    settings = BotSettings(endpoint=0.4)
    told = []
    agenda = Agenda(Script(()), 1, None, lambda *_: None, lambda event, *_: told.append(event))
    mouth = Mouth(settings.format, fill=True, on_end=lambda *_: None)
    caller = Caller(settings, agenda, mouth, lambda _: None)
    caller._ear = ear = StandIn()
    caller._voiced(9.0, 10.0)

    def look(time, heard):
        ear.until = heard
        monkeypatch.setattr(module, "now", lambda: time)
        caller._end_due()
        return told

    yield look
    agenda.clear()


@pytest.mark.parametrize(
    ("time", "heard", "stopped"),
    [
        (10.3, 10.3, False),
        (10.41, 10.41, True),
        (10.41, 10.25, False),  # late by 160 ms
        (10.41, 10.395, True),  # a frame is on its way
        (10.25 + LATE_FRAMES, 10.25, True),  # no frames any more: DTX
    ],
)
async def test_speech_ends_where_so_much_silence_was_heard(spoken, time, heard, stopped):
    assert spoken(time, heard) == ["caller speaks", *["caller stops"] * stopped]


async def test_late_frames_are_awaited_until_they_come(spoken):
    assert spoken(10.45, 10.25) == ["caller speaks"]
    assert spoken(10.47, 10.45) == ["caller speaks", "caller stops"]


async def test_what_waited_is_heard_before_it_is_said_that_he_stopped(monkeypatch):
    told = []
    agenda = Agenda(Script(()), 1, None, lambda *_: None, lambda event, *_: told.append(event))
    caller = Caller(BotSettings(endpoint=0.4), agenda, Mouth(AudioFormat.slin, fill=True, on_end=print), lambda _: None)
    caller._ear = ear = StandIn()
    caller._voiced(9.0, 10.0)

    def goes_on():
        caller._voiced(9.0, 10.45)
        return 10.5

    ear.heard_until = goes_on
    monkeypatch.setattr(module, "now", lambda: 10.5)
    caller._end_due()
    assert "caller stops" not in told
    agenda.clear()


async def test_nothing_is_begun_in_a_call_that_is_over():
    done = []
    agenda = Agenda(Script(()), 1, None, lambda *_: done.append("row"), lambda *_: None)
    agenda.later(0.01, lambda: done.append("before"))
    agenda.clear()
    agenda.later(0.01, lambda: done.append("after"))
    agenda.start(row("time", "play", recording="goodbye", at=0.0), 0.0, 0)
    await asyncio.sleep(0.05)
    assert done == []
    assert not agenda.words_wait
