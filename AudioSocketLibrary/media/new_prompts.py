"""What the bot said, kept as a recording of a prompt: new until a person has listened to it and accepted it.

Beside a phrase book, `prompts/NAME.wav` is the known recording and `prompts/new/NAME.wav` what was heard last.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from .files import save_wav
from .phrases import NEW, PhraseBookError, load_phrase_book
from .prompt_match import PromptMatcher
from .sound import load_sound
from .voice import find_speech

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .prompt_match import PromptMatch

ALL_HEARD: Final = 0.9
"""Share of a known recording that must be there; less is another recording."""
LENGTHS_ALIKE: Final = 0.3
"""Seconds by which the speech may be longer or shorter."""
EMPTY_BOOK: Final = """\
# What callers say (phrases), and what the bot plays (prompts). A prompt with a file prompts/NAME.wav needs no row.
language: {language}
phrases: []
prompts: []
"""


@dataclass(frozen=True, slots=True)
class ShelvedPrompt:
    """A prompt with its recordings."""

    name: str
    text: str
    known: Path | None
    """Its recording; None where it is only new."""
    new: Path | None
    """What was heard and is still to be accepted; None where there is nothing new."""


@dataclass(frozen=True, slots=True)
class KeptPrompt:
    """What `keep_prompt` did."""

    name: str
    state: Literal["same", "new", "different"]
    """The known recording was heard, there is none yet, or another one was heard."""
    path: Path
    """The known recording, or what was kept as new."""


def make_book(folder: Path, language: str) -> Path:
    """Returns `audio/phrases.yaml` in a folder; made, without a row, where it does not exist.

    Raises:
        OSError: it cannot be written.
    """
    place = folder / "audio" / "phrases.yaml"
    place.parent.mkdir(parents=True, exist_ok=True)
    if not place.exists():
        place.write_text(EMPTY_BOOK.format(language=language), encoding="utf-8")
    return place


def check_name(name: str) -> None:
    """Raises PhraseBookError where a prompt's name can be no file's."""
    if not re.fullmatch(r"\w[\w-]*", name):
        raise PhraseBookError(f"'{name}' cannot name a prompt: use letters, digits and _, like 'tyres_found'")


def keep_prompt(book: Path, name: str, samples: NDArray[np.int16], rate: int) -> KeptPrompt:
    """Keeps what was said as the new recording of a prompt; nothing where it is the known one.

    Args:
        book: The phrase book beside which recordings are kept.
        name: Of the prompt.
        samples: What was said, int16 of shape (n,).
        rate: Of the samples, in Hz.

    Raises:
        PhraseBookError: the name or the book cannot be used.
        SoundError: the known recording cannot be read.
        OSError: the folder cannot be written.
    """
    check_name(name)
    known = next((one.known for one in shelf(book) if one.name == name), None)
    new = new_recording(book, name)
    if known and same_recording(known, samples, rate):
        new.unlink(missing_ok=True)
        return KeptPrompt(name, "same", known)
    new.parent.mkdir(parents=True, exist_ok=True)
    # What waits for an ear already is not changed by every run.
    if not (new.is_file() and same_recording(new, samples, rate)):
        save_wav(new, (samples,), rate)
    return KeptPrompt(name, "different" if known else "new", new)


def same_recording(known: Path, samples: NDArray[np.int16], rate: int) -> bool:
    """Returns whether samples are a recording, all of it and nothing else: every block of it was heard."""
    recording = load_sound(known, rate).samples
    match = PromptMatcher({"": recording}, rate).match(samples, rate, "")
    longer = abs(_voiced(samples, rate) - _voiced(recording, rate))
    return longer <= LENGTHS_ALIKE and _whole(match)


def shelf(book: Path) -> list[ShelvedPrompt]:
    """Returns all prompts that have a recording, known or new, by name.

    Raises:
        PhraseBookError: the book cannot be read.
    """
    prompts = {one.name: one for one in load_phrase_book(book).prompts}
    new = {path.stem: path for path in sorted(new_recording(book, "").parent.glob("*.wav"))}
    found = []
    for name in sorted(prompts.keys() | new.keys()):
        prompt = prompts.get(name)
        known = prompt.recordings[0] if prompt and prompt.recordings else None
        if known or name in new:
            found.append(ShelvedPrompt(name, prompt.text if prompt else name, known, new.get(name)))
    return found


def accept_prompt(book: Path, name: str) -> Path:
    """Makes the new recording of a prompt the known one; returns its path.

    Raises:
        PhraseBookError: there is nothing new of that name.
        OSError: the folder cannot be written.
    """
    new = _waiting(book, name)
    row = next((one for one in load_phrase_book(book).prompts if one.name == name), None)
    given = row.recordings[0] if row and row.recordings else None
    if given is not None and given.suffix == ".wav":
        return new.replace(given)
    place = new.parent.parent / new.name
    if given is not None and given.parent == place.parent:
        given.unlink()  # of another format: two files of one name would be two recordings
    elif given is not None:
        raise PhraseBookError(
            f"The recording of '{name}' is {given}, which is no WAV file in prompts/: replace it by {new}"
        )
    return new.replace(place)


def reject_prompt(book: Path, name: str) -> None:
    """Removes the new recording of a prompt.

    Raises:
        PhraseBookError: there is nothing new of that name.
        OSError: the folder cannot be written.
    """
    _waiting(book, name).unlink()


def new_recording(book: Path, name: str) -> Path:
    """Returns where the new recording of a prompt is, or would be."""
    return book.parent / "prompts" / NEW / f"{name}.wav"


def accept_command(book: Path, name: str) -> str:
    """Returns the command that accepts the new recording of a prompt."""
    return f"audiosocket phrases accept {name} --book {shlex.quote(str(book))}"


def _waiting(book: Path, name: str) -> Path:
    check_name(name)
    new = new_recording(book, name)
    if new.is_file():
        return new
    others = ", ".join(sorted(path.stem for path in new.parent.glob("*.wav")))
    raise PhraseBookError(f"There is no new recording of '{name}' beside {book}. New: {others or 'none'}")


def _whole(match: PromptMatch) -> bool:
    return match.same and match.coverage >= ALL_HEARD and all(block.state == "matched" for block in match.blocks)


def _voiced(samples: NDArray[np.int16], rate: int) -> float:
    speech = find_speech(samples, rate)
    return (speech[-1][1] - speech[0][0]) / rate if speech else 0.0
