"""When a prompt began, heard while the bot still speaks: the moment ``prompt <name> starts``."""

from __future__ import annotations

from ..call import AROUND, Call, Moment
from ..media.prompt_match import PromptMatch
from ..records import CallFailure, FailureKind, time_text
from .calls import Calls
from .turn_ear import TurnEar, after

_EVERY = 0.100
"""Seconds of new speech after which it is judged again."""
_SURE = ((0.55, 0.80), (0.90, 0.75))
"""So many seconds of a prompt with so great a similarity are enough to know it by, before the rest is heard ..."""
_WHOLE = (0.9, 0.75)
"""... and so great a share of a short one."""


async def hear_prompt_start(call: Call, calls: Calls, moment: Moment) -> float:
    """Listen to the current turn until the prompt of a moment has begun; returns when, on the one clock.

    Raises:
        CallFailure: the bot did not speak, or did not play it within ``turn_timeout``.
        UsageError: there is no such prompt.
    """
    (name,) = await calls.judge.prompt_names((moment.prompt,))
    await calls.judge.prepare()
    number = call.turns[-1].number

    async def look() -> float | None:
        for part in list(call.turns[number].parts):
            start = part.start
            samples, rate = call.arrived(start, part.end)
            (match,) = await calls.judge.rank(samples, rate, (name,))
            if _sure(match):
                return start - AROUND + match.start
        return None

    within = call.settings.turn_timeout
    found = await TurnEar(call, number, within, every=_EVERY).listen(look)
    if found is None:
        at = call.turns[number].parts[0].start
        raise CallFailure(
            FailureKind.WRONG_PROMPT,
            f"Waited for '{moment}', but the {call.other} did not play '{name}' within {time_text(within)}"
            f"{after(call, number)}." + call.listen_at(at),
            at=call.seconds(at),
            turn=number,
        )
    return found


def _sure(match: PromptMatch) -> bool:
    length = match.end - match.start
    share, similarity = _WHOLE
    return (match.coverage >= share and match.similarity >= similarity) or any(
        length >= seconds and match.similarity >= least for seconds, least in _SURE
    )
