"""Which recordings a dialogue may play: named, found, and with the texts that they say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path
from string import Formatter
from typing import TypedDict

from ...media import SoundError, prompt_path
from ...media.phrases import SOUND_FILES, Phrase, PhraseBook
from ...records.yaml_lines import Mapping
from .checking import moves_anywhere
from .model import ANSWER, Dialogue, Line, lines_of


class Found(TypedDict):
    """What belongs to a dialogue's recordings."""

    texts: dict[str, str]
    files: dict[str, str]


class Sounds:
    """The recordings of a dialogue.

    Args:
        dialogue: as it was read.
        content: its file, which knows the lines.
        book: has the texts, and recordings of its own.
    """

    def __init__(self, dialogue: Dialogue, content: Mapping, book: PhraseBook) -> None:
        self._dialogue = dialogue
        self._content = content
        self._prompts = {prompt.name: prompt for prompt in book.prompts}
        self._own = bool(content.text("book"))
        self._folder = content.place.parent

    def found(self) -> Found:
        """Find all.

        Raises:
            UsageError: one is missing.
        """
        found = Found(texts={}, files={})
        for line, place in self._lines():
            for prompt in self._prompts_of(line, place):
                for pattern in self._dialogue.languages.values():
                    self._find(pattern.format(prompt), place, line.name or prompt, found)
            if line.by == ANSWER:
                for prompt in self._prompts:
                    self._find(prompt, place, ANSWER, found)
        return found

    def _lines(self) -> Iterator[tuple[Line, Mapping]]:
        states = self._content.mapping("states")
        for state in self._dialogue.states.values():
            yield from ((line, states.mapping(state.name)) for line in lines_of(state))
        for move in moves_anywhere(self._dialogue):
            yield from ((line, self._content.mapping("anywhere")) for line in move.say)

    def _prompts_of(self, line: Line, place: Mapping) -> Iterable[str]:
        if line.by:
            return filter(None, (*line.choices.values(), line.otherwise))
        slots = [name for _, name, _, _ in Formatter().parse(line.name) if name]
        values = [self._values(slot, line, place) for slot in slots]
        return [line.name.format(**dict(zip(slots, chosen, strict=True))) for chosen in product(*values)]

    def _values(self, slot: str, line: Line, place: Mapping) -> list[str]:
        dialogue = self._dialogue
        values = {phrase.values[slot] for phrase in dialogue.phrases if slot in phrase.values}
        moves = [move for state in dialogue.states.values() for move in state.moves()]
        values |= {move.fills[slot] for move in (*moves, *moves_anywhere(dialogue)) if slot in move.fills}
        values |= {dialogue.slots[slot]} if slot in dialogue.slots else set()
        if not values:
            place.wrong_where(line.name, f"'{line.name}': no phrase and no 'set' fills the slot '{slot}'")
        return sorted(values)

    def _find(self, recording: str, place: Mapping, written: str, found: Found) -> None:
        if recording in found["texts"]:
            return
        beside = self._beside(recording)
        prompt: Phrase | None = self._prompts.get(recording)
        if beside is None and prompt and self._own and prompt.recordings:
            beside = prompt.recordings[0]
        if beside is None:
            try:
                prompt_path(recording)
            except SoundError as error:
                place.wrong_where(written, str(error))
        else:
            found["files"][recording] = str(beside)
        found["texts"][recording] = prompt.text if prompt else recording

    def _beside(self, recording: str) -> Path | None:
        names = [recording] if Path(recording).suffix in SOUND_FILES else [recording + end for end in SOUND_FILES]
        return next((self._folder / name for name in names if (self._folder / name).is_file()), None)
