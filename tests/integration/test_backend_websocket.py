"""The WebSocket: events as they happen, alerts to all operators, coming back, the slow who delay nobody."""

import json
import socket
import threading
import time
from contextlib import ExitStack
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from AudioSocketLibrary.bot.backend import BackendSettings, CallRef, Event
from tests.unit.backend.support import ref, served, until, usual_call

pytestmark = pytest.mark.integration


@pytest.fixture
def server():
    with served(BackendSettings(subscriber_queue=50, keep_events=200)) as pair:
        yield pair


@pytest.fixture
def backend(server):
    return server[0]


@pytest.fixture
def client(server):
    return server[1]


def operator(backend, role="operator", token=None, **query):
    asked = "".join(f"&{name}={value}" for name, value in query.items())
    url = f"ws://{backend.address}/ws?token={backend.token(role) if token is None else token}{asked}"
    return connect(url, compression=None, proxy=None, open_timeout=20, close_timeout=0.5)


def message(link, kind=None, limit=20.0):
    """The next message, of this kind if one is asked for."""
    ends = time.monotonic() + limit
    while True:
        got = json.loads(link.recv(timeout=max(0.0, ends - time.monotonic())))
        if kind in (None, got["type"]):
            return got


@pytest.mark.parametrize("token", ["", "nonsense", "expired"])
def test_who_has_no_good_token_is_closed_with_4401(backend, token):
    token = backend.token("operator", -5) if token == "expired" else token
    with operator(backend, token=token) as link:
        with pytest.raises(ConnectionClosed) as closed:
            link.recv(timeout=20)
        assert closed.value.rcvd.code == 4401
        assert "token" in closed.value.rcvd.reason


def test_a_token_that_expires_closes_the_connection(backend):
    with operator(backend, token=backend.token("operator", 2)) as link:
        assert message(link)["type"] == "hello"
        with pytest.raises(ConnectionClosed) as closed:
            link.recv(timeout=20)
        assert (closed.value.rcvd.code, "expired" in closed.value.rcvd.reason) == (4401, True)


def test_ping_pong_and_what_is_not_understood(backend):
    with operator(backend) as link:
        hello = message(link)
        assert (hello["role"], hello["missed"], hello["restarted"]) == ("operator", 0, False)
        link.send('{"type": "ping", "id": 7}')
        assert message(link)["id"] == 7
        for text in ("{", "[]", '{"type": "dance"}', "5"):
            link.send(text)
            assert "send" in message(link, "error")["detail"]
        assert link.ping().wait(20)


def test_events_of_a_call_come_in_order_and_can_be_read_back(backend):
    with operator(backend, uuid=ref().uuid) as link:
        assert message(link)["type"] == "hello"
        events = usual_call(ref())
        backend.core.publish_all([*usual_call(ref(2)), *events])
        got = [message(link) for _ in events]
        assert [Event.from_json(each) for each in got] == events
        numbers = [each["number"] for each in got]
        assert numbers == list(range(12, 23))


def test_an_alert_goes_to_all_operators_and_to_them_alone(backend, client):
    with ExitStack() as stack:
        operators = [stack.enter_context(operator(backend, run="other")) for _ in range(5)]
        looks = stack.enter_context(operator(backend, "viewer"))
        for link in (*operators, looks):
            assert message(link)["type"] == "hello"
        asked = client.post("/agent/query", json={"text": "Хочу купити літак", "uuid": ref().uuid}).json()
        for link in operators:
            alert = message(link)
            assert (alert["type"], alert["uuid"], alert["fields"]["request"]) == (
                "alert", ref().uuid, asked["human_request"],
            )  # fmt: skip
        assert message(looks)["type"] == "event"


def test_who_comes_back_gets_what_it_missed(backend):
    with operator(backend) as link:
        hello = message(link)
        backend.core.publish_all(usual_call(ref()))
        seen = [message(link)["number"] for _ in range(4)]
    backend.core.publish_all(usual_call(ref(2)))
    assert backend.flush()
    with operator(backend, since=seen[-1]) as link:
        again = message(link)
        assert (again["instance"], again["missed"]) == (hello["instance"], 0)
        assert [message(link)["number"] for _ in range(18)] == list(range(5, 23))
        backend.publish(Event.now("mark", name="live"))
        assert message(link)["number"] == 23


def test_who_was_away_too_long_or_knew_another_instance_is_told(backend):
    for call in range(1, 51):
        backend.core.publish_all(usual_call(ref(call)))
    assert backend.flush()
    with operator(backend, since=10) as link:
        assert message(link)["missed"] == 550 - 200 - 10
    with operator(backend, since=10**6) as link:
        assert message(link)["restarted"] is True
    with operator(backend, since="then") as link:
        with pytest.raises(ConnectionClosed) as closed:
            link.recv(timeout=20)
        assert closed.value.rcvd.code == 4400


def stuck(backend):
    """A client that logs in and never reads."""
    link = socket.socket()
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    link.connect((backend.address.host, backend.address.port))
    link.sendall(
        f"GET /ws?token={backend.token()} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
    )
    return link


def test_the_stuck_delay_neither_the_publisher_nor_the_others(backend, client):
    count = 3000
    with ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(stuck(backend))
        quick = stack.enter_context(operator(backend, uuid="quick"))
        message(quick)
        until(lambda: backend.core.feed.counters["subscribers"] == 21)
        got, latest = [], []

        def read():
            while len(got) < count // 100:
                told = message(quick)
                got.append(told["fields"]["number"])
                latest.append(time.monotonic() - told["at"])

        reading = threading.Thread(target=read)
        reading.start()
        slowest = 0.0
        for number in range(1, count + 1):
            about = CallRef("quick" if number % 100 == 0 else "noise", 0)
            began = time.perf_counter()
            backend.publish(Event.now("mark", about, name="x" * 300, number=number))
            slowest = max(slowest, time.perf_counter() - began)
            if number % 20 == 0:
                time.sleep(0.001)
        reading.join(30)
        assert got == list(range(100, count + 1, 100))
        assert slowest < 0.5, "publishing waited"
        feed = client.get("/metrics/performance").json()["feed"]
        assert feed["dropped"] > 1000
        assert client.get("/metrics/performance").json()["bus"]["dropped"] == 0


def test_a_slow_one_is_told_how_many_were_dropped(backend):
    with operator(backend, run="mine") as link:
        message(link)
        # More than its queue and the buffers of both ends hold, in one go.
        for _ in range(40):
            backend.core.publish_all([Event.now("mark", CallRef("u", 0, "mine"), name="x" * 5000) for _ in range(200)])
        assert backend.flush()
        kept, dropped = 0, 0
        while kept + dropped < 8000:
            got = message(link)
            kept += got["type"] == "event"
            dropped += got["count"] if got["type"] == "dropped" else 0
        assert kept + dropped == 8000
        assert dropped > 0


def test_hundreds_of_subscribers_each_get_everything(backend):
    with ExitStack() as stack:
        links = [stack.enter_context(operator(backend)) for _ in range(200)]
        for link in links:
            message(link)
        backend.core.publish_all(usual_call(CallRef(str(uuid4()), 1)))
        for link in links:
            assert [message(link)["number"] for _ in range(11)] == list(range(1, 12))
    until(lambda: backend.core.feed.counters["subscribers"] == 0)


def test_a_client_that_breaks_off_or_sends_too_much_is_forgotten(backend, client):
    links = [stuck(backend) for _ in range(10)]
    until(lambda: backend.core.feed.counters["subscribers"] == 10)
    for link in links:
        link.close()
    with operator(backend) as link:
        message(link)
        link.send("x" * 100_000)
        with pytest.raises(ConnectionClosed) as closed:
            link.recv(timeout=20)
        assert closed.value.rcvd.code == 1009
    until(lambda: backend.core.feed.counters["subscribers"] == 0)
    assert client.get("/healthcheck").status_code == 200
