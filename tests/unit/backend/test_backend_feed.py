"""The feed: the last events for who comes back, without a gap or a double; the file."""

import json
import threading
from pathlib import Path

import pytest

from AudioSocketLibrary.bot.backend import CallRef, Event, Told
from AudioSocketLibrary.bot.backend.feed import EventFile, Feed
from AudioSocketLibrary.records import UsageError

pytestmark = pytest.mark.unit


def batch(first, last):
    return [Told.of(Event("mark", CallRef("u", number % 2), {"name": "x"}), number) for number in range(first, last)]


def numbers(told):
    return [each.number for each in told]


def test_since():
    feed = Feed(keep=10)
    assert (feed.last, feed.since(0)) == (0, [])
    feed.consume(batch(1, 31))
    assert numbers(feed.since(0)) == list(range(21, 31))
    assert numbers(feed.since(25, most=2)) == [26, 27]
    assert numbers(feed.since(25, lambda told: told.event.about.call == 0)) == [26, 28, 30]
    assert feed.since(30) == feed.since(99) == []
    _, replay, missed = feed.subscribe(since=15)
    assert (numbers(replay), missed) == (list(range(21, 31)), 5)
    feed.close()
    assert feed.counters["subscribers"] == 0


def test_who_comes_while_events_pour_in_gets_each_once():
    feed = Feed(keep=100_000)
    feed.consume(batch(1, 101))  # nobody resumes after an event that is still to come
    pouring = threading.Thread(target=lambda: [feed.consume(batch(at, at + 10)) for at in range(101, 20_001, 10)])
    pouring.start()
    got = []
    for since in (0, 5, 100):
        subscription, replay, _ = feed.subscribe(since=since, limit=100_000)
        got.append((since, subscription, replay))
    pouring.join()
    for since, subscription, replay in got:
        assert numbers(replay) + numbers(subscription.take(100_000)) == list(range(since + 1, 20_001))


def test_the_file_has_whole_lines_and_is_appended_to(tmp_path):
    path = tmp_path / "events.jsonl"
    for first in (1, 4):
        file = EventFile(path)
        file.consume(batch(first, first + 3))
        assert path.read_text().endswith("\n")
        file.close()
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert [line["number"] for line in lines] == [1, 2, 3, 4, 5, 6]
    assert Event.from_json(lines[0]) == batch(1, 2)[0].event


def test_a_file_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(UsageError, match="cannot be written to"):
        EventFile(tmp_path / "none" / "events.jsonl")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_is_counted():
    file = EventFile(Path("/dev/full"))
    file.consume(batch(1, 2))
    assert file.failures == 1
    file.close()
