"""Bots with a dialogue, one for each test: backend, scripted recogniser, faults, bad input."""

import asyncio
import datetime
import json
import sys
import time
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest

from AudioSocketLibrary.bot import Bot, BotSettings, Script, row
from AudioSocketLibrary.bot.dialogue.tools import as_tools_want
from AudioSocketLibrary.bot.process import BotProcess, arguments_of
from AudioSocketLibrary.call import Call, CallSettings
from AudioSocketLibrary.cli import run
from AudioSocketLibrary.records import UsageError
from AudioSocketLibrary.transport import Address
from tests.helpers.talking import OVER, fields, prompts, read_events, says, talk, tools

pytestmark = [pytest.mark.integration, pytest.mark.slow]

WEEK = {day: at for at, day in enumerate(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday"))}


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
