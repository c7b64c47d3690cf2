"""Shapes and the schedules that follow: exact, the same for the same seed, shared out without loss."""

from __future__ import annotations

from dataclasses import fields
from itertools import pairwise
from math import ceil, inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from AudioSocketLibrary.load.capacity import Capacity, Plateau
from AudioSocketLibrary.load.course import Course
from AudioSocketLibrary.load.keys import SHAPES
from AudioSocketLibrary.load.levels import Rate
from AudioSocketLibrary.load.schedule import held_schedule, open_schedule
from AudioSocketLibrary.load.shapes import (
    Burst,
    Hold,
    RateOfCalls,
    Repeat,
    Soak,
    Spike,
    Stability,
    Stage,
    Stages,
    Steps,
    Wave,
)

pytestmark = pytest.mark.unit

TIMES = st.floats(0.5, 120).map(lambda seconds: round(seconds, 3))


def courses(highest: float) -> st.SearchStrategy[Course]:
    pieces = st.lists(
        st.tuples(st.floats(0, highest), st.floats(0, highest), TIMES, st.booleans()), min_size=1, max_size=6
    )

    def build(rows):
        course = Course()
        for number, (begins, ends, length, steady) in enumerate(rows):
            course.go(begins, begins if steady else ends, length, f"stage {number}")
        return course

    return pieces.map(build)


@settings(deadline=None)
@given(courses(8.0))
def test_arrivals_follow_the_integral_of_the_rate(course):
    schedule = open_schedule(course)
    times = [arrival.at for arrival in schedule.arrivals]
    assert times == sorted(times)
    assert all(0 <= at < course.duration + 1e-6 for at in times)
    assert [arrival.index for arrival in schedule.arrivals] == list(range(len(times)))
    assert abs(len(times) - course.integral(course.duration)) <= 1
    for number, at in enumerate(times):
        assert course.integral(at) == pytest.approx(number, abs=1e-6)
    for at in (0.1, course.duration / 3, course.duration / 2, course.duration - 0.05):
        assert abs(schedule.planned(at) - course.integral(at)) <= 1 + 1e-6


@settings(deadline=None)
@given(courses(40.0))
def test_seats_keep_up_as_many_calls_as_the_course_says(course):
    schedule = held_schedule(course)
    for share in (0.01, 0.2, 0.5, 0.77, 0.99):
        at = course.duration * share
        if all(abs(at - segment.start) > 1e-6 for segment in course.segments):
            assert abs(schedule.planned(at) - course.level(at)) <= 1 + 1e-6
    by_seat = {}
    for seat in schedule.seats:
        assert 0 <= seat.opens < seat.closes <= course.duration + 1e-6
        assert seat.opens >= by_seat.get(seat.index, 0.0), "a seat is taken once at a time"
        by_seat[seat.index] = seat.closes
    assert schedule.calls_at_once(10.0) <= course.most


@settings(deadline=None)
@given(courses(8.0), st.integers(0, 9))
def test_poisson_is_the_same_for_the_same_seed(course, seed):
    first, again = (open_schedule(course, poisson=True, seed=seed) for _ in range(2))
    assert first == again
    times = [arrival.at for arrival in first.arrivals]
    assert times == sorted(times)
    if len(times) > 20:
        assert first != open_schedule(course, poisson=True, seed=seed + 1)


def test_poisson_gaps_are_those_of_people():
    times = [one.at for one in RateOfCalls(Rate(10), 1000.0, arrivals="poisson").schedule(3).arrivals]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    mean = sum(gaps) / len(gaps)
    # 10,000 gaps: five standard errors of the mean, and of the share of gaps beyond it, which is 1/e.
    assert len(times) == pytest.approx(10_000, abs=500)
    assert mean == pytest.approx(0.1, rel=0.05)
    assert sum(gap > mean for gap in gaps) / len(gaps) == pytest.approx(0.3679, abs=0.024)


@settings(deadline=None)
@given(courses(12.0), st.integers(1, 9), st.booleans())
def test_workers_share_all_of_it(course, workers, held):
    schedule = held_schedule(course) if held else open_schedule(course, poisson=True)
    shares = [schedule.share(worker, workers) for worker in range(workers)]
    assert sorted(one.at for share in shares for one in share.arrivals) == [one.at for one in schedule.arrivals]
    rows = sorted((seat.opens, seat.index, seat.closes) for share in shares for seat in share.seats)
    assert rows == [(seat.opens, seat.index, seat.closes) for seat in schedule.seats]
    at = course.duration * 0.41
    up = [share.planned(at) for share in shares]
    assert sum(up) == schedule.planned(at)
    if held:
        assert max(up) - min(up) <= 1, "no worker holds more than one call more than another"


def test_calls_of_seats_have_numbers_of_their_own():
    schedule = Wave(10, 3, 40.0, 2).schedule()
    assert schedule.width == 10
    numbers = []
    for worker in range(3):
        share = schedule.share(worker, 3)
        for index in sorted({seat.index for seat in share.seats}):
            seat = next(seat for seat in share.seats if seat.index == index)
            numbers += [share.number(seat, nth) for nth in range(7)]
    assert sorted(numbers) == list(range(70))


def test_there_is_no_worker_beyond_the_last():
    with pytest.raises(ValueError, match="There is no worker 4 of 4: they are counted from 0"):
        Hold(10, 10.0).schedule().share(4, 4)


@pytest.mark.parametrize(
    ("shape", "planned", "phases"),
    [
        (Hold(10, 60.0, 20.0), {10: 6, 20: 10, 79: 10, 80: 0}, ["ramp up", "hold"]),
        (Hold(10, 60.0), {0: 10, 59.9: 10}, ["hold"]),
        (Steps(10, 35, 10, 30.0), {1: 10, 31: 20, 61: 30, 91: 35}, ["step 1", "step 2", "step 3", "step 4"]),
        (Steps(30, 10, 10, 30.0), {1: 30, 31: 20, 61: 10}, ["step 1", "step 2", "step 3"]),
        (Wave(10, 2, 40.0, 2), {5: 2, 25: 10, 45: 2, 65: 10}, None),
        (Spike(5, 50, 30.0, 10.0), {10: 5, 35: 50, 45: 5}, ["base", "spike", "recovery"]),
        (Stability(3, 10, 300.0), {60: 3, 150: 10, 240: 3}, ["base", "peak", "base again"]),
        (Soak(5, 100.0, 10.0, 20.0, 30.0), {50: 5, 120: 0, 140: 5}, ["ramp up", "soak", "rest", "again"]),
        (Soak(5, 100.0, again=0.0), {50: 5, 100: 0}, ["soak"]),
        (
            Stages((Stage(50, 60.0), Stage(None, 0, 30.0), Stage(0, 10.0))),
            {30: 26, 75: 50, 95: 25},
            ["ramp 1", "stage 2", "ramp 3"],
        ),
        (Stages((Stage(10, 60.0), Stage(20, 60.0))), {30: 6, 90: 16}, ["stage 1", "stage 2"]),
    ],
)
def test_courses_that_people_name(shape, planned, phases):
    schedule = shape.schedule()
    assert schedule.held
    assert {at: schedule.planned(at) for at in planned} == planned
    if phases:
        assert [phase.name for phase in schedule.phases] == phases
    assert schedule.duration == schedule.phases[-1].end


def test_ramps_do_not_count_and_plateaus_do():
    phases = {phase.name: phase.measured for phase in Hold(10, 60.0, 20.0).schedule().phases}
    assert phases == {"ramp up": False, "hold": True}
    # Where nothing is steady, the changes are what is asked about.
    assert all(phase.measured for phase in Stages((Stage(10, 60.0), Stage(20, 60.0))).schedule().phases)


def test_a_rate_is_made_of_arrivals():
    schedule = RateOfCalls(Rate(20 / 60), 900.0).schedule()
    assert not schedule.held
    assert [arrival.at for arrival in schedule.arrivals[:3]] == pytest.approx([0, 3, 6])
    assert len(schedule.arrivals) == 300
    assert schedule.calls_at_once(12.0) == 4
    steps = Steps(Rate(1.0), Rate(3.0), Rate(1.0), 10.0).schedule()
    assert [len([one for one in steps.arrivals if one.phase == f"step {n}"]) for n in (1, 2, 3)] == [10, 20, 30]


def test_bursts_are_exact():
    schedule = Burst(100, 3, 0.5, 5.0).schedule()
    assert len(schedule.arrivals) == 300
    assert schedule.arrivals[99].at == pytest.approx(0.5)
    assert schedule.arrivals[100].at == pytest.approx(5.5)
    assert {arrival.phase for arrival in schedule.arrivals[100:200]} == {"burst 2"}
    assert all(arrival.at == 0 for arrival in Burst(10).schedule().arrivals)
    assert Burst(10).schedule().calls_at_once(1.0) == 10


def test_a_number_of_calls_ends_by_itself():
    schedule = Repeat(10, 3).schedule()
    assert schedule.duration == inf
    assert schedule.calls(7.0) == 10
    assert schedule.calls_at_once(7.0) == 3
    assert sum(schedule.share(worker, 2).calls(7.0) for worker in range(2)) == 10
    assert schedule.phase_at(1e9).measured


def test_the_cost_is_that_of_whole_calls():
    schedule = Hold(2, 60.0).schedule()
    assert schedule.calls(25.0) == 2 * ceil(60 / 25)
    assert schedule.talk_time(25.0) == 6 * 25.0


def test_a_warm_up_cuts_the_phases():
    schedule = RateOfCalls(Rate(1.0), 100.0, 10.0).schedule().warmed_up_from(30.0)
    assert [(phase.name, phase.start, phase.end, phase.measured) for phase in schedule.phases] == [
        ("ramp up", 0.0, 10.0, False),
        ("warm-up", 10.0, 30.0, False),
        ("hold", 30.0, 110.0, True),
    ]
    assert {arrival.phase for arrival in schedule.arrivals if 10.5 < arrival.at < 30} == {"warm-up"}
    assert schedule.phase_at(20.0).name == "warm-up"
    assert schedule.phase_at(111.0).name == "after the end"
    assert schedule.phase_named("HOLD").start == 30.0
    assert schedule.phase_named("peak") is None


def test_a_search_for_the_capacity():
    search = Capacity(10, 300, 120.0, 600.0)
    assert search.rising == [10, 20, 40, 80, 160, 300]
    assert 1.1 * (3 * 120 + 600) < search.usual < search.at_most
    assert search.schedule().planned(70) == 20
    assert Plateau(130, 600.0, confirms=True).shape == Hold(130, 600.0, 60.0)


EXAMPLES = {
    "hold": Hold(50, 900.0, 180.0),
    "rate": RateOfCalls(Rate(5.0), 900.0, 60.0),
    "stages": Stages((Stage(50, 60.0), Stage(None, 0, 300.0))),
    "steps": Steps(20, 200, 20, 60.0),
    "wave": Wave(40, 3, 120.0, 4),
    "burst": Burst(100, 5, 1.0, 60.0),
    "spike": Spike(30, 150, 60.0, 120.0),
    "stability": Stability(3, 10, 300.0),
    "soak": Soak(30, 3600.0, 60.0),
    "capacity": Capacity(10, 300),
    "repeat": Repeat(1000, 20),
}


@pytest.mark.parametrize("name", SHAPES)
def test_scaling_keeps_the_shape(name):
    shape = EXAMPLES[name]
    small = shape.scaled(0.1, 0.1)
    assert type(small) is type(shape)
    before, after = shape.schedule(), small.schedule()
    if name != "capacity":  # of that there are fewer plateaus
        if before.duration < inf:
            assert after.duration == pytest.approx(before.duration / 10)
        assert [phase.name for phase in after.phases] == [phase.name for phase in before.phases]
    assert 0 < after.calls_at_once(1.0) <= max(1, round(before.calls_at_once(1.0) / 10) + 1)


@pytest.mark.parametrize("name", SHAPES)
def test_scaling_down_leaves_at_least_a_call(name):
    tiny = EXAMPLES[name].scaled(0.01, 0.0001)
    assert tiny.schedule().calls(5.0) >= 1
    assert all(getattr(tiny, each.name) != 0 for each in fields(tiny) if each.metadata["kind"] == "calls")


def test_a_short_soak_has_time_for_calls_after_the_rest():
    quick = Soak(30, 3600.0, 60.0).scaled(0.01, 1.0)
    assert (quick.rest, quick.again) == (10.0, 10.0)
    assert quick.schedule().duration == pytest.approx(40.2)
    assert Soak(30, 3600.0, 60.0).scaled(0.5, 1.0).again == 150.0
