"""The recordings that a script plays: found, loaded and encoded before the first call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from ..media import Sound, SoundError, frames_of, load_sound, prompt_path, tone
from ..protocol import AudioFormat
from ..records import UsageError


class Recordings:
    """Recordings by the names that rows give them; ``files`` says where those are that are no prompts of the package.

    Raises:
        UsageError: one cannot be found or read; the text says which and what to do.
    """

    def __init__(self, names: Iterable[str], audio: AudioFormat, files: Mapping[str, str] | None = None) -> None:
        places = files or {}
        self._sounds = {name: _load(places.get(name, name), audio) for name in names}

    def __getitem__(self, name: str) -> Sound:
        return self._sounds[name]


def recording_path(name: str) -> Path:
    """The file of a prompt's name (``menu``), or of a path (``mine/menu.wav``).

    Raises:
        SoundError: there is no such prompt.
    """
    path = Path(name)
    return path if path.suffix or len(path.parts) > 1 or path.is_file() else prompt_path(name)


@lru_cache(maxsize=2048)
def tone_frames(audio: AudioFormat, frequency: int, seconds: float, lead: int) -> Sequence[bytes]:
    """Frames of a tone that begins ``lead`` samples into the first; shared by all calls."""
    return frames_of(tone(frequency, seconds, audio.rate), audio, lead)


def _load(name: str, audio: AudioFormat) -> Sound:
    try:
        sound = load_sound(recording_path(name), audio.rate)
        sound.frames(audio)
    except SoundError as error:
        raise UsageError(f"The bot cannot play '{name}': {error}") from None
    return sound


def first_voiced(sound: Sound) -> int:
    """Index of the first voiced sample; 0 where nothing is voiced, as in a recording of noise."""
    return sound.voiced[0][0] if sound.voiced else 0
