"""The circuit breaker, the faults on request."""

import threading
import time

import pytest

from AudioSocketLibrary.bot.backend import BreakerSettings, FaultKind
from AudioSocketLibrary.bot.backend.breaker import Breaker, BreakerOpen, BreakerState
from AudioSocketLibrary.bot.fault_kinds import FAULTS
from AudioSocketLibrary.bot.faults import Faults, FaultStruck
from AudioSocketLibrary.bot.parameters import REQUIRED
from AudioSocketLibrary.records import UsageError

pytestmark = pytest.mark.unit


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def changes():
    return []


@pytest.fixture
def breaker(clock, changes):
    settings = BreakerSettings(failures=3, slow_after=1.0, open_for=5.0, probes=2)
    return Breaker("x", settings, on_change=lambda *change: changes.append(change[1:]), clock=clock)


def fail(breaker):
    with pytest.raises(OSError, match="no"), breaker.guard():
        raise OSError("no")


def test_it_opens_after_failures_in_a_row_probes_and_closes(breaker, clock, changes):
    fail(breaker)
    fail(breaker)
    with breaker.guard():
        pass
    for _ in range(3):
        fail(breaker)
    assert breaker.state is BreakerState.OPEN
    with pytest.raises(BreakerOpen, match="'x' is open"), breaker.guard():
        pytest.fail("it was tried")
    clock.now += 5
    with breaker.guard():
        assert breaker.state is BreakerState.HALF_OPEN
        with pytest.raises(BreakerOpen), breaker.guard():
            pytest.fail("a second probe at once")
    assert breaker.state is BreakerState.HALF_OPEN
    with breaker.guard():
        pass
    closed, opened, half = BreakerState.CLOSED, BreakerState.OPEN, BreakerState.HALF_OPEN
    assert changes == [(opened, closed), (half, opened), (closed, half)]
    assert breaker.to_json() == {
        "name": "x", "state": "closed", "failures_in_a_row": 0, "probes_in": None, "calls": 8, "failures": 5,
        "rejected": 2, "opened": 1,
    }  # fmt: skip


def test_a_probe_that_fails_opens_it_again(breaker, clock):
    for _ in range(3):
        fail(breaker)
    clock.now += 4
    assert breaker.to_json()["probes_in"] == 1
    clock.now += 1
    fail(breaker)
    assert breaker.state is BreakerState.OPEN
    with pytest.raises(BreakerOpen), breaker.guard():
        pass
    breaker.reset()
    assert breaker.state is BreakerState.CLOSED


def test_slow_is_a_failure_and_what_is_not_ours_is_none(breaker, clock):
    for _ in range(5):
        with pytest.raises(KeyError), breaker.guard(not_a_failure=(KeyError,)):
            raise KeyError
    assert breaker.state is BreakerState.CLOSED
    for _ in range(3):
        with breaker.guard():
            clock.now += 1.5
    assert breaker.state is BreakerState.OPEN


def test_every_fault_says_what_to_notice_and_can_be_set_and_cleared():
    faults = Faults()
    for kind in FAULTS:
        needed = {parameter.name for parameter in kind.parameters if parameter.default is REQUIRED}
        faults.set(kind.name.replace(" ", "-"), dict.fromkeys(needed, 0))
    assert all(each["set"] and each["notice"] for each in faults.to_json())
    faults.clear("slow_database")
    assert [each["name"] for each in faults.to_json() if not each["set"]] == ["slow database"]
    faults.clear()
    assert not any(each["set"] for each in faults.to_json())


@pytest.mark.parametrize(
    ("name", "given", "text"),
    [
        ("rain", {}, "no fault 'rain'; there are burst, busy cpu"),
        ("slow database", {}, "needs 'by'"),
        ("slow database", {"by": "soon"}, "'by' of the fault 'slow database' cannot be read: 'soon' is no time"),
        ("failing database", {"share": 2}, "no share"),
        ("failing database", {"colour": 1}, "has no 'colour'; it has share, uuid, seed"),
        ("failing database", {"uuid": 5}, "no UUID"),
    ],
)
def test_a_fault_that_cannot_be_set_is_told(name, given, text):
    with pytest.raises(UsageError, match=text):
        Faults().set(name, given)


def test_the_same_seed_strikes_the_same_ones_and_about_the_share():
    def struck(seed, **how):
        faults = Faults(seed=seed)
        faults.set("failing database", {"share": "30 %"})
        return [bool(faults.strikes("failing database", **how, key=key)) for key in range(1000)]

    assert struck(1) == struck(1)
    assert struck(1) != struck(2)
    assert 230 < sum(struck(1)) < 370


def test_a_fault_of_one_call_spares_the_others():
    faults = Faults([FaultKind("mute", "silence")])
    faults.set("mute", {"uuid": "abc"})
    assert faults.strikes("mute", "abc-def")
    assert not faults.strikes("mute", "xyz")


def test_who_suffers_a_slow_fault_goes_on_when_it_is_cleared():
    faults = Faults()
    faults.set("slow database", {"by": 30})
    threading.Timer(0.05, faults.clear).start()
    began = time.monotonic()
    faults.suffer("database")
    assert time.monotonic() - began < 10
    faults.set("failing database")
    with pytest.raises(FaultStruck, match="as it was told to"):
        faults.suffer("database")
    faults.stop()
    faults.suffer("database")
