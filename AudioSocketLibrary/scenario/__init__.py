"""Steps: what can be done in a call, as data; and the calls they are done in."""

from .announce_step import AnnounceCall, AskAboutCall, RequestStep
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
from .echo_step import BotShouldEcho
from .event_steps import BotShouldHaveUnderstood, WaitForBotEvent
from .events import open_source
from .hello import built_in, hello
from .judge import PROMPTS, Judge
from .plan import EventsOfBot, Plan, PlannedStep, PlanResult, play_plan
from .prompt_steps import BotShouldPlayPrompt, SavePrompt
from .server_steps import (
    CallerShouldHangUpWithin,
    CallerShouldSay,
    CallerShouldSendDTMF,
    CallFormatShouldBe,
    WaitForCall,
)
from .sound_steps import BotShouldPlayTone, BotShouldSendAudioOnTime, BotShouldSoundClean, Tone
from .step import Step, play_step
from .voice_steps import MakeSound, Say, SetLine
from .word_steps import BotShouldNotSay, BotShouldSay, BotShouldSayMatching, GetBotWords, check_texts, understood

__all__ = [
    "PROMPTS",
    "AnnounceCall",
    "AskAboutCall",
    "BotShouldEcho",
    "BotShouldGreetWithin",
    "BotShouldHangUpWithin",
    "BotShouldHaveUnderstood",
    "BotShouldKeepTalkingFor",
    "BotShouldNotInterruptCaller",
    "BotShouldNotSay",
    "BotShouldPlayPrompt",
    "BotShouldPlayTone",
    "BotShouldReplyWithin",
    "BotShouldSay",
    "BotShouldSayMatching",
    "BotShouldSendAudioOnTime",
    "BotShouldSoundClean",
    "BotShouldStaySilentFor",
    "BotShouldStopTalkingWithin",
    "CallData",
    "CallFigureShouldBe",
    "CallFormatShouldBe",
    "CallShouldHaveBeenEndedBy",
    "CallShouldHaveNoFindings",
    "CallerShouldHangUpWithin",
    "CallerShouldSay",
    "CallerShouldSendDTMF",
    "Calls",
    "EventsOfBot",
    "GetBotWords",
    "GetCall",
    "GetCallFigure",
    "HangUp",
    "HangUpAll",
    "Judge",
    "MakeSound",
    "Operator",
    "Order",
    "PlaceCall",
    "Plan",
    "PlanResult",
    "PlannedStep",
    "Play",
    "RequestStep",
    "SavePrompt",
    "Say",
    "SendDTMF",
    "SetLine",
    "StaySilent",
    "Step",
    "SwitchCall",
    "Tone",
    "WaitForBotEvent",
    "WaitForCall",
    "WaitUntilBotHasSpoken",
    "WaitUntilBotStartsSpeaking",
    "built_in",
    "check_texts",
    "fill",
    "hello",
    "open_source",
    "play_plan",
    "play_step",
    "understood",
]
