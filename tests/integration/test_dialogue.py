"""Real calls to a bot with a dialogue: the caller's voice is none of those that the recogniser knows."""

import asyncio
import datetime
import functools
import json
import sys
import time
from collections import defaultdict
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
import yaml

from AudioSocketLibrary.bot import Bot, BotSettings, Script, row
from AudioSocketLibrary.bot.dialogue.tools import as_tools_want
from AudioSocketLibrary.bot.process import BotProcess, arguments_of
from AudioSocketLibrary.call import Call, CallSettings
from AudioSocketLibrary.cli import run
from AudioSocketLibrary.media import load_sound, recordings_dir
from AudioSocketLibrary.media.phrases import load_phrase_book
from AudioSocketLibrary.records import UsageError
from AudioSocketLibrary.transport import Address

pytestmark = [pytest.mark.integration, pytest.mark.slow]

BOOK = load_phrase_book()
VOICE = "m7"
WEEK = {day: at for at, day in enumerate(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday"))}
OVER = "(until the call is over)"
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


@functools.cache
def says(name, voice=VOICE):
    path = next(path for path in BOOK.phrase(name).recordings if path.parent == recordings_dir() / "callers" / voice)
    return load_sound(path, 8000)


async def talk(address, steps, uuid=None, voice=VOICE):
    settings = CallSettings(turn_timeout=20.0, reply_pause=0.4)
    async with await Call.place(address, settings, uuid=uuid) as call:
        for step in steps:
            if step == OVER:
                await asyncio.wait_for(call.line.wait_closed(), 30)
                return
            if step.startswith("key "):
                await call.press(step[4:])
            else:
                await call.play(says(step, voice))
        await call.wait_until_replied()


def read_events(path):
    events = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        events[event["uuid"]].append((event["event"], event["fields"]))
    return events


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


def fields(events, name):
    return [about for event, about in events if event == name]


def prompts(events):
    return [about["prompt"] for about in fields(events, "answered")]


def tools(events):
    return [(about["name"], about["arguments"]) for about in fields(events, "tool called")]


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
    assert end(events)[0] == "caller"


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
    assert 0.3 < fields(told["hangs up"], "first audio")[1]["response_time"] < 2.5


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "heard.yaml"

    def write(*answers):
        path.write_text(json.dumps(answers), encoding="utf-8")
        return f"script:{path}"

    return write


async def test_a_scripted_recogniser_decides_what_was_heard(tmp_path, script):
    events = tmp_path / "events.jsonl"
    settings = BotSettings(
        dialogue="delivery_desk",
        recogniser=script(
            {"error": "the engine is down"}, "Де зараз моя посилкa?", {"text": "goodbye", "confidence": 0.9}
        ),
        endpoint=0.3,
    )
    async with Bot(settings, events=events) as bot:
        await talk(bot.address, ["stop", "stop", "stop", OVER])
    (told,) = read_events(events).values()
    assert prompts(told) == ["shop_greeting", "not_understood", "delivery_status, anything_else", "goodbye"]
    assert tools(told)[0][0] == "find_parcel"


async def test_a_human_answers_what_the_bot_does_not_know(tmp_path, script):
    backend = pytest.importorskip("AudioSocketLibrary.bot.backend")
    events = tmp_path / "events.jsonl"
    settings = BotSettings(dialogue="tyre_shop", recogniser=script("storage"), endpoint=0.3)
    base = backend.BackendSettings(database="memory", events_file=events)
    with backend.Backend(base) as running:
        async with Bot(settings, backend=running) as bot:
            call = asyncio.create_task(talk(bot.address, ["stop"]))
            request = await asyncio.wait_for(asyncio.to_thread(await_request, running), 20)
            await asyncio.to_thread(running.core.humans.answer, request, "answer_storage", "Оксана")
            await call
        await asyncio.to_thread(running.flush)
    (told,) = read_events(events).values()
    assert prompts(told) == ["greeting", "answer_from_colleague", "answer_storage, anything_else"]
    assert fields(told, "human needed")[0]["question"] == "Як правильно зберігати шини?"


@pytest.fixture
async def shop():
    """A tyre shop with a database, a client of its REST, and what makes its bot."""
    backend = pytest.importorskip("AudioSocketLibrary.bot.backend")
    breaker = backend.BreakerSettings(failures=1, open_for=60)
    with backend.Backend(backend.BackendSettings(database="memory", breaker=breaker)) as running:
        headers = {"Authorization": f"Bearer {running.token('operator')}"}
        async with (
            Bot(BotSettings(dialogue="tyre_shop", endpoint=0.3, run="tonight"), backend=running) as bot,
            httpx.AsyncClient(base_url=running.url, headers=headers) as rest,
        ):
            yield running, rest, bot.address


async def test_what_is_ordered_and_booked_by_voice_is_in_the_database_until_it_is_deleted(shop):
    _, rest, address = shop
    voices = [(folder, language) for folder in (".", "f3", "m7") for language in ("", "en_")]
    callers = {str(uuid4()): (*voice, day) for voice, day in zip(voices, list(WEEK)[:6], strict=True)}

    async def call(uuid, voice, language, day):
        tyres = "summer_tyres" if language else "winter_tyres"  # of neither are there twelve
        steps = [tyres, "yes", "two", "confirm", "fitting", day, "at_ten", "confirm"]
        await talk(address, [language + step for step in steps], UUID(uuid), voice)

    await asyncio.gather(*(call(uuid, *how) for uuid, how in callers.items()))
    orders = (await rest.get("/orders", params={"run": "tonight"})).json()["data"]
    bookings = (await rest.get("/bookings", params={"run": "tonight"})).json()["data"]
    assert {order["uuid"]: order["quantity"] for order in orders} == dict.fromkeys(callers, 2)
    booked = {each["uuid"]: (datetime.date.fromisoformat(each["day"]).weekday(), each["time"]) for each in bookings}
    assert booked == {uuid: (WEEK[day], "10:00") for uuid, (_, _, day) in callers.items()}
    places = [f"/orders/{order['number']}" for order in orders] + [f"/bookings/{each['id']}" for each in bookings]
    assert {(await rest.delete(place)).status_code for place in places} == {204}
    assert (await rest.get(places[0])).status_code == 404
    assert (await rest.get("/bookings", params={"run": "tonight"})).json()["total"] == 0


async def said_in(backend, rest, uuid):
    """What the bot said in a call, as texts."""
    await asyncio.to_thread(backend.flush)
    [call] = (await rest.get("/calls", params={"run": "tonight"})).json()["data"]
    assert call["uuid"] == str(uuid)
    turns = (await rest.get(f"/calls/{call['id']}")).json()["turns"]
    return [turn["text"] for turn in turns if turn["who"] == "bot"]


async def test_an_hour_that_is_taken_is_not_offered_for_confirmation(shop):
    backend, rest, address = shop
    day = as_tools_want({"day": "friday"})["day"]
    booked = await rest.post("/bookings", json={"day": day, "time": "10:00", "run": "others"})
    assert booked.status_code == 201
    uuid = uuid4()
    await talk(address, ["en_fitting", "en_friday", "en_at_ten", "en_at_two"], uuid)
    said = await said_in(backend, rest, uuid)
    assert said[-2:] == [
        "I am sorry, that hour is taken already. What time would suit you?",
        "Friday. Two in the afternoon. I am booking your tyre fitting. Do you confirm?",
    ]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("failing dependency", "There is such an order, but the delivery service does not answer at present"),
        ("failing database", "The service is not available at the moment. Please try again later"),
    ],
)
async def test_what_is_down_is_said_and_the_call_goes_on(shop, fault, words):
    backend, rest, address = shop
    backend.faults.set(fault)
    uuid = uuid4()
    # The second time the breaker is open.
    await talk(address, ["en_order_1001", "en_order_1001"], uuid)
    backend.faults.clear()
    for breaker in backend.core.breakers.values():
        breaker.reset()
    said = await said_in(backend, rest, uuid)
    assert [text.startswith(words) for text in said] == [False, True, True]


async def test_an_answer_of_a_human_that_nobody_recorded_is_announced(shop):
    backend, rest, address = shop
    uuid = uuid4()
    call = asyncio.create_task(talk(address, ["storage"], uuid))
    request = await asyncio.wait_for(asyncio.to_thread(await_request, backend), 20)
    await asyncio.to_thread(backend.core.humans.answer, request, "У пакеті, на балконі", "Оксана")
    await call
    assert (await said_in(backend, rest, uuid))[-1].startswith("Колега щойно відповів на ваше питання")


def await_request(backend):
    while True:
        _, rows = backend.core.humans.page(status="waiting", run=None, limit=1, offset=0)
        if rows:
            return rows[0]["id"]
        time.sleep(0.05)


async def test_a_simple_bot_tells_events_too(tmp_path):
    events = tmp_path / "events.jsonl"
    settings = BotSettings(greeting=None, replies=("one_moment",), endpoint=0.3, reply_after=(0.3,))
    async with Bot(settings, events=events) as bot, await Call.place(bot.address, CallSettings(greets=False)) as call:
        await call.play(says("stop"))
        await call.wait_until_replied()
    (told,) = read_events(events).values()
    assert [event for event, _ in told] == [
        *("call started", "speech started", "end of speech", "first audio", "reply ended", "call ended")
    ]


async def test_a_script_misbehaves_on_top_of_a_dialogue(tmp_path, script):
    rows = tmp_path / "rows.yaml"
    rows.write_text("base: usual\nrows:\n  - {on: key 9, do: hang up}\n", encoding="utf-8")
    events = tmp_path / "events.jsonl"
    arguments = arguments_of(BotSettings(dialogue="tyre_shop", recogniser=script("hello")), script=rows, events=events)
    with BotProcess(arguments) as bot:
        await talk(Address.parse(str(bot.address)), ["key 2", "key 9", OVER])
    (told,) = read_events(events).values()
    assert prompts(told) == ["greeting", "which_day"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--dialogue", "tyre_shp"], "There is no dialogue 'tyre_shp'; did you mean 'tyre_shop'?, or give a file"),
        (["--dialogue", "tyre_shop", "--recogniser", "vsk"], "The bot's recogniser: no engine 'vsk'."),
        (["--dialogue", "tyre_shop", "--reply", "menu"], "--reply has no effect: the dialogue says what the bot says"),
        (["--dialogue", "tyre_shop", "--echo"], "An echo or a calibration says nothing of its own"),
    ],
)
def test_says_in_one_sentence_what_is_wrong(arguments, message, capsys):
    assert run(["bot", *arguments]) == 2
    assert capsys.readouterr().err.startswith(message)


def test_a_script_cannot_converse_without_a_dialogue():
    with pytest.raises(UsageError, match="which needs a dialogue"):
        Bot(script=Script([row("uuid", "converse")]))


def open_files():
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.skipif(sys.platform == "win32", reason="counts files as Linux does")
async def test_leaves_nothing_behind(script):
    async def once():
        async with Bot(BotSettings(dialogue="delivery_desk", recogniser=script("hello"))):
            await asyncio.sleep(0.1)

    await once()
    before = open_files()
    await once()
    assert open_files() <= before
