import asyncio
import time
from itertools import pairwise

import pytest

from AudioSocketLibrary.transport import PERIOD, MediaClock, now
from AudioSocketLibrary.transport.clock import CATCH_UP, EARLY, SLOTS

pytestmark = pytest.mark.unit


class Stream:
    def __init__(self, on_tick=None):
        self.ticks = []
        self.on_tick = on_tick

    def tick(self, due, skipped):
        self.ticks.append((now(), due, skipped))
        if self.on_tick:
            self.on_tick(len(self.ticks))

    @property
    def due(self):
        return [due for _, due, _ in self.ticks]

    @property
    def skipped(self):
        return sum(skipped for _, _, skipped in self.ticks)


async def ticks(stream, count):
    while len(stream.ticks) < count:  # noqa: ASYNC110 - a stream knows no events
        await asyncio.sleep(0.005)


def test_deadlines_are_absolute(run):
    async def main():
        clock, stream = MediaClock.of(), Stream()
        clock.add(stream)
        await ticks(stream, 201)
        clock.remove(stream)
        first = stream.due[0]
        for at, due, _ in stream.ticks:
            periods = (due - first) / PERIOD
            assert abs(periods - round(periods)) < 1e-6, "a deadline drifted"
            assert at >= due - EARLY
        # What was not sent was counted: so many periods have passed as frames were sent or skipped.
        assert round((stream.due[-1] - first) / PERIOD) == len(stream.ticks) - 1 + stream.skipped
        late = sorted(at - due for at, due, _ in stream.ticks)
        assert late[100] < PERIOD, "half of all frames were late by a whole frame: a drift"

    run(main())


def test_streams_are_spread_over_the_slots(run):
    async def main():
        clock = MediaClock.of()
        streams = [Stream() for _ in range(3 * SLOTS)]
        for stream in streams:
            clock.add(stream)
        assert len(clock) == 3 * SLOTS
        phases = sorted(round(clock.next_due(stream) / PERIOD * SLOTS) % SLOTS for stream in streams)
        assert phases == sorted(list(range(SLOTS)) * 3)
        for stream in streams:
            clock.remove(stream)
        assert len(clock) == 0

    run(main())


def test_the_first_tick_comes_within_a_frame(run):
    async def main():
        clock, stream = MediaClock.of(), Stream()
        await asyncio.sleep(0.05)
        added = now()
        clock.add(stream)
        assert added <= clock.next_due(stream) <= added + PERIOD
        await ticks(stream, 1)
        clock.remove(stream)
        assert stream.ticks[0][1] >= added - EARLY

    run(main())


def test_a_held_up_loop_skips_and_counts_and_never_bursts(run):
    async def main():
        clock = MediaClock.of()
        streams = [Stream() for _ in range(5)]
        for stream in streams:
            clock.add(stream)
        await ticks(streams[-1], 5)
        before = now()
        assert not clock.held_up_since(before)
        asyncio.get_running_loop().call_soon(time.sleep, 0.1)
        await asyncio.sleep(0.2)
        assert clock.held_up_since(before), "who saw a gap can be told that it was ours"
        for stream in streams:
            clock.remove(stream)
            assert stream.skipped >= 2
            for (_, one, _), (_, other, skipped) in pairwise(stream.ticks):
                assert round((other - one) / PERIOD) == 1 + skipped
            # Whenever frames were late, at most CATCH_UP more than the one that was due went out at once.
            for index, (at, _, _) in enumerate(stream.ticks):
                at_once = [other for other, _, _ in stream.ticks[index:] if other - at < PERIOD / 4]
                assert len(at_once) <= 1 + CATCH_UP + 1  # and the regular one, which may follow soon
        assert clock.loop_lag.most >= 0.05

    run(main())


def test_a_stream_that_raises_is_put_off_and_the_others_go_on(run):
    async def main():
        def fail(count):
            raise RuntimeError("a broken call")

        clock, good, bad = MediaClock.of(), Stream(), Stream(fail)
        clock.add(bad)
        clock.add(good)
        await ticks(good, 3)
        assert len(bad.ticks) == 1
        assert len(clock) == 1
        clock.remove(good)

    run(main(), errors=1)


def test_removal_during_a_tick(run):
    async def main():
        clock = MediaClock.of()
        streams = [Stream() for _ in range(2 * SLOTS)]
        for stream in streams:
            clock.add(stream)
        first, alone = streams[:2]
        # In the middle of their round the first of a slot hangs up the other; and one hangs up itself.
        [other] = [each for each in streams[2:] if clock.next_due(each) == clock.next_due(first)]
        first.on_tick = lambda count: clock.remove(other)
        alone.on_tick = lambda count: clock.remove(alone)
        await asyncio.gather(*(ticks(each, 3) for each in streams if each not in (other, alone)))
        assert other.ticks == []
        assert len(alone.ticks) == 1
        assert len(clock) == 2 * SLOTS - 2
        for stream in streams:
            clock.remove(stream)
        assert len(clock) == 0

    run(main())


def test_adding_during_a_tick(run):
    async def main():
        clock, late = MediaClock.of(), Stream()
        early = Stream(lambda count: count == 1 and clock.add(late))
        clock.add(early)
        await ticks(late, 3)
        assert len(clock) == 2
        assert len(late.ticks) >= 3
        clock.remove(early)
        clock.remove(late)

    run(main())


def test_all_of_a_slot_choose_then_all_are_sent_and_the_one_that_fails_alone_is_put_off(run):
    async def main():
        happened = []

        class Chooser(Stream):
            def __init__(self, name):
                super().__init__()
                self.name = name

            def tick(self, due, skipped):
                happened.append(f"{self.name} chooses")
                return self.write, b"frame"

            def write(self, frame):
                if self.name == "b":
                    raise RuntimeError("a broken call")
                happened.append(f"{self.name} sends {frame.decode()}")

            def went(self, at, due, frame):
                happened.append(f"{self.name} went")

        clock = MediaClock.of()
        streams = [Chooser(name) for name in "abc"]
        for stream in streams:
            clock.add(stream)
        clock.serve(streams, now(), 0)
        assert happened == [
            "a chooses", "b chooses", "c chooses", "a sends frame", "c sends frame", "a went", "c went",
        ]  # fmt: skip
        assert len(clock) == 2
        for stream in streams:
            clock.remove(stream)

    run(main(), errors=1)


def test_an_idle_clock_sleeps_and_wakes_again(run):
    async def main():
        clock, stream = MediaClock.of(), Stream()
        clock.remove(stream)  # was never added: nothing happens
        clock.add(stream)
        await ticks(stream, 1)
        clock.remove(stream)
        await asyncio.sleep(0.1)
        assert len(stream.ticks) <= 2
        count = len(stream.ticks)
        clock.add(stream)
        await ticks(stream, count + 1)
        clock.remove(stream)
        assert stream.skipped == 0, "frames of the time while it was away were never due"

    run(main())


def test_each_loop_has_its_own_clock(run):
    async def main():
        assert MediaClock.of() is MediaClock.of()
        return MediaClock.of()

    assert run(main()) is not run(main())
