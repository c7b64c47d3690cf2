"""Plans are played as Robot would have played the test, against a bot on a real socket."""

import asyncio
import pickle
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from AudioSocketLibrary.call import CallSettings, Depth, Moment
from AudioSocketLibrary.media.line import line_named
from AudioSocketLibrary.protocol import AsteriskVersion, AudioFormat
from AudioSocketLibrary.records import UsageError
from AudioSocketLibrary.scenario import (
    BotShouldGreetWithin,
    BotShouldPlayPrompt,
    BotShouldReplyWithin,
    BotShouldSay,
    BotShouldStaySilentFor,
    Calls,
    HangUp,
    PlaceCall,
    Plan,
    PlannedStep,
    PlanResult,
    Play,
    Say,
    SendDTMF,
    StaySilent,
    Step,
    built_in,
    hello,
    play_plan,
)
from AudioSocketLibrary.transport import Address
from tests.helpers.own_bot import OwnBot

pytestmark = pytest.mark.unit

NOBODY = Address("127.0.0.1", 9)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeNothing(Step):
    """Lets some time pass."""

    async def play(self, calls):
        await asyncio.sleep(0.3)


def plan_of(*steps, teardown=()):
    planned = [PlannedStep(step, type(step).__name__, f"t.robot:{line}") for line, step in enumerate(steps, 1)]
    planned += [PlannedStep(step, f"down {type(step).__name__}", "t.robot:99", teardown=True) for step in teardown]
    return Plan("Scenario", "t.robot", tuple(planned))


def played(run, make, calls=None, **bot):
    """Plays the plan that ``make`` gives for the address of a bot."""

    async def main():
        async with OwnBot(**bot) as own:
            result = await play_plan(make(own.address), calls)
            assert all(call.over for call in calls.all)
            return result

    calls = Calls() if calls is None else calls
    return run(main())


def test_hello_is_played_to_its_end_on_a_bot_that_just_answers(run):
    calls = Calls()
    result = played(run, hello, calls)
    assert (result.failures, result.error, result.failure) == ([], "", None)
    names = [step.name for step in result.steps]
    assert names[0] == "Place Call"
    assert names[-1] == "Hang Up"
    assert [step.failed for step in result.steps] == [""] * 6
    assert all(step.end >= step.at >= -0.1 for step in result.steps)
    assert [turn.said for turn in calls.all[0].turns] == ["", "Добрий день", "Ні, дякую. До побачення"]
    assert calls.all[0].timeline.ending.by == "caller"


def test_a_soft_failure_is_kept_and_the_call_goes_on(run):
    calls = Calls()
    result = played(
        run,
        lambda bot: plan_of(
            PlaceCall(bot=bot), BotShouldGreetWithin(limit=0.000001), SendDTMF(keys="1", at=Moment("bot stops"))
        ),
        calls,
    )
    assert [(failure.kind, failure.soft) for failure in result.failures] == [("late greeting", True)]
    assert [step.failed for step in result.steps] == ["", "late greeting", ""]
    assert calls.all[0].judgements == [result.failures[0].judgement]
    assert calls.all[0].keys


def test_a_hard_failure_skips_to_the_teardown_and_all_of_that_is_played(run):
    missed = Moment("call starts")
    result = played(
        run,
        lambda bot: plan_of(
            PlaceCall(bot=bot),
            BotShouldGreetWithin(limit=0.000001),
            StaySilent(least=0.3),
            SendDTMF(keys="1", at=missed),
            SendDTMF(keys="2"),
            teardown=(SendDTMF(keys="3", at=missed), HangUp()),
        ),
    )
    assert [failure.kind for failure in result.failures] == ["late greeting", "missed moment", "missed moment"]
    assert [step.name for step in result.steps][4:] == ["down SendDTMF", "down HangUp"]
    assert result.failure is result.failures[1]
    assert result.error == ""


def test_a_recording_that_is_missing_makes_the_plan_unplayable(run):
    step = Play(recording=Path("gone.wav"), at=Moment("call starts"))
    result = played(run, lambda bot: plan_of(PlaceCall(bot=bot), step, teardown=(HangUp(),)))
    assert result.error.startswith("t.robot:2: 'Play' cannot be played. ")
    assert "gone.wav" in result.error


def test_a_call_that_was_never_placed_fails_once_however_much_is_torn_down(run):
    calls = Calls()
    result = run(play_plan(plan_of(PlaceCall(bot=NOBODY), HangUp(), teardown=(HangUp(), HangUp(call="b"))), calls))
    assert [failure.kind for failure in result.failures] == ["refused"]
    assert (result.error, len(result.steps), calls.all) == ("", 1, [])
    assert 0 <= result.steps[0].at <= result.steps[0].end


def test_a_field_that_is_missing_makes_the_plan_unplayable_and_says_where(run):
    calls = Calls()
    calls.fields = {"name": "Оксана", "phone": "2001"}
    result = played(run, lambda bot: plan_of(PlaceCall(bot=bot), Say(texts=("Я {nam}",)), HangUp()), calls)
    assert result.error == "t.robot:2: 'Say' cannot be played. There is no field '{nam}'; did you mean '{name}'?"
    assert len(result.steps) == 2
    assert result.failures == []


def test_a_plan_that_is_cancelled_hangs_up_and_what_is_known_is_kept(run):
    calls, result = Calls(), PlanResult()

    async def main():
        async with OwnBot() as own:
            plan = plan_of(PlaceCall(bot=own.address), BotShouldGreetWithin(limit=0.000001), StaySilent(least=60))
            task = asyncio.create_task(play_plan(plan, calls, result))
            while not result.failures:  # noqa: ASYNC110 - a result tells nobody that it changed
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    run(main())
    assert [step.name for step in result.steps] == ["PlaceCall", "BotShouldGreetWithin"]
    assert calls.all[0].timeline.ending.by == "caller"


def test_a_call_that_asterisk_would_have_dropped_fails_though_no_step_noticed(run):
    # A frame of a type that no Asterisk knows ends the call.
    result = played(run, lambda bot: plan_of(PlaceCall(bot=bot), NoticeNothing()), words=[b"\x77\x00\x00"])
    assert [failure.kind for failure in result.failures] == ["dropped by Asterisk's rule"]


def test_callers_differ_by_seed_voice_line_and_pause(run):
    def silent_for(caller, **step):
        calls = Calls()
        calls.seed = caller
        result = played(run, lambda bot: plan_of(PlaceCall(bot=bot), StaySilent(least=0.05, most=0.9, **step)), calls)
        return result.steps[1].end - result.steps[1].at

    assert silent_for("1 0") == pytest.approx(silent_for("1 0"), abs=0.04)
    lengths = [silent_for(f"1 {index}") for index in range(3)]
    assert max(lengths) - min(lengths) > 0.05
    assert silent_for("1 0", seed=7) == pytest.approx(silent_for("1 1", seed=7), abs=0.04)


def test_a_caller_thinks_before_it_speaks_in_its_turn_and_sounds_like_its_line(run):
    calls = Calls()
    calls.line, calls.pause = line_named("street"), (0.7, 0.7)
    result = played(
        run,
        lambda bot: plan_of(
            PlaceCall(bot=bot, settings=CallSettings(reply_pause=0.3)),
            BotShouldGreetWithin(limit=2),
            Say(texts=("Добрий день",)),
        ),
        calls,
    )
    assert result.failures == []
    call = calls.all[0]
    greeting, spoke = call.turns[0].parts[-1].end, call.turns[1].start
    assert 1.0 <= spoke - greeting < 2.0
    assert call.settings.line.name == "street"


def test_what_a_scenario_says_of_its_own_line_stands(run):
    calls = Calls()
    calls.line = line_named("street")
    settings = CallSettings(line=line_named("car"))
    played(run, lambda bot: plan_of(PlaceCall(bot=bot, settings=settings)), calls)
    assert calls.all[0].settings.line.name == "car"


def test_a_plan_knows_whether_its_calls_must_keep_every_frame():
    quiet = plan_of(PlaceCall(bot=NOBODY), BotShouldReplyWithin(limit=2), BotShouldStaySilentFor(duration=1))
    assert (quiet.hears, quiet.depth) == (False, Depth.EVENTS)
    for step in (
        BotShouldSay(texts=("так",)),
        BotShouldPlayPrompt(names=("menu",)),
        Say(texts=("так",), at=Moment.parse("1 s after prompt menu starts")),
    ):
        assert plan_of(step).hears


def test_a_plan_is_adapted_to_the_target_of_a_load():
    other = Address("10.0.0.5", 9092)
    plan = plan_of(PlaceCall(bot=NOBODY, settings=CallSettings(turn_timeout=3), call="first"), HangUp())
    adapted = plan.adapted(other, asterisk=AsteriskVersion("20.9"), format=AudioFormat.ulaw, rules="lenient")
    placed = adapted.steps[0].step
    assert (placed.bot, placed.call, placed.settings.turn_timeout) == (other, "first", 3)
    assert (str(placed.settings.asterisk), placed.settings.format) == ("20.9", AudioFormat.ulaw)
    assert (placed.settings.rules, placed.settings.depth) == ("lenient", Depth.EVENTS)
    assert adapted.steps[1] == plan.steps[1]
    assert plan.adapted(other).steps[0].step.settings == replace(
        placed.settings, **{name: getattr(CallSettings(), name) for name in ("asterisk", "format", "rules")}
    )
    hearing = replace(plan, steps=(*plan.steps, *plan_of(BotShouldSay(texts=("так",))).steps))
    assert hearing.adapted(other, depth=Depth.EVENTS).steps[0].step.settings.depth is Depth.FRAMES


def test_plans_travel_between_processes():
    plan = hello(NOBODY)
    assert pickle.loads(pickle.dumps(plan)) == plan


def test_a_built_in_scenario_that_does_not_exist_names_those_that_do():
    assert built_in("hello", NOBODY).name == "Hello"
    with pytest.raises(UsageError, match=r"There is no built-in scenario 'Bye'\. Built in: Hello"):
        built_in("Bye", NOBODY)
