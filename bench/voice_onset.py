"""How far the voice detector is off: `python bench/voice_onset.py [8000]`.

Every recording of audio/ is cut to its speech (from the first to the last sample above -60 dBFS, a simpler
rule and independent of the detector), put between 1 s of silence, mixed with noise at a fixed level and given
to the detector as a stream of 20 ms media frames. Errors are in ms, positive is late.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import soundfile
import soxr

from AudioSocketLibrary.media.voice import VoiceDetector, find_speech, window_levels, window_size

AUDIO = Path(__file__).resolve().parents[1] / "audio"
LEADS = (1.0, 1.0003, 1.0021, 1.0042)


def speech(path: Path, rate: int) -> np.ndarray:
    samples, source = soundfile.read(path)
    if source != rate:
        samples = soxr.resample(samples, source, rate)
    loud = np.flatnonzero(np.abs(samples) >= 10 ** (-60 / 20))
    return samples[loud[0] : loud[-1] + 1]


def pink(count: int, rng: np.random.Generator) -> np.ndarray:
    spectrum = np.fft.rfft(rng.standard_normal(count))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 1))
    noise = np.fft.irfft(spectrum, count)
    return noise / np.sqrt(np.mean(noise**2))


def babble(count: int, rng: np.random.Generator, voices: list[np.ndarray]) -> np.ndarray:
    noise = np.zeros(count)
    for _ in range(6):
        line = np.concatenate([voices[i] for i in rng.permutation(len(voices))])
        noise += np.roll(np.resize(line, count), rng.integers(count))
    return noise / np.sqrt(np.mean(noise**2))


def condition(name: str, count: int, rng: np.random.Generator, voices: list[np.ndarray]) -> np.ndarray:
    kind, _, level = name.partition(" ")
    if kind in {"digital", "speech"}:
        return np.zeros(count)
    make = {"white": lambda: rng.standard_normal(count), "pink": lambda: pink(count, rng)}
    noise = make[kind]() if kind in make else babble(count, rng, voices)
    return noise * 10 ** (float(level) / 20)


def streamed(samples: np.ndarray, rate: int) -> list[tuple[float, float]]:
    detector = VoiceDetector()
    frame = rate // 50
    for start in range(0, len(samples) - frame + 1, frame):
        detector.feed(window_levels(samples[start : start + frame], rate).tolist())
    return [(s.first * window_size(rate) / rate, s.last * window_size(rate) / rate) for s in detector.segments]


def offline(samples: np.ndarray, rate: int) -> list[tuple[float, float]]:
    return [(first / rate, last / rate) for first, last in find_speech(samples, rate)]


def figures(errors: list[float]) -> str:
    values = 1000 * np.array(errors)
    return (
        f"{np.median(values):+6.1f} /{np.percentile(np.abs(values), 95):6.1f}"
        f" ({values.min():+7.1f}..{values.max():+6.1f})"
    )


def main(rate: int) -> None:
    voices = [speech(path, rate) for path in sorted(AUDIO.glob("*/*.wav"))]
    print(f"{rate} Hz, {len(voices)} recordings x {len(LEADS)} offsets; median / p95 of the absolute (min..max)")
    print(f"{'':15}{'':9}{'onset, ms':34}{'offset, ms':34}early  missed")
    conditions = (
        "speech at once",
        "digital silence",
        "white -65",
        "pink -50",
        "pink -40",
        "babble -50",
        "babble -40",
    )
    for name in conditions:
        for finder in (streamed, offline):
            rng = np.random.default_rng(7)
            onsets, offsets, early, missed = [], [], 0, 0
            for voice in voices:
                for lead in LEADS:
                    before, after = 0 if name == "speech at once" else round(lead * rate), rate
                    mixed = np.concatenate([np.zeros(before), voice, np.zeros(after)])
                    mixed += condition(name, len(mixed), rng, voices)
                    samples = np.clip(np.rint(mixed * 32768), -32768, 32767).astype(np.int16)
                    begin, end = before / rate, (before + len(voice)) / rate
                    found = finder(samples, rate)
                    if not found:
                        missed += 1
                    elif found[0][0] < begin - 0.05:
                        early += 1
                    else:
                        onsets.append(found[0][0] - begin)
                        offsets.append(found[-1][1] - end)
            figure = f"{figures(onsets):34}{figures(offsets):34}" if onsets else f"{'-':34}{'-':34}"
            print(f"{name:16}{finder.__name__:9}{figure}{early:5}  {missed:6}")


def cost() -> None:
    cases = {
        "silent": [-120.0] * 4,
        "noise -50": [-50.0, -49.0, -51.0, -50.0],
        "speaking": [-20.0] * 4,
    }
    for name, levels in cases.items():
        detector = VoiceDetector()
        for _ in range(100):
            detector.feed([-60.0, -120.0] if name != "noise -50" else levels)
        began = time.process_time()
        for _ in range(200_000):
            detector.feed(levels)
        print(f"feed, {name}: {(time.process_time() - began) / 0.2:.2f} us per 20 ms frame")
    samples = np.random.default_rng(1).integers(-3000, 3000, 160 * 1000).astype(np.int16)
    began = time.process_time()
    for _ in range(100):
        window_levels(samples, 8000).tolist()
    print(f"window_levels of 1000 calls: {(time.process_time() - began) * 10:.2f} us per call and frame")


if __name__ == "__main__":
    rates = [int(value) for value in sys.argv[1:]] or [8000]
    for chosen in rates:
        main(chosen)
    cost()
