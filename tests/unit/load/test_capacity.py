"""The search for a capacity against bots whose knee is known, with and without noise."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from AudioSocketLibrary.load.capacity import CONFIRMATIONS, SHORT, Capacity, Plateau, Search

pytestmark = pytest.mark.unit

Bot = Callable[[Plateau], bool | None]


def play(shape: Capacity, bot: Bot) -> tuple[Search, list[tuple[Plateau, bool | None]]]:
    """The plateaus that a search asked of a bot, and what it answered."""
    search, played = shape.search(), []
    plateau = search.next(None)
    while plateau is not None:
        held = bot(plateau)
        played.append((plateau, held))
        assert len(played) < 200, "this search has no end"
        plateau = search.next(held)
    return search, played


def knee(calls: int) -> Bot:
    return lambda plateau: plateau.calls <= calls


def calls_of(played: list[tuple[Plateau, bool | None]]) -> list[int]:
    return [plateau.calls for plateau, _ in played]


def test_it_doubles_halves_the_gap_and_confirms():
    search, played = play(Capacity(10, 300), knee(137))
    assert calls_of(played) == [10, 20, 40, 80, 160, 120, 140, 130, 130]
    assert [plateau.seconds for plateau, _ in played] == [60, 60, 60, 60, 60, 60, 120, 120, 600]
    assert [plateau.confirms for plateau, _ in played] == [False] * 8 + [True]
    assert search.ending == "confirmed"


def test_nobody_looks_beyond_the_cap():
    search, played = play(Capacity(10, 45), knee(1000))
    assert calls_of(played) == [10, 20, 40, 45, 45]
    assert search.ending == "confirmed"


def test_what_a_short_plateau_found_too_much_is_asked_again():
    """Only 80 for a minute was too much, by chance: the search goes on from there in single steps."""
    search, played = play(Capacity(10, 300), lambda plateau: plateau.calls <= (79 if plateau.seconds < 120 else 95))
    assert calls_of(played) == [10, 20, 40, 80, 60, 70, 80, 90, 110, 100, 90]
    assert [plateau.seconds for plateau, _ in played[6:]] == [120, 120, 120, 120, 600]
    assert search.ending == "confirmed"


def test_a_confirmation_that_fails_is_made_a_step_lower():
    search, played = play(Capacity(10, 300), lambda plateau: plateau.calls <= (115 if plateau.confirms else 137))
    assert calls_of(played)[-3:] == [130, 120, 110]
    assert [held for _, held in played[-3:]] == [False, False, True]
    assert all(plateau.seconds == 600 for plateau, _ in played[-3:])
    assert search.ending == "confirmed"


def test_a_bot_that_gets_worse_with_time_is_not_confirmed_for_ever():
    search, played = play(Capacity(10, 300), lambda plateau: plateau.calls <= (20 if plateau.confirms else 137))
    assert sum(plateau.confirms for plateau, _ in played) == CONFIRMATIONS
    assert search.ending == "unconfirmed"


def test_not_even_the_first_number_holds():
    search, played = play(Capacity(10, 300), knee(9))
    assert [(plateau.calls, plateau.seconds) for plateau, _ in played] == [(10, 60), (10, 120)]
    assert search.ending == "too many"
    search, played = play(Capacity(10, 300), lambda plateau: plateau.calls <= 10 and not plateau.confirms)
    assert calls_of(played) == [10, 20, 20, 10]
    assert search.ending == "too many"


def test_an_invalid_plateau_is_repeated_once():
    answers = iter([True, None, True, None, False, True, None, False, None, True])
    search, played = play(Capacity(10, 300), lambda _: next(answers))
    assert calls_of(played) == [10, 20, 20, 40, 40, 30, 40, 40, 30, 30]
    assert search.ending == "confirmed"


def test_twice_invalid_ends_the_search():
    search, played = play(Capacity(10, 300), lambda plateau: None if plateau.calls > 40 else True)
    assert calls_of(played) == [10, 20, 40, 80, 80]
    assert search.ending == "invalid"
    search, played = play(Capacity(10, 300), lambda plateau: None if plateau.confirms else plateau.calls < 30)
    assert [plateau.confirms for plateau, _ in played[-2:]] == [True, True]
    assert search.ending == "invalid"


def test_an_over_search_stays_over():
    search, _ = play(Capacity(10, 10), knee(10))
    assert search.next(True) is None


shapes = st.builds(
    lambda start, more: Capacity(start, start + more, 120.0, 600.0), st.integers(1, 60), st.integers(0, 3000)
)


@given(shape=shapes, calls=st.integers(0, 4000))
@example(shape=Capacity(10, 295), calls=292)
@example(shape=Capacity(7, 8), calls=7)
@settings(max_examples=300, deadline=None)
def test_without_noise_the_knee_is_found_to_a_step(shape, calls):
    search, played = play(shape, knee(calls))
    last, held = played[-1]
    if calls < shape.start:
        assert search.ending == "too many"
        return
    assert search.ending == "confirmed"
    assert last.confirms
    assert held
    assert last.calls <= calls
    assert last.calls > calls - shape.start or last.calls == shape.to
    assert sum(plateau.confirms for plateau, _ in played) == 1
    assert 1.1 * sum(plateau.seconds for plateau, _ in played) <= shape.usual + 1e-6


@given(shape=shapes, calls=st.integers(1, 4000), noise=st.floats(0, 0.5), seed=st.integers(0, 10_000))
@settings(max_examples=500, deadline=None)
def test_with_noise_it_ends_in_time_and_claims_only_what_it_saw(shape, calls, noise, seed):
    """Each plateau meets another knee, up to half off; in short ones twice as far off."""
    draw = Random(seed)

    def bot(plateau: Plateau) -> bool:
        spread = noise * (2 if plateau.seconds < shape.each else 1)
        return plateau.calls <= calls * (1 + draw.uniform(-spread, spread))

    search, played = play(shape, bot)
    assert all(shape.start <= plateau.calls <= shape.to for plateau, _ in played)
    assert 1.1 * sum(plateau.seconds for plateau, _ in played) <= shape.at_most + 1e-6
    assert sum(plateau.confirms for plateau, _ in played) <= CONFIRMATIONS
    assert {plateau.seconds for plateau, _ in played} <= {SHORT * shape.each, shape.each, shape.confirm}
    last, held = played[-1]
    assert search.ending in ("confirmed", "unconfirmed", "too many")
    if search.ending == "confirmed":
        assert held
        assert last.confirms
        assert calls * (1 - noise) - (CONFIRMATIONS + 1) * shape.start < last.calls or last.calls == shape.to
        assert last.calls <= calls * (1 + noise)
        if last.calls < shape.to:
            assert any(not held and plateau.calls > last.calls for plateau, held in played), "no bound from above"


@given(shape=shapes, calls=st.integers(0, 4000), invalid=st.floats(0, 0.6), seed=st.integers(0, 10_000))
@settings(max_examples=200, deadline=None)
def test_invalid_plateaus_change_nothing_but_the_time(shape, calls, invalid, seed):
    draw = Random(seed)

    def bot(plateau: Plateau) -> bool | None:
        return None if draw.random() < invalid else plateau.calls <= calls

    search, played = play(shape, bot)
    valid = [(plateau, held) for plateau, held in played if held is not None]
    calm = play(shape, knee(calls))[1]
    assert valid == calm[: len(valid)]
    if search.ending == "invalid":
        assert [held for _, held in played[-2:]] == [None, None]
        assert played[-1][0] == played[-2][0]
    else:
        assert len(valid) == len(calm)


def test_a_quick_search_has_fewer_plateaus():
    quick = Capacity(10, 300, 120.0, 600.0).scaled(0.04, 0.033)
    search, played = play(quick, knee(1000))
    assert calls_of(played) == [5, 10, 10]
    assert search.ending == "confirmed"


def test_no_plateau_is_shorter_than_asked():
    _, played = play(Capacity(5, 10, 5.0, 5.0).lasting_at_least(30.0), knee(1000))
    assert [plateau.seconds for plateau, _ in played] == [30, 30, 30]
    assert Capacity(10, 300).lasting_at_least(30.0) == Capacity(10, 300)
