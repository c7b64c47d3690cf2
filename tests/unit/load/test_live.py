"""The live view: what rows of several workers say together, in lines and on a screen."""

from __future__ import annotations

import io
import sys

import pytest
from rich.console import Console

from AudioSocketLibrary.load.live import LiveView, clock
from AudioSocketLibrary.load.screen import Lines, Quiet, Screen, display_of
from AudioSocketLibrary.records import Histogram

pytestmark = pytest.mark.unit


def delays(*milliseconds: float) -> dict:
    found = Histogram()
    for delay in milliseconds:
        found.add(delay / 1000)
    return found.to_json()


def pulse(worker: int, at: float, up: int, **more) -> dict:
    row = {"row": "pulse", "worker": worker, "at": at, "up": up, "planned": 5, "began": 20, "skipped": 0, "cpu": 0.2}
    return row | {"lateness": delays(*[0.2] * 99, 1.2), "loop_lag": delays(0.4)} | more


def call(end: float, *responses: float, outcome="passed", failure="", gave_up=None) -> dict:
    judgements = [{"at": 3.0, "kind": "no reply", "value": gave_up}] if gave_up else []
    turns = [{"number": 0}, *({"number": n, "response_time": value} for n, value in enumerate(responses, 1))]
    row = {"row": "call", "start": end - 10.0, "length": 10.0, "outcome": outcome, "failure": failure}
    return row | {"turns": turns, "judgements": judgements}


def shown(rows: list[dict], duration: float | None = 120.0) -> LiveView:
    view = LiveView(duration)
    for row in rows:
        view.add(row)
    return view


def test_all_workers_are_one():
    view = shown(
        [
            {"row": "worker", "worker": 0},
            {"row": "worker", "worker": 1},
            pulse(0, 29.0, 4),
            pulse(1, 29.0, 5),
            pulse(0, 30.0, 5),
            *(call(25.0, 0.5, 1.0) for _ in range(19)),
            call(26.0, 1.4, outcome="failed", failure="cut by the bot"),
        ]
    )
    status = view.status(30.0)
    assert (status.up, status.planned, status.began, status.done, status.failed) == (10, 10, 40, 20, 1)
    assert (status.response.value, status.response.n) == (1.0, 39)
    assert status.per_minute == 38, "19 that passed within half a minute"
    assert view.line(30.0) == (
        "00:30   calls 10 of 10   done 20   failed 1 (1 cut by the bot)   p95 response 1 s (39)   "
        "our lateness p99 0.5 ms   left 01:30"
    )


def test_nothing_has_come_yet():
    view = LiveView()
    assert view.line(0.0) == "00:00   calls 0   done 0   failed 0   p95 response -   our lateness p99 -"
    assert view.status(0.0).worries == []


def test_arrivals_are_told_as_begun():
    view = shown([pulse(0, 3.0, 2, planned=None, due=13, began=12)], None)
    assert "calls 2, begun 12 of 13   done" in view.line(3.0)


def test_between_two_plateaus_nothing_is_planned():
    assert "calls 3   done" in shown([pulse(0, 3.0, 3, planned=0)], None).line(3.0)


def test_old_calls_leave_the_window_and_stay_counted():
    view = shown([call(5.0, 9.0), call(40.0, 1.0)])
    assert view.status(30.0).response.value == 9.0
    assert (view.status(36.0).response.value, view.status(36.0).response.n) == (1.0, 1)
    assert view.status(66.0).per_minute == 1
    status = view.status(130.0)
    assert (status.response, status.per_minute, status.done, status.left) == (None, 0, 2, 0)


def test_a_wait_that_was_given_up_is_at_least_so_long():
    view = shown([call(10.0, 1.0, outcome="failed", failure="no reply", gave_up=10.0)])
    assert "failed 1 (1 no reply)   p95 response at least 10 s (2)" in view.line(12.0)


def test_kinds_of_failure_most_frequent_first():
    rows = [call(9.0, outcome="failed", failure=kind) for kind in ("no reply", "refused", "refused")]
    rows += [call(9.0, outcome="not placed"), call(9.0, outcome="interrupted"), {"row": "unknown"}]
    status = shown(rows).status(10.0)
    assert status.why_failed == "2 refused, 1 no reply, 1 not placed"
    assert (status.failed, status.done) == (4, 5), "what our end cut off has not failed"


def test_our_own_errors_are_told():
    view = shown(
        [
            pulse(0, 10.0, 5, lateness=delays(*[0.2] * 50, *[14.0] * 50), skipped=3, cpu=0.9),
            pulse(1, 10.0, 5, skipped=4),
            {"row": "call", "outcome": "dropped", "intended": 9.0},
        ]
    )
    status = view.status(11.0)
    assert (status.skipped, status.dropped, status.done) == (7, 1, 0)
    assert status.worries == [
        "our lateness p99 14 ms (limit 10 ms)",
        "dropped 1: we were too late to place them",
        "our busiest process has 90 % of a core",
    ]
    assert view.line(11.0).endswith(
        "our lateness p99 14 ms   left 01:49   ! dropped 1: we were too late to place them   "
        "! our busiest process has 90 % of a core"
    )
    view.add(pulse(1, 17.0, 5))
    later = view.status(21.0)
    assert later.lateness == pytest.approx(0.0005), "it was ten seconds ago"
    assert later.worries[0] == "worker 0 has told nothing for 11 s"
    view.add({"row": "end", "worker": 0, "at": 21.0})
    assert not view.status(21.0).silent
    assert view.status(21.0).up == 5


def test_times():
    assert (clock(0), clock(59.6), clock(125), clock(3725)) == ("00:00", "01:00", "02:05", "1:02:05")


HEADS = ["calls", "for", "p95 response time", "error rate", "bot CPU", "held?"]
ROW = ["80", "2:00", "1.32 s", "0 %", "61 %", "yes"]


def lines(view: LiveView) -> tuple[Lines, io.StringIO]:
    out = io.StringIO()
    return Lines(view, Console(file=out, width=40)), out


def test_plain_lines_come_every_ten_seconds():
    display, out = lines(shown([]))
    with display:
        for half_seconds in range(44):
            display.show(half_seconds / 2 + 0.3)
    times = [line.split()[0] for line in out.getvalue().splitlines()]
    assert times == ["00:00", "00:10", "00:20"]


def test_plain_lines_are_not_wrapped_and_not_marked_up():
    display, out = lines(LiveView())
    display.say("stopped early: [bold]error rate[/bold] 34 % over the last 20 s (error rate > 30 % for 20 s) :smile:")
    assert out.getvalue() == (
        "stopped early: [bold]error rate[/bold] 34 % over the last 20 s (error rate > 30 % for 20 s) :smile:\n"
    )


def test_a_plain_table_grows():
    display, out = lines(LiveView())
    display.row(HEADS, ROW)
    display.row(HEADS, ["160", "0:40", "4.9 s", "34 %", "99 %", "no  stopped early"])
    assert out.getvalue().splitlines() == [
        "  calls      for  p95 response time  error rate  bot CPU  held?",
        "     80     2:00             1.32 s         0 %     61 %  yes",
        "    160     0:40              4.9 s        34 %     99 %  no  stopped early",
    ]


def test_the_screen():
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=100, color_system=None, legacy_windows=False)
    view = shown([pulse(0, 30.0, 5), *(call(25.0, 1.12) for _ in range(30))])
    view.add(call(26.0, outcome="failed", failure="no reply"))
    view.add({"row": "sample", "who": "bot", "at": 30.0, "cpu": 0.61, "memory": 312_000_000})
    view.add({"row": "sample", "who": "host", "at": 30.0, "cpu": 9.0, "memory": 1})
    with Screen(view, console, "peak") as screen:
        screen.row(HEADS, ROW)
        screen.show(30.2)
        before = len(out.getvalue())
        screen.show(30.7)
        assert len(out.getvalue()) == before, "a picture a second is calm enough"
        screen.say("130 calls for 10 min: held [confirmed]")
    text = out.getvalue()
    for part in (
        "peak   00:30   left 01:30",
        "calls         5 of 5   60 a minute   done 31",
        "failed        1   1 no reply",
        "p95 response  1.12 s (30 replies of the last 30 s)",
        "bot           CPU 61 % of a core   memory 312 MB",
        "ourselves     lateness p99 0.5 ms   loop lag p99 0.4 ms   skipped 0   CPU 20 % of a core",
        "p95 response time",
        "1.32 s",
        "130 calls for 10 min: held [confirmed]",
    ):
        assert part in text


def test_quiet_shows_nothing_and_a_file_gets_lines(capsys, monkeypatch):
    with display_of(LiveView(), "peak", quiet=True) as display:
        assert type(display) is Quiet
        display.add({"row": "end"})
        display.show(1.0)
        display.say("stopped")
        display.row(HEADS, ROW)
    assert capsys.readouterr().out == ""
    assert isinstance(display_of(LiveView(), "peak"), Lines)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert isinstance(display_of(LiveView(), "peak"), Screen)
    assert isinstance(display_of(LiveView(), "peak", plain=True), Lines)
