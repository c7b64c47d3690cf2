"""Who calls: drawn by the seed and the number of the call, whoever makes it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest

from AudioSocketLibrary.call import Depth
from AudioSocketLibrary.load.capacity import Capacity
from AudioSocketLibrary.load.casting import Casting
from AudioSocketLibrary.load.environment import Filled
from AudioSocketLibrary.load.profile import BeforeCall, Callers, Keep
from AudioSocketLibrary.load.shapes import Hold
from AudioSocketLibrary.records import UsageError
from AudioSocketLibrary.scenario import AnnounceCall, BotShouldSay, CallData, PlaceCall, StaySilent
from AudioSocketLibrary.transport import Address
from tests.helpers.loads import NOBODY, plan, profile, short

pytestmark = pytest.mark.unit

BOT = {"bot": Address("127.0.0.1", 9092)}
TWO = {"new": Address("127.0.0.1", 9093), "base": Address("127.0.0.1", 9092)}


def csv(tmp_path, rows):
    file = tmp_path / "customers.csv"
    file.write_text("phone\n" + "".join(f"+3805000{row}\n" for row in range(rows)), encoding="utf-8")
    return str(file)


ONE = ((short(),),)


def casting(shape=None, plans=ONE, bots=BOT, seed=7, **more):
    of = profile(shape or Hold(2, 10.0), len(plans), **more)
    return Casting(of, plans, bots, seed)


def test_sound_waits_in_the_folder_of_the_run(tmp_path):
    of = profile(Hold(2, 10.0), keep=Keep(recordings=1.0))
    settings = Casting(of, ONE, BOT, 7, tmp_path).caller(0).plan.steps[0].step.settings
    assert (settings.depth, settings.spool_folder) == (Depth.FRAMES, tmp_path)


def told(caller):
    return (
        caller.plan.name, caller.target, caller.seed, dict(caller.fields), caller.voice, caller.line, caller.record,
    )  # fmt: skip


def test_the_same_seed_casts_the_same_callers_in_any_process_and_another_seed_others(tmp_path):
    callers = Callers(
        csv(tmp_path, 50), "random", lines={"clean": 0.5, "street": 0.5}, voices=("uk+m3", "uk+f2"), pause=(0.3, 1.2)
    )
    plans = ((short(name="A"),), (short(name="B"),))

    def cast(seed, numbers):
        one = casting(plans=plans, seed=seed, callers=callers, keep=Keep(recordings=0.5))
        return {number: told(one.caller(number)) for number in numbers}

    once = cast(7, range(100))
    # Another worker casts but every fourth, in another order.
    assert cast(7, reversed(range(1, 100, 4))) == {number: once[number] for number in range(1, 100, 4)}
    assert cast(8, range(100)) != once
    for place in (0, 4, 5, 6):  # scenario, voice, line, recording: drawn, so both are there
        assert len({row[place] for row in once.values()}) == 2
    assert len({str(row[3]) for row in once.values()}) > 20


def test_scenarios_come_by_weight_and_the_tests_of_a_tag_share_its_weight():
    plans = ((short(name="A"), short(name="B")), (short(name="C"),))
    of = profile(Hold(2, 10.0), 2)
    of = replace(of, scenarios=(replace(of.scenarios[0], weight=0.8), replace(of.scenarios[1], weight=0.2)))
    cast = Casting(of, plans, BOT, 7)
    found = Counter(cast.caller(number).plan.name for number in range(3000))
    assert cast.names == ["A", "B", "C"]
    assert found["A"] == pytest.approx(1200, abs=120)
    assert found["B"] == pytest.approx(1200, abs=120)
    assert found["C"] == pytest.approx(600, abs=100)


def test_each_call_is_placed_to_the_bot_with_what_the_profile_says_of_it():
    steps = casting().caller(0).plan.steps
    assert isinstance(steps[0].step, PlaceCall)
    assert steps[0].step.bot == BOT["bot"]
    assert steps[0].step.bot != NOBODY
    assert casting().caller(0).target == ""


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_several_bots_are_called_in_turns_by_the_same_callers_and_by_every_worker(workers):
    cast = casting(bots=TWO, plans=((short(name="A"),), (short(name="B"),)))
    callers = [cast.caller(number) for number in range(400)]
    for one, other in list(pairwise(callers))[::2]:
        assert {one.target, other.target} == {"new", "base"}
        assert one.seed == other.seed
        assert one.plan.name == other.plan.name
        assert {one.plan.steps[0].step.bot, other.plan.steps[0].step.bot} == set(TWO.values())
    for worker in range(workers):
        # A worker that called one bot only would lay its own lateness at the door of that bot.
        found = Counter(caller.target for caller in callers[worker::workers])
        assert min(found.values()) > 0.3 * found.total()


def test_only_calls_whose_recording_may_be_kept_keep_every_frame():
    def depths(share, *plans):
        cast = casting(plans=((plans or (short(),)),), keep=Keep(recordings=share))
        made = [cast.caller(number) for number in range(1000)]
        assert all(
            (caller.plan.steps[0].step.settings.depth is Depth.FRAMES) is (caller.record or caller.plan.hears)
            for caller in made
        )
        return Counter(caller.plan.steps[0].step.settings.depth for caller in made)

    assert depths(0.0) == {Depth.EVENTS: 1000}
    assert depths(1.0) == {Depth.FRAMES: 1000}
    assert depths(0.1)[Depth.FRAMES] == pytest.approx(100, abs=40)
    # Words cannot be heard in a call of which only events are kept.
    assert depths(0.0, plan(BotShouldSay(texts=("шини",), within=1.0))) == {Depth.FRAMES: 1000}


def test_rows_that_are_for_one_call_only_must_suffice(tmp_path):
    unique = Callers(csv(tmp_path, 9), "unique")
    casting(callers=unique).check(9)
    with pytest.raises(UsageError) as refused:
        casting(callers=unique).check(1200)
    assert str(refused.value) == (
        "customers.csv has 9 rows, and each is for one call only; about 1,200 calls are planned. "
        "Add rows, take order: sequential, or plan fewer calls"
    )
    # Two bots are called by the same callers, with the same rows.
    casting(callers=unique, bots=TWO).check(18)
    with pytest.raises(UsageError, match="about 19 calls"):
        casting(callers=unique, bots=TWO).check(19)
    casting(callers=replace(unique, order="sequential")).check(1200)


def test_a_search_makes_more_calls_than_there_can_be_rows(tmp_path):
    with pytest.raises(UsageError, match=r"nobody knows how many calls a search for a capacity makes: take order: seq"):
        casting(Capacity(1, 10), callers=Callers(csv(tmp_path, 9), "unique")).check(2)


def test_rows_of_the_scenario_itself_must_suffice_too_and_those_of_the_profile_come_first(tmp_path):
    own = CallData("own.csv", ({"name": "Оксана"},), "unique")
    plans = ((plan(StaySilent(least=0.1), data=own),),)
    assert casting(plans=plans).caller(0).fields == {"name": "Оксана"}
    with pytest.raises(UsageError, match=r"own\.csv has 1 rows"):
        casting(plans=plans).check(2)
    cast = casting(plans=plans, callers=Callers(csv(tmp_path, 3)))
    cast.check(100)
    assert [cast.caller(number).fields["phone"] for number in (0, 1, 3)] == ["+38050000", "+38050001", "+38050000"]


def test_the_announcement_comes_before_the_call():
    before = BeforeCall("POST", Filled("http://127.0.0.1:9/calls"), {"uuid": "{uuid}"}, {"X": Filled("1")}, 201)
    first = casting(callers=Callers(before_call=before)).caller(0).plan.steps[0]
    assert first.step == AnnounceCall(
        method="POST", url="http://127.0.0.1:9/calls", body={"uuid": "{uuid}"}, headers={"X": "1"}, expect=201
    )
    assert (first.text, first.source) == ("before_call", "the profile")
