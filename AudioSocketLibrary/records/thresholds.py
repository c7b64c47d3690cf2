"""The threshold: one sentence, the same in tables, profiles and on the command line.

    [p50 p90 p95 p99 max mean] <figure> [of "<scenario>"] [in <phase>] < <= = >= > <limit>
    [of baseline] [for 99 % of seconds]

As a reason to abort it may end with a time instead: ``error rate > 30 % for 20 s``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import isclose
from operator import ge, gt, le, lt
from typing import Final, Literal, Self, cast

from .load_figures import FIGURES, LoadFigure, exact_text, load_figure, read_value
from .names import unknown_name
from .units import read_percent, read_time

Aggregate = Literal["p50", "p90", "p95", "p99", "max", "mean"]
Operator = Literal["<", "<=", "=", ">=", ">"]

MINIMAL_N: Final[dict[str, int]] = {"p50": 2, "p90": 10, "p95": 20, "p99": 100}
"""How many values make a percentile that is not their maximum; with fewer, a result is weak."""
AGGREGATES: Final[tuple[Aggregate, ...]] = ("p50", "p90", "p95", "p99", "max", "mean")


def _same(one: float, other: float) -> bool:
    return isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)


_HOLDS: Final[dict[Operator, Callable[[float, float], bool]]] = {
    "<": lambda actual, limit: lt(actual, limit) and not _same(actual, limit),
    "<=": lambda actual, limit: le(actual, limit) or _same(actual, limit),
    "=": _same,
    ">=": lambda actual, limit: ge(actual, limit) or _same(actual, limit),
    ">": lambda actual, limit: gt(actual, limit) and not _same(actual, limit),
}
_OPERATORS: Final[dict[str, Operator]] = {"≤": "<=", "≥": ">=", "==": "=", "=<": "<=", "=>": ">="}
_QUOTED: Final = r"\"[^\"]+\"|'[^']+'|„[^“”]+[“”]|“[^”]+”|«[^»]+»"
_SENTENCE: Final = re.compile(
    rf"""(?P<figure>[^"<>=≤≥]+?)
    (?:\s+of\s+(?P<scenario>{_QUOTED}))?
    (?:\s+in\s+(?!time\b)(?P<phase>{_QUOTED}|[^"<>=≤≥]+?))?
    \s*(?P<operator>==|<=|>=|=<|=>|[<>=≤≥])\s*
    (?P<limit>[^<>=≤≥]+?)
    (?P<baseline>\s+of\s+baseline)?
    (?:\s+for\s+(?:(?P<seconds>[\d.,]+\s*%)\s+of\s+seconds|(?P<lasting>[^<>=≤≥]+)))?""",
    re.VERBOSE | re.IGNORECASE,
)
"""The phase is not ``time``: that belongs to ``barge in time``."""
_PLAIN: Final = re.compile(r"(?!time\b)[^\W_](?:[\w ().-]*[\w).])?")
_HOW: Final = "write it like 'p95 response time < 2 s' or 'error rate < 1 %'"


@dataclass(frozen=True, slots=True)
class Threshold:
    """A limit on a measured figure of a run. ``str()`` is a sentence that reads back as the same."""

    figure: LoadFigure
    operator: Operator
    limit: float
    """Seconds, a share from 0 to 1, a number, a number a minute, or bytes; of the baseline: a share of its value."""
    aggregate: Aggregate | None = None
    """None where the figure is one value of the run."""
    scenario: str | None = None
    phase: str | None = None
    of_baseline: bool = False
    seconds: float | None = None
    """The share of seconds in which it must hold; None: it is judged over all of the time."""
    lasting: float | None = None
    """As a reason to abort: for so long, in seconds."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a sentence.

        Raises:
            ValueError: it cannot be understood, names no figure there is, or has a limit of another unit.
        """
        sentence = " ".join(text.split())
        match = _SENTENCE.fullmatch(sentence)
        if not match:
            raise ValueError(f"'{sentence}' is no threshold: {_HOW}")
        aggregate, figure = _read_figure(match["figure"], sentence)
        sign = match["operator"]
        threshold = cls(
            figure=figure,
            operator=_OPERATORS.get(sign, cast("Operator", sign)),
            limit=round(read_percent(match["limit"]), 11) if match["baseline"] else read_value(figure, match["limit"]),
            aggregate=aggregate,
            scenario=_unquoted(match["scenario"]),
            phase=_unquoted(match["phase"]),
            of_baseline=bool(match["baseline"]),
            seconds=round(read_percent(match["seconds"]), 11) if match["seconds"] else None,
            lasting=read_time(match["lasting"]) if match["lasting"] else None,
        )
        threshold._check(sentence)
        return threshold

    def __str__(self) -> str:
        words: list[str] = [self.aggregate] if self.aggregate else []
        words.append(self.figure.name)
        if self.scenario is not None:
            words.append(f"of {_quoted(self.scenario)}")
        if self.phase is not None:
            words.append(f"in {self.phase if _PLAIN.fullmatch(self.phase) else _quoted(self.phase)}")
        words += [self.operator, exact_text("share" if self.of_baseline else self.figure.unit, self.limit)]
        if self.of_baseline:
            words.append("of baseline")
        if self.seconds is not None:
            words.append(f"for {exact_text('share', self.seconds)} of seconds")
        if self.lasting is not None:
            words.append(f"for {exact_text('time', self.lasting)}")
        return " ".join(words)

    @property
    def title(self) -> str:
        """What is limited, without the limit: ``p95 response time of "Order" in hold``."""
        return str(self).partition(f" {self.operator} ")[0]

    @property
    def minimal_n(self) -> int:
        """With fewer values the result is weak."""
        return MINIMAL_N.get(self.aggregate or "", 1)

    @property
    def upwards(self) -> bool:
        """Whether it is a least value, not a greatest."""
        return self.operator in (">", ">=")

    def holds(self, actual: float) -> bool:
        """Whether a value is within the limit."""
        return _HOLDS[self.operator](actual, self.limit)

    def scaled(self, factor: float) -> Self:
        """The same for a load that is ``factor`` times as large: only rates and numbers of calls follow the load."""
        follows = self.figure.unit == "rate" or self.figure.name in ("calls", "calls at once")
        return replace(self, limit=self.limit * factor) if follows and not self.of_baseline else self

    def as_reason_to_abort(self) -> Self:
        """Itself, checked to be one.

        Raises:
            ValueError: it says nothing about the last seconds.
        """
        if self.of_baseline or self.seconds is not None:
            raise ValueError(f"'{self}' is no reason to abort: write it like 'error rate > 30 % for 20 s'")
        return self if self.lasting is not None else replace(self, lasting=20.0)

    def _check(self, sentence: str) -> None:
        if self.seconds is not None:
            if not 0 < self.seconds <= 1:
                raise ValueError(f"'{sentence}': a share of seconds is above 0 % and up to 100 %")
            if self.of_baseline or not (self.figure.is_distribution or self.figure.share_of or self._is_rate):
                raise ValueError(f"'{sentence}': there is no {self.title} of each second; leave 'for … of seconds' out")
        if self.lasting is not None and self.lasting <= 0:
            raise ValueError(f"'{sentence}': a time above 0 is needed after 'for'")
        if self.figure.unit == "share" and not self.of_baseline and self.figure.each != "sample" and self.limit > 1:
            raise ValueError(f"'{sentence}' always holds, or never: {self.figure.name} is at most 100 %")

    @property
    def _is_rate(self) -> bool:
        return self.figure.unit == "rate"


def _read_figure(words: str, sentence: str) -> tuple[Aggregate | None, LoadFigure]:
    first, _, rest = words.strip().partition(" ")
    aggregate = first.lower().replace("p100", "max").replace("avg", "mean").replace("median", "p50")
    if aggregate in AGGREGATES:
        if not rest:
            raise ValueError(f"'{sentence}' names no figure after {first}: {_HOW}")
        figure = load_figure(rest)
        if not figure.is_distribution:
            raise ValueError(f"'{sentence}': {figure.name} is one value of the run; leave '{first}' out")
        return aggregate, figure
    if re.fullmatch(r"p[\d.]+|min", first, re.IGNORECASE):
        raise ValueError(f"'{sentence}': {unknown_name('percentile', first, AGGREGATES, all_are='There are')}")
    try:
        figure = load_figure(words)
    except ValueError:
        # A misspelt "p95" must not be reported as a figure that has another name.
        if rest and " ".join(rest.split()).casefold() in FIGURES:
            raise ValueError(
                f"'{sentence}': {unknown_name('percentile', first, AGGREGATES, all_are='There are')}"
            ) from None
        raise
    if figure.is_distribution:
        raise ValueError(
            f"'{sentence}' does not say which {figure.name}: each of the {figure.noun} has one. Write p50, p90, p95, "
            f"p99, max or mean before it, like 'p95 {figure.name}'"
        )
    return None, figure


def _unquoted(text: str | None) -> str | None:
    if text is None:
        return None
    return text[1:-1] if re.fullmatch(_QUOTED, text) else text.strip()


def _quoted(text: str) -> str:
    return f'"{text}"' if '"' not in text else f"'{text}'"
