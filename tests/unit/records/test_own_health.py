"""Our own errors over workers and time: what the validity of a run is decided on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from AudioSocketLibrary.records import Histogram, Validity, validity_of
from AudioSocketLibrary.records.own_health import Health

pytestmark = pytest.mark.unit


def delays(*milliseconds):
    found = Histogram()
    for each in milliseconds:
        found.add(each / 1000)
    return found.to_json()


def pulse(worker=0, at=1.0, lateness=(1,), lag=(1,), **more):
    return {
        "row": "pulse", "worker": worker, "at": at, "lateness": delays(*lateness), "loop_lag": delays(*lag), **more
    }  # fmt: skip


def health_of(*rows):
    health = Health()
    for row in rows:
        health.add(row)
    return health


def errors(health, **settings):
    return health.errors(**{"workers": 1, "dropped": 0, "due": 10, **settings})


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0, 0.3)), min_size=1, max_size=200))
def test_workers_and_seconds_merge_without_loss(values):
    whole, health = Histogram(), Health()
    for second, (worker, value) in enumerate(values):
        whole.add(value)
        one = Histogram()
        one.add(value)
        health.add({"row": "pulse", "worker": worker, "at": float(second), "lateness": one.to_json()})
    merged = health.histogram("our lateness")
    assert merged.counts == whole.counts
    for percent in (50, 99, 100):
        assert merged.percentile(percent) == pytest.approx(whole.percentile(percent), abs=1e-6)


def test_only_the_measured_time_counts():
    health = health_of(pulse(at=10.0, lateness=[50]), pulse(at=20.5, lateness=[2]), pulse(at=40.0, lateness=[80]))
    assert errors(health, windows=[(20.0, 30.0)]).lateness_p99 == pytest.approx(0.002)
    assert errors(health, windows=[(12.0, 15.0)]).lateness_p99 is None
    assert errors(health).lateness_p99 == pytest.approx(0.080)


def test_the_busiest_process_is_told_not_their_mean():
    rows = [pulse(worker, second, cpu=cpu) for worker, cpu in ((0, 0.2), (1, 0.9)) for second in (1.0, 2.0)]
    assert errors(health_of(*rows), workers=2).cpu_share == pytest.approx(0.9)


def test_skipped_frames_are_a_share_of_all_that_were_due():
    health = health_of(pulse(sent=990, skipped=5), pulse(worker=1, sent=0, skipped=5))
    assert errors(health).skipped_share == pytest.approx(0.01)
    assert errors(health_of(pulse())).skipped_share is None


def test_a_worker_without_a_last_line_is_lost_once_the_run_is_over():
    health = health_of(pulse(0), pulse(1), {"row": "end", "worker": 0, "reason": "finished"})
    assert list(errors(health, workers=3).lost_workers) == ["worker 1", "worker 2"]
    assert list(errors(health, workers=3, over=False).lost_workers) == []
    assert validity_of(errors(health, workers=3)).validity is Validity.INVALID
    assert health.ended == {0: "finished"}


def test_a_pulse_that_does_not_know_how_many_calls_are_meant_to_be_up():
    assert health_of(pulse(planned=None)).pulses[0][0].planned is None


def test_calls_made_live_have_no_pulse_but_a_figure_each():
    health = Health()
    health.add_call({"our_lateness": 0.030, "loop_lag": 0.001})
    health.add_call({"greeting_time": 1.0})
    assert errors(health, workers=0).lateness_p99 == pytest.approx(0.030)
    assert validity_of(errors(health, workers=0)).validity is Validity.INVALID
    assert health.histogram("loop lag").percentile(99) == pytest.approx(0.001)


def test_what_was_not_measured_is_not_valid():
    assert validity_of(errors(Health(), workers=0)).validity is Validity.INVALID


def test_a_machine_that_understands_late_says_nothing_about_the_bot():
    for waits, validity in (([0.1, 0.4], "valid"), ([0.1, 0.9], "degraded"), ([0.1, 2.5], "invalid")):
        health = Health()
        health.add({"row": "worker", "worker": 0})
        health.add({"row": "pulse", "worker": 0, "at": 1.0, "understanding": waits, "loop_lag": {"counts": {"0": 1}}})
        health.add({"row": "end", "worker": 0})
        result = validity_of(health.errors(workers=1, dropped=0, due=1))
        assert result.validity == validity
        assert "our understanding p99" in result.sentence
