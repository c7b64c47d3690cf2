"""Steps that expect words: what the bot says is recognised while it speaks, part by part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from ..call import Call
from ..call.call_words import Words
from ..media.words import TOLERANCE, find_pattern, find_words
from ..records import CallFailure, FailureKind, UsageError, time_text
from .bot_steps import turn_number
from .calls import Calls
from .step import Step
from .turn_ear import TurnEar, after, judge_time

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class WordStep(Step):
    """What all of them have."""

    within: float | None = None
    """Seconds from the caller's last word (of the greeting: from the UUID) until the words must have been said; None:
    ``turn_timeout``."""
    language: str = ""
    turn: int | None = None

    @property
    def hears(self) -> bool:
        return True

    def about_turn(self, calls: Calls) -> tuple[Call, int, str, float]:
        """The call, the number of the turn, the language, and until when the words must have been said."""
        call = calls.get(self.call)
        within = call.settings.turn_timeout if self.within is None else self.within
        return call, turn_number(call, self.turn), self.language or call.settings.language, within


@dataclass(frozen=True, slots=True, kw_only=True)
class BotShouldSay(WordStep):
    """One of the texts is heard in this turn; waits for it. Hard; late words are soft."""

    texts: tuple[str, ...]
    tolerance: float = TOLERANCE

    async def play(self, calls: Calls) -> str:
        """Returns the words as they were heard."""
        call, number, language, within = self.about_turn(calls)
        texts = [calls.fill(text) for text in self.texts]

        def look(said: list[Words]) -> tuple[float, str] | None:
            for text in texts:
                found = find_words(text, whole(said), tolerance=self.tolerance, language=language)
                if found.found:
                    return time_of(said, found.where[1]), found.nearest
            return None

        found = await hear(call, calls, number, look, within, language)
        if found is None:
            raise _not_said(call, calls, number, " nor ".join(f"'{text}'" for text in texts), within)
        at, heard = found
        judge_time(call, number, at, f"said '{heard}'", within)
        return heard


@dataclass(frozen=True, slots=True, kw_only=True)
class BotShouldSayMatching(WordStep):
    """The words match a regular expression; returns its named groups. Hard; late words are soft."""

    pattern: str

    async def play(self, calls: Calls) -> dict[str, str]:
        call, number, language, within = self.about_turn(calls)
        pattern = calls.fill(self.pattern)

        def look(said: list[Words]) -> tuple[float, str, dict[str, str]] | None:
            found = find_pattern(pattern, whole(said), language=language)
            return None if found is None else (time_of(said, found.where[1]), found.text, dict(found.groups))

        found = await hear(call, calls, number, look, within, language)
        if found is None:
            raise _not_said(call, calls, number, f"anything like '{pattern}'", within)
        at, heard, groups = found
        judge_time(call, number, at, f"said '{heard}'", within)
        return groups


@dataclass(frozen=True, slots=True, kw_only=True)
class BotShouldNotSay(WordStep):
    """The text is not heard in this turn; hears the reply out. Hard."""

    text: str
    tolerance: float = TOLERANCE

    async def play(self, calls: Calls) -> None:
        call, number, language, _ = self.about_turn(calls)
        text = calls.fill(self.text)
        said = await hear_out(call, calls, number, language)
        found = find_words(text, whole(said), tolerance=self.tolerance, language=language)
        if found.found:
            at = call.turns[number].parts[0].start
            raise CallFailure(
                FailureKind.WRONG_WORDS,
                f"{call.other.capitalize()} said '{found.nearest}'{after(call, number)}, which it should not "
                f"(turn {number})." + call.listen_at(at),
                at=call.seconds(at),
                turn=number,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class GetBotWords(WordStep):
    """The words of the reply; waits until the bot has spoken."""

    async def play(self, calls: Calls) -> str:
        call, number, language, _ = self.about_turn(calls)
        return whole(await hear_out(call, calls, number, language))


def whole(said: list[Words]) -> str:
    """All parts of a reply as one text."""
    return " ".join(words.text for words in said)


def time_of(said: list[Words], position: int) -> float:
    """When the letter at ``position`` of the whole text was said, on the one clock.

    Letters are taken to be equally long: engines tell no times.
    """
    for words in said:
        if position <= len(words.text):
            share = position / len(words.text) if words.text else 1.0
            return words.start + share * (words.end - words.start)
        position -= len(words.text) + 1
    return said[-1].end


async def hear(
    call: Call, calls: Calls, number: int, look: Callable[[list[Words]], T | None], within: float, language: str
) -> T | None:
    """Recognise what the bot says in a turn, while it says it, until ``look`` has found what it looks for."""

    async def look_now() -> T | None:
        return look(await understood(call, calls, number, language))

    return await TurnEar(call, number, within).listen(look_now)


async def hear_out(call: Call, calls: Calls, number: int, language: str) -> list[Words]:
    """Recognise all of a reply; waits until the bot has been quiet for ``reply_pause``."""
    if number == call.turns[-1].number:
        await call.wait_until_replied()
    elif not call.turns[number].parts:
        raise call.no_reply(number)
    return await understood(call, calls, number, language)


async def understood(call: Call, calls: Calls, number: int, language: str = "") -> list[Words]:
    """What was said in a turn so far; a part that has grown since it was last asked for is recognised anew."""
    said = []
    for part in call.turns[number].parts:
        words = call.words.get(part.start)
        if words is None or words.end != part.end:
            end = part.end
            samples, rate = call.arrived(part.start, end)
            heard = await calls.judge.understand(samples, rate, language or call.settings.language, str(call.uuid))
            words = call.words[part.start] = Words(
                part.start, end, heard.text if heard.understood else "", "" if heard.understood else heard.text
            )
        said.append(words)
    return said


def told(call: Call, calls: Calls, number: int) -> str:
    """What the bot said instead, for a message."""
    words = [call.words[part.start] for part in call.turns[number].parts if part.start in call.words]
    text = whole([one for one in words if one.text])
    if text:
        return f"It said: '{text}'"
    length = sum(one.end - one.start for one in words)
    if calls.judge.knows_only_prompts:
        return (
            f"What it said ({time_text(length)} of speech) is no known prompt. To understand any words, set a "
            "recogniser (Use Recogniser    http://127.0.0.1:8000/v1); to check a recording, keep it (Save Prompt)"
        )
    perhaps = whole([Words(one.start, one.end, one.perhaps) for one in words if one.perhaps])
    guess = f", perhaps '{perhaps}'" if perhaps else ""
    return f"What it said ({time_text(length)} of speech) was not understood by {calls.judge.engine}{guess}"


def _not_said(call: Call, calls: Calls, number: int, what: str, within: float) -> CallFailure:
    parts = call.turns[number].parts
    at = parts[0].start if parts else None
    return CallFailure(
        FailureKind.WRONG_WORDS,
        f"{call.other.capitalize()} did not say {what} within {time_text(within)}{after(call, number)}. "
        f"{told(call, calls, number)}." + call.listen_at(at),
        at=call.seconds(at),
        turn=number,
    )


def check_texts(texts: tuple[str, ...]) -> None:
    """Refuse what can never be heard.

    Raises:
        UsageError: there is none, or one has no word in it.
    """
    if not texts or not all(any(letter.isalnum() for letter in text) for text in texts):
        raise UsageError("There is no word to listen for: write what the bot shall say, like 'зимові шини'")
