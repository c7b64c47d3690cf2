"""Why a call could not go on, in one sentence each: what happened, the figure, where to listen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..protocol import Party
from ..records import CallFailure, FailureKind, time_text
from .steady import SILENT

if TYPE_CHECKING:
    from .call import Call
    from .moment import Moment
    from .turns import LiveTurn


def no_reply(call: Call, number: int, patience: float) -> CallFailure:
    """The bot did not reply in turn ``number`` within ``patience`` seconds, or the call ended before."""
    turn = call.turns[number]
    if call.over:
        awaited = "greeted" if number == 0 else f"replied to {_quoted(turn)}"
        return ended_early(call, f"it had {awaited}")
    if number == 0:
        return CallFailure(
            FailureKind.NO_GREETING,
            f"{call.other.capitalize()} did not {'greet' if call.role is Party.CALLER else 'speak'} within "
            f"{time_text(patience)}{_what_came(call, None)}." + call.listen_at(None),
            at=call.seconds(),
            turn=0,
            figure="greeting time",
            value=patience,
        )
    return CallFailure(
        FailureKind.NO_REPLY,
        f"{call.other.capitalize()} did not reply to {_quoted(turn)} within {time_text(patience)} (turn {number})"
        f"{_what_came(call, turn.end)}." + call.listen_at(turn.end),
        at=call.seconds(turn.end),
        turn=number,
        figure="response time",
        value=patience,
    )


def never_spoke(call: Call, number: int, patience: float, moment: Moment, doing: str) -> CallFailure:
    """The bot did not speak in turn ``number``, so that ``moment`` never came."""
    turn = call.turns[number]
    wanted = _capital(doing).replace("could be", "should have been")
    return CallFailure(
        FailureKind.NO_REPLY if number else FailureKind.NO_GREETING,
        f"{wanted} {moment}, but the {call.other} did not speak within {time_text(patience)}."
        + call.listen_at(turn.end),
        at=call.seconds(turn.end),
        turn=number,
    )


def missed_moment(call: Call, moment: Moment, doing: str, late: float) -> CallFailure:
    """``moment`` had passed, ``late`` seconds ago, when it came to it."""
    return CallFailure(
        FailureKind.MISSED_MOMENT,
        f"{_capital(doing)} only {time_text(late)} too late: {moment} was over when it came to it. "
        "Take a later moment, or do less before",
        at=call.seconds(),
    )


def not_stopped(call: Call, number: int) -> CallFailure:
    """The bot made no pause within ``longest_reply``."""
    parts = call.turns[number].parts
    since = parts[0].start if parts else None
    return CallFailure(
        FailureKind.NOT_STOPPED,
        f"{call.other.capitalize()} spoke for more than {time_text(call.settings.longest_reply)} without a pause "
        f"(turn {number}): the {call.role} had no chance to speak. "
        "For longer replies: Set Call Defaults    longest_reply=3 min." + call.listen_at(since),
        at=call.seconds(since),
        turn=number,
    )


def ended_early(call: Call, doing: str) -> CallFailure:
    """The call ended before ``doing``."""
    ending = call.timeline.ending
    assert ending
    at = call.seconds(ending.at)
    listen = call.listen_at(ending.at)
    after = f"after {time_text(at)}"
    if ending.by == "asterisk":
        text = (
            f"Asterisk {call.settings.asterisk} would have dropped this call {after}: {ending.reason}. "
            "Tell the bot's developers; to go on regardless: Place Call    rules=lenient"
        )
        return CallFailure(FailureKind.DROPPED, text + "." * bool(listen) + listen, at=at)
    if ending.by == "network":
        text = f"The connection broke {after}, before {doing}: {ending.reason}.{listen}"
        return CallFailure(FailureKind.CUT_BY_NETWORK, text, at=at)
    if ending.by == call.other:
        text = f"The {call.other} hung up {after} ({ending.reason}), before {doing}.{listen}"
        kind = FailureKind.CUT_BY_BOT if call.role is Party.CALLER else FailureKind.CUT_BY_CALLER
        return CallFailure(kind, text, at=at)
    if ending.reason.startswith("too long"):
        text = f"The call was hung up {after}, before {doing}: that is its longest length (max_length).{listen}"
        return CallFailure(FailureKind.TOO_LONG, text, at=at)
    return CallFailure(FailureKind.WRONG_END, f"The {call.role} had hung up {after}, before {doing}.{listen}", at=at)


def _what_came(call: Call, since: float | None) -> str:
    """What arrived instead of speech: a bot that sends silence has another fault than one that sends nothing."""
    frames, last = call.timeline.hearing.frames, call.timeline.hearing.arrived_at
    if not frames:
        return ": it has sent no audio at all" if since else ": it accepted the call and sent no audio at all"
    if last < call.until - SILENT:
        return f": it has sent no audio frame since {call.seconds(last):.1f} s"
    return ": all it sent is silence"


def _quoted(turn: LiveTurn) -> str:
    return f"the keys {turn.said}" if turn.kind == "keys" else f"'{turn.said}'"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
