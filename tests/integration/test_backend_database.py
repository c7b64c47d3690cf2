"""What is stored: calls as events tell them, the shop's business, what is made up. On every database there is."""

import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from AudioSocketLibrary.bot.backend import CallRef, Event, NotPossible, PoolSettings, ServiceFailed
from AudioSocketLibrary.bot.backend.core import Core
from AudioSocketLibrary.bot.backend.database import Database, DatabaseDown
from AudioSocketLibrary.bot.backend.factories import Factory, store_call, store_knowledge
from AudioSocketLibrary.bot.backend.history import Wanted
from AudioSocketLibrary.bot.backend.settings import BackendSettings
from AudioSocketLibrary.bot.backend.tables import OF_CALLS, Call, Product, Turn
from AudioSocketLibrary.bot.faults import Faults
from AudioSocketLibrary.records import UsageError
from tests.unit.backend.support import NO_POSTGRES, POSTGRES, empty, ref, until, usual_call

pytestmark = pytest.mark.integration
TOMORROW = (datetime.now(UTC).date() + timedelta(days=1)).isoformat()


@pytest.fixture(
    params=[
        "memory",
        "file",
        pytest.param("postgres", marks=pytest.mark.skipif(not POSTGRES, reason=NO_POSTGRES)),
    ]
)
def where(request, tmp_path):
    if request.param != "postgres":
        yield "memory" if request.param == "memory" else str(tmp_path / "bot.sqlite")
        return
    empty(POSTGRES)
    yield POSTGRES
    empty(POSTGRES)


@contextmanager
def running(where, **settings):
    core = Core(BackendSettings(database=where, **settings))
    try:
        core.start()
        yield core
    finally:
        core.stop()


@pytest.fixture
def core(where):
    with running(where) as core:
        yield core


def test_a_call_is_stored_as_its_events_told_it(core):
    assert core.publish_all(usual_call(ref())) == 11
    assert core.flush()
    call = core.history.call(ref().uuid)
    kept = {name: call[name] for name in ("uuid", "run", "caller", "callee", "agent", "language", "status", "reason")}
    assert kept == {
        "uuid": ref().uuid, "run": "run-1", "caller": "1001", "callee": "2001", "agent": "tyre shop",
        "language": "uk", "status": "completed", "reason": "the caller closed",
    }  # fmt: skip
    assert call["duration"] == 7.0
    assert call["started"] == "2030-03-17T17:46:40+00:00"
    assert [(turn["who"], turn["turn"], turn["text"]) for turn in call["turns"]] == [
        ("caller", 1, "Потрібні зимові шини"),
        ("bot", 1, "Є чотири зимові шини"),
    ]
    caller, bot = call["turns"]
    assert (caller["confidence"], caller["quality"], caller["response_time"]) == (0.91, 0.88, None)
    assert bot["response_time"] == 0.8
    assert {(row["uuid"], row["run"]) for row in [*call["turns"], *call["tool_calls"]]} == {(ref().uuid, "run-1")}
    tool = call["tool_calls"][0]
    assert (tool["name"], tool["arguments"], tool["result"], tool["seconds"]) == (
        "search_tyres", {"size": 16}, {"count": 4}, 0.01,
    )  # fmt: skip


def test_what_a_worker_tells_after_the_end_belongs_to_the_call_and_opens_no_new_one(core):
    core.publish_all([*usual_call(ref()), Event.now("tool called", ref(), name="order_status"), usual_call(ref())[4]])
    assert core.flush()
    assert core.history.page(Wanted(), limit=9, offset=0)[0] == 1
    assert [tool["name"] for tool in core.history.call("1")["tool_calls"]] == ["search_tyres", "order_status"]


def test_a_transfer_is_the_outcome_and_the_reason(core):
    events = usual_call(ref())
    events.insert(-1, Event.now("transfer", ref(), reason="asked for", operator="Оксана"))
    core.publish_all(events)
    assert core.flush()
    call = core.history.call("1")
    assert (call["status"], call["outcome"], call["reason"]) == ("transferred", "operator", "asked for")


def test_calls_by_date_status_and_run_and_their_figures(core):
    for number, run in ((1, "a"), (2, "a"), (3, "b")):
        core.publish_all(usual_call(ref(number, run), wall=1_900_000_000 + number * 86_400, reply_after=number / 2))
    core.publish_all(usual_call(ref(4, "b"))[:3])
    assert core.flush()
    day = datetime.fromtimestamp(1_900_000_000, UTC)
    wanted = Wanted(since=day + timedelta(days=2), until=day + timedelta(days=3))
    total, data = core.history.page(wanted, limit=9, offset=0)
    assert (total, [call["number"] for call in data]) == (1, [2])
    total, data = core.history.page(Wanted(run="a"), limit=1, offset=1)
    assert (total, [call["number"] for call in data]) == (2, [1])
    assert core.history.page(Wanted(status="active"), limit=9, offset=0)[0] == 1
    figures = core.history.figures(Wanted())
    assert figures["by_status"] == {"active": 1, "completed": 3, "failed": 0, "transferred": 0}
    assert figures["response_time"] == {"count": 3, "mean": 1.0, "p50": 1.0, "p95": 1.5, "max": 1.5}
    assert figures["intents"] == {"tyre_search": 3}
    assert core.history.figures(Wanted(run="none"))["response_time"]["p95"] is None


def test_a_run_is_deleted_with_all_that_belongs_to_it_and_nothing_else(core):
    about = CallRef(ref().uuid, 1, "gone")
    core.publish_all([*usual_call(about), *usual_call(ref(2, "stays"))])
    stock = core.services.search_tyres("winter", 16)["found"][0]
    core.services.place_order(stock["id"], 2, about=about)
    core.services.book_fitting("tomorrow", "10:00", about=about)
    core.humans.ask("Що?", 0.1, about)
    core.knowledge.create(about, title="Чи є кава?", content="Так")
    assert core.delete_rows(run="gone") == {
        "turns": 2, "tool_calls": 1, "human_requests": 1, "bookings": 1, "orders": 1, "knowledge": 1, "calls": 1,
    }  # fmt: skip
    assert core.knowledge.search("Чи є кава?") == []
    assert core.services.search_tyres("winter", 16)["found"][0]["stock"] == stock["stock"]
    assert core.history.page(Wanted(), limit=9, offset=0)[0] == 1
    assert core.delete_rows(uuid_prefix=UUID_PREFIX)["calls"] == 1
    assert core.delete_rows(uuid_prefix="%%%%%%%%") == dict.fromkeys((table.__tablename__ for table in OF_CALLS), 0)


UUID_PREFIX = ref(2).uuid[:30]


def test_the_last_tyre_is_sold_once_and_an_hour_booked_once(core):
    tyre = core.services.search_tyres("winter", "R16")["found"][0]
    results = []

    def order():
        try:
            results.append(core.services.call("place_order", {"product": tyre["id"], "quantity": tyre["stock"]}))
        except NotPossible as error:
            results.append(error)

    def book():
        try:
            results.append(core.services.call("book_fitting", {"day": TOMORROW, "time": "09:00"}))
        except NotPossible as error:
            results.append(error)

    for work in (order, book):
        results.clear()
        threads = [threading.Thread(target=work) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [isinstance(result, dict) for result in results].count(True) == 1, results
    slots = core.services.free_slots("tomorrow")
    assert (slots["day"], "09:00" in slots["slots"], len(slots["slots"])) == (TOMORROW, False, 8)


def test_orders_have_numbers_of_their_own_and_can_be_cancelled(core):
    tyre = core.services.search_tyres("summer", 15)["found"][0]
    placed = [core.services.place_order(tyre["id"], 1, customer="Олена") for _ in range(3)]
    assert len({order["number"] for order in placed}) == 3
    status = core.services.order_status(placed[0]["number"])
    assert (status["found"], status["status"], status["stale"], status["price"]) == (
        True, "accepted", False, tyre["price"],
    )  # fmt: skip
    assert core.services.cancel_order(placed[2]["number"]) == {"cancelled": True}
    assert core.services.cancel_order(placed[2]["number"]) == {"cancelled": False}
    assert core.services.order_status(placed[2]["number"])["found"] is False
    assert core.services.search_tyres("summer", 15)["found"][0]["stock"] == tyre["stock"] - 2


def test_tools_by_name_are_told_as_events_also_when_they_fail(core):
    call = core.services.call
    assert call("search_tyres", {"season": "зимові", "size": "R22"}, ref())["count"] == 0
    assert call("ask_knowledge", {"text": "Де ви знаходитесь?"}, ref())["answer"].startswith("Ми на вулиці")
    assert call("transfer_to_operator", {"reason": "asked for"}, ref())["operator"] == "Петро"
    for name, arguments, text in (
        ("fly", {}, "no tool 'fly'"),
        ("search_tyres", {"season": "winter"}, "missing a required argument: 'size'"),
        ("search_tyres", {"season": "never", "size": 16}, "a season is"),
        ("free_slots", {"day": "someday"}, "no day"),
        ("book_fitting", {"day": "tomorrow", "time": "03:00"}, "none of the hours"),
    ):
        with pytest.raises(UsageError, match=text):
            call(name, arguments, ref())
    with pytest.raises(NotPossible, match="no tyre 999"):
        call("place_order", {"product": 999}, ref())
    assert core.flush()
    tools = [told.event.fields for told in core.feed.since(0) if told.event.name == "tool called"]
    assert [tool["name"] for tool in tools][:3] == ["search_tyres", "ask_knowledge", "transfer_to_operator"]
    assert sum(bool(tool["error"]) for tool in tools) == 6
    assert len(core.history.call("1")["tool_calls"]) == len(tools)


def test_a_database_that_fails_opens_the_breaker_and_loses_no_call(where):
    with running(where) as core:
        core.faults.set("failing database")
        core.publish_all(usual_call(ref()))
        for _ in range(8):
            with pytest.raises(ServiceFailed):
                core.services.call("free_slots", {"day": "tomorrow"})
        assert core.breakers["database"].to_json()["state"] == "open"
        assert until(lambda: core.writer.counters["retries"])
        core.faults.clear()
        core.breakers["database"].reset()
        assert core.flush()
        assert len(core.history.call("1")["turns"]) == 2
        assert "breaker" in [told.event.name for told in core.feed.since(0)]


def test_a_dependency_that_fails_costs_only_what_it_knows(core):
    core.faults.set("failing dependency")
    answers = [core.services.order_status("1001") for _ in range(7)]
    assert all(answer["found"] and answer["stale"] and answer["days"] is None for answer in answers)
    assert core.breakers["supplier"].to_json()["rejected"] == 2


def test_fields_that_no_column_can_hold_are_borne(core):
    bad = [
        Event.now("recognised", ref(), text="a\0b\ud800", confidence="high", quality=float("nan")),
        Event.now("tool called", ref(), name="x" * 999, arguments=5, result=object(), seconds=float("inf")),
        Event.now("end of speech", ref(), turn="two", last_voiced="now"),
        Event.now("recognised", ref(), text=None, confidence=None, turn=10**30),
    ]
    usual = usual_call(ref())
    core.publish_all([*usual[:6], *bad, *usual[6:]])
    assert core.flush()
    call = core.history.call("1")
    assert (call["status"], call["turns"][-1]["text"]) == ("completed", "Є чотири зимові шини")
    assert (call["turns"][1]["confidence"], call["turns"][1]["quality"]) == (None, None)
    assert core.history.figures(Wanted())["confidence"]["count"] == 1


def test_a_call_whose_rows_are_deleted_while_it_lasts_harms_no_other(core):
    mine, other = usual_call(ref(1, "gone")), usual_call(ref(2, "stays"))
    core.publish_all([*mine[:6], *other[:6]])
    assert core.delete_rows(run="gone")["calls"] == 1
    core.publish_all([*mine[6:], *other[6:]])
    assert core.flush()
    assert (core.writer.counters["refused"], core.writer.counters["open_calls"]) == (1, 0)
    assert core.history.page(Wanted(run="gone"), limit=9, offset=0)[0] == 0
    assert len(core.history.call(ref(2).uuid)["turns"]) == 2


def test_calls_that_stand_when_the_backend_stops_are_written_as_failed(tmp_path):
    path = str(tmp_path / "kept.sqlite")
    with running(path) as core:
        core.publish_all(usual_call(ref())[:4])
    with running(path) as core:
        call = core.history.call("1")
        assert (call["status"], call["reason"]) == ("failed", "the bot was stopped")
        with core.database.session() as session:
            assert session.scalar(select(func.count(Product.id))) == 60, "demo data is made once"


def test_the_pool_waits_and_tells_it(where):
    faults = Faults()
    database = Database(where, PoolSettings(size=1, max_overflow=0, timeout=0.2), faults=faults)
    try:
        faults.set("slow database", {"by": 0.6})
        failed = []

        def use():
            try:
                with database.session() as session:
                    session.execute(select(1))
            except DatabaseDown as error:
                failed.append(str(error))

        threads = [threading.Thread(target=use) for _ in range(3)]
        for thread in threads:
            thread.start()
        assert until(lambda: database.metrics["in_use"] == 1)
        for thread in threads:
            thread.join()
        metrics = database.metrics
        assert (len(failed), metrics["timeouts"], metrics["in_use"], metrics["peak_in_use"]) == (2, 2, 0, 1)
        assert "QueuePool limit" in failed[0]
    finally:
        database.close()


def test_made_up_data_is_the_same_for_a_seed(core):
    now = datetime(2031, 1, 31, tzinfo=UTC)
    one, same = Factory(7, run="f", now=now), Factory(7, run="f", now=now)
    calls = [one.call() for _ in range(20)]
    assert calls == [same.call() for _ in range(20)]
    assert all(10 <= call["duration"] <= 600 for call in calls if call["status"] != "active")
    assert all(now - timedelta(days=30) <= call["started"] <= now for call in calls)
    assert [call["caller"] for call in calls[:2]] == ["1001", "1002"]
    transcript = one.transcript()
    assert 50 <= len(transcript["text"].split()) <= 300
    assert 0.7 <= transcript["quality"] <= 1
    key = store_call(core.database, calls[0], transcript)
    assert core.history.call(str(key))["turns"][0]["quality"] == transcript["quality"]
    entry = one.knowledge()
    store_knowledge(core.database, entry)
    core.knowledge.load()
    assert core.knowledge.search(entry["title"])[0].similarity == pytest.approx(1)


@pytest.mark.parametrize(
    ("where", "text"),
    [
        ("/nowhere/at/all.sqlite", "unable to open"),
        ("postgresql://u:s3cr3t@127.0.0.1:9/x", "refused"),
        ("oracle://u:s3cr3t@h/x", "No driver"),
        ("://", "cannot be read"),
    ],
)
def test_a_database_that_cannot_be_used_is_told_without_its_password(where, text):
    with pytest.raises(UsageError, match=text) as told:
        Database(where)
    assert "s3cr3t" not in str(told.value)
    assert "\n" not in str(told.value)


def test_a_transaction_that_fails_leaves_nothing(core):
    def half():
        with core.database.session() as session:
            session.add(Call(uuid="half"))
            session.flush()
            raise KeyError("half")

    with pytest.raises(KeyError):
        half()
    with core.database.session() as session:
        assert session.scalar(select(func.count(Call.id))) == 0
        assert session.scalar(select(func.count(Turn.id))) == 0
    assert core.breakers["database"].to_json()["failures"] == 0
