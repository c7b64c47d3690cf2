"""The figures of docs/voices.md: `python -m bench.lines`. Unseen voices need the command `espeak-ng`.

Callers speak the shop's phrases over each preset; the bot's detector finds where they speak, and its recogniser what.
All speech is synthetic (espeak-ng): nothing here says anything about people.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from AudioSocketLibrary.media import Sound, find_speech, load_phrase_book, load_sound
from AudioSocketLibrary.media.echo import Echo
from AudioSocketLibrary.media.line import PRESETS, Line, mixed
from AudioSocketLibrary.media.phrase_recogniser import PhraseRecogniser
from AudioSocketLibrary.media.phrases import Phrase
from AudioSocketLibrary.protocol import AudioFormat, Frame, FrameType
from bench.recognition import BASE, Studio

RATE = 8000
FRAME = 160
BEFORE, AFTER = 2.0, 1.2
PAUSE = 0.7
"""Seconds of silence after which a bot takes what was said for said."""
UNSEEN = (("m2", 150), ("f4", 150), ("Andy", 150))
NOISIER = {
    **PRESETS,
    "street, snr 10 dB": PRESETS["street"].but(snr=10.0),
    "car, snr 10 dB": PRESETS["car"].but(snr=10.0),
    "babble, snr 15 dB": Line(noise="babble", snr=15.0),
    "loss 10 %": Line(loss=0.1),
    "speed 1.3": Line(speed=1.3),
    "speed 0.8": Line(speed=0.8),
}


def over(line: Line, sound: Sound, number: int) -> NDArray[np.int16]:
    """What the bot gets: noise, words in it, noise; without the frames that were lost."""
    voice = np.pad(line.spoken(sound).samples, (round(BEFORE * RATE), round(AFTER * RATE)))
    voice = np.pad(voice, (0, -len(voice) % FRAME))
    loop = line.noise_loop(RATE)
    if loop is not None:
        voice = mixed(voice, loop, number * 7919)
    kept = [not gone for gone in line.losses(len(voice) // FRAME, number)]
    return voice.reshape(-1, FRAME)[kept].reshape(-1)


def utterances(samples: NDArray[np.int16]) -> list[tuple[int, int]]:
    """What a bot takes for utterances: speech whose pauses are shorter than `PAUSE`."""
    found: list[tuple[int, int]] = []
    for first, last in find_speech(samples, RATE):
        if found and first - found[-1][1] < PAUSE * RATE:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return found


def table(title: str, spoken: Sequence[tuple[Phrase, Path]], recogniser: PhraseRecogniser) -> None:
    print(f"\n{title}: {len(spoken)} utterances\n")
    print("| line | one utterance found | right / wrong / no answer |\n|---|---|---|")
    for name, line in NOISIER.items():
        whole = right = wrong = 0
        for number, (phrase, path) in enumerate(spoken):
            samples = over(line, load_sound(path, RATE), number)
            found = utterances(samples)
            whole += len(found) == 1
            if not found:
                continue
            first, last = max(found, key=lambda one: one[1] - one[0])
            cut = samples[max(0, first - RATE // 5) : last + RATE // 5]
            heard = recogniser.recognise(cut, RATE, phrase.language)
            same = heard.phrase and _named(recogniser, heard.phrase).meaning == phrase.meaning
            right += bool(same and heard.understood)
            wrong += bool(heard.understood and not same)
        count = len(spoken)
        print(f"| {name} | {whole}/{count} | {right} / {wrong} / {count - right - wrong} |", flush=True)


def _named(recogniser: PhraseRecogniser, name: str) -> Phrase:
    return next(phrase for phrase in recogniser.phrases if phrase.name == name)


def unseen(studio: Studio, phrases: Sequence[Phrase]) -> Iterator[tuple[Phrase, Path]]:
    for voice, speed in UNSEEN:
        paths = studio.record([(one.text, f"{BASE[one.language]}+{voice}", speed) for one in phrases])
        yield from zip(phrases, paths, strict=True)


def costs() -> None:
    sound = load_sound(load_phrase_book().phrase("winter_tyres").recordings[0], RATE)
    print(f"\n| what, for {sound.duration:.1f} s of speech | ms |\n|---|---|")
    street, loop = PRESETS["street"], PRESETS["street"].noise_loop(RATE)
    assert loop is not None

    def cost(what: str, doing: object, times: int = 20) -> None:
        assert callable(doing)
        start = time.process_time()
        for number in range(times):
            doing(number)
        print(f"| {what} | {1000 * (time.process_time() - start) / times:.3f} |")

    def fresh() -> Sound:
        return Sound.from_samples(sound.samples, RATE, "fresh")

    cost("the noise of a line, once in a process", lambda n: street.but(seed=1000 + n).noise_loop(RATE))
    cost("level, once for a recording", lambda _: street.spoken(fresh()))
    cost("level and muffling, once", lambda _: PRESETS["bad_mobile"].spoken(fresh()))
    cost("pace, once", lambda _: Line(speed=1.2).spoken(fresh()))
    voice = street.spoken(sound).samples
    cost(
        "mixing and encoding, for each utterance of a call whose frames are kept",
        lambda n: Sound.from_samples(mixed(voice, loop, 160 * n), RATE, "mix").frames(AudioFormat.slin),
    )
    echo, frame = Echo(AudioFormat.slin, 25.0, 0.15), Frame(FrameType.AUDIO, bytes(320))
    sent = b"\x10\x01\x40" + bytes(320)

    def echo_one(number: int) -> None:
        echo.heard(number / 50, frame)
        echo.mix(number / 50, sent)

    cost("echo, for each media frame", echo_one, 5000)


def main() -> None:
    phrases = [one for one in load_phrase_book().phrases if one.language in BASE]
    recogniser = PhraseRecogniser(phrases)
    table(
        "The three voices of the phrase book, which the bot knows",
        [(one, path) for one in phrases for path in one.recordings],
        recogniser,
    )
    with tempfile.TemporaryDirectory() as folder:
        table("Three voices that it does not know", list(unseen(Studio(Path(folder)), phrases)), recogniser)
    costs()


if __name__ == "__main__":
    main()
