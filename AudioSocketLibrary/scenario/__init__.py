"""Steps: what can be done in a call, as data; and the calls they are done in."""

from .announce_step import AnnounceCall
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
from .call_data import CallData, Order, fill
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
    "AnnounceCall",
    "BotShouldGreetWithin",
    "BotShouldHangUpWithin",
    "BotShouldKeepTalkingFor",
    "BotShouldNotInterruptCaller",
    "BotShouldReplyWithin",
    "BotShouldStaySilentFor",
    "BotShouldStopTalkingWithin",
    "CallData",
    "CallFigureShouldBe",
    "CallShouldHaveBeenEndedBy",
    "CallShouldHaveNoFindings",
    "Calls",
    "GetCall",
    "GetCallFigure",
    "HangUp",
    "HangUpAll",
    "Operator",
    "Order",
    "PlaceCall",
    "Play",
    "SendDTMF",
    "StaySilent",
    "Step",
    "SwitchCall",
    "WaitUntilBotHasSpoken",
    "WaitUntilBotStartsSpeaking",
    "fill",
    "play_step",
]
