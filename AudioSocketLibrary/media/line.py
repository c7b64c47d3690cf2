"""The line a caller calls by: noise behind the words, muffling, level, pace, lost packets, echo. Plain data.

What it does to a recording is done once and shared by all calls. The caller's last voiced sample is always that of the
clean recording: noise moves no mark.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from .files import SoundError, nearest
from .levels import active_speech_level
from .lru import Cache
from .noise import background, check_noise
from .scale import SILENCE_DBFS
from .sound import Sound
from .tempo import at_speed

if TYPE_CHECKING:
    from numpy.typing import NDArray

SPEECH_LEVEL: Final = -20.0
"""dBFS of speech on a line with noise, unless the line says otherwise: without a level there is no ratio to keep."""
MUFFLED_ABOVE: Final = 1000.0
"""Hz above which a muffled voice falls, by 12 dB an octave: a hand, a mask, a phone in a bag."""

_spoken: Cache[tuple[Sound, float, bool, float | None, bool], Sound] = Cache(limit=256)


@dataclass(frozen=True, slots=True)
class Line:
    """How the caller sounds. Levels in dBFS, ratios in dB, shares 0 to 1, times in seconds."""

    name: str = "clean"
    noise: str = ""
    """One of our noises or a sound file; empty: none. It is sent from the beginning of the call to its end."""
    snr: float = 15.0
    """Speech (its active level) above the noise (RMS)."""
    level: float | None = None
    """Active level that speech is brought to; None: as recorded, or `SPEECH_LEVEL` where there is noise."""
    muffled: bool = False
    loss: float = 0.0
    """Share of media frames that are lost on the way: at their time nothing is sent, as Asterisk does it."""
    speed: float = 1.0
    echo: float | None = None
    """How much quieter than the bot its own voice comes back; None: not at all."""
    echo_delay: float = 0.150
    seed: int = 0

    def __post_init__(self) -> None:
        if self.noise:
            check_noise(self.noise)
        _check("loss", 0 <= self.loss <= 0.5, "from 0 % to 50 %, like '3 %'")
        _check("speed", 0.5 <= self.speed <= 2, "from 0.5 to 2, like 1.2")
        _check("level", self.level is None or -50 <= self.level <= 0, "from -50 to 0 dBFS, like '-30 dBFS'")
        _check("snr", -10 <= self.snr <= 60, "from -10 to 60 dB, like '15 dB'")
        _check("echo", self.echo is None or 0 <= self.echo <= 60, "from 0 to 60 dB below the bot, like '25 dB'")
        _check("echo_delay", 0.02 <= self.echo_delay <= 2, "from 20 ms to 2 s")

    def __str__(self) -> str:
        base = PRESETS.get(self.name, CLEAN)
        changed = [
            f"{field.name.replace('_', ' ')} {_shown(field.name, getattr(self, field.name))}"
            for field in fields(self)
            if field.name != "name" and getattr(self, field.name) != getattr(base, field.name)
        ]
        return ", ".join([self.name, *changed])

    def but(self, **changes: Any) -> Line:
        """The line with what was given changed (None: not given)."""
        return replace(self, **{name: value for name, value in changes.items() if value is not None})

    def paced(self, sound: Sound) -> Sound:
        """The clean recording at the pace of this line: its speech is where the caller's speech is."""
        return sound if self.speed == 1.0 else self._through(sound, clean=True)

    def spoken(self, sound: Sound, *, speech: bool = True) -> Sound:
        """A recording as it is spoken into this line, before noise; the samples of `paced`, one by one.

        Args:
            sound: the recording.
            speech: whether it is speech, which the line brings to its level; a cough keeps its distance to that.
        """
        if self.speed == 1.0 and not self.muffled and self._level is None:
            return sound
        return self._through(sound, speech=speech)

    @property
    def _level(self) -> float | None:
        return SPEECH_LEVEL if self.level is None and self.noise else self.level

    def noise_loop(self, rate: int) -> NDArray[np.int16] | None:
        """The noise as a loop without a seam, int16 of shape (n,); always the same. None where there is none."""
        if not self.noise:
            return None
        level = (SPEECH_LEVEL if self.level is None else self.level) - self.snr
        return _loop(self.noise, rate, level, self.seed)

    def losses(self, count: int, part: int) -> list[bool]:
        """Which of so many media frames are lost; the same for the same seed and part of the call."""
        if not self.loss:
            return [False] * count
        lost: list[bool] = (np.random.default_rng((self.seed, part)).random(count) < self.loss).tolist()
        return lost

    def _through(self, sound: Sound, *, clean: bool = False, speech: bool = True) -> Sound:
        key = (sound, self.speed, self.muffled and not clean, None if clean else self._level, speech)
        known = _spoken.get(key)
        if known is not None:
            return known
        samples = at_speed(sound.samples, sound.rate, self.speed)
        if not clean:
            wave = samples.astype(np.float64)
            if self.muffled:
                wave = _muffled(wave, sound.rate)
            samples = np.clip(np.rint(wave * self._gain(wave, sound.rate, speech)), -32768, 32767).astype(np.int16)
        return _spoken.keep(key, Sound.from_samples(samples, sound.rate, sound.name, sound.path))

    def _gain(self, wave: NDArray[np.float64], rate: int, speech: bool) -> float:
        if self._level is None:
            return 1.0
        # The level of the words, not of the silence around them.
        now = active_speech_level(np.clip(wave, -32768, 32767).astype(np.int16), rate) if speech else SPEECH_LEVEL
        return 1.0 if now <= SILENCE_DBFS else float(10 ** ((self._level - now) / 20))


def line_named(name: str) -> Line:
    """The line of that name; SoundError, with the nearest, where there is none."""
    found = PRESETS.get(name.strip().lower().replace(" ", "_"))
    if found is None:
        near = nearest(name, PRESETS)
        hint = f"; nearest: {near[0]}" if near else ""
        raise SoundError(f"There is no line '{name}'{hint}. Lines: {', '.join(PRESETS)}")
    return found


def mixed(voice: NDArray[np.int16], loop: NDArray[np.int16], start: int) -> NDArray[np.int16]:
    """Returns a voice over the noise of a loop from its sample `start` on, clipped as a converter does."""
    noise = np.take(loop, range(start, start + len(voice)), mode="wrap")
    return np.asarray(np.clip(voice.astype(np.int32) + noise, -32768, 32767), np.int16)


@cache
def _loop(noise: str, rate: int, level: float, seed: int) -> NDArray[np.int16]:
    loop = np.clip(np.rint(background(noise, rate, level, seed)), -32768, 32767).astype(np.int16)
    loop.setflags(write=False)
    return loop


def _muffled(wave: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    frequencies = np.fft.rfftfreq(2 * len(wave), 1 / rate)
    # Of zero phase: it moves neither the first word nor the last.
    gain = 1 / (1 + (frequencies / MUFFLED_ABOVE) ** 4) ** 0.5
    return np.fft.irfft(np.fft.rfft(wave, 2 * len(wave)) * gain)[: len(wave)]


def _check(name: str, fine: bool, how: str) -> None:
    if not fine:
        raise SoundError(f"A line cannot have this {name}: write it {how}")


def _shown(name: str, value: Any) -> str:
    if name == "loss":
        return f"{100 * value:g} %"
    if name == "echo_delay":
        return f"{1000 * value:.0f} ms"
    if name == "level":
        return f"{value:g} dBFS"
    if name in ("snr", "echo"):
        return f"{value:g} dB"
    return "yes" if value is True else str(value)


CLEAN: Final = Line()
PRESETS: Final = {
    "clean": CLEAN,
    "street": Line("street", noise="street", snr=15),
    "car": Line("car", noise="car", snr=15),
    "bad_mobile": Line("bad_mobile", noise="pink", snr=20, loss=0.03, muffled=True),
    "far_from_phone": Line("far_from_phone", noise="office", snr=15, level=-32, muffled=True),
}
ABOUT: Final = {
    "clean": "the recording as it is",
    "street": "traffic 15 dB below the words",
    "car": "road and engine 15 dB below the words",
    "bad_mobile": "a muffled voice, hiss at 20 dB, 3 % of the frames lost",
    "far_from_phone": "a quiet (-32 dBFS), muffled voice in an office, 15 dB above it",
}
