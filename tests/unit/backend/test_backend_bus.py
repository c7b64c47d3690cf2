"""The bus: never makes the publisher wait, loses only what it counts, and keeps one order for all."""

import threading
import time

import pytest

from AudioSocketLibrary.bot.backend import CallRef, Event
from AudioSocketLibrary.bot.backend.bus import EventBus
from AudioSocketLibrary.bot.backend.tally import Tally

pytestmark = pytest.mark.unit


def mark(number=0):
    return Event("mark", CallRef("u", 1), {"name": number})


def test_events_are_numbered_in_one_order_and_none_is_lost_among_threads():
    seen = []
    bus = EventBus([seen.extend], limit=100_000)
    bus.start()
    threads = [
        threading.Thread(target=lambda who=who: [bus.publish(mark((who, each))) for each in range(500)])
        for who in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bus.flush()
    bus.stop()
    assert [told.number for told in seen] == list(range(1, 4001))
    for who in range(8):
        assert [told.event.fields["name"][1] for told in seen if told.event.fields["name"][0] == who] == list(
            range(500)
        )
    assert bus.counters == {"published": 4000, "told": 4000, "waiting": 0, "dropped": 0, "failures": 0}


def test_a_stuck_consumer_costs_events_that_are_counted_and_never_the_publishers_time():
    stuck = threading.Event()
    bus = EventBus([lambda _: stuck.wait(20)], limit=100)
    bus.start()
    bus.publish(mark())
    while bus.counters["waiting"]:
        time.sleep(0.001)
    slowest = 0.0
    for each in range(1000):
        began = time.perf_counter()
        bus.publish(mark(each))
        slowest = max(slowest, time.perf_counter() - began)
    counters = bus.counters
    assert (counters["waiting"], counters["dropped"]) == (100, 900)
    assert slowest < 1, "it waited for the consumer"
    assert bus.publish(Event("call ended", CallRef("u", 1), {"reason": "x"})), "the end of a call has room of its own"
    stuck.set()
    bus.stop()


def test_a_consumer_that_fails_harms_no_other(caplog):
    def fails(_):
        raise OSError("disk full")

    seen = []
    bus = EventBus([fails, seen.extend])
    bus.start()
    bus.publish(mark())
    assert bus.flush()
    bus.stop()
    assert len(seen) == 1
    assert bus.failures == 1
    assert "disk full" in caplog.text


def test_stop_tells_what_waits_and_leaves_no_thread():
    seen = []
    bus = EventBus([seen.extend])
    for each in range(50):
        bus.publish(mark(each))
    bus.start()
    bus.stop()
    assert len(seen) == 50
    assert not [thread for thread in threading.enumerate() if thread.name == "backend-bus"]
    assert not bus.flush(), "a bus that has stopped has nothing to wait for"


def test_a_tally_counts_exactly_with_many_threads():
    tally = Tally()
    threads = [threading.Thread(target=lambda: [tally.add() for _ in range(20_000)]) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tally.value == 120_000
