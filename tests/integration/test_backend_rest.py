"""REST over loopback: who may do what, what is refused, what is stored."""

import json
import logging
import re
import socket
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import uuid4

import httpx
import pytest

from AudioSocketLibrary.bot.backend import BackendSettings, BreakerSettings, CallRef, Event, FaultKind
from AudioSocketLibrary.bot.fault_kinds import BY
from tests.unit.backend.support import client_of, served, until, usual_call

pytestmark = pytest.mark.integration
NUMBERS = count(1)
INJECTIONS = ["1 OR 1=1", "1'; DROP TABLE calls;--", "' UNION SELECT * FROM agents--", "%00", "../../etc/passwd", "-1",
              "١", "9" * 40, "1e3", "%FF%FE"]  # fmt: skip


@pytest.fixture(scope="module")
def server():
    settings = BackendSettings(breaker=BreakerSettings(failures=3, open_for=0.3, probes=1))
    with served(settings, faults=[FaultKind("late greeting", "the greeting comes later by so much", (BY,))]) as pair:
        yield pair


@pytest.fixture
def backend(server):
    return server[0]


@pytest.fixture
def client(server):
    return server[1]


@pytest.fixture
def viewer(backend):
    with client_of(backend, "viewer") as viewer:
        yield viewer


@pytest.fixture
def run(client):
    """A run of this test alone; nothing of it stays."""
    name = f"run-{uuid4()}"
    yield name
    assert client.delete(f"/runs/{name}").status_code == 200


def a_call(backend, run, **how):
    about = CallRef(str(uuid4()), next(NUMBERS), run)
    backend.core.publish_all(usual_call(about, **how))
    assert backend.flush()
    return about


def test_health_and_documentation_need_no_token(backend):
    with httpx.Client(base_url=backend.url, timeout=20) as nobody:
        answers = [nobody.get("/healthcheck") for _ in range(10)]
        assert {answer.status_code for answer in answers} == {200}
        assert answers[0].json()["status"] in ("ok", "degraded")
        page = nobody.get("/docs")
        assert page.status_code == 200
        parts = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        assert len(parts) == 3
        assert all(part.startswith("/") for part in parts), "nothing comes from the internet"
        assert [nobody.get(part).status_code for part in (*parts, "/openapi.json")] == [200] * 4
        page = nobody.get("/openapi.json").json()
    responses = [set(each["responses"]) for path in page["paths"].values() for each in path.values()]
    assert not any("422" in codes for codes in responses)


def test_calls_are_listed_with_total_and_limit(backend, client, run):
    abouts = [a_call(backend, run, wall=1_900_000_000 + day * 86_400) for day in range(3)]
    page = client.get("/calls", params={"run": run, "limit": 2}).json()
    assert (page["total"], page["limit"], page["offset"]) == (3, 2, 0)
    assert [call["uuid"] for call in page["data"]] == [abouts[2].uuid, abouts[1].uuid]
    rest = client.get("/calls", params={"run": run, "limit": 2, "offset": 2}).json()
    assert [call["uuid"] for call in rest["data"]] == [abouts[0].uuid]
    day = datetime.fromtimestamp(1_900_000_000, UTC)
    ranged = {"run": run, "since": day.isoformat(), "until": (day + timedelta(days=1)).isoformat()}
    assert client.get("/calls", params=ranged).json()["total"] == 1
    assert client.get("/calls", params={"run": run, "status": "failed"}).json()["total"] == 0


def test_a_call_has_its_turns_and_what_is_none_is_404(backend, client, run):
    about = a_call(backend, run)
    detail = client.get(f"/calls/{about.uuid}").json()
    assert [turn["who"] for turn in detail["turns"]] == ["caller", "bot"]
    assert client.get(f"/calls/{detail['id']}").json() == detail
    assert client.get(f"/calls/{about.uuid.upper()}").json() == detail
    assert client.get(f"/calls/{uuid4()}").status_code == 404
    state = client.get(f"/states/{about.uuid}").json()
    assert (state["state"], state["version"]) == ("ended", 6)
    assert client.get("/states/none").status_code == 404
    events = client.get("/events", params={"uuid": about.uuid, "name": "recognised"}).json()
    assert [event["fields"]["confidence"] for event in events["data"]] == [0.91]


def test_analytics(backend, client, run):
    a_call(backend, run, reply_after=0.5)
    a_call(backend, run, reply_after=1.5)
    figures = client.get("/analytics", params={"run": run}).json()
    assert (figures["calls"], figures["by_status"]["completed"]) == (2, 2)
    assert (figures["response_time"]["p50"], figures["response_time"]["p95"]) == (0.5, 1.5)
    assert figures["duration"]["mean"] == 7.0
    assert figures["intents"] == {"tyre_search": 2}


@pytest.mark.parametrize("path", ["/calls/{}", "/knowledge/{}", "/orders/{}", "/agents/{}"])
@pytest.mark.parametrize("injection", INJECTIONS)
def test_an_injection_in_an_id_is_404(client, path, injection):
    assert client.get(path.format(injection)).status_code == 404


@pytest.mark.parametrize("path", ["/bookings/{}", "/human-requests/{}/answer", "/knowledge/{}", "/agents/{}"])
def test_an_injection_where_something_is_changed_is_404(client, path):
    for injection in INJECTIONS:
        method = "POST" if path.endswith("answer") else "DELETE"
        body = {"answer": "x"} if method == "POST" else None
        assert client.request(method, path.format(injection), json=body).status_code == 404
    assert client.get("/agents").json()["total"] >= 4


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ({}, "no token"),
        ({"Authorization": "Basic eA=="}, "no token"),
        ({"Authorization": "Bearer"}, "no token"),
        ({"Authorization": "Bearer nonsense"}, "invalid"),
        ({"Authorization": "Bearer a.b.c"}, "invalid"),
    ],
)
def test_who_has_no_good_token_is_401(backend, headers, text):
    for method, path in (("GET", "/calls"), ("POST", "/knowledge"), ("DELETE", "/faults"), ("GET", "/faults")):
        answer = httpx.request(method, backend.url + path, headers=headers, timeout=20)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        assert text in answer.json()["detail"]


def test_an_expired_token_is_401(backend):
    token = backend.token("operator", expires_in=-1)
    answer = httpx.get(backend.url + "/calls", headers={"Authorization": f"Bearer {token}"}, timeout=20)
    assert (answer.status_code, answer.json()["detail"]) == (401, "The token has expired: log in again")


def test_a_viewer_may_look_and_not_change(client, viewer):
    routes = client.get("/openapi.json").json()["paths"]
    asked = 0
    for path, operations in routes.items():
        for method in operations:
            if path in ("/login", "/agent/query"):
                continue
            answer = viewer.request(method, path.replace("{", "").replace("}", ""), json={})
            asked += 1
            if method == "get":
                assert answer.status_code in (200, 400, 404), (method, path, answer.status_code)
            else:
                assert answer.status_code == 403, (method, path)
                assert "viewer" in answer.json()["detail"]
    assert asked > 25


def test_knowledge_is_made_found_and_removed(client, run):
    body = {"title": "Чи є у вас нічна мийка?", "content": "Так", "category": "wash", "run": run}
    made = client.post("/knowledge", json=body)
    assert made.status_code == 201
    key = made.json()["id"]
    found = client.get("/knowledge/search", params={"q": "є нічна мийка?"}).json()
    assert (found["threshold"], [hit["id"] for hit in found["data"]]) == (0.7, [key])
    assert found["data"][0]["similarity"] >= 0.7
    assert client.get("/knowledge", params={"run": run}).json()["total"] == 1
    assert client.delete(f"/knowledge/{key}").status_code == 204
    assert client.get(f"/knowledge/{key}").status_code == 404
    assert client.get("/knowledge/search", params={"q": "є нічна мийка?"}).json()["total"] == 0


def test_top_k_and_threshold_of_a_search(client):
    search = {"q": "скільки коштує", "threshold": 0.05, "top_k": 2}
    assert client.get("/knowledge/search", params=search).json()["total"] == 2
    assert client.get("/knowledge/search", params={"q": "x", "threshold": 2}).status_code == 400


@pytest.mark.parametrize("payload", [
    "<script>alert(1)</script>Шини", "Шини<img src=x onerror=alert(1)>", '<a href="javascript:alert(1)">Шини</a>',
    "<svg/onload=alert(1)>Шини", "Шини<iframe src=//evil></iframe>", "&lt;script&gt;Шини",
])  # fmt: skip
def test_html_is_made_harmless(client, run, payload):
    made = client.post("/knowledge", json={"title": payload, "content": payload, "run": run}).json()
    for text in (made["title"], made["content"]):
        assert "<" not in text
        assert "Шини" in text


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/knowledge", {}),
        ("/knowledge", {"title": "", "content": "x"}),
        ("/knowledge", {"title": "<script></script>", "content": "x"}),
        ("/knowledge", {"title": "x\0", "content": "x"}),
        ("/knowledge", {"title": "x", "content": "x", "owner": "me"}),
        ("/knowledge", {"title": "x" * 151, "content": "x"}),
        ("/knowledge", [1]),
        ("/bookings", {"day": "someday", "time": "10:00"}),
        ("/bookings", {"day": "2031-01-31", "time": "03:00"}),
        ("/orders", {"product": 1, "quantity": 0}),
        ("/agents", {"name": "x", "kind": "robot"}),
        ("/agent/query", {"text": ""}),
        ("/login", {"username": "operator"}),
    ],
)
def test_what_cannot_be_read_is_400_and_says_why(client, path, body):
    answer = client.post(path, json=body)
    assert answer.status_code == 400
    assert answer.json()["detail"]


def test_broken_json_and_half_characters_are_400(client):
    for content in (b"{", b"\xff\xfe", b'{"title": "\\ud800", "content": "x"}', b"[" * 5000):
        answer = client.post("/knowledge", content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400, content[:20]
    for parameters in ({"limit": 0}, {"limit": 501}, {"offset": -1}, {"since": "then"}, {"status": "x"}, {"run": "\0"}):
        assert client.get("/calls", params=parameters).status_code == 400, parameters


def test_a_body_that_is_too_long_is_413_announced_or_not(backend, client):
    assert client.post("/knowledge", json={"title": "x", "content": "x" * 70_000}).status_code == 413

    def pour():
        for _ in range(1000):
            yield b"x" * 1000

    # It may be refused while it is still being sent.
    with client_of(backend) as pouring, suppress(httpx.WriteError, httpx.RemoteProtocolError):
        assert pouring.post("/knowledge", content=pour()).status_code == 413
    assert client.get("/healthcheck").status_code == 200


def test_logging_in(backend):
    with served() as (other, _):
        passwords = other.take_credentials()
        for role in ("operator", "viewer"):
            body = {"username": role, "password": passwords[role]}
            answer = httpx.post(other.url + "/login", json=body, timeout=20).json()
            assert (answer["role"], answer["token_type"]) == (role, "bearer")
        wrong = httpx.post(other.url + "/login", json={"username": "operator", "password": "x"}, timeout=20)
        assert wrong.status_code == 401
        short = httpx.post(other.url + "/login", json={**body, "expires_in": 0}, timeout=20).json()["access_token"]
        expired = httpx.get(other.url + "/calls", headers={"Authorization": f"Bearer {short}"}, timeout=20)
        assert "expired" in expired.json()["detail"]
        theirs = httpx.get(backend.url + "/calls", headers={"Authorization": f"Bearer {short}"}, timeout=20)
        assert "invalid" in theirs.json()["detail"], "a token of one backend is none of another's"


def test_orders_and_bookings_can_be_repeated_for_they_are_deletable(client, run):
    tyre = next(each for each in client.get("/products", params={"limit": 100}).json()["data"] if each["stock"] >= 4)
    day = (datetime.now(UTC).date() + timedelta(days=9)).isoformat()
    for _ in range(2):
        order = client.post("/orders", json={"product": tyre["id"], "customer": "<b>Олена</b>", "run": run})
        assert (order.status_code, order.json()["customer"]) == (201, "Олена")
        number = order.json()["number"]
        assert client.get(f"/orders/{number}").json()["price"] == 4 * tyre["price"]
        assert client.get("/orders", params={"run": run}).json()["total"] == 1
        assert client.delete(f"/orders/{number}").status_code == 204
        booking = client.post("/bookings", json={"day": day, "time": "12:00", "run": run})
        assert booking.status_code == 201
        assert client.post("/bookings", json={"day": day, "time": "12:00", "run": run}).status_code == 409
        assert "12:00" not in client.get(f"/slots/{day}").json()["slots"]
        assert client.get("/bookings", params={"run": run}).json()["total"] == 1
        assert client.delete(f"/bookings/{booking.json()['id']}").status_code == 204
        assert client.delete(f"/bookings/{booking.json()['id']}").status_code == 404
    too_many = client.post("/orders", json={"product": tyre["id"], "quantity": 100})
    assert too_many.status_code == 409
    assert client.get("/slots/someday").status_code == 400


def test_agents(client):
    name = f"Agent {uuid4()}"
    made = client.post("/agents", json={"name": name, "kind": "operator", "language": "en"})
    key = made.json()["id"]
    assert made.status_code == 201
    assert client.post("/agents", json={"name": name}).status_code == 409
    changed = client.put(f"/agents/{key}", json={"name": name, "active": False}).json()
    assert (changed["kind"], changed["active"]) == ("bot", False)
    assert client.get(f"/agents/{key}").json() == changed
    assert client.get("/agents", params={"limit": 1}).json()["total"] >= 5
    assert client.delete(f"/agents/{key}").status_code == 204
    assert client.put(f"/agents/{key}", json={"name": name}).status_code == 404


def test_a_sure_answer_has_intent_confidence_and_sources(client, run):
    answer = client.post("/agent/query", json={"text": "Скільки коштує доставка шин?", "run": run}).json()
    assert (answer["intent"], answer["needs_human"]) == ("delivery", False)
    assert answer["confidence"] > 0.6
    assert answer["sources"][0]["title"] == "Скільки коштує доставка?"
    found = client.post("/agent/query", json={"text": "winter tyres R16", "language": "en", "run": run}).json()
    assert (found["intent"], found["answer"][:9]) == ("tyre_search", "There are")
    order = client.post("/agent/query", json={"text": "Де моє замовлення 1001?", "run": run}).json()
    assert (order["intent"], order["answer"]) == ("order_status", "Замовлення 1001: відправлено.")


def test_a_human_answers_the_call_hears_it_and_the_bot_learns(backend, client, run):
    heard = []
    forget = backend.on_human_answer(heard.append)
    about = CallRef(str(uuid4()), next(NUMBERS), run)
    question = "Чи продаєте ви гелікоптери оптом?"
    query = {"text": question, "uuid": about.uuid, "call": about.call, "run": run}
    asked = client.post("/agent/query", json=query).json()
    assert asked["needs_human"]
    assert asked["confidence"] < 0.6
    key = asked["human_request"]
    waiting = client.get("/human-requests", params={"run": run, "status": "waiting"}).json()
    assert [(each["id"], each["question"]) for each in waiting["data"]] == [(key, question)]
    assert client.post(f"/human-requests/{key}/knowledge").status_code == 409, "not answered yet"
    answered = client.post(f"/human-requests/{key}/answer", json={"answer": "Ні, <b>лише</b> шини"}).json()
    assert (answered["status"], answered["operator"], answered["answer"]) == ("answered", "operator", "Ні, лише шини")
    assert client.post(f"/human-requests/{key}/answer", json={"answer": "Так"}).status_code == 409
    assert [(each.request, each.about, each.answer) for each in heard] == [(key, about, "Ні, лише шини")]
    forget()
    learned = client.post(f"/human-requests/{key}/knowledge", json={"category": "fleet"})
    assert (learned.status_code, learned.json()["uuid"]) == (201, about.uuid)
    assert client.post(f"/human-requests/{key}/knowledge").status_code == 409
    again = client.post("/agent/query", json=query).json()
    assert (again["answer"], again["needs_human"]) == ("Ні, лише шини", False)
    assert backend.flush()
    told = client.get("/events", params={"uuid": about.uuid}).json()["data"]
    assert [event["event"] for event in told] == ["human needed", "human answered"]


def test_a_failing_database_is_503_opens_the_breaker_and_recovers(client):
    try:
        assert client.put("/faults/failing-database").json()["notice"]
        answers = [client.get("/agents") for _ in range(5)]
        assert {answer.status_code for answer in answers} == {503}
        assert "circuit breaker" in answers[-1].json()["detail"]
        assert client.get("/healthcheck").json()["status"] == "degraded"
        states = {each["name"]: each["state"] for each in client.get("/breakers").json()["data"]}
        assert states["database"] == "open"
        assert client.delete("/faults/failing-database").status_code == 204
        until(lambda: client.get("/agents").status_code == 200)
        assert client.get("/healthcheck").json()["status"] == "ok"
    finally:
        client.delete("/faults")
    changes = client.get("/events", params={"name": "breaker"}).json()["data"]
    assert [event["fields"]["state"] for event in changes][-2:] == ["half-open", "closed"]


def test_a_slow_database_is_slow_and_ends_when_cleared(client):
    try:
        client.put("/faults/slow database", json={"by": "200 ms"})
        began = time.monotonic()
        assert client.get("/agents").status_code == 200
        assert time.monotonic() - began >= 0.2
    finally:
        client.delete("/faults")
    assert client.get("/metrics/performance").json()["pool"]["peak_in_use"] >= 1


def test_faults_are_listed_and_wrong_ones_told(client):
    kinds = {each["name"]: each for each in client.get("/faults").json()["data"]}
    assert {"slow database", "failing dependency", "late greeting"} <= set(kinds)
    assert client.put("/faults/late-greeting", json={"by": 2}).json()["set"] == {"by": 2.0}
    client.delete("/faults")
    assert client.put("/faults/rain").status_code == 404
    assert client.delete("/faults/rain").status_code == 404
    for body in ({}, {"by": "soon"}, {"by": 1, "colour": "red"}):
        assert client.put("/faults/slow-database", json=body).status_code == 400


def test_figures_of_the_backend_itself(client):
    figures = client.get("/metrics/performance").json()
    assert set(figures) == {"pool", "store", "bus", "feed", "writer", "breakers", "process"}
    assert (figures["pool"]["size"], figures["pool"]["max_overflow"]) == (10, 10)
    assert figures["process"]["memory_bytes"] > 0


def test_rows_are_deleted_by_the_beginning_of_their_uuid(backend, client, run):
    about = a_call(backend, run)
    assert client.delete("/calls", params={"uuid_prefix": about.uuid[:4]}).status_code == 400
    deleted = client.delete("/calls", params={"uuid_prefix": about.uuid[:13]}).json()
    assert (deleted["calls"], deleted["turns"]) == (1, 2)
    assert client.get(f"/calls/{about.uuid}").status_code == 404


def test_no_secret_is_in_any_log(caplog, capfd):
    caplog.set_level(logging.DEBUG)
    for name in ("uvicorn", "uvicorn.error", "sqlalchemy"):
        logging.getLogger(name)
    with served() as (backend, client):
        passwords = backend.take_credentials()
        body = {"username": "operator", "password": passwords["operator"]}
        token = client.post("/login", json=body).json()["access_token"]
        client.post("/login", json={"username": "operator", "password": [passwords["viewer"]]})
        with socket.create_connection((backend.address.host, backend.address.port)) as raw:
            raw.sendall(f"GET /ws?token={token} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
                        .encode())  # fmt: skip
            assert b"101" in raw.recv(100)
        backend.publish(Event.now("mark", name="x"))
        secrets = [*passwords.values(), token, client.headers["authorization"].split()[1]]
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    said = "\n".join([*ours, *capfd.readouterr()])
    assert not [secret for secret in secrets if secret in said]
    assert json.dumps(repr(backend.settings)).find(passwords["operator"]) < 0
