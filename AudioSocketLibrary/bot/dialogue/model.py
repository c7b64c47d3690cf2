"""What a dialogue is made of. Data: `loading` reads it from YAML, `conversation` goes through it with one caller."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from typing import Final, Literal

from ...media.phrases import Phrase, plain

AGAIN: Final = "again"
"""Where a move may go besides a state: say the last words once more ..."""
BACK: Final = "back"
"""... or return to where the caller was last listened to."""
UNSURE: Final = 0.6
"""Confidence below which nothing counts as understood, nor as known."""
A_GUESS: Final = 0.4
"""Confidence below which what was heard is not even a guess."""
Outcome = Literal["found", "stale", "none", "unsure", "failed", "answered"]
FALLS_BACK: Final[Mapping[str, str]] = {"stale": "found", "unsure": "none", "none": "failed"}
"""The outcome of a tool that is taken instead, where a state does not tell apart."""
ANSWER: Final = "answer"
"""The slot that holds what a human answered."""
_ALIKE: Final = 0.75


@dataclass(frozen=True, slots=True)
class Line:
    """A prompt to say: by its name, which may hold slots (``day_{day}``), or chosen by the value of a slot."""

    name: str = ""
    by: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    otherwise: str = ""

    def prompt(self, slots: Mapping[str, str]) -> str:
        """The name of the prompt; empty where it would hold a slot that is not filled."""
        if self.by:
            return self.choices.get(slots.get(self.by, ""), self.otherwise)
        try:
            return self.name.format_map(slots)
        except KeyError:
            return ""


Lines = tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """What follows: slots that get a value, words, and the state to go to."""

    go: str = ""
    """A state, ``again`` or ``back``; empty: stay."""
    say: Lines = ()
    fills: Mapping[str, str] = field(default_factory=dict)
    unsure: str = ""
    """The state to go to instead where what was heard is no more than a guess."""


@dataclass(frozen=True, slots=True)
class Patience:
    """What is said the first time, the second ..., and the state that follows after that."""

    say: Lines
    then: str


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A place in a dialogue, of one of four kinds.

    It *listens* (``hear``, ``keys``, ``fill``), calls a *tool* (``call``), *passes on* at once (``go``), or *ends* the
    call (``end``).
    """

    name: str
    line: int = 0
    say: Lines = ()
    first: Lines = ()
    """Said instead when the state is entered for the first time."""
    hear: Mapping[str, Move] = field(default_factory=dict)
    """By the intent of what the caller said, or by the name of the phrase."""
    keys: Mapping[str, Move] = field(default_factory=dict)
    fill: Mapping[str, Lines] = field(default_factory=dict)
    """Slots, and what asks for each; when all are filled, the dialogue goes on with ``go``."""
    digits: Mapping[str, int] = field(default_factory=dict)
    """A slot that can be keyed too, and of how many digits it is."""
    go: str = ""
    call: str = ""
    """The tool."""
    give: Mapping[str, str] = field(default_factory=dict)
    """Its arguments, which may hold slots."""
    keep: Mapping[str, str] = field(default_factory=dict)
    """Slots that are filled from its result: the path there, like ``found.0.id``."""
    then: Mapping[str, Move] = field(default_factory=dict)
    """By its outcome; with ``answered``, the state waits for a human after the tool has ended."""
    forget: tuple[str, ...] = ()
    """Slots that are emptied, or get their first value back, when the state is entered."""
    end: Literal["", "hang up", "transfer"] = ""
    not_understood: Patience | None = None
    silence: Patience | None = None

    @property
    def listens(self) -> bool:
        """Whether the caller's next words lead on."""
        return not (self.call or self.end or (self.go and not self.fill))

    @property
    def waits(self) -> bool:
        """Whether it waits for a human."""
        return "answered" in self.then

    def moves(self) -> Iterator[Move]:
        """All moves that are written in it."""
        yield from (*self.hear.values(), *self.keys.values(), *self.then.values())
        if self.go:
            yield Move(self.go)
        yield from (Move(each.then, each.say) for each in (self.not_understood, self.silence) if each)


@dataclass(frozen=True, kw_only=True)
class Dialogue:
    """A dialogue, checked."""

    name: str
    about: str = ""
    languages: Mapping[str, str]
    """By language how a prompt's recording is called: ``en_{}``. The first is spoken until the caller has said some."""
    states: Mapping[str, State]
    """The first is where a call begins."""
    phrases: tuple[Phrase, ...] = ()
    slots: Mapping[str, str] = field(default_factory=dict)
    """Their first values."""
    tools: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """Results of tools that need no backend."""
    hear: Mapping[str, Move] = field(default_factory=dict)
    """What is heard in every state; so are keys."""
    keys: Mapping[str, Move] = field(default_factory=dict)
    not_understood: Patience
    silence: Patience
    failed: str = ""
    """The state that follows where a tool has an outcome for which its state says nothing."""
    most_turns: int = 60
    """After so many utterances, keys and silences the caller is taken leave of."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """By recording what it says."""
    files: Mapping[str, str] = field(default_factory=dict)
    """By recording the file, where it is not one of the package's prompts."""

    @cached_property
    def start(self) -> str:
        """The state where a call begins."""
        return next(iter(self.states))

    @cached_property
    def recordings(self) -> tuple[str, ...]:
        """All recordings that may be played."""
        return tuple(sorted(self.texts))

    @cached_property
    def answers(self) -> Mapping[str, str]:
        """The recording of a text or name, as a human may answer with it."""
        named = {name: name for name in self.texts}
        return {plain(text): name for name, text in self.texts.items()} | named

    def heard_in(self, state: State, language: str = "") -> tuple[Phrase, ...]:
        """The phrases that make sense in a state, in one language or in all."""
        return self._heard[state.name, language]

    def phrase(self, text: str, state: State, language: str = "") -> Phrase | None:
        """What the caller said in a state, by its text or name; None: nothing that makes sense there."""
        wanted = plain(text)
        among = self.heard_in(state, language)
        return next((each for each in among if plain(each.text) == wanted or each.name == text), None)

    def nearest(self, text: str, state: State, language: str = "") -> Phrase | None:
        """The phrase that is written most alike, for recognisers that write what they hear. Takes milliseconds."""
        among = {plain(each.text): each for each in self.heard_in(state, language)}
        near = get_close_matches(plain(text), among, 1, _ALIKE)
        return among[near[0]] if near else None

    def move_of(self, phrase: Phrase, state: State) -> Move | None:
        """Where a phrase leads from a state."""
        here = _named(state.hear, phrase) if state.listens else None
        if here is None and state.listens and any(slot in state.fill for slot in phrase.values):
            here = Move()
        return here or _named(self.hear, phrase)

    @cached_property
    def _heard(self) -> Mapping[tuple[str, str], tuple[Phrase, ...]]:
        return {
            (state.name, language): tuple(
                phrase
                for phrase in self.phrases
                if phrase.language in ((language,) if language else self.languages) and self.move_of(phrase, state)
            )
            for state in self.states.values()
            for language in ("", *self.languages)
        }


def _named(moves: Mapping[str, Move], phrase: Phrase) -> Move | None:
    return moves.get(phrase.name) or moves.get(phrase.intent)


def value_at(data: object, path: str) -> object | None:
    """What is at a path like ``found.0.id``; None: nothing is."""
    for part in path.split("."):
        if isinstance(data, list) and part.isdecimal() and int(part) < len(data):
            data = data[int(part)]
        elif isinstance(data, Mapping) and part in data:
            data = data[part]
        else:
            return None
    return data


def lines_of(state: State) -> Iterable[Line]:
    """All that may be said in a state."""
    yield from (*state.say, *state.first)
    for asks in state.fill.values():
        yield from asks
    for move in state.moves():
        yield from move.say
