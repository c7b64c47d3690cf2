"""The engine of dialogues: what it answers to whatever a caller does, as tables and for any sequence."""

from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from AudioSocketLibrary.bot.dialogue import (
    CallTool,
    Conversation,
    Enter,
    Expect,
    HangUp,
    Say,
    Transfer,
    dialogue_names,
    load_dialogue,
)

pytestmark = pytest.mark.unit

SHOP = load_dialogue("tyre_shop")
DESK = load_dialogue("delivery_desk")
ALL = [load_dialogue(name) for name in dialogue_names()]
OUTCOMES = ("found", "stale", "none", "unsure", "failed")


def tell(talk, step):
    """One input, as the tables below write it; ``=found`` answers the tool that was called last."""
    if step.startswith("="):
        outcome, _, result = step[1:].partition(" ")
        row = {"found": [{"id": result}], "number": result, "id": result, "status": result}
        return talk.tool_result(talk.tool.ticket, outcome, row)
    if step.startswith("key "):
        return talk.key(step[4:])
    if step.startswith("human "):
        return talk.human_answer(step[6:])
    if step == "(silence)":
        return talk.silence()
    text, _, confidence = step.partition(" @")
    return talk.understood(text, float(confidence or 0.9))


def play(dialogue, steps):
    talk = Conversation(dialogue)
    acts = talk.start()
    for step in steps:
        acts = tell(talk, step)
        talk.tool = next((act for act in acts if isinstance(act, CallTool)), None) or getattr(talk, "tool", None)
    return talk, acts


def said(acts):
    return [name for act in acts if isinstance(act, Say) for name in act.recordings]


def called(acts):
    return next(((act.name, dict(act.arguments)) for act in acts if isinstance(act, CallTool)), None)


def test_begins_with_the_greeting_and_listens_in_every_language():
    _, acts = play(SHOP, [])
    assert acts[:2] == [Enter("open"), Say(("greeting",))]
    expect = acts[2]
    assert isinstance(expect, Expect)
    assert expect.language == ""
    assert {"Хочу записатися на шиномонтаж", "I want to book a tyre fitting"} <= set(expect.texts)
    assert "У понеділок" not in expect.texts


WORDS = [
    # steps, what is said at last, the state then
    (["winter_tyres", "=found 7"], ["tyres_found"], "offer"),
    (["summer_tyres", "=found 7"], ["summer_tyres_found"], "offer"),
    (["aeroplane", "=none"], ["tyres_not_found"], "not_found"),
    (["aeroplane", "=none", "no"], ["anything_else"], "open"),
    (["winter_tyres", "=failed"], ["unavailable", "anything_else"], "open"),
    (["winter_tyres", "=found 7", "yes"], ["how_many"], "order"),
    (["winter_tyres", "=found 7", "yes", "two"], ["quantity_2", "order_confirm"], "confirm_order"),
    (["winter_tyres", "=found 7", "yes", "two", "four"], ["quantity_4", "order_confirm"], "confirm_order"),
    (["winter_tyres", "=found 7", "yes", "four", "change_two"], ["quantity_2", "order_confirm"], "confirm_order"),
    (["winter_tyres", "=found 7", "yes", "two", "confirm", "=found 2001"], ["order_accepted"], "more"),
    (["winter_tyres", "=found 7", "yes", "two", "yes", "=failed"], ["unavailable", "anything_else"], "open"),
    (["winter_tyres", "=found 7", "yes", "two", "no"], ["order_declined"], "more"),
    (["winter_tyres", "=found 7", "yes", "no_thanks"], ["order_declined"], "more"),
    (["winter_tyres", "=found 7", "no"], ["order_declined"], "more"),
    (["winter_tyres", "=found 7", "order_four", "=found 2001"], ["order_accepted"], "more"),
    (["winter_tyres", "=found 7", "order_four", "=none"], ["tyres_not_found"], "not_found"),
    (["place_order"], ["quantity_4", "order_confirm"], "confirm_order"),
    (["place_order", "yes", "=found 2001", "no"], ["goodbye"], "bye"),
    (["order_status"], ["which_number"], "status"),
    (["order_status", "order_1001", "=found sent"], ["order_shipped", "anything_else"], "open"),
    (["order_status", "order_1001", "=found packed"], ["order_packed", "anything_else"], "open"),
    (["order_status", "order_1001", "=found delivered"], ["order_delivered", "anything_else"], "open"),
    (["order_status", "order_1001", "=stale sent"], ["order_stale", "anything_else"], "open"),
    (["order_status", "order_1001", "=failed"], ["unavailable", "anything_else"], "open"),
    (["order_status", "order_7777", "=none"], ["order_unknown", "anything_else"], "open"),
    (["order_status", "order_7777", "=none", "order_status"], ["which_number"], "status"),
    (["order_status", "no"], ["anything_else"], "open"),
    (["key 3", "key 1", "key 0", "key 0"], [], "status"),
    (["key 3", "key 1", "key 0", "key 0", "key 2", "=found packed"], ["order_packed", "anything_else"], "open"),
    (["key 3", "key 9", "(silence)", "key 1", "key 0", "key 0"], [], "status"),
    (["key 3", "key 9", "key #", "key 1", "key 0", "key 0"], [], "status"),
    (["key 3", "key *"], ["menu", "menu_more", "which_number"], "status"),
    (["fitting"], ["which_day"], "booking"),
    (["fitting", "at_two"], ["which_day"], "booking"),
    (["fitting", "at_two", "monday", "=found"], ["day_monday", "time_two", "booking_confirm"], "confirm"),
    (["fitting", "monday"], ["which_time"], "hour"),
    (["fitting", "monday", "tuesday"], ["which_time"], "hour"),
    (["fitting", "monday", "at_two", "=found"], ["day_monday", "time_two", "booking_confirm"], "confirm"),
    (["fitting", "monday", "at_two", "=none"], ["hour_taken", "which_time"], "hour"),
    (["fitting", "monday", "at_two", "=none", "at_five", "=found", "yes"], [], "book"),
    (["fitting", "monday", "at_two", "=failed"], ["unavailable", "anything_else"], "open"),
    (
        ["fitting", "monday", "change_saturday", "at_two", "=found"],
        ["day_saturday", "time_two", "booking_confirm"],
        "confirm",
    ),
    (
        ["fitting", "monday", "at_two", "=found", "change_saturday", "=found"],
        ["day_saturday", "time_two", "booking_changed"],
        "changed",
    ),
    (
        ["fitting", "monday", "at_two", "=found", "change_five", "=found"],
        ["day_monday", "time_five", "booking_changed"],
        "changed",
    ),
    (["fitting", "monday", "at_two", "=found", "confirm", "=found 3"], ["booking_made", "anything_else"], "open"),
    (["fitting", "monday", "at_two", "=found", "change_five", "=none"], ["hour_taken", "which_time"], "hour"),
    (["fitting", "monday", "at_two", "=found", "confirm", "=none"], ["hour_taken", "which_time"], "hour"),
    (["fitting", "monday", "at_two", "=found", "no"], ["booking_cancelled"], "more"),
    (["fitting", "fitting_price", "=found"], ["answer_fitting_price", "which_day"], "booking"),
    (["cancel_booking", "=none"], ["booking_unknown", "anything_else"], "open"),
    (["warranty", "=found"], ["answer_warranty", "anything_else"], "open"),
    (["warranty", "=unsure"], ["answer_from_colleague"], "colleague"),
    (["warranty", "=none"], ["answer_from_colleague"], "colleague"),
    (["warranty @0.5"], ["answer_from_colleague"], "colleague"),
    (["warranty @0.3"], ["not_understood"], "open"),
    (["warranty", "=none", "=found"], [], "colleague"),
    (["warranty", "=none", "=failed"], ["transfer_to_operator"], "operator"),
    (["warranty", "=none", "human answer_warranty"], ["answer_warranty", "anything_else"], "open"),
    (["warranty", "=none", "human Ми на вулиці Хрещатик, 22!"], ["colleague_answered", "anything_else"], "open"),
    (["warranty", "=none", "human answer_address"], ["answer_address", "anything_else"], "open"),
    (["en_warranty", "=none", "human I know"], ["en_colleague_answered", "en_anything_else"], "open"),
    (["warranty", "=none", "(silence)"], ["one_moment"], "colleague"),
    (["warranty", "=none", "hello"], ["one_moment"], "colleague"),
    (["warranty", "=none", "(silence)", "(silence)"], ["transfer_to_operator"], "operator"),
    (["operator"], ["transfer_to_operator"], "operator"),
    (["fitting", "operator"], ["transfer_to_operator"], "operator"),
    (["goodbye"], ["goodbye"], "bye"),
    (["fitting", "repeat"], ["which_day"], "booking"),
    (["fitting", "promotions"], ["promotions", "which_day"], "booking"),
    (["hello"], ["anything_else"], "open"),
    (["xyz"], ["not_understood"], "open"),
    (["fitting @0.59"], ["not_understood"], "open"),
    (["monday"], ["not_understood"], "open"),
    (["xyz", "xyz"], ["transfer_to_operator"], "operator"),
    (["xyz", "fitting", "xyz"], ["not_understood"], "booking"),
    (["xyz", "(silence)", "xyz"], ["transfer_to_operator"], "operator"),
    (["(silence)"], ["still_there"], "open"),
    (["(silence)", "(silence)"], ["goodbye"], "bye"),
    (["(silence)", "fitting", "(silence)"], ["still_there"], "booking"),
    (["en_fitting"], ["en_which_day"], "booking"),
    (["en_fitting", "monday"], ["en_not_understood"], "booking"),
    (
        ["en_fitting", "en_monday", "en_at_ten", "=found"],
        ["en_day_monday", "en_time_ten", "en_booking_confirm"],
        "confirm",
    ),
    (["key 0"], ["transfer_to_operator"], "operator"),
    (["key *"], ["menu", "menu_more"], "open"),
    (["key 9"], ["not_understood"], "open"),
    (["key 2"], ["which_day"], "booking"),
    (["key 2", "key *"], ["menu", "menu_more", "which_day"], "booking"),
    (["key 2", "key 6", "key 3", "=found"], ["day_saturday", "time_five", "booking_confirm"], "confirm"),
    (["key 2", "key 6", "key 3", "=found", "key 1", "=found 1"], ["booking_made", "anything_else"], "open"),
    (["key 1", "key 4"], ["quantity_4", "order_confirm"], "confirm_order"),
    (["key 1", "key 4", "key 1", "=found 1"], ["order_accepted"], "more"),
    (["key 1", "key 4", "key 2"], ["order_declined"], "more"),
    (["weather"], ["not_understood"], "open"),
    (["uh_huh"], ["not_understood"], "open"),
    (["no"], ["goodbye"], "bye"),
]


@pytest.mark.parametrize(("steps", "words", "state"), WORDS, ids=str)
def test_answers(steps, words, state):
    talk, acts = play(SHOP, steps)
    assert (said(acts), talk.state.name) == (words, state)


@pytest.mark.parametrize(
    ("steps", "tool"),
    [
        (["winter_tyres"], ("search_tyres", {"season": "winter", "size": "16"})),
        (["winter_tyres", "=found 7", "order_four"], ("place_order", {"product": "7", "quantity": "4"})),
        (["order_status", "order_1001"], ("order_status", {"number": "1001"})),
        (["order_7777"], ("order_status", {"number": "7777"})),
        (["en_order_1001"], ("order_status", {"number": "1001"})),
        (["key 3", "key 1", "key 0", "key 0", "key 3"], ("order_status", {"number": "1003"})),
        (["place_order", "yes", "=found 2001", "order_status"], ("order_status", {"number": "2001"})),
        (["fitting", "friday", "at_ten"], ("free_slots", {"day": "friday", "time": "10:00"})),
        (["fitting", "friday", "at_ten", "=found", "yes"], ("book_fitting", {"day": "friday", "time": "10:00"})),
        (["address"], ("ask_knowledge", {"text": "Яка у вас адреса?"})),
        (["address", "=none"], ("ask_human", {"question": "Яка у вас адреса?"})),
    ],
)
def test_calls_tools_with_what_it_knows(steps, tool):
    assert called(play(SHOP, steps)[1]) == tool


@pytest.mark.parametrize(
    ("steps", "end"),
    [
        (["operator"], Transfer("asked for")),
        (["xyz", "xyz"], Transfer("not understood")),
        (["key 0"], Transfer("asked for")),
        (["address", "=none", "=failed"], Transfer("unavailable")),
        (["goodbye"], HangUp("asked for")),
        (["(silence)", "(silence)"], HangUp("silence")),
        (["hello"] * 61, HangUp("too many turns")),
    ],
)
def test_ends(steps, end):
    talk, acts = play(SHOP, steps)
    assert acts[-1] == end
    assert talk.over
    assert [tell(talk, step) for step in ("hello", "key 1", "(silence)", "human yes")] == [[], [], [], []]


def test_a_late_result_of_a_tool_leads_nowhere():
    talk, acts = play(SHOP, ["winter_tyres"])
    ticket = acts[-1].ticket
    assert said(talk.understood("operator", 0.9)) == ["transfer_to_operator"]
    talk, acts = play(SHOP, ["winter_tyres"])
    assert talk.tool_result(ticket + 100, "found") == []
    assert said(talk.tool_result(acts[-1].ticket, "found")) == ["tyres_found"]
    assert talk.tool_result(acts[-1].ticket, "found") == []


def test_what_is_said_while_a_tool_works_does_not_count():
    talk, _ = play(SHOP, ["winter_tyres", "xyz", "xyz", "xyz"])
    assert talk.state.name == "search"
    assert talk.silence() == []


def test_a_second_booking_asks_anew():
    steps = ["fitting", "monday", "at_two", "=found", "confirm", "=found 3", "fitting"]
    assert said(play(SHOP, steps)[1]) == ["which_day"]


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        (["delivery", "=found"], ["delivery_status", "anything_else"]),
        (["en_refund", "=found"], ["en_refund_started", "en_anything_else"]),
        (["product"], ["product_info", "anything_else"]),
        (["delivery", "=failed"], ["unavailable", "goodbye"]),
    ],
)
def test_another_business(steps, words):
    assert said(play(DESK, steps)[1]) == words


def inputs(dialogue):
    phrases = st.sampled_from(sorted({phrase.name for phrase in dialogue.phrases} | {"xyz"}))
    return st.one_of(
        st.tuples(st.just("said"), phrases, st.sampled_from([0.2, 0.5, 0.9])),
        st.tuples(st.just("key"), st.sampled_from("0123456789*#")),
        st.tuples(st.just("silence")),
        st.tuples(st.just("tool"), st.sampled_from(OUTCOMES)),
        st.tuples(st.just("human"), st.sampled_from(["answer_address", "Nobody recorded this"])),
    )


@pytest.mark.parametrize("dialogue", ALL, ids=lambda dialogue: dialogue.name)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_never_gets_stuck_and_always_ends(dialogue, data):
    talk = Conversation(dialogue)
    acts = talk.start()
    ticket = None
    for step in data.draw(st.lists(inputs(dialogue), max_size=120)):
        called_now = [act for act in acts if isinstance(act, CallTool)]
        ticket = called_now[-1].ticket if called_now else ticket
        kind, *how = step
        if kind == "tool":
            acts = talk.tool_result(ticket or 0, how[0], {"found": [], "id": 1})
        else:
            acts = {"said": talk.understood, "key": talk.key, "silence": talk.silence, "human": talk.human_answer}[
                kind
            ](*how)
        assert set(said(acts)) <= set(dialogue.recordings)
        ends = [act for act in acts if isinstance(act, (HangUp, Transfer))]
        assert len(ends) == (1 if talk.over and acts else 0)
        if not talk.over:
            # Somebody's move: the caller's, a tool's, a human's.
            assert talk.state.listens or talk.state.call
    for _ in range(dialogue.most_turns + 1):
        talk.key("9")
    assert talk.over


@pytest.mark.parametrize("dialogue", ALL, ids=lambda dialogue: dialogue.name)
def test_every_state_is_reached_by_what_a_caller_can_do(dialogue):
    reached = set()
    waiting = deque([()])
    seen = set()
    while waiting:
        steps = waiting.popleft()
        talk, acts = play(dialogue, steps)
        reached |= {act.state for act in acts if isinstance(act, Enter)}
        known = (talk.state.name, frozenset(talk.slots) & {"day", "time", "quantity"})
        if talk.over or known in seen:
            continue
        seen.add(known)
        for phrase in dialogue.heard_in(talk.state, "uk"):
            waiting.append((*steps, phrase.name))
        if talk.state.call:
            waiting.extend((*steps, f"={outcome} 1") for outcome in OUTCOMES)
        if talk.state.waits:
            waiting.append((*steps, "human answer_address"))
        waiting.extend((*steps, *["(silence)"] * 2) for _ in range(1))
    assert reached == set(dialogue.states)
