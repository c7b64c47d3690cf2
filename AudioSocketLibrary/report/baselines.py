"""Runs that were accepted as what others are measured against: small files, numbers only, worth committing.

    results/baselines/main/baseline.json                       the runs, the newest last
                           2026-11-25_130000_pr/run.json       what was run
                                                rows.jsonl.gz  its calls without what was said, and our own errors

A run that used a baseline holds a copy of it (``baseline/`` in its folder): it can be judged again when the baseline
has moved on, and where the folder was moved to.
"""

from __future__ import annotations

import gzip
import json
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from ..records import UsageError
from ..records.names import nearest_name
from ..records.run_facts import RunFacts
from ..records.run_info import NAME as RUN_JSON
from ..records.run_info import read_run_info, write_run_info
from .comparison import check_comparable
from .load_building import judge_run
from .run_details import RunDetails
from .run_reading import RunRead, read_run, run_rows

FOLDER: Final = "baselines"
DIRECTORY: Final = Path("results")
KEPT: Final = 10
"""So many accepted runs are kept: their spread is what is usual."""
USED: Final = "baseline"
"""In the folder of a run, the baseline that it was judged against."""
_LIST: Final = "baseline.json"
_ROWS: Final = "rows.jsonl.gz"
_NAME: Final = re.compile(r"[^\W_][\w.-]*")
_OF_CALL: Final = (
    *("row", "index", "intended", "start", "length", "outcome", "failure", "measured", "phase", "scenario", "target"),
    *("worker", "figures"),
)
_OF_TURN: Final = ("number", "start", "end", "response_time", "words_time", "barge_in_time")
_OF_JUDGEMENT: Final = ("at", "kind", "turn", "value")
VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Baseline:
    """Accepted runs under a name."""

    name: str
    folder: Path
    runs: tuple[RunRead, ...]
    """The newest last; at least one."""
    accepted: tuple[str, ...]
    """When each was, ISO 8601."""

    @property
    def newest(self) -> RunRead:
        """The one that thresholds are parts of."""
        return self.runs[-1]

    @property
    def facts(self) -> RunFacts:
        """What was measured in the newest."""
        return self.newest.facts


def accept_baseline(run: Path, name: str = "main", directory: Path = DIRECTORY) -> Baseline:
    """Accept a run as (the newest of) a baseline.

    Args:
        run: its folder.
        name: of the baseline.
        directory: where runs are kept.

    Raises:
        NotComparableError: it is invalid, or was cut short: it has shown nothing.
        UsageError: it is no run of a load, was accepted already, or cannot be written.
    """
    _check_name(name)
    read = read_run(run)
    if read.info.kind != "load":
        raise UsageError(f"{run} is no load: its figures depend on the machine of the moment. Accept a load run")
    check_comparable(read, judge_run(read, baseline=used_facts(read.folder)))
    place = directory / FOLDER / name
    entries = _entries(place)
    source = read.folder.resolve()
    if any(entry["run"] == read.info.run and entry["folder"] == source.name for entry in entries):
        raise UsageError(f"{source.name} is a part of the baseline {name} already")
    target = place / source.name
    try:
        target.mkdir(parents=True, exist_ok=True)
        _write_rows(target / _ROWS, run_rows(read.info, read.folder))
    except OSError as error:
        raise UsageError(f"The baseline cannot be written to {target}: {error.strerror or error}") from None
    write_run_info(target, replace(read.info, rows=(_ROWS,), resources="", output=()))
    now = datetime.now(UTC).isoformat(timespec="seconds")
    entries = [entry for entry in entries if entry["folder"] != source.name]
    entries.append({"folder": source.name, "run": read.info.run, "accepted": now})
    for old in entries[:-KEPT]:
        shutil.rmtree(place / old["folder"], ignore_errors=True)
    _write_list(place, entries[-KEPT:])
    return read_baseline(place)


def find_baseline(name: str, directory: Path = DIRECTORY) -> Baseline | None:
    """The baseline of this name; None: there is none yet.

    Raises:
        UsageError: it cannot be read.
    """
    _check_name(name)
    place = directory / FOLDER / name
    return read_baseline(place) if (place / _LIST).is_file() else None


def need_baseline(name: str, directory: Path = DIRECTORY) -> Baseline:
    """The baseline of this name.

    Raises:
        UsageError: there is none; the text says how to make one.
    """
    found = find_baseline(name, directory)
    if found is None:
        raise UsageError(no_baseline(name, directory))
    return found


def no_baseline(name: str, directory: Path = DIRECTORY) -> str:
    """What to do where there is no such baseline."""
    near = nearest_name(name, [each.name for each in baselines_in(directory)])
    hint = f"; nearest: {near}" if near else ""
    return (
        f"There is no baseline {name} in {directory / FOLDER}{hint}. Accept a run first: "
        f"audiosocket baseline accept {directory / 'latest'} --name {name}"
    )


def baselines_in(directory: Path = DIRECTORY) -> list[Path]:
    """The folders of all baselines."""
    place = directory / FOLDER
    return sorted(each.parent for each in place.glob(f"*/{_LIST}")) if place.is_dir() else []


def use_baseline(name: str, directory: Path, run_folder: Path) -> RunFacts | None:
    """Copy a baseline into the folder of a run that is judged against it.

    Returns:
        The facts of its newest run; None: there is none yet.

    Raises:
        UsageError: it cannot be read, or copied.
    """
    found = find_baseline(name, directory)
    if found is None:
        return None
    try:
        shutil.copytree(found.folder, run_folder / USED)
    except OSError as error:
        raise UsageError(f"The baseline {name} cannot be copied to {run_folder}: {error}") from None
    return found.facts


def used_baseline(run_folder: Path) -> Baseline | None:
    """The baseline that a run was judged against, as it was then; None: it had none.

    Raises:
        UsageError: it cannot be read.
    """
    place = run_folder / USED
    return read_baseline(place) if (place / _LIST).is_file() else None


def used_facts(run_folder: Path) -> RunFacts | None:
    """The facts of the newest run of that."""
    found = used_baseline(run_folder)
    return None if found is None else found.facts


def read_baseline(place: Path) -> Baseline:
    """Read a baseline of its folder.

    Raises:
        UsageError: it cannot be read.
    """
    entries = _entries(place)
    if not entries:
        raise UsageError(f"The baseline in {place} has no runs: remove the folder, and accept one")
    runs = tuple(_read(place / entry["folder"]) for entry in entries)
    return Baseline(_name_of(place), place, runs, tuple(entry["accepted"] for entry in entries))


def _read(folder: Path) -> RunRead:
    info = read_run_info(folder / RUN_JSON)
    facts = RunFacts(info.phases)
    place = folder / _ROWS
    try:
        with gzip.open(place, "rt", encoding="utf-8") as file:
            for line in file:
                facts.add(json.loads(line))
    except (OSError, EOFError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise UsageError(f"The baseline's {place} cannot be read ({error}): remove {folder.parent}, and accept a run")\
            from None  # fmt: skip
    return RunRead(folder / RUN_JSON, info, facts, RunDetails())


def _write_rows(place: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    # No time in it: the same run makes the same file.
    with place.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as file:
        for row in _slim(rows):
            file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")


def _slim(rows: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Rows without what was said, and without what no figure is made of."""
    for row in rows:
        if row.get("row") != "call":
            yield row
            continue
        kept = {key: row[key] for key in _OF_CALL if key in row}
        kept["turns"] = [{key: turn[key] for key in _OF_TURN if key in turn} for turn in row.get("turns", ())]
        kept["judgements"] = [
            {key: told[key] for key in _OF_JUDGEMENT if key in told} for told in row.get("judgements", ())
        ]
        kept["marks"] = [
            {"at": mark.get("at", 0.0), "fields": {"request_time": mark["fields"]["request_time"]}}
            for mark in row.get("marks", ())
            if "request_time" in mark.get("fields", {})
        ]
        yield kept


def _entries(place: Path) -> list[dict[str, str]]:
    file = place / _LIST
    if not file.is_file():
        return []
    try:
        data = json.loads(file.read_text("utf-8"))
        if data["v"] > VERSION:
            raise UsageError(f"The baseline {file} was written by a newer version of this library: update it")
        entries = [{key: str(entry[key]) for key in ("folder", "run", "accepted")} for entry in data["runs"]]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise UsageError(f"The baseline {file} cannot be read: {error}") from None
    if any(Path(entry["folder"]).name != entry["folder"] for entry in entries):
        raise UsageError(f"The baseline {file} names a folder that is outside of it: it is damaged")
    return entries


def _write_list(place: Path, entries: list[dict[str, str]]) -> None:
    data = {"v": VERSION, "name": place.name, "runs": entries}
    part = place / f".{_LIST}.part"
    try:
        part.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        part.replace(place / _LIST)
    except OSError as error:
        raise UsageError(f"The baseline cannot be written to {place}: {error.strerror or error}") from None


def _name_of(place: Path) -> str:
    return str(json.loads((place / _LIST).read_text("utf-8")).get("name", place.name))


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise UsageError(f"'{name}' is no name of a baseline: write letters, digits, dots and dashes, like main")
