"""The ear hears many calls at once: numpy's price is paid once a round, not once a frame."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, ClassVar, Final, Protocol
from weakref import WeakKeyDictionary, ref

from .frames import decode_payload
from .windows import window_levels, window_size

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

ROUND: Final = 0.010
"""Seconds between two rounds of listening: how late a call may know what it heard. The times themselves are exact."""


class Loop(Protocol):
    """What an event loop is to the ear."""

    def call_later(self, delay: float, callback: Callable[[], object]) -> object:
        """Calls `callback` after `delay` seconds."""


class Hearer(Protocol):
    """One call's side of the ear."""

    kind: tuple[int, str]
    """Rate and encoding of what `prepare` gave last."""

    def prepare(self) -> bytes:
        """Returns the audio that waits, in whole windows."""

    def take(self, levels: list[float], low: float, high: float) -> None:
        """Takes the levels of what `prepare` gave, in dBFS by window; the lowest and the highest of them."""


NOTHING: Final[tuple[list[float], float, float]] = [], inf, -inf
"""What `levels_of` returns of no audio."""


def levels_of(audio: bytes, kind: tuple[int, str]) -> tuple[list[float], float, float]:
    """Returns the levels of audio in whole windows, in dBFS, and the lowest and the highest of them."""
    levels: list[float] = _levels(audio, kind).tolist()
    return (levels, min(levels), max(levels)) if levels else NOTHING


def _levels(audio: bytes, kind: tuple[int, str]) -> NDArray[np.float32]:
    rate, encoding = kind
    return window_levels(decode_payload(audio, encoding), rate)


def window_bytes(kind: tuple[int, str]) -> int:
    """Returns the bytes of a window."""
    rate, encoding = kind
    return window_size(rate) * (2 if encoding == "slin" else 1)


class Ear:
    """Listens to all calls of one event loop at once. Use `Ear.of(loop)`: there is one per loop."""

    _ears: ClassVar[WeakKeyDictionary[Loop, Ear]] = WeakKeyDictionary()

    @classmethod
    def of(cls, loop: Loop) -> Ear:
        """Returns the ear of `loop`."""
        ear = cls._ears.get(loop)
        if ear is None:
            ear = cls._ears[loop] = cls(loop)
        return ear

    def __init__(self, loop: Loop) -> None:
        self._loop = ref(loop)  # a reference would keep the loop in the weak dictionary, and so alive, for ever
        self._waiting: dict[Hearer, None] = {}

    def notice(self, hearer: Hearer) -> None:
        """Audio has arrived for `hearer`: listen soon."""
        if not self._waiting:
            loop = self._loop()
            assert loop
            loop.call_later(ROUND, self.listen)
        self._waiting[hearer] = None

    def forget(self, hearer: Hearer) -> None:
        """The call is over: a loop that ends before the next round must not keep it."""
        self._waiting.pop(hearer, None)

    def listen(self) -> None:
        """Takes all that arrived since the last round."""
        waiting, self._waiting = self._waiting, {}
        groups: dict[tuple[tuple[int, str], int], tuple[list[Hearer], list[bytes]]] = {}
        last_kind, last_size = (0, ""), -1
        hearers: list[Hearer] = []
        audios: list[bytes] = []
        for hearer in waiting:
            audio = hearer.prepare()
            if len(audio) != last_size or hearer.kind != last_kind:  # nearly all are of one kind and size
                last_kind, last_size = hearer.kind, len(audio)
                hearers, audios = groups.setdefault((last_kind, last_size), ([], []))
            hearers.append(hearer)
            audios.append(audio)
        for (kind, size), (hearers, audios) in groups.items():
            width = size // window_bytes(kind)
            if not width:
                for hearer in hearers:
                    hearer.take(*NOTHING)
                continue
            levels = _levels(b"".join(audios), kind).reshape(-1, width)
            lows, highs = levels.min(axis=1).tolist(), levels.max(axis=1).tolist()
            for hearer, own, low, high in zip(hearers, levels.tolist(), lows, highs, strict=True):
                hearer.take(own, low, high)
