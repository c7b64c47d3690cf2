"""The garbage collector, kept away from the media path."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

THRESHOLDS: Final = (50_000, 20, 50)
"""Allocations (and collections) before a collection: under a load of 1,000 calls the young objects are looked at a few
times a second, all of them once in minutes."""


class _Quiet:
    """The collector is one for all of a process, and several loads in it need not end in the order they began."""

    blocks = 0
    before: tuple[int, int, int] = (700, 10, 10)


_QUIET: Final = _Quiet()


@contextmanager
def quiet_collector() -> Iterator[None]:
    """Collect garbage now, and rarely within the block: what lives at its beginning is not looked at again.

    What dies within the block goes at once, as ever; only rings of objects wait for a collection. At the end all is as
    it was before. Wrap it around what runs for as long as the load does, not around each call.
    """
    if not _QUIET.blocks:
        _QUIET.before = gc.get_threshold()
        gc.collect()
        gc.freeze()
        gc.set_threshold(*THRESHOLDS)
    _QUIET.blocks += 1
    try:
        yield
    finally:
        _QUIET.blocks -= 1
        if not _QUIET.blocks:
            gc.set_threshold(*_QUIET.before)
            gc.unfreeze()
