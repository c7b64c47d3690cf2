"""Events of a bot by UUID: from a file, over HTTP and a WebSocket; what the keywords say where they do not come."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import serve

from AudioSocketLibrary.call import Call
from AudioSocketLibrary.records import CallFailure, CallRecord, UsageError
from AudioSocketLibrary.scenario import BotShouldHaveUnderstood, Calls, WaitForBotEvent, open_source
from AudioSocketLibrary.scenario.events import BotEvent, KeptEvents
from AudioSocketLibrary.transport import Address, now
from tests.helpers.inner_run import run_robot
from tests.helpers.raw_bot import RawBot

pytestmark = pytest.mark.integration

UUID = "0b5e0000-0000-4000-8000-000000000001"


def line(event="mark", number=None, **fields):
    told = {"event": event, "uuid": UUID, "fields": {"name": "here", **fields}}
    return told if number is None else {**told, "number": number}


def until(check, limit=10.0):
    ends = time.monotonic() + limit
    while not check():
        assert time.monotonic() < ends, "it did not come true"
        time.sleep(0.005)


@pytest.fixture
def heard():
    """Listens to a source; what came, by the field ``name``."""
    listening = []

    def listen(where, token=""):
        events, source = [], open_source(str(where), token)
        source.start(events.extend)
        listening.append(source)
        return events, source

    yield listen
    for source in listening:
        source.stop()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("bot events")]


def names(events):
    return [event.fields["name"] for event in events]


# -- a file -----------------------------------------------------------------------------------------------------------


def test_a_file_that_comes_later_grows_by_halves_and_begins_anew(heard, tmp_path):
    path = tmp_path / "events.jsonl"
    events, source = heard(path)
    until(lambda: "does not exist (yet)" in source.trouble)
    path.write_text(json.dumps(line(name="one")) + "\n" + json.dumps(line(name="two"))[:20])
    until(lambda: names(events) == ["one"])
    with path.open("a") as file:
        file.write(json.dumps(line(name="two"))[20:] + "\n")
    until(lambda: names(events) == ["one", "two"])
    assert source.trouble == ""
    path.write_text("")
    time.sleep(0.1)
    path.write_text("rubbish\n" + json.dumps(line(name="three")) + "\n")
    until(lambda: names(events) == ["one", "two", "three"])
    assert "cannot be read" in source.trouble


def test_of_a_large_file_only_the_end_is_read(heard, tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_text("".join(json.dumps(line(name=str(count), filler="x" * 1000)) + "\n" for count in range(2000)))
    events, source = heard(path)
    until(lambda: events and names(events)[-1] == "1999")
    assert 500 < len(events) < 1000
    assert source.trouble == ""


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(UsageError, match=r"it is a folder: give the file"):
        open_source(str(tmp_path)).start(list)
    with pytest.raises(UsageError, match=r"'ftp://host/events' is no source of events"):
        open_source("ftp://host/events?token=secret")


# -- HTTP -------------------------------------------------------------------------------------------------------------


class _Events(BaseHTTPRequestHandler):
    def do_GET(self):
        server = self.server
        server.asked.append((self.path, self.headers.get("Authorization")))
        since = int(re.search(r"since=(\d+)", self.path)[1])
        body = {"instance": server.instance, "data": [each for each in server.told if each["number"] > since]}
        answer = json.dumps(server.other if server.other is not None else body).encode()
        self.send_response(server.status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


@pytest.fixture
def backend():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Events)
    server.asked, server.told, server.instance, server.status, server.other = [], [], "a", 200, None
    server.url = f"http://127.0.0.1:{server.server_port}/events"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_http_is_asked_since_the_last_number_also_of_a_new_instance(heard, backend):
    backend.told = [line(number=1, name="one"), line(number=2, name="two")]
    events, source = heard(backend.url + "?uuid=all", "t0ken")
    until(lambda: names(events) == ["one", "two"])
    until(lambda: "since=2" in backend.asked[-1][0])
    assert "uuid=all" in backend.asked[-1][0]
    assert {token for _, token in backend.asked} == {"Bearer t0ken"}
    backend.instance, backend.told = "b", [line(number=1, name="anew")]
    until(lambda: names(events)[2:] == ["anew"])
    backend.status = 503
    until(lambda: source.trouble.endswith("/events: it answered 503 Service Unavailable"))
    backend.status, backend.told = 200, [*backend.told, line(number=2, name="back")]
    until(lambda: names(events)[3:] == ["back"])
    assert source.trouble == ""


@pytest.mark.parametrize(
    ("status", "other", "why"),
    [
        (401, None, r"it answered 401: give a token that it accepts"),
        (404, None, r"it answered 404 Not Found"),
        (200, "hello", r"its answer has no list of events"),
        (200, [line()], r"its events have no 'number'"),
    ],
)
def test_http_that_does_not_serve_events(backend, status, other, why):
    backend.status, backend.other = status, other
    source = open_source(backend.url)
    if other == [line()]:
        source.start(list)
        until(lambda: re.search(why, source.trouble))
        source.stop()
        return
    with pytest.raises(UsageError, match=why):
        source.start(list)


def test_nobody_there():
    for where in ("http://127.0.0.1:1/events?token=secret", "ws://127.0.0.1:1/ws?token=secret"):
        with pytest.raises(UsageError, match=r"Start it, or give another address") as failure:
            open_source(where).start(list)
        assert "secret" not in str(failure.value)


# -- WebSocket --------------------------------------------------------------------------------------------------------


def test_a_websocket_comes_back_with_since(heard):
    asked = []

    def talk(link):
        asked.append(link.request.path)
        if len(asked) == 1:
            link.send(json.dumps({"type": "event", **line(number=7, name="one")}))
            link.close()
            return
        link.send(json.dumps({"type": "event", **line(number=8, name="two")}))
        with contextlib.suppress(ConnectionClosed):
            link.recv()

    with serve(talk, "127.0.0.1", 0, compression=None) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.socket.getsockname()[1]
        events, source = heard(f"ws://127.0.0.1:{port}/ws?run=r1", "t0ken")
        until(lambda: names(events) == ["one", "two"])
        assert asked == ["/ws?run=r1&since=0&token=t0ken", "/ws?run=r1&since=7&token=t0ken"]
        assert "t0ken" not in source.name
        source.stop()
        server.shutdown()


def test_a_websocket_that_refuses_the_token():
    with serve(lambda link: link.close(4401, "no such token"), "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(UsageError, match=r"it closed with 4401 no such token: give a token"):
            open_source(f"ws://127.0.0.1:{server.socket.getsockname()[1]}/ws").start(list)
        server.shutdown()


# -- clocks -----------------------------------------------------------------------------------------------------------


def test_the_clock_of_an_event():
    at, wall = now() - 2.0, datetime.fromtimestamp(time.time() - 2.0, UTC)
    same = BotEvent.from_json({**line(), "at": at, "time": wall.isoformat()})
    assert same.when == (at, "same")
    other = BotEvent.from_json({**line(), "at": at / 2, "time": wall.isoformat()})
    assert other.when[1] == "wall"
    assert other.when[0] == pytest.approx(at, abs=0.5)
    assert BotEvent.from_json({**line(), "at": now() + 1000}).when[1] == "arrival"
    assert BotEvent.from_json(line()).when[1] == "arrival"


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ([], "JSON object with 'event'"),
        ({"event": "x"}, "JSON object with 'event'"),
        ({"event": "x", "uuid": UUID, "fields": 3}, "the fields of 'x' are no object"),
        ({"event": "x", "uuid": UUID, "v": 2}, "version 2; this library reads up to 1"),
    ],
)
def test_what_is_no_event(told, why):
    with pytest.raises(ValueError, match=why):
        BotEvent.from_json(told)


# -- steps on a call --------------------------------------------------------------------------------------------------


class _Fed:
    """A source of the test's own."""

    name, trouble = "the test", ""

    def start(self, tell):
        self.tell = tell

    def stop(self):
        pass

    def say(self, uuid, event, **fields):
        self.tell([BotEvent.from_json({"event": event, "uuid": str(uuid), "fields": fields})])


async def _with_call(work):
    calls, fed = Calls(), _Fed()
    with RawBot(lambda line: line.wait_end()) as bot:
        async with await Call.place(Address("127.0.0.1", bot.port)) as call:
            calls.add(call)
            calls.events.listen(fed, "me")
            await work(calls, call, fed)
    calls.events.end("me")
    assert not calls.events.listening


def test_each_wait_takes_the_next(run):
    async def work(calls, call, fed):
        fed.say(call.uuid, "mark", name="one", turn=1)
        fed.say("another", "mark", name="not ours")
        fed.say(call.uuid, "mark", name="two", turn=2)
        wait = WaitForBotEvent(name="mark", within=0.2)
        assert (await wait.play(calls))["name"] == "one"
        assert (await wait.play(calls))["name"] == "two"
        asyncio.get_running_loop().call_later(0.05, lambda: fed.say(call.uuid, "mark", name="three", turn=3))
        fits = WaitForBotEvent(name="mark", within=5.0, fields={"turn": "3"})
        assert (await fits.play(calls))["name"] == "three"
        with pytest.raises(CallFailure, match=r"did not tell 'mark' once more within 200 ms\. It told: mark \('one'"):
            await wait.play(calls)
        with pytest.raises(CallFailure, match=r"Did you mean 'mark'\?"):
            await WaitForBotEvent(name="marks", within=0.01).play(calls)
        record = CallRecord.from_json({**call.record().to_json()})
        assert record.marks == ()
        call.marks = calls.events.marks(call)
        record = CallRecord.from_json(json.loads(json.dumps(call.record().to_json())))
        assert [mark.fields["name"] for mark in record.marks] == ["one", "two", "three"]
        assert {mark.clock for mark in record.marks} == {"arrival"}

    run(_with_call(work))


def test_what_was_understood(run):
    async def work(calls, call, fed):
        step = BotShouldHaveUnderstood(text="шістнадцять", within=0.1)
        with pytest.raises(CallFailure, match=r"Bot told nothing that it understood \(turn 0\) within 100 ms"):
            await step.play(calls)
        fed.say(call.uuid, "recognised", text="Зимові шини на 16", confidence=0.9)
        assert await step.play(calls) == "Зимові шини на 16"
        with pytest.raises(CallFailure, match=r"did not understand 'літні' \(turn 0\)\. It understood: 'Зимові шини"):
            await BotShouldHaveUnderstood(text="літні", within=0.1).play(calls)

    run(_with_call(work))


def test_nobody_listens(run):
    async def work(calls, call, fed):
        calls.events.end()
        with pytest.raises(UsageError, match=r"Nobody listens to the bot\. Say where it tells its events first"):
            await WaitForBotEvent(name="mark", within=0.1).play(calls)

    run(_with_call(work))


def test_a_call_before_with_the_same_uuid_is_another():
    kept = KeptEvents()
    call = type("ACall", (), {"uuid": UUID, "began": now(), "id": "1", "seconds": lambda _, at: at})()
    before = {**line(), "at": now() - 5.0}
    kept.tell([BotEvent.from_json(before), BotEvent.from_json({**line(), "at": now()})])
    assert len(kept.of(call)) == 1


# -- keywords ---------------------------------------------------------------------------------------------------------

TESTS = """\
A File
    Start Reference Bot    dialogue=tyre_shop    events=${OUTPUT DIR}/events.jsonl
    Listen For Bot Events    ${OUTPUT DIR}/events.jsonl
    Place Call
    Wait For Bot Event    call started
    Send DTMF    0
    ${key}    Wait For Bot Event    key    key=0
    Should Be Equal As Strings    ${key}[key]    0
    Wait For Bot Event    transfer    within=10 s
    ${record}    Get Call
    Should Be Equal    ${record}[marks][0][name]    call started

Over HTTP And Words
    Start Reference Bot    dialogue=tyre_shop    backend=yes
    ${token}    Create Access Token
    Listen For Bot Events    ${BACKEND}/events    token=${token}
    Place Call
    Play    winter_tyres
    Bot Should Have Understood    зимові шини на 16    within=10 s
    Bot Should Have Understood    літні    within=100 ms

Over A WebSocket
    Start Reference Bot    dialogue=tyre_shop    backend=yes
    ${token}    Create Access Token    viewer
    Listen For Bot Events    ${BACKEND.replace("http", "ws")}/ws    token=${token}
    Place Call
    Wait For Bot Event    first audio    within=10 s
    Wait For Bot Event    transfer    within=300 ms

Misspelt
    Start Reference Bot    dialogue=tyre_shop    events=${OUTPUT DIR}/misspelt.jsonl
    Listen For Bot Events    ${OUTPUT DIR}/misspelt.jsonl
    Place Call
    Wait For Bot Event    call started    whithin=2 s

The Test Before Has Ended Its Listening
    Start Reference Bot
    Place Call
    Wait For Bot Event    call started
"""


@pytest.mark.slow
def test_keywords(tmp_path):
    run = run_robot(tmp_path, TESTS, "--loglevel", "TRACE")
    assert run.status("A File") == "PASS", run.message("A File")
    marks = json.loads(run.metadata("A File")["Record"])["calls"][0]["marks"]
    assert [mark["name"] for mark in marks][-1] == "call ended"
    assert {mark.get("clock", "same") for mark in marks} == {"same"}
    assert marks == sorted(marks, key=lambda mark: mark["at"])
    assert re.fullmatch(
        r"Bot did not understand 'літні' of '.*' \(turn 1\)\. It understood: '.*зимові шини на шістнадцять'",
        run.message("Over HTTP And Words"),
    )
    assert re.fullmatch(
        r"Bot did not tell 'transfer' within 300 ms\. It told: call started at 0\.\d\d s, .*first audio at \d+\.\d\d s",
        run.message("Over A WebSocket"),
    )
    assert run.message("Misspelt") == "'whithin=' is not a text: did you mean the option 'within='?"
    assert run.message("The Test Before Has Ended Its Listening").startswith("Nobody listens to the bot.")
    output = (run.folder / "output.xml").read_text(encoding="utf-8")
    assert "eyJ" not in output
    assert "{'operator': Secret(value=&lt;secret&gt;)" in output
