"""The figures of docs/recognition.md: `python -m bench.recognition [--dev]`. Needs the command `espeak-ng`.

All speech is espeak-ng's. The templates are three voices; those who speak are others, and for the held-out figures
neither these voices nor the texts were used to choose a feature, a parameter or the rule.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from AudioSocketLibrary.media import active_speech_level, decode_ulaw, encode_ulaw, load_sound, rms_dbfs
from AudioSocketLibrary.media.features import cepstra
from AudioSocketLibrary.media.phrase_recogniser import PhraseRecogniser
from AudioSocketLibrary.media.phrases import Phrase, load_phrase_book

RATE = 8000
TEMPLATES = ("m3", "f3", "m7")
DEV = (("m1", 135), ("m1", 170), ("f5", 150), ("m5", 150), ("f1", 150))
HELD_OUT = (("m2", 150), ("m4", 170), ("f4", 150), ("Andy", 135), ("Alicia", 150))
BASE = {"uk": "uk", "en": "en"}
"""By language what espeak-ng calls it. English here is British: `en-gb` takes no variant, and is one voice only."""
UNHEARD = ("backchannel", "small_talk")
"""Intents that no dialogue listens to."""
CONDITIONS = ("clean", "mu-law", "pink 20 dB", "pink 10 dB")


@dataclass(frozen=True)
class Said:
    """An utterance that is tried: what it means, or None where it is outside the set."""

    language: str
    phrase: Phrase | None
    path: Path


class Studio:
    """Synthesised recordings in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pool = ThreadPoolExecutor(2)

    def record(self, wanted: Sequence[tuple[str, str, int]]) -> list[Path]:
        return list(self._pool.map(self._say, range(len(wanted)), wanted))

    def _say(self, number: int, wanted: tuple[str, str, int]) -> Path:
        text, voice, speed = wanted
        path = self._folder / f"{voice}-{speed}-{number}-{abs(hash(text))}.wav"
        subprocess.run(["espeak-ng", "-v", voice, "-s", str(speed), "-w", str(path), text], check=True)
        return path


def through(samples: NDArray[np.int16], condition: str, rng: np.random.Generator) -> NDArray[np.int16]:
    """The utterance at -23 dBFS, between silences, after the line or the noise."""
    gain = 10 ** ((-23 - active_speech_level(samples, RATE)) / 20)
    wave = np.pad(samples * gain, (RATE // 5, RATE * 3 // 10))
    if condition.startswith("pink"):
        level = -23 - float(condition.split()[1])
        spectrum = np.fft.rfft(rng.standard_normal(len(wave)))
        noise = np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(len(spectrum)), 1)), len(wave)) * 1e6
        wave = wave + noise * 10 ** ((level - rms_dbfs(noise.astype(np.int64))) / 20)  # type: ignore[arg-type]
    pcm = np.clip(np.rint(wave), -32768, 32767).astype(np.int16)
    return decode_ulaw(encode_ulaw(pcm)) if condition == "mu-law" else pcm


def table(title: str, recogniser: PhraseRecogniser, utterances: Sequence[Said]) -> None:
    known = sum(one.phrase is not None for one in utterances)
    unknown = len(utterances) - known
    print(f"\n{title}: {known} utterances of the set, {unknown} outside it\n")
    print(
        "| line | top-1 | right / wrong / no answer | outside, accepted | ms for an utterance |\n|---|---|---|---|---|"
    )
    for condition in CONDITIONS:
        rng = np.random.default_rng(20)
        top = right = wrong = accepted = 0
        spent = []
        for one in utterances:
            samples = through(load_sound(one.path, RATE).samples, condition, rng)
            start = time.process_time()
            heard = recogniser.recognise(samples, RATE, one.language)
            spent.append(time.process_time() - start)
            if one.phrase is None:
                accepted += heard.understood
                continue
            book = {phrase.name: phrase for phrase in recogniser.phrases if phrase.language == one.language}
            same = heard.phrase in book and book[heard.phrase].meaning == one.phrase.meaning
            top += same
            right += same and heard.understood
            wrong += heard.understood and not same
        answers = f"{right} / {wrong} / {known - right - wrong}"
        cost = f"{1000 * float(np.median(spent)):.1f}"
        print(f"| {condition} | {top}/{known} | {answers} | {accepted}/{unknown} | {cost} |", flush=True)


def held_out(studio: Studio, texts: dict[str, dict[str, list[str]]]) -> tuple[PhraseRecogniser, list[Said]]:
    """New texts, recorded as templates by the usual three voices, and spoken by voices never heard before."""
    phrases = []
    for language, kinds in texts.items():
        for text in kinds["known"]:
            recordings = studio.record([(text, f"{BASE[language]}+{voice}", 150) for voice in TEMPLATES])
            phrases.append(Phrase(f"{language}: {text}", text, language, recordings=tuple(recordings)))
    return PhraseRecogniser(phrases), list(spoken(studio, phrases, texts, HELD_OUT, BASE))


def spoken(
    studio: Studio,
    phrases: Sequence[Phrase],
    texts: dict[str, dict[str, list[str]]],
    voices: Sequence[tuple[str, int]],
    base: dict[str, str],
) -> Iterator[Said]:
    for language, accent in base.items():
        tried: list[tuple[Phrase | None, str]] = [(one, one.text) for one in phrases if one.language == language]
        tried += [(None, text) for text in texts[language]["unknown"]]
        for voice, speed in voices:
            paths = studio.record([(text, f"{accent}+{voice}", speed) for _, text in tried])
            for (phrase, _), path in zip(tried, paths, strict=True):
                yield Said(language, phrase, path)


def cost(utterances: Sequence[Said]) -> None:
    """What the features of an utterance cost, and the templates of the corpus."""
    sounds = [load_sound(one.path, RATE).samples for one in utterances[::7]]
    start = time.process_time()
    for samples in sounds:
        cepstra(samples, RATE)
    features = (time.process_time() - start) / len(sounds)
    print(f"\nthe features are {1000 * features:.1f} ms of it")
    start = time.process_time()
    PhraseRecogniser(load_phrase_book().phrases).prepare()
    print(f"templates of the whole corpus, once in a process: {time.process_time() - start:.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the phrase recogniser.")
    parser.add_argument("--dev", action="store_true", help="only the dev split, on which everything was chosen")
    chosen = parser.parse_args()
    texts = yaml.safe_load(Path(__file__).with_name("recognition_texts.yaml").read_text("utf-8"))
    book = load_phrase_book()
    shop = [phrase for phrase in book.phrases if phrase.language in BASE and phrase.intent not in UNHEARD]
    with tempfile.TemporaryDirectory() as folder:
        studio = Studio(Path(folder))
        if chosen.dev:
            table("Dev", PhraseRecogniser(shop), list(spoken(studio, shop, texts["dev"], DEV, BASE)))
            return
        recogniser, utterances = held_out(studio, texts["held_out"])
        table("Held out: new voices, new texts", recogniser, utterances)
        cost(utterances)
        utterances = list(spoken(studio, shop, texts["held_out"], HELD_OUT, BASE))
        table("New voices, the shop's own phrases", PhraseRecogniser(shop), utterances)
        american = list(spoken(studio, shop, texts["held_out"], HELD_OUT, {"en": "en-us"}))
        table("New voices and another accent (American on British templates)", PhraseRecogniser(shop), american)


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    main()
