from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

import hypothesis
import pytest
from xdist.scheduler import LoadFileScheduling

from AudioSocketLibrary.records.media_path import stale_media_path

try:
    import uvloop
except ImportError:
    uvloop = None

# A shell that starts this in the background has it ignore Ctrl-C, and all that it starts would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


# How long an example takes says how busy the machine is.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")

WHAT_IS_SHARED = ('scope="module"', "postgres")
"""Text of a file whose tests stay with one worker: they share a fixture, or the one database that there is."""


def pytest_configure() -> None:
    """Test what was written, not what was compiled before."""
    if stale := stale_media_path():
        raise pytest.UsageError(stale)


class SharedOut(LoadFileScheduling):
    """Shares out files; those of ``tests/integration`` that share nothing, whose tests mostly wait, test by test."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return file if _is_one_piece(self.config.rootpath, file) else nodeid


@cache
def _is_one_piece(root: Path, file: str) -> bool:
    if not file.startswith("tests/integration/"):
        return True
    text = (root / file).read_text("utf-8")
    return any(shared in text for shared in WHAT_IS_SHARED)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where tests are shared out, half of the files that are quickly done come last.

    Else one worker still waits for a call when all the others are done. The other half is mixed with what takes long:
    of that, six at once all the time would be more than two cores bear.
    """
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: _is_quick(item) and crc32(_file(item).encode()) % 2)


def _is_quick(item: pytest.Item) -> bool:
    return _file(item).startswith("tests/unit/") and not item.get_closest_marker("slow")


def _file(item: pytest.Item) -> str:
    return item.nodeid.split("::", 1)[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> SharedOut | None:
    return SharedOut(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.fixture(params=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Runs a coroutine to its end on a loop of its own, of either kind.

    No task may be left behind, and the loop may have met only so many ``errors`` that nobody caught.
    """
    if request.param == "uvloop" and uvloop is None:
        pytest.skip("uvloop is not installed here")
    factory = uvloop.new_event_loop if request.param == "uvloop" else asyncio.new_event_loop

    async def watched(main: Coroutine[Any, Any, Any], errors: int, limit: float) -> Any:
        met: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: met.append(context))
        result = await asyncio.wait_for(main, limit)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, f"tasks left behind: {left}"
        assert len(met) == errors, f"the loop met errors: {met}"
        return result

    def run_it(main: Coroutine[Any, Any, Any], *, errors: int = 0, limit: float = 30.0) -> Any:
        with asyncio.Runner(loop_factory=factory) as runner:
            return runner.run(watched(main, errors, limit))

    return run_it
