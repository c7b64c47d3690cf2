"""What the plainest work costs on this machine: rows of calls written and read, frames taken apart.

Where even that is slower than a limit of a stress test, the limit says nothing about the system under test.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..protocol import FrameReader, FrameType, encode
from ..records import CallRecord, Distribution, Span, Turn
from ..records.rows import RowReader, RowWriter
from ..transport import now
from .performance import PerformanceMonitor
from .stress import StressFigures, StressThresholds

_FRAMES = 20_000
_BYTES = 320


@dataclass(frozen=True, slots=True)
class HostRates:
    """How fast this machine is."""

    frames_per_second: float
    """Media frames of 20 ms read from a connection's bytes, by one core."""
    store: StressFigures
    """Of the store of rows: what limits of stress tests are compared with."""

    def to_dict(self) -> dict[str, Any]:
        """By name, JSON-ready; what was not measured is left out."""
        store = {name: value for name, value in asdict(self.store).items() if value is not None}
        return {"frames_per_second": self.frames_per_second, "store": store}


def host_rates(thresholds: StressThresholds | None = None) -> HostRates:
    """Measure; takes a second or two.

    Args:
        thresholds: say how many operations are made, and how many things are kept.
    """
    thresholds = thresholds or StressThresholds()
    with TemporaryDirectory() as folder:
        store = _store(Path(folder) / "rows.jsonl", thresholds)
    return HostRates(_frames(), store)


def _record(number: int) -> CallRecord:
    turns = tuple(
        Turn(turn, "speech", "a phrase", turn * 5.0, turn * 5.0 + 2.0, (Span(turn * 5.0 + 3.0, turn * 5.0 + 4.5),), 1.0)
        for turn in range(4)
    )
    figures = {"greeting_time": 0.61, "connect_time": 0.001, "call_length": 41.2, "our_lateness": 0.0008}
    return CallRecord(f"{number:08x}", f"{number:032x}", "127.0.0.1:9092", index=number, figures=figures, turns=turns)


def _store(place: Path, thresholds: StressThresholds) -> StressFigures:
    count = thresholds.operations
    records = [_record(number) for number in range(count)]
    writer = RowWriter(place)
    times = []
    for record in records:
        began = now()
        writer.write({"row": "call", **record.to_row()})
        times.append(now() - began)
    writer.close()
    began = now()
    read = sum(1 for _ in RowReader(place).new())
    reading = now() - began
    assert read == count
    with PerformanceMonitor("keeping") as keeping:
        kept = [_record(number) for number in range(thresholds.memory_size)]
    assert len(kept) == thresholds.memory_size
    p95 = Distribution(times).percentile(95)
    return StressFigures(
        duration=sum(times) + reading,
        writes_per_second=count / sum(times),
        reads_per_second=count / reading,
        mean_write=sum(times) / count,
        mean_read=reading / count,
        p95=p95.value if p95 else None,
        memory_growth=max(0, keeping.result.memory_delta),
    )


def _frames() -> float:
    data = encode(FrameType.AUDIO, bytes(_BYTES)) * 10
    reader = FrameReader()
    began = time.process_time()
    for _ in range(_FRAMES // 10):
        for _ in reader.feed(data):
            pass
    return _FRAMES / max(time.process_time() - began, 1e-6)
