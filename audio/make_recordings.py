"""Synthesises the recordings of phrases.yaml: `python audio/make_recordings.py [--only NAME] [--again]`.

Needs the command `espeak-ng` (Debian: `apt install espeak-ng`). The recordings are committed and made once,
since two versions of espeak-ng speak the same text differently.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from AudioSocketLibrary.media import (
    Sound,
    active_speech_level,
    find_speech,
    load_sound,
    peak_dbfs,
    save_wav,
)

HERE = Path(__file__).resolve().parent


def synthesise(text: str, voice: str, speed: int, rate: int) -> Sound:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "phrase.wav"
        command = ["espeak-ng", "-v", voice, "-s", str(speed), "-w", str(path), text]
        subprocess.run(command, check=True)  # noqa: S603 - the phrases are our own
        return load_sound(path, rate)


def finish(sound: Sound, level: float, peak: float, before: float, after: float) -> Sound:
    """Levels the sound (dBFS) and puts digital silence (seconds) around its speech."""
    gain = min(level - active_speech_level(sound.samples, sound.rate), peak - 0.1 - peak_dbfs(sound.samples))
    samples = np.rint(sound.samples * 10 ** (gain / 20)).astype(np.int16)
    speech = find_speech(samples, sound.rate)
    margins = (round(before * sound.rate), round(after * sound.rate))
    return Sound.from_samples(np.pad(samples[speech[0][0] : speech[-1][1]], margins), sound.rate, sound.name)


def make(phrase: dict[str, Any], book: dict[str, Any]) -> None:
    speed = phrase.get("speed", book["speed"])
    spoken = synthesise(phrase["text"], phrase["voice"], speed, book["rate"])
    sound = finish(spoken, book["level"], book["peak"], book["silence_before"], book["silence_after"])
    path = HERE / phrase["file"]
    path.parent.mkdir(parents=True, exist_ok=True)
    save_wav(path, (sound.samples,), sound.rate)
    speech = active_speech_level(sound.samples, sound.rate)
    print(  # noqa: T201
        f"{phrase['file']}: {sound.duration:.2f} s, speech {speech:.1f} dBFS, peak {peak_dbfs(sound.samples):.1f} dBFS"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Synthesise the recordings listed in phrases.yaml.")
    parser.add_argument("--only", metavar="NAME", help="only the phrases of this name")
    parser.add_argument("--again", action="store_true", help="also those whose file exists")
    chosen = parser.parse_args()
    book = yaml.safe_load((HERE / "phrases.yaml").read_text(encoding="utf-8"))
    phrases = [phrase for phrase in book["phrases"] if chosen.only in (None, phrase["name"])]
    if not phrases:
        parser.error(f"phrases.yaml has no phrase {chosen.only!r}")
    for phrase in phrases:
        if chosen.again or not (HERE / phrase["file"]).exists():
            make(phrase, book)


if __name__ == "__main__":
    main()
