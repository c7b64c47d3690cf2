"""Calls to a tyre shop, all at once: the caller's voice is none of those that the recogniser knows."""

import asyncio
from uuid import uuid4

import pytest
import yaml

from AudioSocketLibrary.bot import Bot, BotSettings
from tests.helpers.talking import BOOK, OVER, VOICE, fields, prompts, read_events, says, talk, tools

pytestmark = [pytest.mark.integration, pytest.mark.slow]

CALLS = {
    "tyres found": ["winter_tyres", "order_four", "no", OVER],
    "tyres not found": ["aeroplane", "goodbye", OVER],
    "in English": ["en_summer_tyres", "en_no_thanks", "en_goodbye", OVER],
    "a change of mind": ["fitting", "monday", "at_two", "change_saturday", "confirm"],
    "an operator": ["fitting", "operator", OVER],
    "keys": ["key 2", "key 6", "key 3", "key 1", "key 0", OVER],
    "a change of quantity": ["winter_tyres", "yes", "four", "change_two", "confirm"],
    "order status": ["order_status", "order_1001"],
    "a number that is keyed": ["key 3", "key 1001"],
    "no such order": ["en_order_status", "en_order_7777"],
    "knowledge": ["warranty"],
    "not understood": ["monday", "tuesday", OVER],
    "silence": [OVER],
    "hangs up": ["fitting"],
}


def book_of_other_voices(folder):
    """The package's phrase book without the recordings of the caller's voice."""
    rows = [
        {
            "name": phrase.name,
            "text": phrase.text,
            "language": phrase.language,
            "intent": phrase.intent,
            "values": dict(phrase.values),
            "recordings": [str(path) for path in phrase.recordings if VOICE not in path.parts],
        }
        for phrase in BOOK.phrases
    ]
    path = folder / "book.yaml"
    path.write_text(yaml.safe_dump({"phrases": rows}, allow_unicode=True), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What the bot told about each of the calls, which all stood at once."""
    folder = tmp_path_factory.mktemp("dialogue")
    events = folder / "events.jsonl"
    settings = BotSettings(
        dialogue="tyre_shop",
        recogniser=f"phrases:{book_of_other_voices(folder)}",
        silence_after=3.0,
        endpoint=0.4,
        reply_after=(0.4,),
        run="tonight",
    )
    uuids = {name: uuid4() for name in CALLS}
    for step in {step for steps in CALLS.values() for step in steps if step != OVER and not step.startswith("key ")}:
        says(step)  # now: who reads files on the loop of the calls cuts holes into short words

    async def all_calls():
        async with Bot(settings, events=events) as bot:
            await asyncio.gather(*(talk(bot.address, CALLS[name], uuid) for name, uuid in uuids.items()))

    asyncio.run(all_calls())
    found = read_events(events)
    return {name: found[str(uuid)] for name, uuid in uuids.items()}


def end(events):
    assert events[-1][0] == "call ended"
    return events[-1][1]["by"], events[-1][1]["reason"]


def test_tyres_are_found_and_ordered(told):
    events = told["tyres found"]
    assert prompts(events) == ["greeting", "tyres_found", "order_accepted", "goodbye"]
    assert [name for name, _ in tools(events)] == ["search_tyres", "place_order"]
    assert tools(events)[1][1]["quantity"] == "4"
    assert [about["intent"] for about in fields(events, "recognised")] == ["tyre_search", "order", "no"]
    assert min(about["confidence"] for about in fields(events, "recognised")) >= 0.6
    assert end(events) == ("bot", "hung up")


def test_what_there_is_not_is_answered_gracefully(told):
    events = told["tyres not found"]
    assert prompts(events) == ["greeting", "tyres_not_found", "goodbye"]
    assert fields(events, "tool called")[0]["result"]["found"] == []


def test_the_first_phrase_decides_the_language(told):
    events = told["in English"]
    assert prompts(events) == ["greeting", "en_summer_tyres_found", "en_order_declined", "en_goodbye"]
    assert {about["language"] for about in fields(events, "recognised")} == {"en"}


def test_who_changes_his_mind_is_booked_for_the_other_day(told):
    events = told["a change of mind"]
    assert prompts(events)[1:] == [
        "which_day",
        "which_time",
        "day_monday, time_two, booking_confirm",
        "day_saturday, time_two, booking_changed",
        "booking_made, anything_else",
    ]
    assert [tool for tool, _ in tools(events)] == ["free_slots", "free_slots", "book_fitting"]
    assert [given["time"] for _, given in tools(events)] == ["14:00"] * 3
    assert tools(events)[1][1]["day"] != tools(events)[0][1]["day"]
    # Who closes while the bot's audio lies unread resets the connection: that is how the kernel does it.
    assert end(events)[0] in {"caller", "network"}


def test_an_operator_is_told_of_and_is_why_the_bot_hangs_up(told):
    events = told["an operator"]
    assert prompts(events)[-1] == "transfer_to_operator"
    assert fields(events, "transfer") == [{"reason": "asked for", "operator": ""}]
    assert tools(events)[-1][0] == "transfer_to_operator"
    assert end(events) == ("bot", "transferred to an operator")


def test_keys_say_the_same(told):
    events = told["keys"]
    assert prompts(events)[1:4] == ["which_day", "which_time", "day_saturday, time_five, booking_confirm"]
    assert [about["key"] for about in fields(events, "key")] == ["2", "6", "3", "1", "0"]
    assert [name for name, _ in tools(events)] == ["free_slots", "book_fitting", "transfer_to_operator"]
    assert end(events) == ("bot", "transferred to an operator")


def test_status_and_knowledge(told):
    assert prompts(told["order status"])[1:] == ["which_number", "order_shipped, anything_else"]
    assert prompts(told["knowledge"])[-1] == "answer_warranty, anything_else"


def test_who_changes_his_mind_orders_as_many_as_he_said_last(told):
    events = told["a change of quantity"]
    assert prompts(events)[2:] == [
        "how_many",
        "quantity_4, order_confirm",
        "quantity_2, order_confirm",
        "order_accepted",
    ]
    assert tools(events)[-1][1]["quantity"] == "2"


def test_the_number_of_an_order_can_be_keyed_and_need_not_exist(told):
    keyed = told["a number that is keyed"]
    assert prompts(keyed)[1:] == ["which_number", "order_shipped, anything_else"]
    assert tools(keyed) == [("order_status", {"number": "1001"})]
    assert prompts(told["no such order"])[1:] == ["en_which_number", "en_order_unknown, en_anything_else"]


def test_not_understood_twice_gets_an_operator(told):
    events = told["not understood"]
    assert prompts(events) == ["greeting", "not_understood", "transfer_to_operator"]
    assert fields(events, "transfer")[0]["reason"] == "not understood"


def test_silence_twice_is_the_end(told):
    events = told["silence"]
    assert prompts(events) == ["greeting", "still_there", "goodbye"]
    assert end(events) == ("bot", "hung up: silence")


def test_events_of_a_turn_come_in_order_with_their_times(told):
    names = [event for event, _ in told["hangs up"] if event != "mark"]
    assert names[:3] == ["call started", "answered", "first audio"]
    turn = names[names.index("speech started") :]
    assert turn == [
        *("speech started", "end of speech", "recognised", "answered", "first audio", "reply ended", "call ended")
    ]
    assert 0.3 < fields(told["hangs up"], "first audio")[1]["response_time"] < 10
