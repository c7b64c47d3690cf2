"""How well prompts are known on lines, on speech that nothing was chosen on: the figures of docs/prompts.md.

`python -m bench prompts`, or `python -m bench.prompts --dev` for what everything was chosen on. Needs `espeak-ng`.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from AudioSocketLibrary.media import load_phrase_book, load_sound
from AudioSocketLibrary.media.prompt_match import SAME, PromptMatch, PromptMatcher
from AudioSocketLibrary.media.voice import find_speech

from . import degradations
from .children import BenchError
from .degradations import RATE, Line, Pcm

VOICES = {"uk": (("uk+f2", 155), ("uk+m4", 140)), "en": (("en+f4", 160), ("en-us+m2", 145))}
"""Of none of them is there a recording in audio/."""


def twins(text: str) -> tuple[str, str]:
    """`the {first|last} day` to the two texts."""
    before, _, rest = text.partition("{")
    words, _, after = rest.partition("}")
    first, second = words.split("|")
    return before + first + after, before + second + after


def held_out(folder: Path) -> tuple[dict[str, Pcm], dict[str, str]]:
    """Recordings by name, and the name of the twin of each."""
    if shutil.which("espeak-ng") is None:
        raise BenchError("the held-out speech is spoken by espeak-ng, which is not installed: apt install espeak-ng")
    sounds, twin = {}, {}
    texts = yaml.safe_load(Path(__file__).with_name("prompts_texts.yaml").read_text("utf-8"))
    for language, voices in VOICES.items():
        for number, text in enumerate(texts[language]):
            for voice, speed in voices:
                names = [f"{voice}-{number}{which}" for which in "ab"]
                for name, said in zip(names, twins(text), strict=True):
                    path = folder / f"{name}.wav"
                    subprocess.run(["espeak-ng", "-v", voice, "-s", str(speed), "-w", str(path), said], check=True)
                    sounds[name] = load_sound(path, RATE).samples
                twin |= {names[0]: names[1], names[1]: names[0]}
    return sounds, twin


def dev() -> tuple[dict[str, Pcm], dict[str, str]]:
    return {one.name: load_sound(one.recordings[0], RATE).samples for one in load_phrase_book().prompts}, {}


@dataclass
class Tally:
    """Of one line: the similarities to the prompt itself, to its twin, to others; ranks; starts."""

    same: list[float]
    other: list[float]
    twin: list[float]
    first: int = 0
    over_twin: int = 0
    late: list[float] | None = None

    def row(self, line: str) -> dict[str, Any]:
        return {
            "line": line,
            "tried": len(self.same),
            "missed": sum(one < SAME for one in self.same),
            "least": round(min(self.same), 2),
            "others": len(self.other),
            "taken": sum(one >= SAME for one in self.other),
            "most": round(max(self.other), 2),
            "twins": len(self.twin),
            "twins taken": sum(one >= SAME for one in self.twin),
            "first": self.first,
            "over twin": self.over_twin,
            "late ms": round(max(map(abs, self.late or [0])) * 1000, 2),
        }


def likeness(match: PromptMatch) -> float:
    return match.similarity if match.same else min(match.similarity, SAME - 0.01)


def on_line(matcher: PromptMatcher, sounds: Mapping[str, Pcm], twin: Mapping[str, str], name: str, line: Line) -> Tally:
    tally = Tally([], [], [], late=[])
    rng = np.random.default_rng([7, len(name)])
    for played, samples in sounds.items():
        before = int(rng.integers(RATE // 2, RATE * 3 // 2))
        heard = line(np.pad(samples, (before, RATE)) if "cut" not in name else samples, rng)
        if "cut" in name:
            heard = np.pad(heard, (before, 2 * RATE))
        ranked = matcher.rank(heard, RATE)
        found = {match.name: match for match in ranked}
        tally.same.append(likeness(found[played]))
        tally.other += [likeness(one) for one in ranked if one.name not in (played, twin.get(played))]
        if played in twin:
            tally.twin.append(likeness(found[twin[played]]))
            tally.over_twin += found[played].rank > found[twin[played]].rank
        tally.first += ranked[0].name == played
        if not any(word in name for word in ("late", "Opus", "MP3", "GSM", "Vorbis", "stall", "removed", "drift")):
            tally.late.append(found[played].start - (before + find_speech(samples, RATE)[0][0]) / RATE)  # type: ignore[union-attr]
    return tally


def cost(sounds: Mapping[str, Pcm]) -> list[dict[str, Any]]:
    """CPU of this process, one thread, the median of nine."""
    fifty = dict(list(sounds.items())[:50])
    matcher = PromptMatcher(fifty, RATE)
    begun = time.process_time()
    matcher.prepare()
    rows = [{"what": "preparing 50 prompts, once", "ms": (time.process_time() - begun) * 1000}]
    four = min(fifty, key=lambda name: abs(len(fifty[name]) - 4 * RATE))
    reply = np.pad(fifty[four], (2 * RATE, 10 * RATE))[: 10 * RATE]
    for what, asked in (("a prompt of 4 s in a reply of 10 s", [four]), ("that reply among 50 prompts", list(fifty))):
        spent = []
        for _ in range(9):
            begun = time.process_time()
            matcher.rank(reply, RATE, asked)
            spent.append((time.process_time() - begun) * 1000)
        rows.append({"what": what, "ms": float(np.median(spent))})
    return rows


def measure(*, runs: int = 1, quick: bool = False, on_dev: bool = False) -> dict[str, Any]:
    """Returns the rows of the tables; the figures do not vary, so one run is enough. Quick: every fifth line."""
    del runs
    with tempfile.TemporaryDirectory() as folder:
        sounds, twin = dev() if on_dev else held_out(Path(folder))
    matcher = PromptMatcher(sounds, RATE)
    babble = np.concatenate([load_sound(one.recordings[0], RATE).samples for one in load_phrase_book().phrases])
    rows: dict[str, list[dict[str, Any]]] = {}
    for scope, made in (
        ("in scope", degradations.in_scope(babble)),
        ("out of scope", degradations.out_of_scope(babble)),
    ):
        chosen = list(made.items())[:: 5 if quick else 1]
        rows[scope] = [on_line(matcher, sounds, twin, name, line).row(name) for name, line in chosen]
    return {**rows, "cost": cost(sounds)}


def show(rows: Mapping[str, list[dict[str, Any]]]) -> None:
    for scope in ("in scope", "out of scope"):
        print(f"\nprompts, {scope}\n")
        print(
            "| line | missed | least | others taken | most | twins taken | ranked first | before its twin | start, ms |"
        )
        print("|---|---|---|---|---|---|---|---|---|")
        for row in rows[scope]:
            print(
                f"| {row['line']} | {row['missed']}/{row['tried']} | {row['least']} | {row['taken']}/{row['others']} "
                f"| {row['most']} | {row['twins taken']}/{row['twins']} | {row['first']}/{row['tried']} "
                f"| {row['over twin']}/{row['twins']} | {row['late ms']} |"
            )
    print()
    for row in rows["cost"]:
        print(f"{row['what']}: {row['ms']:.0f} ms")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Measure how well prompts are known.")
    parser.add_argument("--dev", action="store_true", help="the prompts of audio/, on which everything was chosen")
    parser.add_argument("--quick", action="store_true", help="every fifth line")
    options = parser.parse_args()
    show(measure(quick=options.quick, on_dev=options.dev))
