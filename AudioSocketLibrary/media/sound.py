"""A sound ready to be played: read from a file, mixed to mono, resampled once, encoded once for all calls.

Resampling is soxr's HQ, at load time only: its streaming mode holds back 73 to 115 ms, and no call can wait
for that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soxr

from .files import SoundError, missing, read_mono
from .frames import frames_of
from .levels import rms_dbfs
from .lru import Cache
from .voice import DEFAULT_PARAMETERS, find_speech

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..protocol import AudioFormat

_loaded: Cache[tuple[int, int, int, int, int], Sound] = Cache(limit=256)


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """Sound that never changes. It is compared and hashed by identity; calls share it and its frames."""

    samples: NDArray[np.int16]
    """Read-only, mono, of shape (n,)."""
    rate: int
    """In Hz."""
    name: str
    """What people call it: the file's name without its ending."""
    path: Path | None = None
    """The file, made absolute; None for a sound that was made in memory."""
    _frames: dict[AudioFormat, tuple[bytes, ...]] = field(default_factory=dict, repr=False)
    _voiced: list[tuple[tuple[int, int], ...]] = field(default_factory=list, repr=False)

    @classmethod
    def from_samples(cls, samples: NDArray[np.int16], rate: int, name: str, path: Path | None = None) -> Sound:
        """Makes a sound of int16 samples of shape (n,), which are copied. SoundError where there are none."""
        if not len(samples):
            raise SoundError(f"{path.name if path else name} has no sound in it: it holds zero samples")
        own = np.array(samples, np.int16)
        own.setflags(write=False)
        return cls(own, rate, name, path)

    @property
    def duration(self) -> float:
        """In seconds."""
        return len(self.samples) / self.rate

    @property
    def voiced(self) -> tuple[tuple[int, int], ...]:
        """The speech in it, as pairs of sample indices, the second exclusive; found once, when asked."""
        if not self._voiced:
            self._voiced.append(tuple(find_speech(self.samples, self.rate)))
        return self._voiced[0]

    @property
    def first_voiced(self) -> int:
        """Index of the first voiced sample. SoundError where nothing is voiced."""
        return self._speech()[0][0]

    @property
    def last_voiced(self) -> int:
        """Index of one past the last voiced sample. SoundError where nothing is voiced."""
        return self._speech()[-1][1]

    def frames(self, audio_format: AudioFormat) -> tuple[bytes, ...]:
        """Returns whole AudioSocket frames of 20 ms, the last filled up with silence; always the same.

        SoundError where the sound has another rate than the format.
        """
        frames = self._frames.get(audio_format)
        if frames is None:
            if audio_format.rate != self.rate:
                raise SoundError(
                    f"Sound '{self.name}' was loaded at {self.rate} Hz, but {audio_format.name} is sent at "
                    f"{audio_format.rate} Hz: load it at that rate"
                )
            # Two threads may both encode it; all calls must still share one of the two.
            frames = self._frames.setdefault(audio_format, frames_of(self.samples, audio_format))
        return frames

    def _speech(self) -> tuple[tuple[int, int], ...]:
        if not self.voiced:
            raise SoundError(
                f"Nothing is voiced in '{self.name}': its {self.duration:.2f} s have an RMS level of "
                f"{rms_dbfs(self.samples):.1f} dBFS, and speech must be louder than its background and than "
                f"{DEFAULT_PARAMETERS.absolute:g} dBFS"
            )
        return self.voiced


def load_sound(path: str | Path, rate: int) -> Sound:
    """Loads a sound file: any rate, any channels, anything that libsndfile reads.

    Args:
        path: The file.
        rate: The rate in Hz that the sound shall have; 16-bit mono at that rate comes through bit by bit.

    Returns:
        The sound, int16 and mono. The same file, unchanged, gives the same object again, so that its speech
        is found and its frames are encoded once in a process. The last 256 are kept.

    Raises:
        SoundError: There is no such file, it is no sound file, or it holds no sound.
    """
    place = Path(path)
    try:
        state = place.stat()
    except OSError as error:
        raise SoundError(missing(place, error)) from None
    # The file, not its name: the same one by another way is the same, and to resolve a path takes a dozen system calls.
    key = (state.st_dev, state.st_ino, state.st_mtime_ns, state.st_size, rate)
    return _loaded.get(key) or _loaded.keep(key, _read(place.resolve(), rate))


def _read(path: Path, rate: int) -> Sound:
    samples, source = read_mono(path)
    if source != rate and len(samples):
        samples = soxr.resample(samples, source, rate, quality="HQ")
    whole = np.clip(np.rint(samples * 32768), -32768, 32767).astype(np.int16)
    return Sound.from_samples(whole, rate, path.stem, path)
