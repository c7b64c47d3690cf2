"""How fast a piece of work was, and what it took: time, operations a second, memory, CPU."""

from __future__ import annotations

import gc
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Any, Self

import psutil

from ..records import time_text
from ..records.load_figures import value_text
from ..records.units import percent_text
from ..transport import now


@dataclass(frozen=True, slots=True)
class Performance:
    """What a piece of work took."""

    name: str
    duration: float
    """Seconds."""
    operations: int
    memory_delta: int
    """Resident bytes of this process after the work, less those before it; garbage is collected at both ends."""
    cpu: float
    """Of one core, on average."""

    @property
    def operations_per_second(self) -> float:
        """0 of no operations."""
        return self.operations / self.duration if self.operations else 0.0

    def to_dict(self) -> dict[str, Any]:
        """All figures by name, JSON-ready."""
        return {**asdict(self), "operations_per_second": self.operations_per_second}

    def __str__(self) -> str:
        rate = f" ({self.operations_per_second:,.4g} a second)" if self.operations else ""
        return (
            f"{self.name}: {time_text(self.duration)}, {self.operations:,} operations{rate}, memory "
            f"{'+' if self.memory_delta >= 0 else '-'}{value_text('size', abs(self.memory_delta))}, "
            f"CPU {percent_text(round(self.cpu, 3))} of a core"
        )


class PerformanceMonitor:
    """Measures the work in its block, of this process.

    Example:
        ```python
        with PerformanceMonitor("writing rows") as monitor:
            for row in rows:
                writer.write(row)
                monitor.count()
        print(monitor.result)
        ```
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.operations = 0
        self._process = psutil.Process()
        self._result: Performance | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def result(self) -> Performance:
        """What it took.

        Raises:
            RuntimeError: the work is not over.
        """
        if self._result is None:
            raise RuntimeError(f"'{self.name}' is not over: its result is there after the 'with' block, or stop()")
        return self._result

    def count(self, operations: int = 1) -> None:
        """Count operations."""
        self.operations += operations

    def start(self) -> Self:
        """Begin; what others left as garbage is collected first."""
        gc.collect()
        self._result = None
        self.operations = 0
        self._memory, self._cpu, self._began = self._process.memory_info().rss, self._used(), now()
        return self

    def stop(self, operations: int | None = None) -> Performance:
        """End; the time stands still before anything is collected.

        Args:
            operations: how many there were; those that were counted, unless given.
        """
        duration = max(now() - self._began, 1e-9)
        cpu = (self._used() - self._cpu) / duration
        gc.collect()
        memory = self._process.memory_info().rss - self._memory
        done = self.operations if operations is None else operations
        self._result = Performance(self.name, duration, done, memory, cpu)
        return self._result

    def _used(self) -> float:
        times = self._process.cpu_times()
        return times.user + times.system
