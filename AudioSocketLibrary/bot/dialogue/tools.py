"""A dialogue's tools: called on threads of their own, for a limited time, and what their results amount to."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from ..backend.events import CallRef, Event
from .local import BackendLike
from .model import UNSURE, Outcome

TIMEOUT: Final = 5.0
"""Seconds after which a tool counts as failed."""
_THREADS: Final = 16
_NOTHING: Final = (None, False, 0, "", "0", "no", "false", "none")
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def outcome_of(result: Mapping[str, Any]) -> Outcome:
    """``none``: ``found`` (or ``cancelled``) is empty; ``unsure``: low ``confidence``; ``stale``; else ``found``."""
    for key in ("found", "cancelled"):
        if key in result and (result[key] in _NOTHING or result[key] == []):
            return "none"
    try:
        unsure = float(result.get("confidence", 1.0)) < UNSURE
    except (TypeError, ValueError):
        unsure = False
    if unsure:
        return "unsure"
    return "stale" if result.get("stale") is True else "found"


def as_tools_want(arguments: Mapping[str, str], today: date | None = None) -> dict[str, str]:
    """Arguments as the backend's tools understand them: the next day of a weekday's name, whole seasons."""
    given = dict(arguments)
    day = given.get("day", "")
    if day in _WEEKDAYS:
        today = today or datetime.now(UTC).date()
        given["day"] = (today + timedelta(days=(_WEEKDAYS.index(day) - today.weekday()) % 7 or 7)).isoformat()
    if given.get("season") == "all":
        given["season"] = "all-season"
    return given


class Toolbox:
    """Calls tools without making the media loop wait.

    Args:
        backend: has the tools.
        canned: results of tools that need no backend.
        timeout: of one call, in seconds.
    """

    def __init__(
        self, backend: BackendLike, canned: Mapping[str, Mapping[str, object]], *, timeout: float = TIMEOUT
    ) -> None:
        self._backend = backend
        self._canned = canned
        self._timeout = timeout
        self.threads = ThreadPoolExecutor(_THREADS, "bot-tools")

    async def call(self, name: str, arguments: Mapping[str, str], about: CallRef) -> tuple[Outcome, dict[str, Any]]:
        """Call a tool; whatever goes wrong with it is an outcome."""
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(self.threads, self._call, name, as_tools_want(arguments), about)
        try:
            result = await asyncio.wait_for(work, self._timeout)
        except ValueError as error:
            return "none", {"error": str(error)}
        except Exception as error:  # noqa: BLE001 - the dialogue has words for a tool that fails, however it does
            return "failed", {"error": str(error) or type(error).__name__}
        return outcome_of(result), result

    def close(self) -> None:
        """Call nothing more."""
        self.threads.shutdown(wait=False, cancel_futures=True)

    def _call(self, name: str, arguments: dict[str, str], about: CallRef) -> dict[str, Any]:
        if name not in self._canned:
            return self._backend.services.call(name, arguments, about)
        result = dict(self._canned[name])
        self._backend.publish(Event.now("tool called", about, name=name, arguments=arguments, result=result))
        return result
