"""Comparing: chance is told from change, calls are what is drawn, and the same data give the same answer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from AudioSocketLibrary.records import Distribution
from AudioSocketLibrary.records.comparing import (
    BY_CHANCE,
    Difference,
    Percentiles,
    Question,
    Ratio,
    Shown,
    block_length,
    differences,
    holm,
    judged,
    worth_telling,
)

pytestmark = pytest.mark.unit

PERCENTS = (50, 95)


def replies(random, calls=60, times=1.0, who=None):
    """Response times of calls, whose callers differ more from each other than their turns do."""
    who = random.lognormal(0, 0.3, calls) if who is None else who
    owner = np.repeat(np.arange(calls), random.integers(1, 4, calls))
    return Percentiles.of(0.8 * times * who[owner] * random.lognormal(0, 0.15, len(owner)), owner, PERCENTS, calls)


def shown(base, new, *, paired=False, runs=((), ())):
    found = differences(base, new, paired=paired)
    questions = [
        Question(f"p{percent}", "time", base.n, new.n, one, runs=of)
        for percent, one, of in zip(PERCENTS, found, runs, strict=True)
    ]
    return [one.shown for one in judged(questions)]


def test_the_same_bot_twice_shows_no_difference():
    """Of comparisons of equal bots, 95 in 100 and more say so: all figures of each together."""
    quiet = 0
    for seed in range(100):
        random = np.random.default_rng(seed)
        quiet += shown(replies(random), replies(random)) == [Shown.NONE, Shown.NONE]
    assert quiet >= 95


def test_a_slower_bot_is_found():
    found = 0
    for seed in range(20):
        random = np.random.default_rng(seed)
        told = shown(replies(random, 100), replies(random, 100, times=1.35))
        found += Shown.WORSE in told
        assert Shown.BETTER not in told
    assert found >= 19


def test_a_faster_bot_is_better():
    random = np.random.default_rng(1)
    assert shown(replies(random, 120, times=1.4), replies(random, 120))[0] is Shown.BETTER


def test_the_same_callers_show_what_others_would_hide():
    """15 % slower, where callers differ by 30 %: in pairs it is mostly seen, in two crowds mostly not."""
    seen = {True: 0, False: 0}
    for seed in range(10):
        random = np.random.default_rng(seed)
        who = random.lognormal(0, 0.3, 60)
        base, new = replies(random, 60, who=who), replies(random, 60, times=1.15, who=who)
        for paired in seen:
            seen[paired] += shown(base, new, paired=paired)[0] is Shown.WORSE
    assert seen[True] >= 6
    assert seen[True] >= 2 * seen[False]


def test_pairs_of_the_same_bot_show_nothing():
    quiet = 0
    for seed in range(40):
        random = np.random.default_rng(seed)
        who = random.lognormal(0, 0.3, 60)
        quiet += set(shown(replies(random, who=who), replies(random, who=who), paired=True)) == {Shown.NONE}
    assert quiet >= 38


def test_turns_of_one_call_do_not_count_as_many():
    """Two callers in ten are slow: a hundred turns of each do not make it certain."""
    random = np.random.default_rng(0)

    def side(slow):
        owner = np.repeat(np.arange(10), 100)
        return Percentiles.of(np.where(owner < slow, 2.0, 1.0) + random.normal(0, 0.01, 1000), owner, (50, 95), 10)

    assert shown(side(1), side(3)) == [Shown.NONE, Shown.NONE]


@given(
    values=st.lists(st.floats(0, 100), min_size=1, max_size=60),
    percent=st.sampled_from([1, 50, 90, 95, 99, 99.9, 100]),
    data=st.data(),
)
@settings(max_examples=150, deadline=None)
def test_all_calls_once_is_the_exact_percentile(values, percent, data):
    owners = data.draw(st.lists(st.integers(0, 9), min_size=len(values), max_size=len(values)))
    sample = Percentiles.of(values, owners, [percent], 10)
    weights = np.ones((1, 10), dtype=np.int32)
    assert sample.figures(weights)[0, 0] == Distribution(values).percentile(percent).value
    assert sample.figures(weights * 3)[0, 0] == Distribution(values * 3).percentile(percent).value


@given(st.lists(st.floats(0, 1), max_size=20))
def test_adjusted_chances(chances):
    adjusted = holm(chances)
    assert all(plain <= more <= 1 for plain, more in zip(chances, adjusted, strict=True))
    assert [x for _, x in sorted(zip(chances, adjusted, strict=True))] == sorted(adjusted)
    if chances:
        assert min(adjusted) == pytest.approx(min(1.0, min(chances) * len(chances)))


def test_it_is_the_same_each_time():
    def once():
        random = np.random.default_rng(5)
        return differences(replies(random), replies(random))

    assert once() == once()


def test_an_interval_holds_its_difference():
    random = np.random.default_rng(6)
    for found in differences(replies(random), replies(random, times=1.2)):
        assert found.low <= found.difference <= found.high


def test_error_rates():
    random = np.random.default_rng(7)

    def calls(share, n=200):
        return Ratio((random.random(n) < share).astype(float), np.ones(n))

    [same] = differences(calls(0.02), calls(0.02))
    assert same.chance > 0.05
    [worse] = differences(calls(0.02), calls(0.15))
    assert worse.chance < BY_CHANCE
    assert worse.low > 0
    [none] = differences(Ratio(np.zeros(50), np.ones(50)), Ratio(np.zeros(60), np.ones(60)))
    assert (none.base, none.new, none.low, none.high, none.chance) == (0, 0, 0, 0, 1)


def test_a_rate_is_drawn_by_stretches_of_time():
    [found] = differences(Ratio(np.full(20, 10.0), np.full(20, 10 / 60)), Ratio(np.full(20, 8.0), np.full(20, 10 / 60)))
    assert (found.base, found.new) == (pytest.approx(60), pytest.approx(48))
    assert found.chance < BY_CHANCE
    assert block_length(20) == 5
    assert block_length(600) == 20
    assert block_length(36_000) == 60


def test_of_nothing_nothing_is_said():
    random = np.random.default_rng(8)
    nothing = Percentiles.of([], [], PERCENTS)
    assert differences(replies(random), nothing) == [None, None]
    assert differences(nothing, nothing) == [None, None]
    [told, _] = judged([Question("p50", "time", 120, 0, None), Question("p95", "time", 120, 0, None)])
    assert (told.shown, told.base, told.difference) == (Shown.FEW, None, None)


def test_pairs_need_as_many_calls_on_both_sides():
    random = np.random.default_rng(9)
    with pytest.raises(ValueError, match="There are no pairs of 60 and 50 calls"):
        differences(replies(random), replies(random, 50), paired=True)


def question(new, low, chance=0.001, base=1.0, **more):
    found = Difference(base, new, low, 2 * (new - base) - low, chance)
    return Question("p95 response time", more.pop("unit", "time"), more.pop("n", 500), 500, found, **more)


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        (question(1.2, 0.1), Shown.WORSE),
        (question(0.8, -0.3), Shown.BETTER),
        (question(1.04, 0.01), Shown.NONE),  # certain, and too small to matter
        (question(1.2, -0.1), Shown.NONE),  # the interval holds 0
        (question(1.2, 0.1, chance=0.03), Shown.NONE),
        (question(1.2, 0.1, n=19, least_n=20), Shown.FEW),
        (question(1.2, 0.1, few=True), Shown.FEW),
        (question(1.2, 0.1, more_is_better=True, unit="rate"), Shown.BETTER),
        (question(0.014, 0.004, base=0.010, unit="time"), Shown.NONE),  # 4 ms are 40 %, and nobody hears them
        (question(0.03, 0.01, base=0.0, unit="share"), Shown.WORSE),
        # Three baselines and more: beyond two of their spreads it is told, beyond three it counts.
        (question(1.2, 0.1, runs=(0.9, 1.0, 1.1)), Shown.NONE),
        (question(1.4, 0.1, runs=(0.9, 1.0, 1.1)), Shown.PERHAPS),
        (question(1.6, 0.1, runs=(0.9, 1.0, 1.1)), Shown.WORSE),
        (question(1.6, 0.1, runs=(1.6, 1.7)), Shown.WORSE),  # two have no spread of their own
        (question(1.6, 0.1, runs=(1.6, 1.61, 1.58)), Shown.NONE),
    ],
)
def test_what_is_shown(asked, shown):
    assert judged([asked])[0].shown is shown


def test_many_figures_need_a_smaller_chance():
    one = question(1.2, 0.1, chance=0.003)
    assert judged([one])[0].shown is Shown.WORSE
    others = [question(1.2, 0.1, chance=0.5) for _ in range(9)]
    assert judged([one, *others])[0].shown is Shown.NONE


def test_several_baselines_have_their_median_and_what_is_usual():
    [told] = judged([question(1.05, -0.1, runs=(0.9, 1.0, 1.3, 1.1, 0.95))])
    assert told.base == 1.0
    assert told.usual == (pytest.approx(1 - 2 * 1.4826 * 0.1), pytest.approx(1 + 2 * 1.4826 * 0.1))
    assert told.difference == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("unit", "base", "least"), [("time", 2.0, 0.1), ("time", 0.1, 0.02), ("share", 0.3, 0.005), ("rate", 60.0, 3.0)]
)
def test_what_matters(unit, base, least):
    assert worth_telling(unit, base) == pytest.approx(least)
