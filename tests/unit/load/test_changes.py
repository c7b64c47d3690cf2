"""What the command line changes of a profile, and the sentences where it cannot."""

from __future__ import annotations

import pytest

from AudioSocketLibrary.load.capacity import Capacity
from AudioSocketLibrary.load.changes import changed
from AudioSocketLibrary.load.levels import Rate
from AudioSocketLibrary.load.profile import Profile, ScenarioChoice
from AudioSocketLibrary.load.shapes import Burst, Hold, RateOfCalls, Repeat, Spike, Steps, Wave
from AudioSocketLibrary.records import UsageError

pytestmark = pytest.mark.unit

PEAK = Profile("peak", Hold(50, 900.0, 180.0))


def test_a_load_is_made_of_a_number_of_calls_or_of_a_rate():
    assert changed(None, calls=20).shape == Hold(20, 60.0)
    assert changed(None, calls=20, lasting=120.0, ramp_up=5.0).shape == Hold(20, 120.0, 5.0)
    assert changed(None, rate=1 / 3, lasting=120.0).shape == RateOfCalls(Rate(1 / 3), 120.0)
    for given in ({}, {"lasting": 5.0}, {"calls": 2, "rate": 1.0}, {"up_to": 5}):
        with pytest.raises(UsageError, match=r"^Which load\? Name a profile \('audiosocket profiles' lists them\), or"):
            changed(None, **given)


@pytest.mark.parametrize(
    ("shape", "given", "becomes"),
    [
        (PEAK.shape, {"calls": 5}, Hold(5, 900.0, 180.0)),
        (PEAK.shape, {"lasting": 9.0, "ramp_up": 0.0}, Hold(50, 9.0, 0.0)),
        (RateOfCalls(Rate(1.0), 60.0), {"rate": 2.0}, RateOfCalls(Rate(2.0), 60.0)),
        (Wave(20, 2, 60.0), {"calls": 8}, Wave(8, 2, 60.0)),
        (Spike(5, 50, 60.0, 10.0), {"calls": 9, "lasting": 5.0}, Spike(5, 9, 60.0, 5.0)),
        (Burst(9), {"calls": 3}, Burst(3)),
        (Repeat(9), {"calls": 3}, Repeat(3)),
        (Repeat(3, 3), {"calls": 5}, Repeat(5, 5)),
        (Repeat(9, 3), {"calls": 5}, Repeat(5, 3)),
        (Steps(2, 10, 2, 30.0), {"calls": 30}, Steps(2, 30, 2, 30.0)),
        (Steps(20, 200, 20, 60.0), {"calls": 5}, Steps(5, 5, 20, 60.0)),
        (Steps(2, 10, 2, 30.0), {"calls": 4, "up_to": 8}, Steps(4, 8, 2, 30.0)),
        (Capacity(10, 300), {"up_to": 80}, Capacity(10, 80)),
        (Capacity(10, 300), {"up_to": 5}, Capacity(1, 5)),
        (Capacity(10, 300), {"calls": 20, "up_to": 80}, Capacity(20, 80)),
    ],
)
def test_the_shape_of_a_profile_stays_and_its_numbers_change(shape, given, becomes):
    made = changed(Profile("peak", shape), **given)
    assert made.shape == becomes
    assert made.name == "peak"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"rate": 2.0}, "--rate has no meaning for peak, a load of the shape 'hold'"),
        ({"up_to": 5}, "--up-to has no meaning for peak, a load of the shape 'hold'"),
        ({"calls": 0}, "--calls 0: nobody would call"),
        ({"lasting": 0.0}, "--for 0: nobody would call"),
        ({"ramp_up": -1.0}, "--ramp-up -1: nobody would call"),
        ({"scenarios": [("test", "Order Tyres")]}, "Where is 'Order Tyres'? Add --from tests/"),
        ({"source": "tests/"}, "--from says where something is: add --test, --tag or --keyword"),
        (
            {"limits": ["call=5"]},
            "--limit: no limit 'call'; nearest: calls. Limits: calls_at_once, ",
        ),
        ({"limits": ["calls=many"]}, "--limit calls: "),
        ({"limits": ["duration=soon"]}, "--limit duration: "),
        ({"recordings": "some"}, "'some' keeps nothing we know: write all, failed, none, or a share like '1 %'"),
    ],
)
def test_what_cannot_be_says_so(given, sentence):
    with pytest.raises(UsageError) as refused:
        changed(PEAK, **given)
    assert str(refused.value).startswith(sentence)


def test_scenarios_limits_and_recordings():
    made = changed(
        PEAK, scenarios=[("test", "Order Tyres"), ("tag", "load")], source="tests/",
        limits=["calls=7", "duration=2 min"],
        talk_time=30.0, recordings="failed",
    )  # fmt: skip
    assert made.scenarios == (ScenarioChoice("test", "Order Tyres", "tests/"), ScenarioChoice("tag", "load", "tests/"))
    assert (made.limits.calls, made.limits.duration, made.limits.talk_time) == (7, 120.0, 30.0)
    assert made.limits.calls_at_once == PEAK.limits.calls_at_once
    assert (made.keep.recordings, made.keep.failed_only) == (1.0, True)
    assert changed(PEAK, limits=["calls-at-once=9"]).limits.calls_at_once == 9
    assert changed(PEAK, recordings="5 %").keep.recordings == 0.05
    assert changed(PEAK) == PEAK
