"""Synthesises the recordings of phrases.yaml: `python audio/make_recordings.py [--only NAME] [--again]`.

Needs the command `espeak-ng` (Debian: `apt install espeak-ng`). The recordings are committed and made once,
since two versions of espeak-ng speak the same text differently.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from AudioSocketLibrary.media import (
    Sound,
    active_speech_level,
    find_speech,
    load_sound,
    peak_dbfs,
)
from AudioSocketLibrary.media.phrases import Row, read_book

HERE = Path(__file__).resolve().parent
GRAIN = 8
"""Samples are rounded to 13 bits, as A-law does: the noise of it is at -89 dBFS, and FLAC is a third smaller."""


def synthesise(text: str, voice: str, speed: int, rate: int) -> Sound:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "phrase.wav"
        command = ["espeak-ng", "-v", voice, "-s", str(speed), "-w", str(path), text]
        subprocess.run(command, check=True)  # noqa: S603 - the phrases are our own
        return load_sound(path, rate)


def finish(sound: Sound, level: float, peak: float, before: float, after: float) -> Sound:
    """Levels the sound (dBFS) and puts digital silence (seconds) around its speech."""
    gain = min(level - active_speech_level(sound.samples, sound.rate), peak - 0.1 - peak_dbfs(sound.samples))
    samples = (np.rint(sound.samples * 10 ** (gain / 20) / GRAIN) * GRAIN).astype(np.int16)
    margins = (round(before * sound.rate), round(after * sound.rate))
    for _ in range(2):  # the silence around it lowers the background, and so may move the ends of the speech
        speech = find_speech(samples, sound.rate)
        samples = np.pad(samples[speech[0][0] : speech[-1][1]], margins)
    return Sound.from_samples(samples, sound.rate, sound.name)


@dataclass(frozen=True)
class Task:
    """One recording to be made."""

    name: str
    text: str
    voice: str
    speed: int
    path: Path


def tasks_of(book: Row) -> list[Task]:
    """A task for each phrase and voice, and for each prompt."""
    making = book["making"]
    tasks = []
    for row in book["phrases"]:
        for number, voice in enumerate(making["callers"][row.get("language", book["language"])]):
            folder = HERE / "callers" / (voice.split("+")[1] if number else "")
            tasks.append(task(row, row.get("voice", voice), making, folder))
    for row in book["prompts"]:
        voice = row.get("voice", making["bot"][row.get("language", book["language"])])
        tasks.append(task(row, voice, making, HERE / "prompts"))
    return tasks


def task(row: Row, voice: str, making: Row, folder: Path) -> Task:
    # The first recordings were made as WAV and keep their names; FLAC holds the same samples in half the room.
    path = folder / f"{row['name']}.wav"
    return Task(
        row["name"],
        row["text"],
        voice,
        int(row.get("speed", making["speed"])),
        path if path.exists() else path.with_suffix(".flac"),
    )


def make(one: Task, making: Row) -> None:
    rate = int(making["rate"])
    spoken = synthesise(one.text, one.voice, one.speed, rate)
    level, peak, before, after = (float(making[key]) for key in ("level", "peak", "silence_before", "silence_after"))
    sound = finish(spoken, level, peak, before, after)
    one.path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(one.path, sound.samples, rate, subtype="PCM_16")
    speech = active_speech_level(sound.samples, rate)
    print(  # noqa: T201
        f"{one.path.relative_to(HERE)}: {sound.duration:.2f} s, speech {speech:.1f} dBFS, "
        f"peak {peak_dbfs(sound.samples):.1f} dBFS"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Synthesise the recordings listed in phrases.yaml.")
    parser.add_argument("--only", metavar="NAME", help="only the phrases and prompts of this name")
    parser.add_argument("--again", action="store_true", help="also those whose file exists")
    chosen = parser.parse_args()
    book = read_book(HERE / "phrases.yaml")
    tasks = [one for one in tasks_of(book) if chosen.only in (None, one.name)]
    if not tasks:
        parser.error(f"phrases.yaml has no phrase {chosen.only!r}")
    for one in tasks:
        if chosen.again or not one.path.exists():
            make(one, book["making"])


if __name__ == "__main__":
    main()
