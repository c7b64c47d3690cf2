"""Sound files: reading any, with a sentence that helps where one cannot be read, and writing WAV."""

from __future__ import annotations

import os
import threading
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import soundfile

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

PHONE_FORMATS: Final = {
    ".m4a", ".mp4", ".aac", ".3gp", ".3gpp", ".amr", ".caf", ".webm", ".wma",
}  # fmt: skip
PHONE_MAGIC: Final = (b"\xff\xf1", b"\xff\xf9", b"#!AMR", b"\x1aE\xdf\xa3")


class SoundError(ValueError):
    """A sound that cannot be used. Its text is one sentence for people."""

    ROBOT_SUPPRESS_NAME = True


def read_mono(path: Path) -> tuple[NDArray[np.float32], int]:
    """Reads a sound file.

    Returns the mean of the channels of an existing file as float32 of shape (n,), full scale +-1, and its
    rate in Hz. Samples that are no numbers become silence. SoundError, with what to do, if unreadable.
    """
    if path.is_dir():
        raise SoundError(f"{path} is a folder: name a sound file in it")
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except OSError as error:
        raise SoundError(f"{path} cannot be read: {error.strerror}") from None
    if not head:
        raise SoundError(f"{path} is empty: the file has 0 bytes")
    try:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, OSError, TypeError, ValueError) as error:
        raise SoundError(_unreadable(path, head, error)) from None
    return np.nan_to_num(samples.mean(axis=1), posinf=1.0, neginf=-1.0), int(rate)


def save_wav(path: str | Path, channels: Sequence[NDArray[np.int16]], rate: int) -> None:
    """Writes int16 channels, each of shape (n,), as a WAV file of 16-bit PCM at `rate` Hz.

    The shorter channels are filled up with silence. The file appears whole or not at all, so that nobody
    reads one half written; its folder must exist (OSError).
    """
    place = Path(path)
    length = max(len(channel) for channel in channels)
    table = np.zeros((length, len(channels)), np.int16)
    for column, channel in enumerate(channels):
        table[: len(channel), column] = channel
    # Not by `tempfile`: only its owner could read the file, and recordings are for the team.
    partial = place.with_name(f".{place.name}.{os.getpid()}.{threading.get_ident()}.part")
    try:
        soundfile.write(partial, table, rate, subtype="PCM_16", format="WAV")
        partial.replace(place)
    finally:
        partial.unlink(missing_ok=True)


def nearest(name: str, names: Iterable[str], count: int = 1) -> list[str]:
    """Returns the names, at most `count`, most like this one, best first; letter case does not matter."""
    by_folded = {candidate.casefold(): candidate for candidate in sorted(names)}
    return [by_folded[match] for match in get_close_matches(name.casefold(), by_folded, count, 0.6)]


def missing(path: Path, error: OSError) -> str:
    """Returns the sentence for a file that is not there, or not for us, with the nearest name there."""
    if not isinstance(error, FileNotFoundError):
        return f"{path} cannot be read: {error.strerror}"
    folder = path.parent
    if not folder.is_dir():
        return f"There is no file {path}: its folder does not exist"
    near = nearest(path.name, (entry.name for entry in folder.iterdir() if entry.is_file()))
    return f"There is no file {path}" + (f": did you mean '{near[0]}'?" if near else "")


def _unreadable(path: Path, head: bytes, error: Exception) -> str:
    if path.suffix.lower() in PHONE_FORMATS or head[4:8] == b"ftyp" or head.startswith(PHONE_MAGIC):
        wav = path.with_suffix(".wav").name
        return (
            f"{path.name} is compressed in a way that cannot be read here (M4A, AAC and the like): "
            f"convert it with `ffmpeg -i {path.name} {wav}`"
        )
    reason = str(getattr(error, "error_string", error)).strip().rstrip(".")
    return f"{path.name} is not a sound file ({reason}). Use WAV, FLAC, OGG or MP3"
