"""Checking a report: every number of it once more, and the recordings that it rests on.

Twice: what decides (thresholds, figures, parts of the run, validity, verdict, failures, discards) by `verifying_rows`,
which shares no code with reports; and each number there is, charts and tables with it, by making the report anew.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isclose
from pathlib import Path
from typing import Any, Final

from ..records import Threshold, UsageError, Validity, validity_of
from ..records.load_figures import FIGURES
from ..records.run_info import NAME as RUN_JSON
from ..records.verdict import Word
from .baselines import used_baseline
from .load_building import read_thresholds, thresholds_of
from .load_files import NAMES
from .reporting import report_of
from .run_output import read_acceptance
from .run_reading import RunRead, read_run
from .verifying_rows import Part, RawRun, Value, aggregate, count_discards, outcome_of

_ROUNDED: Final = 2e-6
"""Reports round to a millionth."""
_PARTS: Final = {"verdict", "thresholds", "figures", "scenarios", "bots", "phases", "failures", "findings", "discards"}
_PERCENTILES: Final = ("p50", "p90", "p95", "p99")


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found."""

    independent: int
    """Numbers that were computed once more by another way."""
    rebuilt: int
    """Numbers that were compared with a report made anew."""
    recordings: int
    """Whose hash is right."""
    discards: Mapping[str, int]
    """Calls that are not in the figures, by reason."""
    wrong: tuple[str, ...]
    """What does not agree, each a sentence."""

    @property
    def passed(self) -> bool:
        """Whether all agree."""
        return not self.wrong


def verify_report(folder: Path) -> Verified:
    """Check the report of a run.

    Args:
        folder: the run's, with ``load-report.json`` in it.

    Raises:
        UsageError: there is no report, or no run.
    """
    place = folder / NAMES["json"] if folder.is_dir() else folder
    told = _report(place)
    run = read_run(place.parent)
    raw = RawRun(_rows(run), run.info.phases)
    check = _Check()
    _thresholds(check, told, raw, run)
    _figures(check, told, raw)
    _groups(check, told, raw)
    _counts(check, told, raw)
    _verdict(check, told, raw, run)
    independent = check.done
    made = report_of(run, _asked(told, run)).to_json()
    _same(check, told, json.loads(json.dumps(made)), "")
    recordings = _recordings(check, raw, run.folder)
    return Verified(independent, check.done - independent, recordings, count_discards(raw.calls), check.wrong)


class _Check:
    """Compares numbers, and keeps what is wrong, each place once."""

    def __init__(self) -> None:
        self.done = 0
        self._wrong: dict[str, str] = {}

    @property
    def wrong(self) -> tuple[str, ...]:
        return tuple(self._wrong.values())

    def number(self, where: str, told: Any, found: Any) -> None:
        self.done += 1
        if not _equal(told, found):
            self._wrong.setdefault(where, f"{where} is {_text(told)} in the report, and {_text(found)} by the rows")

    def fault(self, where: str, sentence: str) -> None:
        self._wrong.setdefault(where, sentence)


def _report(place: Path) -> dict[str, Any]:
    try:
        data = json.loads(place.read_text("utf-8"))
    except FileNotFoundError:
        raise UsageError(f"There is no {place}: make it with 'audiosocket report {place.parent}'") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{place} is no report of a run: {error}") from None
    if not isinstance(data, dict) or not set(data) >= _PARTS:
        raise UsageError(f"{place} is no report of a run: it has no verdict")
    return data


def _rows(run: RunRead) -> Iterator[Mapping[str, Any]]:
    """Rows as they stand in the files: whole lines, up to the first that is damaged."""
    if run.source.name != RUN_JSON or run.info.kind != "load":
        outputs = [run.folder / name for name in run.info.output] or [run.source]
        yield from read_acceptance(outputs).rows
        return
    for name in (*run.info.rows, *([run.info.resources] if run.info.resources else [])):
        place = run.folder / name
        if place.is_file():
            yield from _lines(place.read_bytes())


def _lines(data: bytes) -> Iterator[Mapping[str, Any]]:
    for line in data.split(b"\n")[:-1]:
        try:
            row = json.loads(line)
        except ValueError:
            return
        yield row


def _asked(told: Mapping[str, Any], run: RunRead) -> tuple[Threshold, ...]:
    """The thresholds that were asked for beside the run's own."""
    own, _ = thresholds_of(run)
    return tuple(each for each in read_thresholds([row["threshold"] for row in told["thresholds"]]) if each not in own)


# -- by another way ---------------------------------------------------------------------------------------------------


def _thresholds(check: _Check, told: Mapping[str, Any], raw: RawRun, run: RunRead) -> None:
    before = _baseline(run)
    for row in told["thresholds"]:
        threshold = Threshold.parse(row["threshold"])
        found = raw.actual(threshold)
        if found is None:
            continue
        value, n, at_least = found
        if threshold.of_baseline:
            base = None if before is None else before.actual(threshold)
            value = None if value is None or base is None or not base[0] else value / base[0]
            n, at_least = (n, at_least) if value is not None else (0, False)
        check.number(f"{row['threshold']}: actual", row["actual"], value)
        check.number(f"{row['threshold']}: limit", row["limit"], threshold.limit)
        if threshold.figure.each in ("turn", "call"):
            check.number(f"{row['threshold']}: n", row["n"], n)
        if row["ok"] is not None:
            ok = value is not None and threshold.holds(value) and (not at_least or threshold.upwards)
            check.number(f"{row['threshold']}: met", row["ok"], ok)


def _baseline(run: RunRead) -> RawRun | None:
    found = used_baseline(run.folder)
    if found is None:
        return None
    newest = found.newest
    with gzip.open(newest.folder / newest.info.rows[0], "rb") as file:
        return RawRun(_lines(file.read()), newest.info.phases)


def _figures(check: _Check, told: Mapping[str, Any], raw: RawRun) -> None:
    for row in told["figures"]:
        figure = FIGURES[row["name"]]
        if figure.each in ("turn", "call"):
            _stats(check, row["name"], row["stats"], raw.values(row["name"], Part()))


def _groups(check: _Check, told: Mapping[str, Any], raw: RawRun) -> None:
    for kind, key in (("scenarios", "scenario"), ("bots", "target"), ("phases", "phase")):
        for row in told[kind]:
            part = Part(**{key: row["name"]})
            where = f"{key.replace('target', 'bot')} {row['name']}"
            check.number(f"{where}: calls", row["calls"], len(raw.counted(part)))
            check.number(f"{where}: failed", row["failed"], len(raw.failed(part)))
            check.number(f"{where}: error rate", row["error_rate"], raw.error_rate(part))
            _stats(check, f"{where}: response time", row["response"], raw.values("response time", part))
            _stats(check, f"{where}: greeting time", row["greeting"], raw.values("greeting time", part))


def _stats(check: _Check, where: str, told: Mapping[str, Any], values: Sequence[Value]) -> None:
    check.number(f"{where}: n", told["n"], len(values))
    check.number(f"{where}: at least", told["censored"], sum(each.censored for each in values))
    check.number(f"{where}: mean", told["mean"], aggregate(values, "mean")[0])
    check.number(f"{where}: longest", told["most"], aggregate(values, "max")[0])
    for which in _PERCENTILES:
        found, _, at_least = aggregate(values, which)
        of_report = told[which] or {"value": None, "at_least": False}
        check.number(f"{where}: {which}", of_report["value"], found)
        check.number(f"{where}: {which} at least", of_report["at_least"], at_least)


def _counts(check: _Check, told: Mapping[str, Any], raw: RawRun) -> None:
    failed = Counter(row.get("failure") or outcome_of(row) for row in raw.failed(Part()))
    measured = [row for row in raw.calls if row.get("measured", True)]
    findings = Counter(finding["kind"] for row in measured for finding in row.get("findings", ()))
    for kind, counts in (("failures", failed), ("findings", findings), ("discards", count_discards(raw.calls))):
        of_report = {row["name"]: row["count"] for row in told[kind]}
        # Of an acceptance run, whose calls are all measured, a report has no discards.
        for name in {**of_report, **counts}:
            check.number(f"{kind}: {name}", of_report.get(name, 0), counts.get(name, 0))


def _verdict(check: _Check, told: Mapping[str, Any], raw: RawRun, run: RunRead) -> None:
    _, windows = thresholds_of(run)
    validity = validity_of(raw.errors(run.workers, windows))
    of_report = told["verdict"]
    check.number("validity", of_report["validity"], validity.validity.value)
    for row, found in zip(of_report["checks"], validity.checks, strict=False):
        check.number(f"validity: {found.name}", row["actual"], found.actual)
    broken = [row for row in told["thresholds"] if row["ok"] is False]
    if validity.validity is Validity.INVALID:
        word = Word.INVALID
    elif run.info.state == "interrupted":
        word = Word.INTERRUPTED
    else:
        shown = told["thresholds"] or len(raw.counted(Part())) > len(raw.failed(Part()))
        plateaus = run.info.plateaus
        answered = not plateaus or any(each.confirms and each.held for each in plateaus)
        met = not broken and run.info.state == "finished" and shown and answered
        word = Word.PASSED if met else Word.FAILED
    check.number("verdict", of_report["word"], word.value)
    check.number("verdict: passed", of_report["passed"], word is Word.PASSED)
    check.number("verdict: exit code", of_report["exit_code"], word.exit_code)


# -- made anew --------------------------------------------------------------------------------------------------------


def _same(check: _Check, told: Any, made: Any, where: str) -> None:
    if isinstance(told, dict) and isinstance(made, dict):
        for key in {**told, **made}:
            _same(check, told.get(key), made.get(key), f"{where}.{key}" if where else str(key))
    elif isinstance(told, list) and isinstance(made, list):
        if len(told) != len(made):
            check.fault(where, f"{where} has {len(told)} entries in the report, and {len(made)} by the rows")
        for index, (one, other) in enumerate(zip(told, made, strict=False)):
            _same(check, one, other, f"{where}[{index}]")
    elif _is_number(told) or _is_number(made):
        check.number(where, told, made)
    elif told != made:
        check.fault(where, f"{where} is {_text(told)} in the report, and {_text(made)} by the rows")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _equal(told: Any, found: Any) -> bool:
    if _is_number(told) and _is_number(found):
        return isclose(told, found, rel_tol=1e-9, abs_tol=_ROUNDED)
    return bool(told == found)


def _text(value: Any) -> str:
    text = "nothing" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
    return text if len(text) < 120 else f"{text[:117]}..."


# -- recordings -------------------------------------------------------------------------------------------------------


def _recordings(check: _Check, raw: RawRun, folder: Path) -> int:
    right = 0
    for row in raw.calls:
        name, digest = row.get("recording"), row.get("recording_sha256")
        if not name:
            continue
        if Path(name).is_absolute() or ".." in Path(name).parts:
            check.fault(name, f"Call {row.get('call')} names the recording {name}, which is outside of the run")
        elif not (folder / name).is_file():
            check.fault(name, f"{name} of call {row.get('call')} is not there")
        elif not digest:
            check.fault(name, f"{name} of call {row.get('call')} has no hash in its row: it cannot be checked")
        elif hashlib.sha256((folder / name).read_bytes()).hexdigest() != digest:
            check.fault(name, f"{name} of call {row.get('call')} is not what was recorded: its SHA-256 is another one")
        else:
            right += 1
    return right
