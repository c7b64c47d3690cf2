"""The garbage collector, kept away from the media path."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

THRESHOLDS: Final = (50_000, 20, 50)
"""Allocations (and collections) before a collection: under a load of 1,000 calls the young objects are looked at a few
times a second, all of them once in minutes."""


@contextmanager
def quiet_collector() -> Iterator[None]:
    """Collect garbage now, and rarely within the block: what lives at its beginning is not looked at again.

    What dies within the block goes at once, as ever; only rings of objects wait for a collection. At the end all is as
    it was before. Wrap it around what runs for as long as the load does, not around each call.
    """
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
