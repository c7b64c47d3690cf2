"""The caller as the bot notices it: silence is what was heard, not what the clock says."""

import pytest

from AudioSocketLibrary.bot import BotSettings, Script
from AudioSocketLibrary.bot import caller as module
from AudioSocketLibrary.bot.agenda import Agenda
from AudioSocketLibrary.bot.caller import LATE_FRAMES, Caller
from AudioSocketLibrary.bot.mouth import Mouth

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
