"""A load of calls from one process: what a frame costs, how many calls it holds, what a call leaves behind.

Every part returns rows of one table; what is measured of whole load runs joins ``PARTS``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from typing import Any

from . import pair
from .children import answer, first_line, module, started
from .load_caller import AT_ONCE, SETTLE, SHORT, WARM_UP
from .show import BUSY, median_of, table

CALLS = 1000
MOST = (1000, 1250, 1500, 1750, 2000, 2250, 2500)
"""Calls that are tried one after another, until too many are late."""
TIMES_C = 2.0
LATE = 10.0
"""Targets: CPU beside the C program's; p99 of our lateness, in ms."""
LEAST_CALLS = 1500
PER_CALL = 40_000
"""Bytes."""
ISSUED = 50.0
"""ms within which 100 connects are issued."""
SHORT_CALLS = 10_000
NOISE = 1 << 20
"""Bytes that may differ before and after, beside a hundredth of the whole."""

Row = dict[str, Any]


def measure(*, runs: int, quick: bool) -> list[Row]:
    """All rows; each figure is the median of ``runs`` runs."""
    return [row for part in PARTS for row in part(runs, quick)]


def show(rows: list[Row]) -> None:
    """Print the table."""
    table(
        "A load from one process, two-way calls of which everything is measured and nothing recorded",
        ("what", "ours", "C", "gevent", "target", ""),
        [
            (
                *(row[name] for name in ("what", "ours")),
                row.get("c", "-"),
                row.get("gevent", "-"),
                row["target"],
                row["verdict"],
            )
            for row in rows
        ],
        (
            "Each of our calls says something for a third of the time, and hears it back from a C echo server.",
            "gevent: two greenlets a call that measure nothing. C: sends gathered in slots of 1 ms, measures nothing.",
        ),
    )


def frames(runs: int, quick: bool) -> list[Row]:
    """What a frame sent and one received cost, and how late they leave."""
    seconds = 3.0 if quick else 10.0
    found: dict[str, list[dict[str, Any]]] = {"C": [], "ours": [], "gevent": []}
    for _ in range(runs):
        found["C"].append(pair.run(CALLS, seconds))
        found["ours"].append(talk(CALLS, seconds))
        if find_spec("gevent"):
            found["gevent"].append(_peer(CALLS, seconds))
    busy = any(map(pair.busy, found["C"]))
    # All in one turn: whatever else the machine does is in each of them.
    ours, c = median_of(found["ours"], "cpu_us_per_pair"), median_of(found["C"], "sender", "cpu_us_per_pair")
    times = median_of(
        [
            {"x": one["cpu_us_per_pair"] / other["sender"]["cpu_us_per_pair"]}
            for one, other in zip(found["ours"], found["C"], strict=True)
        ],
        "x",
    )
    peer = median_of(found["gevent"], "cpu_us_per_pair") if found["gevent"] else None
    late = median_of(found["ours"], "late_p99")
    memory = median_of(found["ours"], "memory_per_call")
    return [
        {
            "what": f"{CALLS} calls: CPU for a frame sent and one received, us",
            "ours": ours,
            "c": c,
            "gevent": "not installed" if peer is None else peer,
            "target": f"<= {TIMES_C:g} x C, < gevent",
            "verdict": _verdict(times <= TIMES_C and (peer is None or ours < peer), f"{times:.2f} x C", busy=busy),
            "runs": found,
        },
        {
            "what": f"{CALLS} calls: lateness p99, ms",
            "ours": late,
            "c": median_of(found["C"], "sender", "late", "p99"),
            "gevent": median_of(found["gevent"], "late_p99") if found["gevent"] else "-",
            "target": f"<= {LATE:g}",
            "verdict": _verdict(late <= LATE, f"{median_of(found['ours'], 'skipped_share'):.2%} skipped", busy=busy),
        },
        {
            "what": f"{CALLS} calls: memory of a call, kB",
            "ours": memory / 1000,
            "target": f"< {PER_CALL / 1000:g}",
            "verdict": _verdict(memory < PER_CALL),
        },
    ]


def most_calls(runs: int, quick: bool) -> list[Row]:
    """How many calls one process holds on time."""
    seconds = 3.0 if quick else 10.0
    held, why, busy, tried = 0, "", False, []
    for calls in (LEAST_CALLS,) if quick else MOST:
        pairs, found = [], []
        for _ in range(runs):
            pairs.append(pair.run(calls, seconds))
            found.append(talk(calls, seconds))
        late = median_of(found, "late_p99")
        tried.append({"calls": calls, "runs": found, "pairs": pairs})
        if late > LATE or any(one["ended_early"] for one in found):
            why, busy = f"at {calls} p99 {late:.1f} ms", any(map(pair.busy, pairs))
            break
        held = calls
    return [
        {
            "what": f"most calls with lateness p99 <= {LATE:g} ms",
            "ours": held,
            "target": f">= {LEAST_CALLS}",
            "verdict": _verdict(held >= LEAST_CALLS, why, busy=busy),
            "runs": tried,
        }
    ]


def short_calls(_: int, quick: bool) -> list[Row]:
    """What calls leave behind when they are over."""
    wanted = SHORT_CALLS // 10 if quick else SHORT_CALLS
    limit = (wanted + WARM_UP) / AT_ONCE * (SHORT + 1.0)
    found = _with_receiver(wanted + WARM_UP, limit, lambda port: module("bench.load_caller", "short", port, wanted, 0))
    before, after = found["before"], found["after"]
    grown = {name: after[name] - before[name] for name in before}
    clean = grown["files"] == grown["threads"] == 0 and grown["memory"] <= NOISE + before["memory"] / 100
    left = f"{grown['files']} files, {grown['threads']} threads, {grown['memory'] / 1024:.0f} kB"
    return [
        {
            "what": f"{wanted} calls of {SHORT} s leave behind",
            "ours": left,
            "target": "nothing",
            "verdict": _verdict(clean, f"{grown['blocks'] / wanted:+.2f} Python blocks a call"),
            "runs": [found],
        }
    ]


def burst(runs: int, quick: bool) -> list[Row]:
    """How soon the connects of a burst are issued."""
    command = partial(module, "bench.load_caller", "burst")
    found = [_with_receiver(AT_ONCE + 1, 5.0, lambda port: command(port, AT_ONCE, 0)) for _ in range(runs)]
    issued = median_of(found, "issued_ms")
    return [
        {
            "what": f"burst of {AT_ONCE}: all connects issued after, ms",
            "ours": issued,
            "target": f"<= {ISSUED:g}",
            "verdict": _verdict(issued <= ISSUED, f"all stood after {median_of(found, 'stood_ms'):.0f} ms"),
            "runs": found,
        }
    ]


def talk(calls: int, seconds: float) -> dict[str, Any]:
    """Our calls, talking to the C echo server."""
    return _paced(partial(module, "bench.load_caller", "talk"), calls, seconds)


def _peer(calls: int, seconds: float) -> dict[str, Any]:
    return _paced(partial(module, "bench.gevent_peer"), calls, seconds)


def _paced(command: Callable[..., list[str]], calls: int, seconds: float) -> dict[str, Any]:
    # The receiver counts from half a second after the last call stood to the end of the caller's time.
    return _with_receiver(calls, SETTLE + seconds - 0.5, lambda port: command(port, calls, seconds))


def _with_receiver(calls: int, seconds: float, command_for: Callable[[str], list[str]]) -> dict[str, Any]:
    with started([str(pair.PACER), "receive", str(calls), str(seconds)]) as receiver:
        port = first_line(receiver)
        with started(command_for(port)) as sender:
            return answer(sender, seconds)


def _verdict(kept: bool, why: str = "", *, busy: bool = False) -> str:
    said = "kept" if kept else BUSY if busy else "missed"
    return f"{said} ({why})" if why else said


PARTS: tuple[Callable[[int, bool], list[Row]], ...] = (frames, most_calls, short_calls, burst)
