"""What gives first, of made-up samples."""

import pytest

from AudioSocketLibrary.monitor import ResourceLimits, Sample, bottlenecks

pytestmark = pytest.mark.unit


def rising(length: int = 60, who: str = "bot") -> list[Sample]:
    """Threads pass 100 at 21 s, CPU 80 % of 4 cores at 33 s, memory 1 GB at 41 s; files stay."""
    return [
        Sample(float(at), who, cpu=at * 0.1, memory=at * 25_000_000, threads=at * 5, files=80) for at in range(length)
    ]


def test_what_was_passed_first_is_named_first():
    found = bottlenecks(rising(), cores=4)
    assert [(each.what, each.since) for each in found] == [("threads", 21.0), ("CPU", 33.0), ("memory", 41.0)]
    assert found[0].sentence == "threads: over 100 from 21 s on, at most 295"
    assert found[1].sentence == "CPU: over 80 % of 4 cores from 33 s on, at most 148 % of 4 cores"
    assert found[2].sentence == "memory: over 1 GB from 41 s on, at most 1.475 GB"


def test_at_a_limit_is_within_it():
    at_the_limit = [Sample(float(at), "bot", 0.8, 1_000_000_000, 100, 500) for at in range(10)]
    assert bottlenecks(at_the_limit, cores=1) == []


def test_a_moment_is_none_and_an_unknown_sample_does_not_break_a_row():
    values = [0.1, 3.9, 3.9, 0.1, None, 3.9, None, 3.9, 3.9, 0.1]
    samples = [Sample(float(at), "bot", cpu=cpu) for at, cpu in enumerate(values)]
    assert [each.since for each in bottlenecks(samples, cores=4)] == [5.0]
    assert bottlenecks(samples[:5], cores=4) == []
    assert bottlenecks(samples[:5], ResourceLimits(in_a_row=1), cores=4)[0].since == 1.0


def test_limits_can_be_set_and_other_processes_are_left_out():
    samples = rising(who="worker 0")
    assert bottlenecks(samples, cores=4) == []
    assert [each.what for each in bottlenecks(samples, cores=4, who="worker 0")] == ["threads", "CPU", "memory"]
    tight = ResourceLimits(cpu=1.0, memory=2e9, threads=1000, files=79)
    assert [each.what for each in bottlenecks(rising(40), tight, cores=4)] == ["open files"]


def test_a_bot_of_one_thread_fills_one_core_of_many():
    samples = [Sample(float(at), "bot", cpu=min(1.0, at * 0.1)) for at in range(30)]
    (found,) = bottlenecks(samples, cores=8)
    assert (found.what, found.since) == ("one core", 10.0)
    assert found.sentence == (
        "one core: full from 10 s on, and never more than that one of 8: its work is in one thread, so more processes "
        "help, and more cores do not"
    )
    assert bottlenecks(samples, cores=1)[0].what == "CPU"
    assert bottlenecks([*samples, Sample(31.0, "bot", cpu=3.0)], cores=8) == []


def test_nothing_was_sampled():
    assert bottlenecks([]) == []
