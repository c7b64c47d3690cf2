"""The garbage collector, kept away from the media path."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

SET_ASIDE_EVERY: Final = 1.0
"""Seconds after which what lives by then is no longer looked at."""
COLLECT_EVERY: Final = 600.0
"""Seconds after which all of it is looked at once: some 0.2 s of no audio under 1,000 calls."""
THRESHOLD: Final = 50_000
"""Objects that may be made within a second before the collector looks at them."""


class _Quiet:
    """The collector is one for all of a process, and several loads in it need not end in the order they began."""

    blocks = 0
    before: tuple[int, int, int] = (700, 10, 10)


_QUIET: Final = _Quiet()


@contextmanager
def quiet_collector() -> Iterator[None]:
    """Collect garbage now, and hardly ever within the block.

    What dies goes at once, as ever; only rings of objects need the collector, and calls leave none. To look through the
    50,000 youngest objects of a load took 26 to 45 ms (measured with 800 calls), once in 20 s: that alone was one frame
    in a hundred more than 20 ms late. So what lives is set aside each second, which costs nothing, and looked through
    once in ten minutes. At the end all is as it was before. Wrap it around what runs for as long as the load does, not
    around each call; it needs a running event loop.
    """
    loop = asyncio.get_running_loop()
    if not _QUIET.blocks:
        _QUIET.before = gc.get_threshold()
        gc.collect()
        gc.freeze()
        gc.set_threshold(THRESHOLD, *_QUIET.before[1:])
    _QUIET.blocks += 1
    timer = loop.call_later(SET_ASIDE_EVERY, lambda: set_aside(SET_ASIDE_EVERY))

    def set_aside(since: float) -> None:
        nonlocal timer
        if since >= COLLECT_EVERY:
            gc.unfreeze()
            gc.collect()
            since = 0.0
        gc.freeze()
        timer = loop.call_later(SET_ASIDE_EVERY, lambda: set_aside(since + SET_ASIDE_EVERY))

    try:
        yield
    finally:
        timer.cancel()
        _QUIET.blocks -= 1
        if not _QUIET.blocks:
            gc.set_threshold(*_QUIET.before)
            gc.unfreeze()
