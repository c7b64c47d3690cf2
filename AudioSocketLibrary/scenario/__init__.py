"""Steps: what can be done in a call, as data; and the calls they are done in."""

from .bot_steps import (
    BotShouldGreetWithin,
    BotShouldHangUpWithin,
    BotShouldKeepTalkingFor,
    BotShouldNotInterruptCaller,
    BotShouldReplyWithin,
    BotShouldStaySilentFor,
    BotShouldStopTalkingWithin,
    WaitUntilBotHasSpoken,
    WaitUntilBotStartsSpeaking,
)
from .call_steps import (
    CallFigureShouldBe,
    CallShouldHaveBeenEndedBy,
    CallShouldHaveNoFindings,
    GetCallFigure,
    Operator,
)
from .caller_steps import GetCall, HangUp, HangUpAll, PlaceCall, Play, SendDTMF, StaySilent, SwitchCall
from .calls import Calls
from .step import Step, play_step

__all__ = [
    "BotShouldGreetWithin",
    "BotShouldHangUpWithin",
    "BotShouldKeepTalkingFor",
    "BotShouldNotInterruptCaller",
    "BotShouldReplyWithin",
    "BotShouldStaySilentFor",
    "BotShouldStopTalkingWithin",
    "CallFigureShouldBe",
    "CallShouldHaveBeenEndedBy",
    "CallShouldHaveNoFindings",
    "Calls",
    "GetCall",
    "GetCallFigure",
    "HangUp",
    "HangUpAll",
    "Operator",
    "PlaceCall",
    "Play",
    "SendDTMF",
    "StaySilent",
    "Step",
    "SwitchCall",
    "WaitUntilBotHasSpoken",
    "WaitUntilBotStartsSpeaking",
    "play_step",
]
