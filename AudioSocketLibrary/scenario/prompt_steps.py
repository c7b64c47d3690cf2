"""Steps that expect known recordings: found by waveform in what the bot plays, near twins told apart by ranking."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..call import AROUND, Call
from ..media.new_prompts import KeptPrompt, keep_prompt
from ..media.prompt_match import SAME, PromptMatch
from ..media.prompt_recogniser import in_order
from ..records import CallFailure, FailureKind, time_text
from .bot_steps import turn_number
from .calls import Calls
from .step import Step
from .turn_ear import TurnEar, after, judge_time

_TOLD = 3
"""So many of the prompts that were heard instead are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BotShouldPlayPrompt(Step):
    """One of the prompts is played in this turn; waits for it. Hard; a late one is soft."""

    names: tuple[str, ...]
    within: float | None = None
    """Seconds from the caller's last word until the prompt must have begun; None: ``turn_timeout``."""
    turn: int | None = None

    @property
    def hears(self) -> bool:
        return True

    async def play(self, calls: Calls) -> str:
        """Returns the name of the prompt that was played."""
        call = calls.get(self.call)
        number = turn_number(call, self.turn)
        within = call.settings.turn_timeout if self.within is None else self.within
        names = await calls.judge.prompt_names(self.names)
        heard: dict[float, tuple[float, list[PromptMatch]]] = {}
        """Of each part: its end when it was judged, and all prompts as they fit into it."""

        async def look() -> tuple[float, PromptMatch] | None:
            for part in list(call.turns[number].parts):
                known = heard.get(part.start)
                if known is None or known[0] != part.end:
                    end = part.end
                    samples, rate = call.arrived(part.start, end)
                    known = heard[part.start] = end, await calls.judge.rank(samples, rate)
                # Of all that claim the same time only the best was played: a word in a longer prompt was not.
                for match in in_order(known[1]):
                    if match.name in names:
                        return part.start - AROUND + match.start, match
            return None

        found = await TurnEar(call, number, within).listen(look)
        if found is None:
            raise await _not_played(call, calls, number, names, within, [ranked for _, ranked in heard.values()])
        at, match = found
        judge_time(call, number, at, f"played '{match.name}'", within)
        return match.name


@dataclass(frozen=True, slots=True, kw_only=True)
class SavePrompt(Step):
    """Keep the reply of a turn as a recording of a prompt; hears it out. Nothing where it is the known one."""

    name: str
    book: Path
    turn: int | None = None

    @property
    def hears(self) -> bool:
        return True

    async def play(self, calls: Calls) -> KeptPrompt:
        call = calls.get(self.call)
        number = turn_number(call, self.turn)
        if number == call.turns[-1].number and not call.over:
            await call.wait_until_replied()
        parts = call.turns[number].parts
        if not parts:
            raise call.no_reply(number)
        return await calls.judge.run(self._keep, call, parts[0].start - AROUND, parts[-1].end + AROUND)

    def _keep(self, call: Call, start: float, end: float) -> KeptPrompt:
        # Frame after frame: a late one makes no other recording of it.
        sent = call.sent_by_bot()
        return keep_prompt(self.book, self.name, sent.between(start, end), sent.rate)


async def _not_played(
    call: Call, calls: Calls, number: int, names: tuple[str, ...], within: float, heard: list[list[PromptMatch]]
) -> CallFailure:
    parts = call.turns[number].parts
    at = parts[0].start if parts else None
    wanted = " nor ".join(f"'{name}'" for name in names)
    played = [match for ranked in heard for match in in_order(ranked)]
    known = [f"'{match.name}' (similarity {match.similarity:.2f})" for match in played][:_TOLD]
    if known:
        instead = f"It played {', '.join(known)}"
    else:
        length = time_text(sum(part.end - part.start for part in parts))
        every = (match for ranked in heard for match in ranked)
        near = max(every, key=lambda match: match.similarity, default=None)
        nearest = f"; nearest '{near.name}' with similarity {near.similarity:.2f}, {SAME:.2f} is needed" if near else ""
        instead = f"Its {length} of speech are no known prompt{nearest}"
    scores = await _scores(call, calls, number, names)
    return CallFailure(
        FailureKind.WRONG_PROMPT,
        f"Bot did not play {wanted} within {time_text(within)}{after(call, number)}. {instead}{scores}."
        + call.listen_at(at),
        at=call.seconds(at),
        turn=number,
    )


async def _scores(call: Call, calls: Calls, number: int, names: tuple[str, ...]) -> str:
    """How near the expected prompts came: similarity, and the share of the prompt that was heard at all."""
    parts = call.turns[number].parts
    if not parts:
        return ""
    samples, rate = call.arrived(parts[0].start, parts[-1].end)
    ranked = await calls.judge.rank(samples, rate, names)
    told = (f"'{one.name}' similarity {one.similarity:.2f}, coverage {one.coverage:.0%}" for one in ranked[:_TOLD])
    return f" ({'; '.join(told)})"
