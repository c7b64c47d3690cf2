"""The phrase book: what callers say and what the bot plays, with texts, languages and recordings, as one YAML file.

The package has one of its own (`audio/phrases.yaml`), and a user's has the same form:

    language: uk
    phrases:
      - {text: "Стоп, досить", recordings: [oksana_stop.ogg, petro_stop.ogg]}
      - {name: yes, intent: yes, text: "Так"}      # every callers/yes.* and callers/*/yes.* beside the file
    prompts:
      - {name: greeting, text: "Вітаю! Слухаю вас", recording: prompts/greeting.wav}

A file of `prompts/` that belongs to no row is a prompt of its name, too.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..records import UsageError
from ..records.yaml_lines import Mapping as Row
from ..records.yaml_lines import read_yaml
from .corpus import recordings_dir
from .files import missing, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SOUND_FILES: Final = {".wav", ".flac", ".ogg", ".opus", ".mp3"}
NEW: Final = "new"
"""The folder in `prompts/` of recordings that nobody has accepted yet."""
LANGUAGE: Final = "uk"
"""Of what nothing tells the language of."""
BOOK_KEYS: Final = {"language", "phrases", "prompts", "making"}
ROW_KEYS: Final = {"name", "text", "language", "intent", "values", "recordings", "recording", "voice", "speed"}


class PhraseBookError(ValueError):
    """A phrase book that cannot be used, or a phrase that is not in it. Its text is one sentence for people."""

    ROBOT_SUPPRESS_NAME = True


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase of the callers, or a prompt of the bot."""

    name: str
    """Unique among the callers' phrases, and among the prompts; the text where the book gives none."""
    text: str
    language: str
    intent: str = ""
    values: Mapping[str, str] = field(default_factory=dict, hash=False)
    """What the phrase tells besides its intent, such as ``{"day": "saturday"}``."""
    recordings: tuple[Path, ...] = ()
    """A file for each voice; none where it is still to be recorded or synthesised."""

    @property
    def meaning(self) -> tuple[object, ...]:
        """Two phrases of the same meaning may be taken for each other; without an intent, only the text means it."""
        return (self.intent, *sorted(self.values.items())) if self.intent else ("", plain(self.text))


@dataclass(frozen=True)
class PhraseBook:
    """All phrases and prompts of a file."""

    path: Path
    language: str
    phrases: tuple[Phrase, ...]
    prompts: tuple[Phrase, ...]

    def phrase(self, name: str) -> Phrase:
        """Returns what a caller says, by its name or its text; PhraseBookError, with the nearest, if none."""
        return self._find("phrase", self._phrases, name)

    def prompt(self, name: str) -> Phrase:
        """Returns what the bot plays, by its name or its text; PhraseBookError, with the nearest, if none."""
        return self._find("prompt", self._prompts, name)

    @cached_property
    def _phrases(self) -> dict[str, Phrase]:
        return _by_name_and_text(self.phrases)

    @cached_property
    def _prompts(self) -> dict[str, Phrase]:
        return _by_name_and_text(self.prompts)

    def _find(self, kind: str, among: dict[str, Phrase], name: str) -> Phrase:
        found = among.get(name) or among.get(plain(name))
        if found:
            return found
        near = nearest(name, [key for phrase in among.values() for key in (phrase.name, phrase.text)])
        hint = f": did you mean '{near[0]}'?" if near else ""
        raise PhraseBookError(f"{self.path.name} has no {kind} '{name}'{hint}")


@lru_cache(4096)  # under load each phrase of the book is asked for with every word that is said
def plain(text: str) -> str:
    """Returns a text as it is compared: without letter case, punctuation and doubled spaces."""
    kept = (letter if letter.isalnum() or letter in "'’" else " " for letter in text.casefold())
    return " ".join("".join(kept).replace("’", "'").split())


def load_phrase_book(path: str | Path | None = None) -> PhraseBook:
    """Reads a phrase book; without a path, the package's own.

    PhraseBookError, with the line, where the file cannot be read or understood.
    """
    place = Path(path) if path else recordings_dir() / "phrases.yaml"
    book = read_book(place)
    _refuse_unknown(place, book, BOOK_KEYS)
    language = _text(place, book, "language") if "language" in book else ""
    phrases, prompts = (_Rows(place, kind, language).read(book.get(kind) or []) for kind in ("phrases", "prompts"))
    prompts += _without_row(place, prompts, language or LANGUAGE)
    if not phrases and not prompts and not {"phrases", "prompts"} & book.keys():
        raise PhraseBookError(f"{place.name} has neither phrases nor prompts")
    return PhraseBook(place, language, phrases, prompts)


def read_book(place: Path) -> Row:
    """Returns a phrase book as it is, all its values as text; PhraseBookError where it holds no mapping."""
    if not place.is_file():
        raise PhraseBookError(missing(place, FileNotFoundError()))
    try:
        return read_yaml(place, "phrase book", "phrases:")
    except UsageError as error:
        raise PhraseBookError(str(error)) from None


@dataclass(frozen=True)
class _Rows:
    place: Path
    kind: str
    language: str

    def read(self, rows: object) -> tuple[Phrase, ...]:
        if not isinstance(rows, list):
            raise PhraseBookError(f"{self.place.name}: '{self.kind}' is a list, each row like '- text: …'")
        phrases: dict[str, Phrase] = {}
        for row in rows:
            phrase = self._phrase(row)
            if phrase.name in phrases:
                raise PhraseBookError(f"{self.place.name} line {row.line}: '{phrase.name}' is in {self.kind} already")
            phrases[phrase.name] = phrase
        return tuple(phrases.values())

    def _phrase(self, row: object) -> Phrase:
        if not isinstance(row, Row):
            raise PhraseBookError(f"{self.place.name}: '{row}' in '{self.kind}' is no row, write '- text: {row}'")
        _refuse_unknown(self.place, row, ROW_KEYS)
        text = _text(self.place, row, "text")
        name = str(row.get("name") or text)
        language = str(row.get("language") or self.language)
        if not language:
            raise PhraseBookError(f"{self.place.name} line {row.line}: '{name}' has no language: write 'language: uk'")
        values = row.get("values") or {}
        if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
            raise PhraseBookError(f"{self.place.name} line {row.line}: 'values' is like {{day: saturday}}")
        return Phrase(name, text, language, str(row.get("intent") or ""), dict(values), self._recordings(row, name))

    def _recordings(self, row: Row, name: str) -> tuple[Path, ...]:
        given = row.get("recordings", row.get("recording"))
        if given is None:
            return tuple(self._recorded.get(name, ()))
        paths = tuple(self.place.parent / str(one) for one in ([given] if isinstance(given, str) else given))
        for path in paths:
            if not path.is_file():
                sentence = missing(path, FileNotFoundError())
                raise PhraseBookError(f"{self.place.name} line {row.line}: {sentence}")
        return paths

    @cached_property
    def _recorded(self) -> Mapping[str, list[Path]]:
        folder = self.place.parent / ("callers" if self.kind == "phrases" else "prompts")
        found: dict[str, list[Path]] = defaultdict(list)
        for path in [*sorted(folder.glob("*.*")), *sorted(folder.glob("*/*.*"))]:
            if path.suffix.lower() in SOUND_FILES and path.parent != folder / NEW:
                found[path.stem].append(path)
        return found


def _without_row(place: Path, prompts: tuple[Phrase, ...], language: str) -> tuple[Phrase, ...]:
    """The prompts that have only a file: nobody need edit the book to add one. Their text is their name."""
    rows = {prompt.name for prompt in prompts}
    listed = {path.resolve() for prompt in prompts for path in prompt.recordings}
    return tuple(
        Phrase(path.stem, path.stem, language, recordings=(path,))
        for path in sorted((place.parent / "prompts").glob("*.*"))
        if path.suffix.lower() in SOUND_FILES and path.stem not in rows and path.resolve() not in listed
    )


def _by_name_and_text(phrases: Iterable[Phrase]) -> dict[str, Phrase]:
    found = {phrase.name: phrase for phrase in phrases}
    for phrase in phrases:
        found.setdefault(plain(phrase.text), phrase)
    return found


def _text(place: Path, row: Row, key: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise PhraseBookError(f"{place.name} line {row.line}: '{key}' is missing or is no text")
    return value


def _refuse_unknown(place: Path, row: Row, known: set[str]) -> None:
    for key in row.keys() - known:
        near = nearest(key, known)
        hint = f"nearest: {near[0]}" if near else f"there are {', '.join(sorted(known))}"
        raise PhraseBookError(f"{place.name} line {row.line}: no key '{key}' here; {hint}")
