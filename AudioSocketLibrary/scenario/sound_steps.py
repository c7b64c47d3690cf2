"""Steps that judge how the bot sounds: level, clipping, dropouts, noise; tones; whether its audio comes on time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ..call import AROUND, Call
from ..call.recording import SentAudio
from ..media.defects import Defect, SoundLimits, SoundReport, find_defects
from ..media.dtmf import find_digits
from ..media.tones import find_tones
from ..records import CallFailure, FailureKind, time_text
from ..transport import now
from .bot_steps import turn_number
from .calls import Calls
from .step import Step
from .turn_ear import TurnEar, after, counted_from, judge_time

Tone = Literal["beep", "ringback", "busy", "dtmf"]
_TOLD = 3
"""So many defects are told in the message; all are findings of the call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BotShouldSoundClean(Step):
    """No clipping, dropouts, noise nor wrong level in what the bot said so far; hears it out. Soft."""

    limits: SoundLimits = field(default_factory=SoundLimits)

    @property
    def hears(self) -> bool:
        return True

    async def play(self, calls: Calls) -> None:
        call = calls.get(self.call)
        await _spoken(call)
        # Seconds of sound are judged, on the judge's thread: not a frame on the media loop.
        sent, report = await calls.judge.run(self._judge, call)
        if not report.defects:
            return
        told = []
        for defect in report.defects:
            at = sent.time_of(defect.at)
            call.timeline.find(at, defect.kind, defect_text(defect))
            told.append(f"{defect_text(defect)} at {call.seconds(at):.1f} s")
        first = report.defects[0]
        at = sent.time_of(first.at)
        more = f"; and {len(told) - _TOLD} more" if len(told) > _TOLD else ""
        raise CallFailure(
            FailureKind.POOR_SOUND,
            f"Bot does not sound clean: {'; '.join(told[:_TOLD])}{more}.{call.listen_at(at)}",
            at=call.seconds(at), soft=True, value=first.figure, limit=first.limit,
        )  # fmt: skip

    def _judge(self, call: Call) -> tuple[SentAudio, SoundReport]:
        sent = call.sent_by_bot()
        return sent, find_defects(sent.samples, sent.rate, self.limits)


def defect_text(defect: Defect) -> str:
    """A defect, its figure and its limit: ``noise of -38 dBFS (limit -45 dBFS)``."""
    figure, limit = defect.figure, defect.limit
    match defect.kind:
        case "dropout":
            return f"a dropout of {time_text(figure)} (limit {limit:g} of them)"
        case "clipping":
            return f"clipping of {figure:.1%} of the speech (limit {limit:.1%})"
        case "offset":
            return f"a constant offset of {figure:.1%} of full scale (limit {limit:.1%})"
        case "silence":
            return f"silence of {time_text(figure)} (limit {time_text(limit)})"
    what = {"too quiet": "a level", "too loud": "a level"}.get(defect.kind, defect.kind)
    return f"{what} of {figure:.0f} dBFS (limit {limit:g} dBFS)"


@dataclass(frozen=True, slots=True, kw_only=True)
class BotShouldSendAudioOnTime(Step):
    """No burst, underrun or gap (seconds) in what the bot sent so far; hears it out. Soft."""

    ahead: float
    gap: float

    async def play(self, calls: Calls) -> None:
        call = calls.get(self.call)
        await _spoken(call)
        hearing = call.timeline.hearing
        if hearing.ahead > self.ahead:
            at = hearing.lost_at[0][0] if hearing.lost_at else None
            lost = f", of which a phone lost {time_text(hearing.lost)}" if hearing.lost else ""
            raise CallFailure(
                FailureKind.POOR_SOUND,
                f"Bot was up to {time_text(hearing.ahead)} ahead of real time (limit {time_text(self.ahead)}){lost}. "
                f"It should send one frame of 20 ms every 20 ms.{call.listen_at(at)}",
                at=call.seconds(at), soft=True, figure="ahead of real time", value=hearing.ahead, limit=self.ahead,
            )  # fmt: skip
        if hearing.longest_gap > self.gap:
            at = next((at for at, gap in hearing.gaps if gap == hearing.longest_gap), None)
            count = sum(gap > self.gap for _, gap in hearing.gaps)
            raise CallFailure(
                FailureKind.POOR_SOUND,
                f"Bot's audio paused for {time_text(hearing.longest_gap)} in the middle of speech "
                f"(limit {time_text(self.gap)}; {count} such gaps).{call.listen_at(at)}",
                at=call.seconds(at), soft=True, figure="longest gap", value=hearing.longest_gap, limit=self.gap,
            )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class BotShouldPlayTone(Step):
    """A tone, or keys in band, are heard in this turn; waits for them. Hard; late ones are soft."""

    tone: Tone
    keys: str = ""
    within: float | None = None
    turn: int | None = None

    @property
    def hears(self) -> bool:
        return True

    async def play(self, calls: Calls) -> None:
        call = calls.get(self.call)
        number = turn_number(call, self.turn)
        within = call.settings.turn_timeout if self.within is None else self.within
        heard: list[tuple[str, float]] = []

        async def look() -> float | None:
            parts = call.turns[number].parts
            samples, rate = call.arrived(parts[0].start, parts[-1].end)
            if self.tone == "dtmf":
                digits = await calls.judge.run(find_digits, samples, rate)
                heard[:] = [("".join(digit.key for digit in digits), 0.0)] if digits else []
                at = heard[0][0].find(self.keys) if heard else -1
                return parts[0].start - AROUND + digits[at].start if at >= 0 else None
            heard[:] = [(tone.kind, tone.start) for tone in await calls.judge.run(find_tones, samples, rate)]
            return next((parts[0].start - AROUND + start for kind, start in heard if kind == self.tone), None)

        found = await TurnEar(call, number, within).listen(look)
        wanted = f"the keys {self.keys}" if self.keys else "keys" if self.tone == "dtmf" else f"the {self.tone} tone"
        if found is None:
            instead = ", ".join(sorted({kind for kind, _ in heard}))
            at = counted_from(call, number)
            raise CallFailure(
                FailureKind.WRONG_PROMPT,
                f"Bot did not play {wanted} within {time_text(within)}{after(call, number)}. "
                f"{f'Heard instead: {instead}' if instead else 'No tone was heard'}.{call.listen_at(at)}",
                at=call.seconds(at),
                turn=number,
            )
        judge_time(call, number, found, f"played {wanted}", within)


async def _spoken(call: Call) -> None:
    """Hear the bot out: what it says now is judged, too."""
    turn = call.turns[-1].number
    if not any(each.parts for each in call.turns) and not await call.wait_for_reply(turn):
        raise call.no_reply(turn)
    if not call.over and call.turns[turn].parts and now() < call.turns[turn].parts[-1].end + call.settings.reply_pause:
        await call.wait_until_quiet(most=call.settings.longest_reply)
