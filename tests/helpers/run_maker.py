"""Run folders as a load leaves them, of any size, made in a moment: the same seed makes the same run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from math import exp
from pathlib import Path
from random import Random
from typing import Any

from AudioSocketLibrary.records import CallRecord, FailureKind, Finding, Histogram, Judgement, Mark, Span, Turn
from AudioSocketLibrary.records.phase import Phase
from AudioSocketLibrary.records.run_info import Host, RunInfo, write_run_info

SCENARIOS = {
    "Підбір зимових шин": ("Потрібні зимові шини на шістнадцять", "Ні, дякую. До побачення"),
    "Замовлення шин": ("Хочу замовити шини", "Так, замовляю чотири", "На суботу", "До побачення"),
    "Ask For Operator": ("An operator, please",),
}
RUN = "1f9c2e70"
STARTED = datetime(2026, 11, 25, 13, 0, tzinfo=UTC)
STAGES = {"end of speech": 0.38, "recognised": 0.17, "tool called": 0.12, "answered": 0.21, "first audio": 0.12}
"""The bot's events, and the share of the response time that goes by before each."""


@dataclass(frozen=True)
class Made:
    """What to make.

    Args:
        calls: how many, the ramp with them.
        workers: how many rows' files.
        at_once: calls that are up together once the ramp is over.
        knee: from how many calls on the bot slows down.
        failing: the share of calls that fail.
        lateness: our own, in seconds (median).
        lost: workers that were killed: no last line, and half a line before it.
        marks: whether the bot tells of its stages.
        silence: what the bot sends before it speaks, in seconds; 0: it sends frames all the time.
        change: changes a call's row before it is written.
    """

    calls: int = 400
    workers: int = 2
    seed: int = 42
    at_once: int = 50
    knee: int = 40
    failing: float = 0.02
    lateness: float = 0.0006
    lost: tuple[int, ...] = ()
    marks: bool = True
    silence: float = 0.0
    scenarios: dict[str, tuple[str, ...]] = field(default_factory=lambda: dict(SCENARIOS))
    change: Callable[[dict[str, Any]], dict[str, Any]] = lambda row: row
    info: RunInfo = field(
        default_factory=lambda: RunInfo(
            name="peak",
            about="Sale weekend, the busiest quarter of an hour.",
            thresholds=("p95 response time < 2 s", "p95 greeting time < 1 s", "error rate < 5 %"),
        )
    )


def make_run(folder: Path, made: Made | None = None) -> Path:
    """Write a run's folder; returns it."""
    made = made or Made()
    random = Random(made.seed)
    rows = list(_calls(made, random))
    end = max((row["start"] + row["length"] for row in rows if "start" in row), default=0.0)
    ramp = min(60.0, end / 5)
    phases = (Phase("ramp", 0.0, ramp, measured=False), Phase("hold", ramp, end))
    for row in rows:
        row["phase"] = "ramp" if row["intended"] < ramp else "hold"
        row["measured"] = row["phase"] == "hold"
    (folder / "rows").mkdir(parents=True, exist_ok=True)
    for worker in range(made.workers):
        own = [made.change(row) for row in rows if row["worker"] == str(worker)]
        _write(folder / f"rows/worker-{worker}.jsonl", _worker_rows(made, random, worker, own, end), made, worker)
    with (folder / "rows/resources.jsonl").open("w", encoding="utf-8") as file:
        for row in _samples(random, end, made):
            file.write(json.dumps(row) + "\n")
    write_run_info(folder, _info(made, phases, end))
    return folder


def _info(made: Made, phases: tuple[Phase, ...], end: float) -> RunInfo:
    return replace(
        made.info,
        run=RUN,
        profile=made.info.profile or {"load": {"hold": {"calls": made.at_once, "ramp_up": "1 min", "for": "10 min"}}},
        profile_hash=made.info.profile_hash or "9b0667b1",
        seed=made.seed,
        workers=made.workers,
        rows=tuple(f"rows/worker-{worker}.jsonl" for worker in range(made.workers)),
        resources="rows/resources.jsonl",
        bots=made.info.bots or {"bot": "10.0.0.5:9092"},
        started=STARTED.isoformat(timespec="milliseconds"),
        start_at=1234.5,
        ended=(STARTED + timedelta(seconds=end)).isoformat(timespec="milliseconds"),
        duration=round(end, 3),
        phases=made.info.phases or phases,
        planned_calls=made.calls,
        calls_at_once=made.at_once,
        held=True,
        versions={"library": "0.6.0", "robotframework": "7.5", "python": "3.13.1", "system": "Linux 6.8"},
        host=Host("runner-1", 4, "a CPU of four cores", "b007"),
        commit="1f9c2e7",
    )


def _calls(made: Made, random: Random) -> Iterator[dict[str, Any]]:
    free = [0.0] * made.at_once  # when each line is free again
    ramp = 60.0 if made.calls > made.at_once * 4 else 10.0
    for line in range(made.at_once):
        free[line] = ramp * line / made.at_once
    names, load = list(made.scenarios), made.at_once
    for index in range(made.calls):
        line = min(range(made.at_once), key=free.__getitem__) if made.at_once < 200 else index % made.at_once
        start = free[line]
        load = sum(1 for at in free if at <= start + 20) if made.at_once < 200 else made.at_once
        row = _call(made, random, index, names[min(int(random.expovariate(1.3)), len(names) - 1)], start, load)
        free[line] = start + row["length"] + 0.3
        yield row


def _call(made: Made, random: Random, index: int, scenario: str, start: float, load: int) -> dict[str, Any]:
    slow = 1 + 1.6 / (1 + exp(-(load - made.knee) / 3))
    fails = random.random() < made.failing
    kind = random.choice((FailureKind.NO_REPLY, FailureKind.CUT_BY_BOT, FailureKind.LATE_REPLY)) if fails else None
    greeting = 0.45 * random.lognormvariate(0, 0.25)
    turns = [Turn(0, "greeting", parts=(Span(greeting, greeting + 2.2),))]
    at, marks, judgements = greeting + 2.9, [], []
    for number, said in enumerate(made.scenarios[scenario], 1):
        end = at + 0.06 * len(said)
        response = (
            0.62 * slow * random.lognormvariate(0, 0.3) * (1.7 if number == 2 and "Замовлення" in scenario else 1)
        )
        if fails and number == 1:
            if kind is FailureKind.NO_REPLY:
                text = f"Bot did not reply to '{said}' within 10 s"
                judgements.append(Judgement(end + 10, kind.value, text, 1, "response_time", 10.0))
                turns.append(Turn(number, "speech", said, at, end))
                at = end + 10
                break
            if kind is FailureKind.CUT_BY_BOT:
                text = "The bot ended the call while it was to reply"
                judgements.append(Judgement(end + 0.2, kind.value, text, 1))
                turns.append(Turn(number, "speech", said, at, end))
                at = end + 0.2
                break
            response = 2.2 + random.expovariate(1)
            text = f"Bot replied after {response:.2f} s to '{said}' (turn 1, limit 2 s)"
            judgements.append(Judgement(end + response, kind.value, text, 1, "response_time", response, 2.0))
        reply = Span(end + response, end + response + random.uniform(1.2, 4.0))
        silent = min(response, made.silence) if made.silence else None
        turns.append(Turn(number, "speech", said, at, end, (reply,), response, silent_frames=silent))
        if made.marks:
            marks += _marks(random, number, end, response)
        at = reply.end + 0.9
    record = CallRecord(
        call=f"{index:08x}",
        uuid=f"{RUN}-0000-8000-8000-{index:012x}",
        bot="10.0.0.5:9092",
        worker=str(index % made.workers),
        scenario=scenario,
        index=index,
        intended=start,
        start=start + random.uniform(0, 0.004),
        outcome="failed" if fails else "passed",
        failure=kind.value if kind else "",
        started=(STARTED + timedelta(seconds=start)).isoformat(timespec="milliseconds"),
        length=at + 0.4,
        ended_by="bot" if kind is FailureKind.CUT_BY_BOT else "caller",
        figures=_figures(random, made, turns, greeting, at + 0.4),
        turns=tuple(turns),
        findings=(Finding(greeting + 1, "gap", "The bot sent no media frame for 143 ms"),) * (random.random() < 0.03),
        judgements=tuple(judgements),
        marks=tuple(marks),
        recording=f"recordings/{index:08x}.wav" if fails else None,
    )
    return {"row": "call", **record.to_row()}


def _figures(random: Random, made: Made, turns: list[Turn], greeting: float, length: float) -> dict[str, float]:
    times = [turn.response_time for turn in turns if turn.response_time is not None]
    return {
        "greeting_time": greeting,
        **({"response_time": max(times)} if times else {}),
        "callers_wait": greeting + 0.004,
        "connect_time": random.uniform(0.0004, 0.002),
        "dead_air": max([0.9, *times]),
        "longest_gap": random.expovariate(60),
        "talk_share": random.uniform(0.4, 0.7),
        "call_length": length,
        "ahead_of_real_time": random.uniform(0, 0.06),
        "missed_turns": 0 if times else 1,
        "repeated_replies": 0,
        "our_lateness": made.lateness * random.lognormvariate(0.6, 0.3),
        "loop_lag": made.lateness,
        "bot_frame_gap_p50": 0.020,
        "bot_frame_gap_p99": 0.0215 + random.expovariate(700),
        "frames_sent": length * 50,
    }


def _marks(random: Random, turn: int, end: float, response: float) -> list[Mark]:
    at, marks = end, []
    shares = {name: share * random.uniform(0.85, 1.15) for name, share in STAGES.items()}
    whole = sum(shares.values())
    for name, share in shares.items():
        at += response * 0.98 * share / whole
        marks.append(Mark(at, name, {"turn": turn}))
    return marks


def _worker_rows(
    made: Made, random: Random, worker: int, calls: list[dict[str, Any]], end: float
) -> Iterator[dict[str, Any]]:
    yield {"row": "worker", "v": 1, "worker": worker, "workers": made.workers, "run": RUN, "pid": 4000 + worker}
    ends = sorted(calls, key=lambda row: row["intended"] + row["length"])
    done = begun = failed = 0
    starts = sorted(row["start"] for row in calls if "start" in row)
    for second in range(1, int(end) + 2):
        while done < len(ends) and ends[done]["intended"] + ends[done]["length"] <= second:
            yield ends[done]
            failed += ends[done]["outcome"] == "failed"
            done += 1
        while begun < len(starts) and starts[begun] <= second:
            begun += 1
        up = begun - done
        lateness, lag = _delays(random, made.lateness, up * 5 + 1), _delays(random, made.lateness, 50)
        planned = min(made.at_once, second) / made.workers
        yield {
            "row": "pulse", "worker": worker, "at": second, "up": up, "planned": planned,
            "began": begun, "ended": done, "failed": failed, "dropped": 0, "lateness": lateness.to_json(),
            "loop_lag": lag.to_json(), "sent": up * 50, "skipped": 0, "cpu": round(0.002 * up + 0.03, 4),
            "memory": 90_000_000,
        }  # fmt: skip
    yield from ends[done:]
    yield {"row": "end", "worker": worker, "at": end, "reason": "finished", "calls": len(calls)}


def _delays(random: Random, middle: float, n: int) -> Histogram:
    found = Histogram()
    for _ in range(n):
        found.add(middle * random.lognormvariate(0, 0.4))
    return found


def _samples(random: Random, end: float, made: Made) -> Iterator[dict[str, Any]]:
    for second in range(1, int(end) + 1):
        load = min(1.0, second / max(1.0, end / 5))
        yield {
            "row": "sample", "at": second, "who": "bot", "cpu": round(3.6 * load * random.uniform(0.92, 1.08), 3),
            "memory": int(180e6 + 60e6 * load + 4e3 * second), "threads": 34, "files": 20 + int(made.at_once * load),
        }  # fmt: skip
        yield {
            "row": "sample", "at": second, "who": "host", "cpu": round(3.9 * load * random.uniform(0.95, 1.05), 3),
            "memory": int(3e9),
        }  # fmt: skip


def _write(place: Path, rows: Iterator[dict[str, Any]], made: Made, worker: int) -> None:
    with place.open("w", encoding="utf-8") as file:
        for row in rows:
            if worker in made.lost and row["row"] == "end":
                file.write('{"row":"call","call":"ffff')
                return
            file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
