"""Whether the figures of a run may be believed."""

from __future__ import annotations

import pytest

from AudioSocketLibrary.records.validity import OwnErrors, Validity, ValidityLimits, validity_of

pytestmark = pytest.mark.unit

GOOD = {"lateness_p99": 0.0013, "loop_lag_p99": 0.002, "skipped_share": 0.0, "due": 1000, "cpu_share": 0.3}


@pytest.mark.parametrize(
    ("errors", "validity"),
    [
        ({}, Validity.VALID),
        ({"lateness_p99": 0.010}, Validity.VALID),
        ({"lateness_p99": 0.0101}, Validity.DEGRADED),
        ({"lateness_p99": 0.020}, Validity.DEGRADED),
        ({"lateness_p99": 0.0201}, Validity.INVALID),
        ({"loop_lag_p99": 0.015}, Validity.DEGRADED),
        ({"loop_lag_p99": 0.025}, Validity.INVALID),
        ({"skipped_share": 0.001}, Validity.VALID),
        ({"skipped_share": 0.01}, Validity.DEGRADED),
        ({"skipped_share": 0.011}, Validity.INVALID),
        ({"dropped": 1}, Validity.DEGRADED),
        ({"dropped": 11}, Validity.INVALID),
        ({"cpu_share": 0.85}, Validity.VALID),
        ({"cpu_share": 0.99}, Validity.DEGRADED),
        ({"lost_workers": ["worker 2"]}, Validity.INVALID),
        ({"lateness_p99": None, "skipped_share": None}, Validity.VALID),
        ({"lateness_p99": None, "loop_lag_p99": None}, Validity.INVALID),
        ({"dropped": 5, "due": 0}, Validity.INVALID),
    ],
)
def test_what_decides(errors, validity):
    assert validity_of(OwnErrors(**{**GOOD, **errors})).validity is validity


def test_the_worst_decides_and_all_are_printed():
    result = validity_of(OwnErrors(**{**GOOD, "lateness_p99": 0.038, "skipped_share": 0.002}))
    assert result.validity is Validity.INVALID
    assert [(check.name, check.actual, check.limits) for check in result.checks] == [
        ("our lateness p99", "38 ms", "limit 10 ms, degraded up to 20 ms"),
        ("loop lag p99", "2 ms", "limit 10 ms, degraded up to 20 ms"),
        ("skipped media frames", "0.2 %", "limit 0.1 %, degraded up to 1 %"),
        ("dropped calls", "0 of 1000", "limit none, degraded up to 1 %"),
        ("CPU of our busiest process", "30 %", "limit 85 %"),
    ]
    assert result.sentence.startswith("INVALID: our lateness p99 38 ms (limit 10 ms, degraded up to 20 ms): this ")
    assert "nothing is said about the bot" in result.sentence


def test_sentences_for_people():
    assert validity_of(OwnErrors(**GOOD)).sentence.startswith("valid: our lateness p99 1.3 ms, loop lag p99 2 ms")
    degraded = validity_of(OwnErrors(**{**GOOD, "dropped": 1})).sentence
    assert degraded.startswith("degraded: dropped calls 1 of 1000 (limit none, degraded up to 1 %)")
    lost = validity_of(OwnErrors(**{**GOOD, "lost_workers": ["worker 2", "worker 3"]})).sentence
    assert lost.startswith("INVALID: lost workers worker 2, worker 3")
    assert "Look at the worker's log" in lost


def test_limits_can_be_others():
    errors = OwnErrors(**{**GOOD, "lateness_p99": 0.015})
    assert validity_of(errors, ValidityLimits(lateness=(0.020, 0.040))).validity is Validity.VALID
