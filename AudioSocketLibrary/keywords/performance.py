"""Keywords: how long a piece of a test took, and what of this process it used."""

from __future__ import annotations

from typing import Any

from ..monitor import PerformanceMonitor
from ..records import UsageError
from .robot import keyword, logger
from .session import SESSION


class PerformanceKeywords:
    """A monitor around the keywords between start and stop; several may run at once, by name."""

    def __init__(self) -> None:
        self._running: dict[str, tuple[PerformanceMonitor, int]] = {}

    @keyword("Performance")
    def start_performance_monitor(self, name: str) -> None:
        """Begins to measure time, memory and CPU of this process, until [Stop Performance Monitor].

        Garbage is collected before. A monitor of the same name that still runs begins anew.

        Args:
            name: What the work is called, in the log and to stop it by.

        Example:
        ```robotframework
        Start Performance Monitor    a greeting
        Place Call
        Bot Should Greet Within    2 s
        Hang Up
        ${took}    Stop Performance Monitor
        Should Be True    ${took}[duration] < 10
        ```
        """
        self._running.pop(name, None)
        self._running[name] = (PerformanceMonitor(name).start(), SESSION.calls.placed)

    @keyword("Performance")
    def stop_performance_monitor(self, name: str = "", *, operations: int | None = None) -> dict[str, Any]:
        """Ends a monitor, and logs what the work took.

        What *this* process used is told: a bot in a process of its own is looked at by a load's `watch`.

        Args:
            name: Which; the last started unless given.
            operations: How many things were done; the number of calls placed since the start unless given.

        Returns:
            A dictionary: `duration` (seconds), `operations`, `operations_per_second`, `memory_delta` (bytes), `cpu` (of
            one core), `name`.

        Example:
        ```robotframework
        Start Performance Monitor    logging
        Repeat Keyword    100 times    No Operation
        ${took}    Stop Performance Monitor    logging    operations=100
        Should Be True    ${took}[operations_per_second] > 10
        ```
        """
        if not self._running:
            raise UsageError("No performance monitor runs. Begin one: Start Performance Monitor    name")
        name = name or next(reversed(self._running))
        if name not in self._running:
            running = ", ".join(f"'{each}'" for each in self._running)
            raise UsageError(f"No performance monitor '{name}' runs. Those that do: {running}")
        monitor, placed = self._running.pop(name)
        took = monitor.stop(SESSION.calls.placed - placed if operations is None else operations)
        logger.info(str(took))
        return took.to_dict()
