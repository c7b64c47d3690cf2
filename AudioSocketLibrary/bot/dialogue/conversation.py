"""One caller's way through a dialogue. Pure: it is told what happened, and answers with what is to be done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ...media.phrases import Phrase, plain
from .acts import Act, CallTool, Enter, Expect, HangUp, Say, Transfer
from .model import (
    A_GUESS,
    AGAIN,
    ANSWER,
    BACK,
    FALLS_BACK,
    UNSURE,
    Dialogue,
    Line,
    Lines,
    Move,
    Outcome,
    Patience,
    State,
    value_at,
)


class Conversation:
    """The dialogue with one caller. Every method returns what is to be done, in this order.

    Example:
        ```python
        talk = Conversation(dialogue)
        talk.start()  # [Enter('open'), Say(('greeting',)), Expect(...)]
        ```
    """

    def __init__(self, dialogue: Dialogue) -> None:
        self.dialogue = dialogue
        self.state: State = dialogue.states[dialogue.start]
        self.language = ""
        """The caller's; empty until the first phrase was understood."""
        self.slots: dict[str, str] = dict(dialogue.slots)
        self.over = False
        self.intent = ""
        """Of what was understood last."""
        self._listened = dialogue.start
        self._seen: set[str] = set()
        self._last_words: tuple[str, ...] = ()
        self._tries: Counter[str] = Counter()
        self._inputs = 0
        self._ticket = 0
        self._keyed = ""
        """The digits of a number that is being keyed."""
        self._why = "asked for"

    def start(self) -> list[Act]:
        """The caller is there."""
        return self._enter(self.dialogue.start)

    def understood(self, text: str, confidence: float) -> list[Act]:
        """The caller said something, which was recognised as this text, or the phrase of this name."""
        if self._too_many():
            return self._leave()
        self._tries["silence"] = 0
        self.intent = ""
        self.slots["text"] = text
        phrase = self.dialogue.phrase(text, self.state, self.language)
        move = self.dialogue.move_of(phrase, self.state) if phrase else None
        if move and confidence < UNSURE:
            move = Move(move.unsure) if move.unsure and confidence >= A_GUESS else None
        if phrase is None or move is None:
            return self._lost()
        self._take(phrase)
        return self._go(move)

    def key(self, key: str) -> list[Act]:
        """The caller pressed a key."""
        if self._too_many():
            return self._leave()
        self._tries["silence"] = 0
        if self.state.digits and key.isdecimal():
            return self._digit(key)
        self._keyed = ""
        here = self.state.keys.get(key) if self.state.listens else None
        move = here or self.dialogue.keys.get(key)
        if move is None:
            return self._lost()
        self._tries.clear()
        self.intent = ""
        self._why = "asked for"
        return self._go(move)

    def silence(self) -> list[Act]:
        """Neither has said anything for a while."""
        if self._too_many():
            return self._leave()
        if not self.state.listens and not self.state.waits:
            return []
        return self._bear("silence", self.state.silence or self.dialogue.silence)

    def tool_result(self, ticket: int, outcome: Outcome, result: Mapping[str, Any] | None = None) -> list[Act]:
        """A tool has ended; nothing follows where nobody waits for it any more."""
        state = self.state
        if self.over or ticket != self._ticket or not state.call:
            return []
        if state.waits and outcome != "failed":
            return []  # until the human answers
        self._ticket += 1
        if self._too_many():
            return self._leave()
        if outcome in ("found", "stale"):
            for slot, path in state.keep.items():
                value = value_at(result, path)
                self.slots |= {} if value is None else {slot: str(value)}
        self._why = "unavailable" if outcome == "failed" else self._why
        return self._go(self._move_on(outcome))

    def human_answer(self, text: str) -> list[Act]:
        """A human has answered what the dialogue waits for."""
        if self.over or not self.state.waits:
            return []
        self._ticket += 1
        if self._too_many():
            return self._leave()
        self._tries.clear()
        known = self.dialogue.answers
        self.slots[ANSWER] = known.get(text.strip()) or known.get(plain(text)) or ""
        return self._go(self.state.then["answered"])

    # -- inside -------------------------------------------------------------------------------------------------------

    def _too_many(self) -> bool:
        self._inputs += 1
        return self.over or self._inputs > self.dialogue.most_turns

    def _leave(self) -> list[Act]:
        if self.over:
            return []
        self._why = "too many turns"
        acts = self._enter(self.dialogue.silence.then)
        if not self.over:
            self.over = True
            acts.append(HangUp(self._why))
        return acts

    def _take(self, phrase: Phrase) -> None:
        self._tries.clear()
        self._why = "asked for"
        self.language = self.language or phrase.language
        self.intent = phrase.intent
        self.slots |= phrase.values
        self.slots |= {"intent": phrase.intent, "text": phrase.text}

    def _digit(self, key: str) -> list[Act]:
        """One more of a number; nothing follows until it is whole."""
        self._keyed += key
        (slot, length), *_ = self.state.digits.items()
        if len(self._keyed) < length:
            return []
        self._tries.clear()
        self.intent = ""
        self._why = "asked for"
        return self._go(Move(fills={slot: self._keyed}))

    def _move_on(self, outcome: str) -> Move:
        while outcome not in self.state.then and outcome in FALLS_BACK:
            outcome = FALLS_BACK[outcome]
        return self.state.then.get(outcome) or Move(self.dialogue.failed or self.dialogue.silence.then)

    def _lost(self) -> list[Act]:
        """What came leads nowhere."""
        if self.state.waits:
            # Whatever a caller says who has to wait for a human: it is an impatient silence.
            return self._bear("silence", self.state.silence or self.dialogue.silence)
        if not self.state.listens:
            return []
        return self._bear("not understood", self.state.not_understood or self.dialogue.not_understood)

    def _bear(self, what: str, patience: Patience) -> list[Act]:
        self._keyed = ""
        number = self._tries[what]
        self._tries[what] += 1
        if number < len(patience.say):
            words = self._words((patience.say[number],))
            return [Say(words), self._expect()] if words else [self._expect()]
        self._why = what
        return self._enter(patience.then)

    def _go(self, move: Move) -> list[Act]:
        self.slots |= move.fills
        if move.go == AGAIN:
            return [Say(self._last_words), self._expect()] if self._last_words else [self._expect()]
        said = self._words(move.say)
        if move.go:
            return self._enter(self._listened if move.go == BACK else move.go, said)
        if not self.state.listens or (said and not self.state.fill):
            return [self._say(said), self._expect()] if said else [self._expect()]
        return self._enter(self.state.name, said)

    def _enter(self, name: str, said: tuple[str, ...] = ()) -> list[Act]:
        """Go to a state, and through all those that pass on at once."""
        acts: list[Act] = []
        self._keyed = ""
        while True:
            state = self.state = self.dialogue.states[name]
            self._ticket += 1
            acts.append(Enter(name))
            self._empty(state.forget)
            missing = next((slot for slot in state.fill if slot not in self.slots), None)
            passes = bool(state.go) and missing is None
            said += self._words(self._own_lines(state, missing))
            if not passes:
                break
            name = state.go
        if said:
            acts.append(self._say(said))
        return [*acts, *self._settle(state)]

    def _own_lines(self, state: State, missing: str | None) -> Lines:
        if state.fill:
            return state.fill[missing] if missing else ()
        first = state.name not in self._seen
        self._seen.add(state.name)
        return state.first if first and state.first else state.say

    def _settle(self, state: State) -> list[Act]:
        if state.call:
            given = {name: self._filled(text) for name, text in state.give.items()}
            return [CallTool(self._ticket, state.call, {name: text for name, text in given.items() if text})]
        if state.end:
            self.over = True
            return [Transfer(self._why)] if state.end == "transfer" else [HangUp(self._why)]
        self._listened = state.name
        return [self._expect()]

    def _empty(self, slots: tuple[str, ...]) -> None:
        for slot in slots:
            self.slots.pop(slot, None)
            if slot in self.dialogue.slots:
                self.slots[slot] = self.dialogue.slots[slot]

    def _filled(self, text: str) -> str:
        try:
            return text.format_map(self.slots)
        except KeyError:
            return ""

    def _expect(self) -> Expect:
        among = self.dialogue.heard_in(self.state, self.language)
        return Expect(tuple(phrase.text for phrase in among), self.language)

    def _say(self, recordings: tuple[str, ...]) -> Say:
        self._last_words = recordings
        return Say(recordings)

    def _words(self, lines: Lines) -> tuple[str, ...]:
        words = (self._recording(line) for line in lines)
        return tuple(word for word in words if word in self.dialogue.texts)

    def _recording(self, line: Line) -> str:
        if line.by == ANSWER and self.slots.get(ANSWER):
            return self.slots[ANSWER]
        prompt = line.prompt(self.slots)
        language = self.language or next(iter(self.dialogue.languages))
        return self.dialogue.languages[language].format(prompt) if prompt else ""
