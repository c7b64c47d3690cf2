"""Plain settings: the script that they amount to, and the arguments of the command."""

import pytest

from AudioSocketLibrary.bot import BotSettings, rows_of
from AudioSocketLibrary.bot.process import arguments_of
from AudioSocketLibrary.bot.recordings import Recordings
from AudioSocketLibrary.commands.bot import _settings, bot
from AudioSocketLibrary.protocol import AudioFormat
from AudioSocketLibrary.records import UsageError

pytestmark = pytest.mark.unit

EACH = [
    {},
    {"greeting": None},
    {"greeting": "menu", "greeting_after": 0.25},
    {"replies": ("one_moment", "x.wav"), "reply_after": (0.05, 1.2345)},
    {"yields_after": None, "silence_after": None, "endpoint": 0.8},
    {"yields_after": 0.1, "silence_after": 2.5, "hang_up_after_turn": 0},
    {"echo": True, "fill": "nothing"},
    {"calibration": True, "seed": 0, "format": AudioFormat.slin16},
    {"on_keys": False, "hang_up_after_turn": 3},
]


@pytest.mark.parametrize("values", EACH, ids=str)
def test_the_command_understands_the_arguments_of_any_settings(values):
    settings = BotSettings(**values)
    context = bot.make_context("bot", arguments_of(settings))
    options = dict(context.params)
    for name in ("host", "port", "script", "truth", "log_calls", "stop_with_stdin"):
        options.pop(name)
    assert _settings(options) == settings


def test_the_usual_behaviour():
    rows = rows_of(BotSettings(hang_up_after_turn=2))
    assert [(each.on, each.do) for each in rows] == [
        ("uuid", "play"),
        ("caller stops", "play"),
        ("caller speaks over", "stop"),
        *[("key", "stop"), ("key", "play")] * 3,
        ("silence", "play"),
        ("reply ends", "hang up"),
    ]


def test_echo_and_calibration_do_nothing_else():
    assert [(each.on, each.do) for each in rows_of(BotSettings(echo=True))] == [("connected", "echo")]
    assert [(each.on, each.do) for each in rows_of(BotSettings(calibration=True))] == [("caller stops", "tone")]
    assert len(rows_of(BotSettings(calibration=True, greeting="greeting"))) == 2


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"echo": True, "calibration": True}, "nothing to calibrate"),
        ({"echo": True, "hang_up_after_turn": 1}, "leave out hang_up_after_turn"),
        ({"replies": ()}, "at least one reply"),
        ({"reply_after": (-0.1,)}, "before it was asked"),
        ({"endpoint": 0.01}, r"0\.1 to 10 s"),
        ({"hang_up_after_turn": -1}, "numbered from 0"),
    ],
)
def test_refuses_what_cannot_be(values, message):
    with pytest.raises(UsageError, match=message):
        BotSettings(**values)


def test_says_which_recording_cannot_be_played():
    with pytest.raises(UsageError, match=r"cannot play 'tyre_found': .* did you mean 'tyres_found'"):
        Recordings(["tyre_found"], AudioFormat.slin)
    with pytest.raises(UsageError, match=r"cannot play 'mine/none.wav': There is no file"):
        Recordings(["mine/none.wav"], AudioFormat.slin)
