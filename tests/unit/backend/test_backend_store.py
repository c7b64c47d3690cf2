"""The call-state store: legal moves only, versions without gaps, subscribers that harm nobody."""

import gc
import threading
import time
import weakref
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from AudioSocketLibrary.bot.backend import CallRef, Event, Told
from AudioSocketLibrary.bot.backend.states import AGAIN, LEADS_TO, LEGAL, State, next_state
from AudioSocketLibrary.bot.backend.store import CallStateStore, IllegalMove

pytestmark = pytest.mark.unit


def ref(call=1):
    return CallRef(f"uuid-{call}", call, "run")


def told(*names, call=1):
    return [Told(number, Event(name, ref(call), {}, float(number)), "") for number, name in enumerate(names, 1)]


@given(st.lists(st.tuples(st.integers(1, 3), st.sampled_from([*LEADS_TO, "mark", "recognised"])), max_size=60))
def test_whatever_comes_every_change_is_legal_and_nothing_else_happens(events):
    refused = []
    store = CallStateStore(on_refused=lambda event, was, asked: refused.append((event.about.call, was, asked)))
    seen = store.subscribe(limit=1000)
    for call, name in events:
        store.consume(told(name, call=call))
    changes = seen.take(1000)
    for call in (1, 2, 3):
        mine = [change for change in changes if change.about.call == call]
        assert [change.version for change in mine] == list(range(1, len(mine) + 1))
        path = [None, *(change.state for change in mine)]
        assert all(after in LEGAL[before] for before, after in pairwise(path))
        assert store.get(call) == (mine[-1] if mine else None)
    assert all(asked not in LEGAL[was] for _, was, asked in refused)
    counters = store.counters
    assert (counters["illegal"], counters["writes"]) == (len(refused), len(changes))


@given(st.lists(st.sampled_from(list(State)), max_size=40), st.integers(1, 10))
def test_a_slow_subscriber_keeps_the_newest_and_counts_the_rest(states, limit):
    store = CallStateStore()
    fast, slow = store.subscribe(limit=1000), store.subscribe(limit=limit)
    for at, state in enumerate(states):
        try:
            store.move(ref(), state, at=float(at))
        except IllegalMove:
            continue
    everything, kept = fast.take(1000), slow.take(1000)
    assert kept == everything[-limit:]
    assert slow.dropped + len(kept) == slow.told == len(everything)
    assert store.counters["dropped"] == slow.dropped


def test_a_usual_call():
    store = CallStateStore()
    store.consume(
        told(
            "call started", "first audio", "reply ended", "speech started", "end of speech", "recognised", "answered",
            "first audio", "reply ended", "key", "first audio", "transfer", "first audio", "reply ended", "call ended",
        )
    )  # fmt: skip
    assert store.get(1).state is State.ENDED
    assert store.get(1).version == 9
    assert store.by_uuid("uuid-1") == store.get(1)
    assert store.counters["illegal"] == 0


def test_events_after_the_end_and_before_the_start_are_refused():
    refused = []
    store = CallStateStore(on_refused=lambda *what: refused.append(what[1:]))
    store.consume(told("first audio"))
    store.consume(told("call started", "call ended", "first audio", "call ended"))
    assert refused == [(None, State.SPEAKING), (State.ENDED, State.SPEAKING), (State.ENDED, State.ENDED)]


def test_the_tables_agree():
    assert set(LEGAL) == {None, *State}
    assert all(state in AGAIN or next_state(state, event) != state or state in (State.GREETING, State.TRANSFERRED,
               State.ENDED) for state in State for event in LEADS_TO)  # fmt: skip
    assert not LEGAL[State.ENDED]


def test_of_many_writers_with_the_same_version_one_wins():
    store = CallStateStore()
    store.move(ref(), State.GREETING, at=0.0)
    won, lost = [], []

    def write(who):
        for _ in range(200):
            now = store.get(1)
            state = State.THINKING if now.state is not State.THINKING else State.SPEAKING
            try:
                won.append(store.move(ref(), state, at=0.0, expected=now.version).version)
            except IllegalMove:
                lost.append(who)

    threads = [threading.Thread(target=write, args=(who,)) for who in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == list(range(2, len(won) + 2))
    assert len(won) + len(lost) == 2000
    assert store.counters["illegal"] == len(lost)


def test_hundreds_of_subscribers_some_of_them_stuck_and_each_sees_every_change_of_its_own():
    store = CallStateStore()
    stuck = [store.subscribe(limit=5) for _ in range(100)]
    got = {call: [] for call in range(1, 201)}
    done = threading.Event()

    def take(call, subscription):
        while not done.is_set() or len(subscription):
            got[call] += [change.version for change in subscription.wait(0.05)]

    own = {call: store.subscribe(limit=100, accept=lambda change, call=call: change.about.call == call) for call in got}
    threads = [threading.Thread(target=take, args=(call, own[call])) for call in range(1, 21)]
    for thread in threads:
        thread.start()
    names = ("call started", "end of speech", "first audio", "reply ended", "call ended")
    for name in names:
        for call in got:
            store.consume(told(name, call=call))
    done.set()
    for thread in threads:
        thread.join()
    for call in range(1, 21):
        assert got[call] == [1, 2, 3, 4, 5]
    for call in range(21, 201):
        assert [change.version for change in own[call].take()] == [1, 2, 3, 4, 5]
    assert {subscription.dropped for subscription in stuck} == {995}
    assert store.counters["subscribers"] == 300


def test_a_subscription_that_closes_is_freed_and_wakes_who_waits():
    store = CallStateStore()
    subscription = store.subscribe(accept=lambda _: True)
    threading.Timer(0.05, subscription.close).start()
    began = time.monotonic()
    assert subscription.wait(10) == []
    assert time.monotonic() - began < 5
    gone = weakref.ref(subscription)
    del subscription
    gc.collect()
    assert gone() is None
    assert store.counters["subscribers"] == 0


def test_a_subscriber_whose_loop_has_ended_is_closed_and_the_others_are_told():
    def ended():
        raise RuntimeError("Event loop is closed")

    store = CallStateStore()
    dead, well = store.subscribe(ready=ended), store.subscribe()
    assert dead.arm()
    store.consume(told("call started"))
    assert dead.closed
    assert len(well.take()) == 1


def test_what_is_kept_is_bounded_and_calls_that_stand_are_forgotten_last():
    store = CallStateStore(limit=100)
    for call in range(1, 51):
        store.consume(told("call started", call=call))
    for call in range(51, 1051):
        store.consume(told("call started", "call ended", call=call))
    assert len(store) == 100
    assert len(store.live()) == 50
    assert store.get(51) is None
    assert store.by_uuid("uuid-51") is None
    assert store.counters["evicted"] == 950


@settings(max_examples=20)
@given(st.integers(1, 50))
def test_a_repeated_uuid_means_its_latest_call(times):
    store = CallStateStore()
    for call in range(1, times + 1):
        store.move(CallRef("same", call), State.GREETING, at=0.0)
    assert store.by_uuid("same").about.call == times
    assert len(store.live()) == times
