"""Reading a run back: a load's folder with its rows, or what any acceptance run left in Robot's output.

Whatever it was, the result is the same: what was run, its facts, the few calls to look at. All paths are relative to
the run's folder, so that a folder that was moved can be read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from ..records import UsageError
from ..records.rows import DamagedRowsError, RowReader
from ..records.run_facts import RunFacts
from ..records.run_info import NAME as RUN_JSON
from ..records.run_info import RunInfo, read_run_info
from .run_details import RunDetails
from .run_output import Acceptance, read_acceptance

_OUTPUTS: Final = ("output.xml", "output.json")
DISCARDS: Final = {
    "warm-up or ramp": "begun while the load was not yet, or no longer, what was asked for",
    "interrupted": "cut by the end of the run: neither passed nor failed",
    "dropped": "never placed, because this machine was too late for it",
}
"""Why a call is not in the figures."""


@dataclass(frozen=True, slots=True)
class RunRead:
    """A run as it was read back."""

    source: Path
    """What was read: ``run.json``, or Robot's output."""
    info: RunInfo
    facts: RunFacts
    details: RunDetails
    notes: tuple[str, ...] = ()
    """What was missing or cut, each a sentence."""
    discards: dict[str, int] = field(default_factory=dict)
    """Calls that are not in the figures, by the reasons in `DISCARDS`."""
    tests: dict[str, str] = field(default_factory=dict)
    """Of an acceptance run, the test that made each call."""
    anchors: dict[str, str] = field(default_factory=dict)
    """Of an acceptance run, where in Robot's log each call is."""
    log: str = ""
    """Robot's log, where it is still to be written; empty: it is there, or there is none."""

    @property
    def folder(self) -> Path:
        """What paths of the run are relative to."""
        return self.source.parent

    @property
    def workers(self) -> int:
        """How many processes were to write rows; an acceptance run has none."""
        return self.info.workers if self.info.kind == "load" else 0


def read_run(path: Path) -> RunRead:
    """Read a run.

    Args:
        path: the folder of a run, its ``run.json``, or Robot's ``output.xml`` or ``output.json`` (of any acceptance
            run, merged or not; beside a ``run.json`` it means that run).

    Raises:
        UsageError: it is not there, is no run, cannot be read, or no call was made in it.
    """
    source = _source(path)
    if source.name == RUN_JSON:
        info = read_run_info(source)
        if info.kind == "load":
            return _with_calls(_read_load(source, info))
        outputs = [source.parent / name for name in info.output] or [_output_in(source.parent)]
        return _with_calls(run_of_acceptance(source, read_acceptance(outputs), info))
    return _with_calls(run_of_acceptance(source, read_acceptance([source])))


def run_rows(info: RunInfo, folder: Path, notes: list[str] | None = None) -> Iterator[dict[str, Any]]:
    """All rows of a load, one by one, of one file after the other.

    Args:
        info: the run.
        folder: where its ``run.json`` is.
        notes: what is missing or cut is told here.

    Raises:
        UsageError: the rows were written by a newer version of this library.
    """
    told = [] if notes is None else notes
    for name in [*info.rows, *([info.resources] if info.resources else [])]:
        reader = RowReader(_inside(folder, name))
        if not reader.place.exists():
            told.append(f"{name} is not there")
            continue
        try:
            yield from reader.new()
        except DamagedRowsError:
            told.append(f"{name} is damaged: it was read up to the last line before that")
        if reader.cut:
            told.append(f"{name} ends in the middle of a line: it was read up to the last whole one")


def _source(path: Path) -> Path:
    """What of a path is to be read."""
    path = _followed(path)
    if not path.exists():
        raise UsageError(f"There is no run at {path}: give a run's folder, or Robot's output.xml")
    if path.name == "latest" and path.is_file():  # where the system has no links
        path = path.with_name(path.read_text("utf-8").strip())
    if path.is_dir():
        return path / RUN_JSON if (path / RUN_JSON).exists() else _output_in(path)
    if path.name == RUN_JSON or not (path.parent / RUN_JSON).exists():
        return path
    beside = path.parent / RUN_JSON
    return beside if path.name in (*_OUTPUTS, *read_run_info(beside).output) else path


def _followed(path: Path) -> Path:
    """Where ``latest`` leads, on systems where it is no link but a file with the name of a folder."""
    if path.name != "latest" or not path.is_file():
        return path
    try:
        named = path.parent / path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return path
    return named if named.is_dir() else path


def _output_in(folder: Path) -> Path:
    found = next((folder / name for name in _OUTPUTS if (folder / name).exists()), None)
    if found is None:
        raise UsageError(f"{folder} is no run: it has neither {RUN_JSON} nor output.xml")
    return found


def _inside(folder: Path, name: str) -> Path:
    """A file of the run: what leads out of its folder was not written by us."""
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise UsageError(f"The run in {folder} names the file {name}, which is outside of it: it is damaged")
    return folder / name


def _read_load(source: Path, info: RunInfo) -> RunRead:
    facts, details = RunFacts(info.phases), RunDetails(info.phases)
    notes: list[str] = []
    discards = dict.fromkeys(DISCARDS, 0)
    for row in run_rows(info, source.parent, notes):
        facts.add(row)
        details.add(row)
        if row.get("row") == "call":
            reason = _why_not(row)
            if reason:
                discards[reason] += 1
    if not info.over:
        notes.append("The run is not over, or what watched over it was killed: this is how far it came")
        info = replace(info, state="interrupted", reason=info.reason or "it is not over")
    return RunRead(source, info, facts, details, (*info.notes, *notes), _some(discards))


def run_of_acceptance(source: Path, acceptance: Acceptance, info: RunInfo | None = None, *, log: str = "") -> RunRead:
    """An acceptance run, of the calls in Robot's output.

    Args:
        source: Robot's output; what links are relative to is its folder.
        acceptance: its calls.
        info: of its ``run.json``, where there is one.
        log: Robot's log, where it is still to be written.
    """
    facts, details = RunFacts(), RunDetails()
    for row in acceptance.rows:
        facts.add(row)
        details.add(row)
    found = acceptance.info(source) if info is None else replace(info, **acceptance.ending)
    return RunRead(source, found, facts, details, acceptance.notes, {}, acceptance.tests, acceptance.anchors, log)


def _why_not(row: dict[str, Any]) -> str:
    outcome = row.get("outcome", "")
    if not row.get("measured", True):
        return "warm-up or ramp"
    return outcome if outcome in DISCARDS else ""


def _some(counts: dict[str, int]) -> dict[str, int]:
    return {reason: count for reason, count in counts.items() if count}


def _with_calls(run: RunRead) -> RunRead:
    if not len(run.facts):
        told = f" ({'; '.join(run.notes)})" if run.notes else ""
        raise UsageError(f"There is no call in {run.source}: nothing was measured in this run{told}")
    return run
