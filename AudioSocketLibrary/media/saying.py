"""What a caller says, as sound: a recording of the phrase book first, else synthesised and kept."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zlib import crc32

from .corpus import recordings_dir
from .files import nearest
from .lru import Cache
from .phrases import LANGUAGE, Phrase, PhraseBook, load_phrase_book, plain
from .sound import Sound, load_sound
from .synthesis import USUAL_VOICE, Synthesis, synthesised_folder
from .voices import VoiceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

BOOKS: Final = ("phrases.yaml", "audio/phrases.yaml")
KEPT: Final = 256
"""Texts that are remembered, as many as sounds are."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What shall be said, and how."""

    text: str
    """A text, or the name of a phrase."""
    book: Path | None = None
    """The phrase book in use; None: the package's own."""
    engine: str = ""
    """The voice that synthesises; empty: `espeak`, and only what the package has no recording of either."""
    voice: str = ""
    """Whose recording, or one of the engine's voices; empty: drawn by the seed, or the engine's usual one."""
    language: str = ""
    """Only in this language."""
    usual: str = ""
    """Rather in this language."""
    seed: str = ""


@dataclass(frozen=True, slots=True)
class Saying:
    """A text as sound."""

    text: str
    voice: str
    """Whose: the file of the recording, or the voice that it was synthesised with."""
    sound: Sound


def find_book(folder: Path) -> Path | None:
    """Returns the phrase book beside a suite or in a folder above it: `phrases.yaml`, or `audio/phrases.yaml`."""
    for parent in (folder, *folder.parents):
        for name in BOOKS:
            if (parent / name).is_file():
                return parent / name
    return None


def open_book(path: Path | None) -> PhraseBook:
    """Returns a phrase book (None: the package's own), read once as long as its file does not change."""
    place = path or recordings_dir() / "phrases.yaml"
    try:
        changed = place.stat().st_mtime_ns
    except OSError:
        changed = 0
    return _open(place, changed)


def say(wanted: Wanted, rate: int) -> Saying:
    """Returns what is wanted, as sound at `rate` Hz. It may synthesise, which takes its time.

    Raises:
        PhraseBookError: the phrase book cannot be used.
        SoundError: a recording cannot be used.
        VoiceError: there is neither a recording nor a voice; the text says what to do.
    """
    book = open_book(wanted.book)
    phrase, ours = _phrases(book, wanted)
    path = recording_of(book, phrase, wanted) if phrase else None
    if path is None and ours:
        with suppress(VoiceError):
            path = recording_of(open_book(None), ours, wanted)
        phrase = phrase or ours
    if phrase and path:
        return Saying(phrase.text, label(path), load_sound(path, rate))
    text = phrase.text if phrase else wanted.text
    language = wanted.language or (phrase.language if phrase else "") or wanted.usual or book.language or LANGUAGE
    made = Synthesis(text, language, wanted.voice, wanted.engine or USUAL_VOICE)
    try:
        path = made.file(synthesised_folder(wanted.book))
    except VoiceError as error:
        raise VoiceError(_neither(text, book, error)) from None
    return Saying(text, made.label, load_sound(path, rate))


class Sayings:
    """What is said again and again, looked up once: for a load, whose book and recordings do not change meanwhile."""

    def __init__(self) -> None:
        self._said: Cache[tuple[Wanted, int], Saying] = Cache(limit=KEPT)
        self._voices: Cache[Wanted, tuple[str, ...]] = Cache(limit=KEPT)
        """Of a text: among whose recordings is drawn; none where nothing is drawn."""

    def known(self, wanted: Wanted, rate: int) -> Saying | None:
        """Returns what was found before, if it was: a matter of microseconds, and no file is touched."""
        voices = self._voices.get(replace(wanted, seed=""))
        return None if voices is None else self._said.get((_drawn(wanted, voices), rate))

    def say(self, wanted: Wanted, rate: int) -> Saying:
        """Returns what the function ``say`` finds, and remembers it. Raises as that does."""
        saying = say(wanted, rate)
        phrases = () if wanted.voice else _phrases(open_book(wanted.book), wanted)
        voices = next((tuple(_by_voice(phrase)) for phrase in phrases if phrase and phrase.recordings), ())
        self._voices.keep(replace(wanted, seed=""), voices)
        return self._said.keep((_drawn(wanted, voices), rate), saying)


def find_phrase(book: PhraseBook, wanted: Wanted) -> Phrase | None:
    """Returns the phrase of that text or name; what people write is rather a text than a name."""
    alike = plain(wanted.text)
    among = [one for one in book.phrases if wanted.language in ("", one.language)]
    found = [one for one in among if plain(one.text) == alike] or [one for one in among if one.name == wanted.text]
    return min(found, key=lambda one: one.language != wanted.usual, default=None)


def _phrases(book: PhraseBook, wanted: Wanted) -> tuple[Phrase | None, Phrase | None]:
    """The phrase in the book in use, and the same one of ours, where a recording of ours may be taken instead.

    Better a voice of ours than none, but not where somebody has chosen one.
    """
    phrase = find_phrase(book, wanted)
    its_own = phrase and phrase.recordings and not wanted.voice
    if not wanted.book or wanted.engine or its_own:
        return phrase, None
    ours = find_phrase(open_book(None), wanted)
    same = ours and (phrase or plain(ours.text) == plain(wanted.text))
    return phrase, ours if same else None


def recording_of(book: PhraseBook, phrase: Phrase, wanted: Wanted) -> Path | None:
    """Returns the recording by the wanted voice; drawn where none is wanted, the same voice for a seed if it has one.

    None where there is none. VoiceError where that voice has recorded other phrases, but not this one.
    """
    by_voice = _by_voice(phrase)
    if not wanted.voice:
        return by_voice[_draw(by_voice, wanted.seed)] if by_voice else None
    if wanted.voice in by_voice:
        return by_voice[wanted.voice]
    everybody = {voice_of(path, one) for one in book.phrases for path in one.recordings}
    if wanted.voice in everybody and phrase.recordings:
        there = ", ".join(f"'{voice}'" for voice in sorted(by_voice) if voice)
        raise VoiceError(
            f"'{phrase.text}' was not recorded by '{wanted.voice}': record it, or leave out voice="
            + (f". There is {there}" if there else "")
        )
    return None


def voice_of(path: Path, phrase: Phrase) -> str:
    """Returns whose recording it is: the folder's name, or what stands before the first _ of the file's."""
    if path.stem == phrase.name:
        return "" if path.parent.name == "callers" else path.parent.name
    return path.stem.partition("_")[0]


def label(path: Path) -> str:
    """Returns a recording as it is told in records: its file, with the folder of a voice."""
    return path.name if path.parent.name in ("callers", "audio") else f"{path.parent.name}/{path.name}"


def _by_voice(phrase: Phrase) -> dict[str, Path]:
    return {voice_of(path, phrase): path for path in reversed(phrase.recordings)}


def _draw(voices: Iterable[str], seed: str) -> str:
    return min(voices, key=lambda voice: crc32(f"{seed} {voice}".encode()))


def _drawn(wanted: Wanted, voices: Sequence[str]) -> Wanted:
    """What is wanted by the voice that the seed draws, whatever the seed."""
    return replace(wanted, seed="", voice=_draw(voices, wanted.seed) if voices else wanted.voice)


@cache
def _open(path: Path, changed: int) -> PhraseBook:  # noqa: ARG001 - a book that was changed is read again
    return load_phrase_book(path)


def _neither(text: str, book: PhraseBook, error: VoiceError) -> str:
    near: Sequence[str] = nearest(text, [one.text for one in book.phrases if one.recordings], 2)
    hint = f" Nearest with a recording: {' and '.join(repr(one) for one in near)}." if near else ""
    return (
        f"'{text}' has no recording in {book.path.name}, and could not be synthesised: {error}. "
        f"Or take another voice (Use Voice    http://host:port/v1), or record it.{hint}"
    )
