"""What a line does to a recording, by name: the lines of docs/prompts.md, all drawn from a generator."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from AudioSocketLibrary.media.frames import decode_payload, encode_payload

Pcm = NDArray[np.int16]
Line = Callable[[Pcm, np.random.Generator], Pcm]
RATE = 8000
FRAME = 160


def in_scope(babble: Pcm) -> dict[str, Line]:
    """Lines on which a known recording must be found; ``babble`` is speech to make a crowd of."""
    return {
        "clean": lambda sound, _: sound,
        "gain -30 dB": gained(-30),
        "gain +12 dB, clipped": gained(12),
        "mu-law": companded("ulaw"),
        "A-law": companded("alaw"),
        "GSM": coded("WAV", "GSM610"),
        "Opus": coded("OGG", "OPUS"),
        "MP3": coded("MP3", "MPEG_LAYER_III"),
        "Vorbis": coded("OGG", "VORBIS"),
        "resampled to 11025 Hz": lambda sound, _: to_pcm(
            soxr.resample(soxr.resample(flat(sound), RATE, 11025), 11025, RATE)
        ),
        "half a sample late": lambda sound, _: to_pcm((flat(sound) + np.roll(flat(sound), 1)) / 2),
        "white 10 dB": noisy(white, 10),
        "pink 5 dB": noisy(pink, 5),
        "babble 5 dB": noisy(crowd(babble), 5),
        "loss 5 %": lossy(0.05),
        "loss 20 %": lossy(0.20),
        "3 % of frames removed": removed(0.03),
        "3 stalls of 60 ms": stalled(3, 0.060),
        "2 stalls of 200 ms": stalled(2, 0.200),
        "offset and hum": hummed,
        "drift 0.02 %": drifted(1.0002),
        "mu-law, pink 15 dB, loss 5 %": chain(companded("ulaw"), noisy(pink, 15), lossy(0.05)),
        "-20 dB, A-law, stalls of 60 ms": chain(gained(-20), companded("alaw"), stalled(3, 0.060)),
        "cut to 60 %": cut(0.6),
        "cut to 40 %": cut(0.4),
        "cut to 50 %, mu-law, pink 15 dB": chain(cut(0.5), companded("ulaw"), noisy(pink, 15)),
    }


def out_of_scope(babble: Pcm) -> dict[str, Line]:
    """Lines on which it may fail: how it does."""
    return {
        "white 5 dB": noisy(white, 5),
        "white 0 dB": noisy(white, 0),
        "pink 0 dB": noisy(pink, 0),
        "babble 0 dB": noisy(crowd(babble), 0),
        "drift 0.1 %": drifted(1.001),
        "1 % slower": drifted(1.01),
        "loss 40 %": lossy(0.40),
    }


def flat(sound: Pcm) -> NDArray[np.float64]:
    return sound.astype(np.float64)


def to_pcm(wave: NDArray[np.float64]) -> Pcm:
    return np.clip(np.rint(wave), -32768, 32767).astype(np.int16)


def resampled(rate: int) -> Line:
    return lambda sound, _: to_pcm(soxr.resample(soxr.resample(flat(sound), RATE, rate), rate, RATE))


def chain(*lines: Line) -> Line:
    def line(sound: Pcm, rng: np.random.Generator) -> Pcm:
        for each in lines:
            sound = each(sound, rng)
        return sound

    return line


def gained(decibels: float) -> Line:
    return lambda sound, _: to_pcm(flat(sound) * 10 ** (decibels / 20))


def companded(law: str) -> Line:
    return lambda sound, _: decode_payload(encode_payload(sound, law), law)


def coded(container: str, subtype: str) -> Line:
    def line(sound: Pcm, _: np.random.Generator) -> Pcm:
        file = io.BytesIO()
        soundfile.write(file, sound, RATE, format=container, subtype=subtype)
        file.seek(0)
        back, rate = soundfile.read(file, dtype="int16")
        return back if rate == RATE else to_pcm(soxr.resample(flat(back), rate, RATE))

    return line


def white(length: int, rng: np.random.Generator) -> NDArray[np.float64]:
    return rng.standard_normal(length)


def pink(length: int, rng: np.random.Generator) -> NDArray[np.float64]:
    spectrum = np.fft.rfft(rng.standard_normal(length))
    return np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(len(spectrum)), 1)), length)


def crowd(speech: Pcm) -> Callable[[int, np.random.Generator], NDArray[np.float64]]:
    """Six voices at once."""

    def babble(length: int, rng: np.random.Generator) -> NDArray[np.float64]:
        starts: Sequence[int] = rng.integers(0, len(speech), 6).tolist()
        return np.sum([np.resize(np.roll(flat(speech), -start), length) for start in starts], axis=0)

    return babble


def noisy(noise: Callable[[int, np.random.Generator], NDArray[np.float64]], snr: float) -> Line:
    def line(sound: Pcm, rng: np.random.Generator) -> Pcm:
        wave, made = flat(sound), noise(len(sound), rng)
        loud = wave[np.abs(wave) > np.abs(wave).max() * 0.02]
        level = np.sqrt(np.mean(loud**2)) * 10 ** (-snr / 20)
        return to_pcm(wave + made * level / np.sqrt(np.mean(made**2)))

    return line


def frames_of(sound: Pcm) -> NDArray[np.int16]:
    return np.pad(sound, (0, -len(sound) % FRAME)).reshape(-1, FRAME)


def lossy(share: float) -> Line:
    def line(sound: Pcm, rng: np.random.Generator) -> Pcm:
        frames = frames_of(sound).copy()
        frames[rng.random(len(frames)) < share] = 0
        return frames.reshape(-1)

    return line


def removed(share: float) -> Line:
    def line(sound: Pcm, rng: np.random.Generator) -> Pcm:
        frames = frames_of(sound)
        return frames[rng.random(len(frames)) >= share].reshape(-1)

    return line


def stalled(times: int, seconds: float) -> Line:
    def line(sound: Pcm, rng: np.random.Generator) -> Pcm:
        places = sorted(rng.integers(0, len(sound), times).tolist())
        return np.insert(sound, np.repeat(places, round(seconds * RATE)), 0)

    return line


def hummed(sound: Pcm, _: np.random.Generator) -> Pcm:
    return to_pcm(flat(sound) + 500 + 300 * np.sin(2 * np.pi * 50 * np.arange(len(sound)) / RATE))


def drifted(factor: float) -> Line:
    def line(sound: Pcm, _: np.random.Generator) -> Pcm:
        places = np.arange(round(len(sound) * factor)) / factor
        return to_pcm(np.interp(places, np.arange(len(sound)), flat(sound)))

    return line


def cut(share: float) -> Line:
    return lambda sound, _: sound[: round(len(sound) * share)]
