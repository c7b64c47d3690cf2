"""Known recordings found in what was said: block by block, by waveform, whatever the level and the line did to it.

A prompt is cut into blocks of 0.32 s. Some of them are looked for everywhere in what was heard, and vote for the place
where the prompt begins. All are then looked for around their place, 0.35 s to either side, since a call loses, stalls
and drops frames. What was heard is compared as a recording: the same words, spoken or synthesised anew, do not match.
docs/prompts.md says how well it works, and on what.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import soxr

from .lru import Cache
from .scale import FULL_SCALE
from .voice import find_speech

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

RATE: Final = 8000
"""In Hz: all is compared at this rate, so times are exact to 0.125 ms."""
SAME: Final = 0.60
"""A similarity from here on means: this recording, and no other one, was played (not for near twins: those by rank)."""
HEARD: Final = 0.30
"""Less than this share of a prompt is too little to know it by."""
BLOCK: Final = 2560
SLACK: Final = 2816
LOCAL: Final = BLOCK + 2 * SLACK
"""Samples in which a block is looked for around its place: a power of two."""
GLOBAL: Final = 8192
HOP: Final = GLOBAL - BLOCK
VOTERS: Final = 5
EMPHASIS: Final = 0.8
QUIET: Final = 1e-3
"""Blocks with less than this share of the energy of the loudest are pauses: they tell nothing."""
ABSENT: Final = 0.15
"""A block is missing where there is less than this share of the energy that it should have there."""
ALIKE: Final = 0.5
"""A block is matched from this correlation on."""


@dataclass(frozen=True, slots=True)
class BlockMatch:
    """One block of a prompt."""

    at: float
    """Where it begins in the prompt, in seconds since the prompt's first voiced sample."""
    score: float
    """Correlation with what was heard, 0 to 1."""
    state: Literal["matched", "different", "missing"]
    """Missing: it is silent there, or over; different: there is other sound, or too much noise."""


@dataclass(frozen=True, slots=True)
class PromptMatch:
    """How a prompt fits into what was heard, at the place where it fits best."""

    name: str
    similarity: float
    """Mean score of the blocks that are not missing, weighted by their amplitude: 0 to 1."""
    coverage: float
    """Share of the prompt, weighted likewise, that is not missing: 0 to 1. Below 1 it was cut short."""
    start: float
    """Where the prompt's first voiced sample is, in seconds since the first sample heard; negative if before it."""
    end: float
    """Where its last voiced sample is; of a prompt that was cut short, the end of the last block that was matched."""
    gain: float
    """In dB, against the recording."""
    blocks: tuple[BlockMatch, ...]

    @property
    def same(self) -> bool:
        """Whether it is this recording: similarity of at least `SAME`, and at least `HEARD` of it heard."""
        return self.similarity >= SAME and self.coverage >= HEARD

    @property
    def rank(self) -> float:
        """What `PromptMatcher.rank` goes by: the similarity, less up to a fifth for what is missing."""
        return self.similarity * (0.8 + 0.2 * self.coverage)


@dataclass(frozen=True, eq=False, slots=True)
class _Reference:
    """A prompt, ready to be looked for."""

    offsets: NDArray[np.intp]
    """Of its blocks, from its first voiced sample."""
    norms: NDArray[np.float32]
    spectra: NDArray[np.complex64]
    """Of its blocks, for the local search: (blocks, LOCAL / 2 + 1)."""
    voters: NDArray[np.intp]
    length: int
    """Voiced samples."""
    block: int
    """Samples in a block: `BLOCK`, or all of a shorter prompt."""


class PromptMatcher:
    """Finds known recordings in what was said. Each is prepared when it is first looked for, and kept."""

    def __init__(self, sound_by_name: Mapping[str, NDArray[np.int16]], rate: int) -> None:
        """Takes the recordings.

        Args:
            sound_by_name: int16 samples of shape (n,) by the prompt's name.
            rate: Of all of them, in Hz.
        """
        self._sounds = dict(sound_by_name)
        self._rate = rate
        self._references: Cache[str, _Reference] = Cache(limit=4096)

    @property
    def names(self) -> tuple[str, ...]:
        """All prompts that it knows."""
        return tuple(self._sounds)

    def prepare(self) -> None:
        """Prepares all prompts now, so that the first reply does not wait for it."""
        for name in self._sounds:
            self._reference(name)

    def match(self, samples: NDArray[np.int16], rate: int, name: str) -> PromptMatch:
        """Returns where and how well one prompt fits into int16 samples of shape (n,).

        Raises:
            KeyError: there is no such prompt.
            ValueError: its recording has no speech in it.
        """
        return _Heard(samples, rate).match(name, self._reference(name))

    def rank(self, samples: NDArray[np.int16], rate: int, names: Iterable[str] = ()) -> list[PromptMatch]:
        """Returns the match of each of the prompts, the best first; of all that it knows, where none are named.

        Of prompts that differ in a word the one that was played comes first, where a threshold would take both.
        """
        heard = _Heard(samples, rate)
        found = [heard.match(name, self._reference(name)) for name in names or self._sounds]
        return sorted(found, key=lambda match: match.rank, reverse=True)

    def _reference(self, name: str) -> _Reference:
        kept = self._references.get(name)
        return kept or self._references.keep(name, _prepare(name, self._sounds[name], self._rate))


class _Heard:
    """What was heard, ready to be looked into."""

    def __init__(self, samples: NDArray[np.int16], rate: int) -> None:
        wave = _emphasised(samples, rate)
        # A block that was cut by either end is found by what is left of it.
        self._lead = LOCAL
        self._wave = np.pad(wave, (LOCAL, LOCAL + GLOBAL))
        self._sums = np.concatenate(([0.0], np.cumsum(self._wave.astype(np.float64) ** 2)))
        # What is far below the loudest is silence: nothing in it can be like anything.
        self._floor = float(np.mean(wave.astype(np.float64) ** 2)) * 1e-4 + 1e-10 if len(wave) else 1.0
        self._starts = np.arange(LOCAL - BLOCK // 2, LOCAL + len(wave), HOP)
        pieces = self._wave[self._starts[:, None] + np.arange(GLOBAL)]
        self._spectra = np.fft.rfft(pieces, axis=1)
        self._norms: dict[int, NDArray[np.float32]] = {}

    def match(self, name: str, prompt: _Reference) -> PromptMatch:
        """Returns how a prompt fits at its best place."""
        place = self._place(prompt)
        windows = self._wave[np.clip(place + prompt.offsets - SLACK, 0, len(self._wave) - LOCAL)[:, None] + _LOCAL]
        lags, scores, powers = _best(windows, prompt, self._floor)
        return _judged(name, prompt, lags + place - SLACK - self._lead, scores, powers)

    def _place(self, prompt: _Reference) -> int:
        """Where the prompt's first voiced sample is, by the vote of some of its blocks."""
        votes = prompt.voters
        # The spectra of the local search are those of the global one: both have the same length.
        valid = GLOBAL - prompt.block + 1
        correlation = np.fft.irfft(self._spectra * prompt.spectra[votes][:, None, :], GLOBAL, axis=2)[:, :, :valid]
        correlation *= self._inverse_norms(prompt.block)[:, :valid]
        peaks = correlation.argmax(axis=2)
        scores = np.take_along_axis(correlation, peaks[:, :, None], 2)[:, :, 0] / prompt.norms[votes][:, None]
        places = self._starts + peaks - prompt.offsets[votes][:, None]
        near = np.abs(places[:, :, None, None] - places) <= SLACK
        support = np.where(near, scores**2, 0).max(axis=3).sum(axis=2)
        best = np.argmax(support + 0.5 * scores**2)
        return int(np.clip(places.ravel()[best], SLACK - prompt.length, len(self._wave) - LOCAL))

    def _inverse_norms(self, block: int) -> NDArray[np.float32]:
        if block not in self._norms:
            at = np.minimum(self._starts[:, None] + np.arange(GLOBAL), len(self._wave) - block)
            power = self._sums[at + block] - self._sums[at]
            self._norms[block] = (1 / np.sqrt(np.maximum(power, self._floor * block))).astype(np.float32)
        return self._norms[block]


TAPS: Final = 8
_HALF: Final = (np.sinc(np.arange(2 * TAPS) - TAPS + 0.5) * np.hanning(2 * TAPS + 2)[1:-1]).astype(np.float32)
"""Interpolates halfway between samples."""
_LOCAL: Final = np.arange(LOCAL)
assert LOCAL == GLOBAL  # the spectra of the blocks serve both searches


def _prepare(name: str, samples: NDArray[np.int16], rate: int) -> _Reference:
    wave = samples if rate == RATE else _resampled(samples, rate)
    speech = find_speech(wave, RATE)
    if not speech:
        raise ValueError(f"The recording of the prompt '{name}' has no speech in it: record it again")
    first, last = speech[0][0], speech[-1][1]
    voiced = _emphasised(wave, RATE)[first:last]
    block = min(BLOCK, len(voiced))
    count = -(-len(voiced) // block)
    offsets = np.linspace(0, len(voiced) - block, count).astype(np.intp)
    blocks = voiced[offsets[:, None] + np.arange(block)]
    norms = np.sqrt((blocks.astype(np.float64) ** 2).sum(axis=1)).astype(np.float32)
    told = norms**2 > QUIET * norms.max() ** 2
    offsets, blocks, norms = offsets[told], blocks[told], norms[told]
    groups = np.array_split(np.arange(len(norms)), min(VOTERS, len(norms)))
    voters = np.array([group[norms[group].argmax()] for group in groups], np.intp)
    spectra = np.conj(np.fft.rfft(blocks, LOCAL, axis=1))
    return _Reference(offsets, norms, spectra, voters, len(voiced), block)


def _best(
    windows: NDArray[np.float32], prompt: _Reference, floor: float
) -> tuple[NDArray[np.intp], NDArray[np.float32], NDArray[np.float64]]:
    """The lag in its window at which each block fits best, the correlation, and the power that is there."""
    valid = LOCAL - prompt.block + 1
    correlation = np.fft.irfft(np.fft.rfft(windows, axis=1) * prompt.spectra, LOCAL, axis=1)[:, :valid]
    sums = np.pad(np.cumsum(windows.astype(np.float64) ** 2, axis=1), ((0, 0), (1, 0)))
    power = sums[:, prompt.block :] - sums[:, :valid]
    scores = correlation / np.sqrt(np.maximum(power, floor * prompt.block))
    lags = scores.argmax(axis=1)
    row = np.arange(len(lags))
    # Between two samples it may fit better: a line, or a resampler, delays by parts of a sample.
    near = np.pad(scores, ((0, 0), (TAPS, TAPS)))[row[:, None], lags[:, None] + np.arange(2 * TAPS + 1)]
    between = np.maximum(near[:, :-1] @ _HALF, near[:, 1:] @ _HALF)
    best = np.clip(np.maximum(scores[row, lags], between) / prompt.norms, 0, 1)
    return lags, best, power[row, lags]


def _judged(
    name: str,
    prompt: _Reference,
    places: NDArray[np.intp],
    scores: NDArray[np.float32],
    powers: NDArray[np.float64],
) -> PromptMatch:
    strong = scores >= max(ALIKE, 0.7 * float(scores.max()))
    if not strong.any():
        strong = scores == scores.max()
    heard_norms = np.sqrt(powers)
    gain = float((scores * heard_norms)[strong].sum() / prompt.norms[strong].sum())
    # The block in which a prompt was cut off counts for as much of it as was heard.
    present = np.where(strong & (powers > 0), 1, np.minimum(powers / np.maximum((gain * prompt.norms) ** 2, 1e-12), 1))
    missing = present < ABSENT
    weights = prompt.norms * np.where(missing, 0, present)
    matched = (scores >= ALIKE) & ~missing
    first = int(np.flatnonzero(strong)[0])
    last = int(np.flatnonzero(strong if not matched.any() else matched)[-1])
    start = int(places[first])
    end = int(places[last]) + (prompt.length if last == len(scores) - 1 else int(prompt.offsets[last]) + prompt.block)
    blocks = tuple(
        BlockMatch(int(offset) / RATE, round(float(score), 4), _state(bool(gone), bool(fits)))
        for offset, score, gone, fits in zip(prompt.offsets, scores, missing, matched, strict=True)
    )
    return PromptMatch(
        name,
        similarity=min(float((weights * scores).sum() / max(float(weights.sum()), 1e-9)), 1.0),
        coverage=min(float(weights.sum() / prompt.norms.sum()), 1.0),
        start=start / RATE,
        end=end / RATE,
        gain=20 * float(np.log10(max(gain, 1e-6))),
        blocks=blocks,
    )


def _state(gone: bool, fits: bool) -> Literal["matched", "different", "missing"]:
    return "missing" if gone else "matched" if fits else "different"


def _resampled(samples: NDArray[np.int16], rate: int) -> NDArray[np.int16]:
    wave = soxr.resample(samples.astype(np.float32), rate, RATE)
    return np.asarray(np.clip(np.rint(wave), -FULL_SCALE, FULL_SCALE - 1), np.int16)


def _emphasised(samples: NDArray[np.int16], rate: int) -> NDArray[np.float32]:
    """Float samples at `RATE` in which high and low sounds count alike, without their mean."""
    wave = np.asarray(samples.astype(np.float32) / FULL_SCALE, np.float32)
    if rate != RATE and len(wave):
        wave = soxr.resample(wave, rate, RATE)
    if not len(wave):
        return wave
    return np.asarray(np.concatenate((wave[:1] * 0, wave[1:] - np.float32(EMPHASIS) * wave[:-1])), np.float32)
