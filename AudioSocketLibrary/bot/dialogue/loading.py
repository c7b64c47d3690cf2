"""Dialogues as people write them: YAML, with errors that name the file, the line and the nearest right word."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from string import Formatter
from typing import Any, Final, Literal, cast, get_args

from ...media.phrases import Phrase, PhraseBook, PhraseBookError, load_phrase_book
from ...records import UsageError
from ...records.yaml_lines import Mapping, read_yaml
from ..parameters import key as key_of
from ..script import nearest
from .checking import check
from .model import Dialogue, Line, Lines, Move, Outcome, Patience, State
from .sounding import Sounds

_TOP: Final = ("about", "languages", "book", "phrases", "slots", "tools", "anywhere", "most_turns", "states")
_ANYWHERE: Final = ("hear", "keys", "not_understood", "silence", "failed")
_STATE: Final = (
    *("say", "first", "hear", "keys", "fill", "digits", "go", "call", "with", "keep", "then", "forget", "end"),
    *("not_understood", "silence"),
)
_MOVE: Final = ("go", "say", "set", "unsure")
_PHRASE: Final = ("name", "text", "language", "intent", "values")
_ENDS: Final = ("hang up", "transfer")


def dialogue_names() -> list[str]:
    """The dialogues that travel with the package."""
    return sorted(path.stem for path in Path(__file__).parent.glob("*.yaml"))


def dialogue_path(name: str) -> Path:
    """The file of a dialogue: ``tyre_shop``, or a path.

    Raises:
        UsageError: there is none of that name.
    """
    path = Path(name)
    if path.suffix or len(path.parts) > 1:
        return path
    if name not in dialogue_names():
        raise UsageError(f"There is no dialogue '{name}'; {nearest(name, dialogue_names())}, or give a file")
    return Path(__file__).parent / f"{name}.yaml"


def load_dialogue(name: str | Path) -> Dialogue:
    """Read a dialogue and check it.

    Args:
        name: one of the package's, or a file. Recordings and the phrase book may lie beside it.

    Raises:
        UsageError: it cannot be read, or something in it is wrong; the text names the line and the nearest right word.
    """
    place = dialogue_path(str(name))
    content = read_yaml(place)
    content.only(_TOP, "a dialogue")
    book = _book(content, place)
    dialogue = _Reader(content, book).dialogue(place)
    check(dialogue, content)
    return replace(dialogue, **Sounds(dialogue, content, book).found())


def book_path(name: str | Path) -> Path | None:
    """The phrase book that a dialogue brings along; None: the package's own."""
    place = dialogue_path(str(name))
    book = read_yaml(place).text("book")
    return place.parent / book if book else None


def _book(content: Mapping, place: Path) -> PhraseBook:
    own = content.text("book")
    try:
        return load_phrase_book(place.parent / own if own else None)
    except PhraseBookError as error:
        return content.wrong(f"the phrase book: {error}", "book")


class _Reader:
    def __init__(self, content: Mapping, book: PhraseBook) -> None:
        self._content = content
        self._languages = content.text_mapping("languages") or {book.language or "uk": "{}"}
        self._phrases = (*book.phrases, *self._own_phrases())
        self._intents = {phrase.intent for phrase in self._phrases} | {phrase.name for phrase in self._phrases}

    def dialogue(self, place: Path) -> Dialogue:
        """All of it."""
        content = self._content
        anywhere = content.mapping("anywhere")
        anywhere.only(_ANYWHERE, "'anywhere'")
        not_understood, silence = (self._patience(anywhere, key) for key in ("not_understood", "silence"))
        if not_understood is None or silence is None:
            anywhere.wrong("'anywhere' needs 'not_understood' and 'silence', each like {say: a prompt, then: a state}")
        states = content.mapping("states")
        if not states:
            content.wrong("a dialogue needs 'states'", "states")
        for language, pattern in self._languages.items():
            if "{}" not in pattern:
                content.mapping("languages").wrong(f"'{pattern}' has no {{}}, where a prompt's name goes", language)
        return Dialogue(
            name=place.stem,
            about=content.text("about"),
            languages=self._languages,
            states={name: self._state(name, states.mapping(name)) for name in states},
            phrases=self._phrases,
            slots=content.text_mapping("slots"),
            tools={name: content.mapping("tools").mapping(name) for name in content.mapping("tools")},
            hear=self._moves(anywhere, "hear"),
            keys=self._moves(anywhere, "keys"),
            not_understood=not_understood,
            silence=silence,
            failed=anywhere.text("failed"),
            most_turns=self._most_turns(),
        )

    def _most_turns(self) -> int:
        text = self._content.text("most_turns") or "60"
        if not text.isdecimal() or not 1 <= int(text) <= 1000:
            self._content.wrong(f"most_turns is 1 to 1000, not '{text}'", "most_turns")
        return int(text)

    def _own_phrases(self) -> list[Phrase]:
        rows = self._content.get("phrases", [])
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
            self._content.wrong("'phrases' is a list of rows like {intent: refund, text: My money back}", "phrases")
        phrases = []
        for row in rows:
            row.only(_PHRASE, "a phrase")
            if not row.text("text") or not row.text("intent"):
                row.wrong("a phrase needs 'text' and 'intent'")
            language = row.text("language") or next(iter(self._languages))
            name = row.text("name") or row.text("text")
            phrases.append(Phrase(name, row.text("text"), language, row.text("intent"), row.text_mapping("values")))
        return phrases

    def _state(self, name: str, given: Mapping) -> State:
        given.only(_STATE, "a state")
        end = given.text("end")
        if end and end not in _ENDS:
            given.wrong(f"an end is 'hang up' or 'transfer', not '{end}'", "end")
        fill = given.mapping("fill")
        then = self._moves(given, "then", get_args(Outcome))
        return State(
            name=name,
            line=given.line,
            say=_lines(given, "say"),
            first=_lines(given, "first"),
            hear=self._moves(given, "hear"),
            keys=self._moves(given, "keys"),
            fill={slot: _lines(fill, slot) for slot in fill},
            digits=_digits(given, fill),
            go=given.text("go"),
            call=given.text("call"),
            give=_templates(given, "with"),
            keep=given.text_mapping("keep"),
            then=then,
            forget=given.texts("forget"),
            end=cast("Literal['', 'hang up', 'transfer']", end),
            not_understood=self._patience(given, "not_understood"),
            silence=self._patience(given, "silence"),
        )

    def _patience(self, given: Mapping, key: str) -> Patience | None:
        if key not in given:
            return None
        found = given.mapping(key)
        found.only(("say", "then"), f"'{key}'")
        if not found.text("then"):
            found.wrong(f"'{key}' needs 'then', the state that follows")
        return Patience(_lines(found, "say"), found.text("then"))

    def _moves(self, given: Mapping, key: str, known: tuple[str, ...] = ()) -> dict[str, Move]:
        moves = given.mapping(key)
        if known:
            moves.only(known, f"'{key}'")
        found = {}
        for name in moves:
            if key == "hear" and name not in self._intents:
                moves.wrong(f"no phrase has the intent or name '{name}'; {nearest(name, sorted(self._intents))}", name)
            found[_key(moves, name) if key == "keys" else name] = _move(moves, name)
        return found


def _key(moves: Mapping, name: str) -> str:
    try:
        return key_of(name)
    except ValueError as error:
        return moves.wrong(str(error), name)


def _move(given: Mapping, name: str) -> Move:
    if isinstance(given[name], str):
        return Move(given[name])
    move = given.mapping(name)
    move.only(_MOVE, "a move")
    return Move(move.text("go"), _lines(move, "say"), move.text_mapping("set"), move.text("unsure"))


def _lines(given: Mapping, key: str) -> Lines:
    value = given.get(key, [])
    return tuple(_line(given, key, each) for each in (value if isinstance(value, list) else [value]))


def _line(given: Mapping, key: str, value: Any) -> Line:
    if isinstance(value, str):
        _fields(given, key, value)
        return Line(value)
    if not isinstance(value, Mapping) or not value.text("by"):
        given.wrong(f"'{key}' is a prompt, {{by: a slot, its value: a prompt}}, or a list of those", key)
    choices = {name: value.text(name) for name in value if name not in ("by", "else")}
    return Line(by=value.text("by"), choices=choices, otherwise=value.text("else"))


def _templates(given: Mapping, key: str) -> dict[str, str]:
    found = given.text_mapping(key)
    for text in found.values():
        _fields(given, key, text)
    return found


def _digits(given: Mapping, fill: Mapping) -> dict[str, int]:
    found = given.text_mapping("digits")
    for slot, length in found.items():
        if slot not in fill or len(found) > 1:
            given.wrong("'digits' is one of the slots that the state fills, like {number: 4}", "digits")
        if not length.isdecimal() or not 1 <= int(length) <= 20:
            given.wrong(f"'{slot}' has 1 to 20 digits, not '{length}'", "digits")
    return {slot: int(length) for slot, length in found.items()}


def _fields(given: Mapping, key: str, text: str) -> None:
    try:
        names = [name for _, name, _, _ in Formatter().parse(text) if name is not None]
    except ValueError:
        names = [""]
    if not all(name.isidentifier() for name in names):
        given.wrong(f"'{text}': write a slot as {{day}}", key)
