"""The runs that lie in a directory: a page, a list for machines, and a CSV a profile for tools that find changes.

Plain files, made again of the folders after each run: a folder that was removed is gone from them, too. A run that was
read before and has not changed since is taken from the list.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

from ..records import Threshold, UsageError
from ..records.run_info import NAME as RUN_JSON
from .baselines import used_facts
from .history_page import history_page
from .load_building import judge_run
from .run_reading import read_run

PAGE: Final = "index.html"
LIST: Final = "index.json"
TREND: Final = "trend-{}.csv"
VERSION: Final = 1
_FIGURES: Final = {
    "p50": "p50 response time >= 0 s",
    "p95": "p95 response time >= 0 s",
    "p99": "p99 response time >= 0 s",
    "greeting": "p95 greeting time >= 0 s",
    "error_rate": "error rate >= 0 %",
    "per_minute": "calls per minute >= 0",
}
_METRICS: Final = ("p50", "p95", "p99", "greeting", "error_rate", "per_minute")


@dataclass(frozen=True, slots=True)
class Entry:
    """A run in the list."""

    folder: str
    stamp: str
    """Of its files: where it is the same, they were not read again."""
    name: str = ""
    """Of the profile."""
    run: str = ""
    profile_hash: str = ""
    started: str = ""
    duration: float | None = None
    verdict: str = ""
    """PASS, FAIL, INVALID, INTERRUPTED; empty: it could not be read."""
    validity: str = ""
    sentence: str = ""
    calls: int = 0
    failed: int = 0
    p50: float | None = None
    """Response time, in seconds; likewise the next two."""
    p95: float | None = None
    p99: float | None = None
    greeting: float | None = None
    """The 95th percentile."""
    error_rate: float | None = None
    per_minute: float | None = None
    commit: str = ""
    claim: str = ""

    @property
    def counts(self) -> bool:
        """Whether its figures may be believed."""
        return self.verdict in ("PASS", "FAIL")


def write_history(directory: Path) -> list[Path]:
    """Write the page, the list and the CSV files of all runs in a directory.

    Args:
        directory: where the folders of runs are.

    Returns:
        The files; the page first.

    Raises:
        UsageError: it is no directory, or cannot be written to.
    """
    if not directory.is_dir():
        raise UsageError(f"There are no runs in {directory}: it is no directory")
    entries = list(read_history(directory))
    texts = {PAGE: history_page(entries, directory), LIST: _list(entries)}
    texts |= {TREND.format(name): _csv(of) for name, of in _by_profile(entries).items()}
    written = []
    for name, text in texts.items():
        place, part = directory / name, directory / f".{name}.part"
        try:
            part.write_text(text, encoding="utf-8", errors="replace", newline="\n")
            part.replace(place)
        except OSError as error:
            raise UsageError(f"The history cannot be written to {place}: {error.strerror or error}") from None
        written.append(place)
    return written


def read_history(directory: Path) -> Iterator[Entry]:
    """The runs of a directory, the oldest first."""
    known = {entry.folder: entry for entry in _known(directory / LIST)}
    found = []
    for place in directory.glob(f"*/{RUN_JSON}"):
        folder = place.parent
        if folder.is_symlink():  # latest
            continue
        stamp = _stamp(folder)
        before = known.get(folder.name)
        found.append(before if before is not None and before.stamp == stamp else _entry(folder, stamp))
    yield from sorted(found, key=lambda entry: (entry.started, entry.folder))


def _entry(folder: Path, stamp: str) -> Entry:
    try:
        run = read_run(folder)
        baseline = used_facts(folder)
        verdict = judge_run(run, baseline=baseline, baseline_name=run.info.baseline or "baseline")
    except UsageError as error:
        return Entry(folder.name, stamp, sentence=str(error))
    info, facts = run.info, run.facts
    values = {name: facts.value(Threshold.parse(sentence)) for name, sentence in _FIGURES.items()}
    if info.plateaus:  # each was another load: their mixture says nothing
        values = dict.fromkeys(values)
    return Entry(
        folder.name, stamp, info.name, info.run, info.profile_hash, info.started, info.duration, verdict.word.value,
        verdict.validity.validity.value, verdict.sentence, facts.due, facts.failed, commit=info.commit,
        claim=info.claim if verdict.word in ("PASS", "FAIL") else "", **values,
    )  # fmt: skip


def _stamp(folder: Path) -> str:
    """Size and time of a run's own files: a report that is written anew changes nothing."""
    files = [folder / RUN_JSON, *sorted((folder / "rows").glob("*.jsonl")), folder / "output.xml"]
    return " ".join(f"{at.st_size}:{at.st_mtime_ns}" for at in (file.stat() for file in files if file.is_file()))


def _known(place: Path) -> Iterator[Entry]:
    try:
        data = json.loads(place.read_text("utf-8"))
        names = {each.name for each in fields(Entry)}
        if data["v"] == VERSION:
            yield from [Entry(**{key: value for key, value in row.items() if key in names}) for row in data["runs"]]
    except (OSError, ValueError, TypeError, KeyError):
        # It is made of the folders: what cannot be read is made anew.
        return


def _list(entries: Sequence[Entry]) -> str:
    data: dict[str, Any] = {"v": VERSION, "runs": [asdict(entry) for entry in entries]}
    return json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _by_profile(entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.counts:
            found.setdefault(_plain(entry.name), []).append(entry)
    return found


def _csv(entries: Sequence[Entry]) -> str:
    """A line for each run whose figures may be believed: time, attributes, metrics."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["time", "run", "commit", "profile_hash", "verdict", *_METRICS])
    for entry in entries:
        metrics = ["" if (value := getattr(entry, name)) is None else f"{value:.6g}" for name in _METRICS]
        writer.writerow([entry.started, entry.run, _safe(entry.commit), entry.profile_hash, entry.verdict, *metrics])
    return out.getvalue()


def _safe(text: str) -> str:
    # A spreadsheet would run it.
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def _plain(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in name).strip("-") or "run"
