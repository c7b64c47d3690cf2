"""Showing a run while it goes on: a calm screen on a terminal, a line now and then elsewhere, nothing if asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Protocol, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from ..records.units import percent_text
from .live import WINDOW, LiveView, Status, clock, milliseconds, size

EVERY: Final = 1.0
"""Seconds between two pictures of the screen."""
LINE_EVERY: Final = 10.0
"""Seconds between two plain lines."""


class Display(Protocol):
    """What shows a run, from ``with`` to its end."""

    def __enter__(self) -> Self:
        """Begin to show."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End; what was said stays."""

    def add(self, row: Mapping[str, Any]) -> None:
        """A row came."""

    def show(self, at: float) -> None:
        """Show how things stand, so many seconds after the beginning; asked more often than it is done."""

    def say(self, sentence: str) -> None:
        """Tell something, once."""

    def row(self, heads: Sequence[str], cells: Sequence[str]) -> None:
        """One more line of the table: a plateau is over."""


class Quiet:
    """Shows nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def add(self, row: Mapping[str, Any]) -> None:
        """Nothing is kept."""

    def show(self, at: float) -> None:
        """Nothing is shown."""

    def say(self, sentence: str) -> None:
        """Nothing is said."""

    def row(self, heads: Sequence[str], cells: Sequence[str]) -> None:
        """Nothing is shown."""


class Lines(Quiet):
    """A plain line every ten seconds, for files and logs of CI.

    Args:
        view: what is shown.
        console: where.
    """

    def __init__(self, view: LiveView, console: Console) -> None:
        self._view = view
        self._console = console
        self._next = 0.0
        self._widths: list[int] = []

    def add(self, row: Mapping[str, Any]) -> None:
        """A row came."""
        self._view.add(row)

    def show(self, at: float) -> None:
        """A line, if the last is old enough."""
        if at >= self._next:
            # On the ten: a look comes half a second late, and the next line shall not be later still.
            self._next = at // LINE_EVERY * LINE_EVERY + LINE_EVERY
            self.say(f" {self._view.line(at)}")

    def say(self, sentence: str) -> None:
        """A line."""
        self._console.print(sentence, soft_wrap=True, markup=False, highlight=False, emoji=False)

    def row(self, heads: Sequence[str], cells: Sequence[str]) -> None:
        """A line under the heads, which stand there once."""
        if not self._widths:
            self._widths = [max(len(head), 7) for head in heads]
            self.say(self._aligned(heads))
        self.say(self._aligned(cells))

    def _aligned(self, cells: Sequence[str]) -> str:
        *figures, last = cells
        return "  ".join([f"{cell:>{width}}" for cell, width in zip(figures, self._widths, strict=False)] + [last])


class Screen(Quiet):
    """A few lines of a terminal that stay where they are.

    Args:
        view: what is shown.
        console: where.
        title: what runs.
    """

    def __init__(self, view: LiveView, console: Console, title: str) -> None:
        self._view = view
        self._title = title
        self._next = 0.0
        self._table: Table | None = None
        self._live = Live(console=console, auto_refresh=False)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def add(self, row: Mapping[str, Any]) -> None:
        """A row came."""
        self._view.add(row)

    def show(self, at: float) -> None:
        """A new picture, if the last is old enough."""
        if at >= self._next:
            self._next = at // EVERY * EVERY + EVERY
            picture: RenderableType = picture_of(self._title, self._view.status(at))
            self._live.update(Group(self._table, Text(), picture) if self._table else picture, refresh=True)

    def say(self, sentence: str) -> None:
        """A line above the picture."""
        self._live.console.print(sentence, markup=False, highlight=False, emoji=False)

    def row(self, heads: Sequence[str], cells: Sequence[str]) -> None:
        """One more line of the table above the picture."""
        if self._table is None:
            self._table = Table(box=None, padding=(0, 2))
            for number, head in enumerate(heads):
                self._table.add_column(head, justify="left" if number == len(heads) - 1 else "right")
        self._table.add_row(*(Text(cell) for cell in cells))


def picture_of(title: str, status: Status) -> RenderableType:
    """The screen at a moment."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column()
    grid.add_row("calls", Text(f"{status.calls}   {status.per_minute:,.0f} a minute   done {status.done:,}"))
    failed = f"{status.failed:,}" + (f"   {status.why_failed}" if status.failures else "")
    grid.add_row("failed", Text(failed, style="red" if status.failed else ""))
    of = f" replies of the last {WINDOW:.0f} s)"
    grid.add_row("p95 response", Text(status.response_words.replace(")", of)))
    if status.bot_memory is not None:
        cpu = "" if status.bot_cpu is None else f"CPU {percent_text(round(status.bot_cpu, 2))} of a core   "
        grid.add_row("bot", Text(f"{cpu}memory {size(status.bot_memory)}"))
    grid.add_row("ourselves", Text(_health(status), style="yellow" if status.worries else ""))
    for worry in status.worries:
        grid.add_row("", Text(worry, style="yellow"))
    time = clock(status.at) + ("" if status.left is None else f"   left {clock(status.left)}")
    return Group(Text(f"{title}   {time}", style="bold"), grid)


def display_of(view: LiveView, title: str, *, quiet: bool = False, plain: bool = False) -> Display:
    """What shows a run on standard output: a screen on a terminal, lines elsewhere.

    Args:
        view: what is shown.
        title: what runs.
        quiet: nothing is to be shown.
        plain: lines are wanted on a terminal, too.
    """
    if quiet:
        return Quiet()
    console = Console()
    return Screen(view, console, title) if console.is_terminal and not plain else Lines(view, console)


def _health(status: Status) -> str:
    late, lag = ("-" if value is None else milliseconds(value) for value in (status.lateness, status.loop_lag))
    return (
        f"lateness p99 {late}   loop lag p99 {lag}   skipped {status.skipped:,}   "
        f"CPU {percent_text(round(status.cpu, 2))} of a core"
    )
