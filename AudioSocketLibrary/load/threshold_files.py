"""Thresholds of a profile, and those of a file of non-functional requirements (NFR)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Mapping as Values
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..records.load_figures import FIGURES, LoadFigure, load_figure
from ..records.names import nearest_name, unknown_name
from ..records.thresholds import AGGREGATES, Threshold
from ..records.yaml_lines import Mapping, read_yaml
from .section import Section

_FROM: Final = ("from", "section")
_PROSE: Final = ("id", "about", "description", "title", "version", "owner", "comment", "name", "rationale", "source")
"""Keys of an NFR file that say something to people only."""
_ALSO: Final = {
    "latency": "response time",
    "errors": "error rate",
    "success": "success rate",
    "throughput": "calls per minute",
    "concurrent calls": "calls at once",
    "concurrency": "calls at once",
    "availability": "success rate",
}
"""Other words for our figures, in NFR files only."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the sentences of a profile may name."""

    phases: tuple[str, ...] = ()
    """Empty: they are known only when it is played."""
    scenarios: tuple[str, ...] = ()
    """Empty: likewise."""
    baseline: str = ""

    def check(self, threshold: Threshold) -> Threshold:
        """The threshold, if it can ever be judged.

        Raises:
            ValueError: it is of a phase, a scenario or a baseline that there is not.
        """
        for what, name, names in (
            ("phase", threshold.phase, self.phases),
            ("scenario", threshold.scenario, self.scenarios),
        ):
            if name is not None and names and name.casefold() not in (each.casefold() for each in names):
                raise ValueError(f"'{threshold}': {unknown_name(what, name, names, all_are='There are')}")
        if threshold.of_baseline and not self.baseline:
            raise ValueError(f"'{threshold}' needs a baseline: add 'baseline: main', or leave this threshold out")
        return threshold


def read_thresholds(top: Section, known: Known) -> tuple[Threshold, ...]:
    """The thresholds of a profile: sentences, and files that hold some."""
    found: list[Threshold] = []
    for number, item in enumerate(top.items("thresholds")):
        if isinstance(item, Mapping):
            row = Section(item, top.environment, _FROM)
            file = row.read("from", str)
            place = item.place.parent / file
            found += read_nfr(place, str(row.text("section")), top.environment)
        else:
            found.append(_sentence(top, "thresholds", number, item, lambda text: known.check(Threshold.parse(text))))
    return tuple(found)


def read_reasons(top: Section, known: Known) -> tuple[Threshold, ...]:
    """The reasons to abort of a profile."""

    def read(text: str) -> Threshold:
        return known.check(Threshold.parse(text).as_reason_to_abort())

    items = enumerate(top.items("abort_when"))
    return tuple(_sentence(top, "abort_when", number, item, read) for number, item in items)


def read_nfr(place: Path, section: str = "", environment: Values[str, str] | None = None) -> tuple[Threshold, ...]:
    """The thresholds of an NFR file.

    Under any headings, it holds sentences (a list, or under ``threshold:``), or figures with their limits:

        normal:
          response time: {p95: 2 s}
          error rate: 0 %

    Without an operator, a limit is the most, of figures of which more is better the least.

    Args:
        place: the file, YAML or JSON.
        section: the heading whose thresholds are meant, like ``peak``; empty: all of the file.
        environment: what `${ENV}` means.

    Raises:
        UsageError: the file cannot be read or understood.
    """
    content = read_yaml(place, "file of requirements", "thresholds:")
    part: Any = content
    if section:
        names = [key for key, value in content.items() if isinstance(value, Mapping | list)]
        found = next((name for name in names if name.casefold() == section.casefold()), None)
        if found is None:
            near = nearest_name(section, names)
            content.wrong(f"no section '{section}' here; {f'nearest: {near}' if near else f'there are {names}'}")
        part = content[found]
    thresholds = tuple(_Requirements(environment or {}).of(part, content, section))
    if not thresholds:
        content.wrong("no requirement here that we can measure: write 'thresholds: [p95 response time < 2 s]'")
    return thresholds


class _Requirements:
    def __init__(self, environment: Values[str, str]) -> None:
        self.environment = environment

    def of(self, value: Any, row: Mapping, key: str) -> Iterator[Threshold]:
        if isinstance(value, list):
            for number, item in enumerate(value):
                yield from [self._read(item, row, key, number)] if isinstance(item, str) else self.of(item, row, key)
        elif isinstance(value, Mapping):
            for name, item in value.items():
                yield from self._named(value, name, item)
        else:
            yield self._read(str(value), row, key)

    def _named(self, row: Mapping, name: str, value: Any) -> Iterator[Threshold]:
        figure = _figure(name)
        if name.casefold() in _PROSE:
            return
        if figure is None:
            if isinstance(value, str) and name not in ("threshold", "thresholds"):
                near = nearest_name(name.replace("_", " "), FIGURES)
                row.wrong(f"no figure '{name}'; {f'nearest: {near}' if near else 'a threshold names one'}", name)
            yield from self.of(value, row, name)
        elif isinstance(value, Mapping):
            for aggregate, limit in value.items():
                if aggregate not in AGGREGATES:
                    value.wrong(f"no percentile '{aggregate}' here: {', '.join(AGGREGATES)}", aggregate)
                yield self._read(f"{aggregate} {_limited(figure, str(limit))}", value, aggregate)
        elif isinstance(value, str):
            yield self._read(_limited(figure, value), row, name)
        else:
            row.wrong(f"'{name}' has one limit, or one for each percentile, like {{p95: 2 s}}", name)

    def _read(self, sentence: str, row: Mapping, key: str, item: int | None = None) -> Threshold:
        return Section(row, self.environment, row).converted(sentence, key, Threshold.parse, item)


def _figure(name: str) -> LoadFigure | None:
    plain = name.replace("_", " ").casefold()
    try:
        return load_figure(_ALSO.get(plain, plain))
    except ValueError:
        return None


def _limited(figure: LoadFigure, limit: str) -> str:
    operator = "" if limit.lstrip()[:1] in ("<", ">", "=", "≤", "≥") else ">=" if figure.more_is_better else "<="
    return f"{figure.name} {operator} {limit}"


def _sentence(top: Section, key: str, number: int, item: Any, read: Callable[[str], Threshold]) -> Threshold:
    if not isinstance(item, str):
        top.wrong(f"'{key}' is a list of sentences, like '- p95 response time < 2 s'", key, number)
    return top.converted(item, key, read, number)
