"""The performance monitor on real work, and the limits of stress tests."""

import gc
import time
from dataclasses import replace

import pytest

from AudioSocketLibrary.monitor import Performance, PerformanceMonitor, StressFigures, StressThresholds

pytestmark = pytest.mark.unit


def test_it_measures_what_is_in_its_block():
    with PerformanceMonitor("keeping") as monitor:
        kept = b"x" * 60_000_000  # in one piece: smaller ones may lie in memory that was freed before
        monitor.count(40)
        monitor.count()
        time.sleep(0.05)
    result = monitor.result
    assert (result.name, result.operations) == ("keeping", 41)
    assert result.duration >= 0.05
    assert result.operations_per_second == pytest.approx(41 / result.duration)
    assert result.memory_delta > 0.8 * len(kept)
    assert result.to_dict()["operations_per_second"] == result.operations_per_second


def test_garbage_of_others_is_collected_before_and_its_own_after():
    class Ring:
        def __init__(self) -> None:
            self.itself, self.ballast = self, bytes(1000)

    gc.disable()
    try:
        mine = Ring()
        earlier = [Ring() for _ in range(100)]
        del earlier
        with PerformanceMonitor("rings"):
            assert gc.collect() == 0
            [Ring() for _ in range(100)]
        assert gc.collect() == 0
        assert mine.itself is mine
    finally:
        gc.enable()


def test_a_failure_inside_is_measured_too():
    monitor = PerformanceMonitor("broken")
    with pytest.raises(ZeroDivisionError), monitor:
        _ = 1 / 0
    assert monitor.result.operations == 0
    assert monitor.result.operations_per_second == 0


def test_there_is_no_result_before_the_end():
    with (
        PerformanceMonitor("early") as monitor,
        pytest.raises(RuntimeError, match="'early' is not over: its result is there after the 'with' block"),
    ):
        _ = monitor.result


def test_for_people():
    assert str(Performance("writing", 2.5, 5000, 12_300_000, 0.5)) == (
        "writing: 2.5 s, 5,000 operations (2,000 a second), memory +12.3 MB, CPU 50 % of a core"
    )
    assert str(Performance("idling", 0.5, 0, -1_000_000, 0.0)) == (
        "idling: 500 ms, 0 operations, memory -1 MB, CPU 0 % of a core"
    )


DEFAULTS = StressThresholds()
GOOD = StressFigures(
    duration=2.0,
    writes_per_second=1000.0,
    reads_per_second=5000.0,
    mean_write=0.005,
    mean_read=0.001,
    p95=0.010,
    memory_growth=50e6,
    error_rate=0.05,
    success_rate=0.80,
)


def test_the_defaults_are_those_of_the_sources():
    assert (DEFAULTS.operations, DEFAULTS.memory_size, DEFAULTS.workers) == (1000, 10_000, 50)
    assert DEFAULTS.broken(GOOD) == []
    assert DEFAULTS.broken(StressFigures()) == [], "what was not measured is not judged"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("duration", 2.1, "duration was 2.1 s, at most 2 s is asked for"),
        ("writes_per_second", 999.0, "writes per second was 999, at least 1,000 is asked for"),
        ("reads_per_second", 4999.0, "reads per second was 4,999, at least 5,000 is asked for"),
        ("mean_write", 0.0062, "mean write was 6.2 ms, at most 5 ms is asked for"),
        ("mean_read", 0.0011, "mean read was 1.1 ms, at most 1 ms is asked for"),
        ("p95", 0.012, "p95 was 12 ms, at most 10 ms is asked for"),
        ("memory_growth", 51e6, "memory growth was 51 MB, at most 50 MB is asked for"),
        ("error_rate", 0.051, "error rate was 5.1 %, at most 5 % is asked for"),
        ("success_rate", 0.79, "success rate was 79 %, at least 80 % is asked for"),
    ],
)
def test_each_limit_is_judged_alone(name, value, sentence):
    assert DEFAULTS.broken(replace(GOOD, **{name: value})) == [sentence]
    assert replace(DEFAULTS, **{name: value}).broken(replace(GOOD, **{name: value})) == []


def test_limits_that_a_machine_does_not_reach_itself_are_false_alarms():
    fast = StressFigures(writes_per_second=20_000, reads_per_second=90_000, mean_write=5e-5, mean_read=1e-5, p95=1e-4)
    assert DEFAULTS.false_alarms(fast) == {}
    slow = replace(fast, writes_per_second=1900, mean_write=0.003, p95=0.004)
    assert DEFAULTS.false_alarms(slow) == {
        "writes_per_second": "writes per second: the default is at least 1,000, this machine alone has 1,900",
        "mean_write": "mean write: the default is at most 5 ms, this machine alone has 3 ms",
    }
    assert DEFAULTS.false_alarms(slow, headroom=1.5) == {}


def test_limits_relative_to_a_slow_machine():
    slow = StressFigures(writes_per_second=600, reads_per_second=90_000, mean_write=0.004)
    relative = DEFAULTS.relative_to(slow)
    assert (relative.writes_per_second, relative.mean_write) == (300, 0.008)
    assert relative == replace(DEFAULTS, writes_per_second=300, mean_write=0.008)
    assert relative.broken(slow) == []
