"""Keywords: the call as a whole."""

from __future__ import annotations

from ..call import FINDING_KINDS, Figure
from ..records import Side, UsageError
from ..scenario import (
    CallFigureShouldBe,
    CallShouldHaveBeenEndedBy,
    CallShouldHaveNoFindings,
    GetCallFigure,
    Operator,
)
from .converters import Limit
from .robot import keyword
from .session import SESSION


class WholeCallKeywords:
    """Figures, the end, and findings of a call."""

    @keyword("Call", "Figures")
    def call_figure_should_be(
        self, figure: Figure, operator: Operator, limit: Limit, *, turn: int | None = None, call: str = ""
    ) -> None:
        """Checks any figure of the call against a limit. Soft.

        Args:
            figure: Which; response and barge-in time are the longest of the call, unless a turn is given.
            operator: How to compare.
            limit: A time; a share like `40 %` for talk share; a number where something is counted.
            turn: Of which turn.
            call: Alias of the call; the current one unless given.

        Example:
        ```robotframework
        Place Call
        Play    winter_tyres
        Call Figure Should Be    response time    <    2 s
        Call Figure Should Be    dead air    <=    4 s
        ```
        """
        if limit.share != (figure is Figure.talk_share):
            wanted = "a share, like '40 %'" if figure is Figure.talk_share else "a time, like '800 ms', or a number"
            raise UsageError(f"The limit of {figure} is {wanted}")
        SESSION.do(CallFigureShouldBe(figure=figure, operator=operator, limit=float(limit), turn=turn, call=call))

    @keyword("Call", "Figures")
    def get_call_figure(self, figure: Figure, *, turn: int | None = None, call: str = "") -> float | None:
        """Returns a figure of the call in seconds (talk share: 0 to 1), or `${None}` if it was not measured.

        Args:
            figure: Which.
            turn: Of which turn.
            call: Alias of the call; the current one unless given.

        Returns:
            The figure.

        Example:
        ```robotframework
        Place Call
        Bot Should Greet Within    2 s
        ${time}    Get Call Figure    greeting time
        ```
        """
        value: float | None = SESSION.do(GetCallFigure(figure=figure, turn=turn, call=call))
        return value

    @keyword("Call")
    def call_should_have_been_ended_by(self, side: Side, *, call: str = "") -> None:
        """Checks who closed the call. Waits for its end, at most `turn_timeout`.

        Args:
            side: `asterisk` where the bot broke one of its rules, `network` where the connection was lost.
            call: Alias of the call; the current one unless given.

        Example:
        ```robotframework
        Place Call
        Hang Up
        Call Should Have Been Ended By    caller
        ```
        """
        SESSION.do(CallShouldHaveBeenEndedBy(side=side, call=call))

    @keyword("Call")
    def call_should_have_no_findings(self, *ignore: str, call: str = "") -> None:
        """Checks that nothing happened so far that Asterisk or a phone would have stumbled over. Soft.

        Args:
            *ignore: Kinds of findings that do not count, like `gap`, `burst`, `odd length`.
            call: Alias of the call; the current one unless given.

        Example:
        ```robotframework
        Place Call
        Bot Should Greet Within    2 s
        Call Should Have No Findings
        ```
        """
        SESSION.do(CallShouldHaveNoFindings(ignore=known_kinds(ignore), call=call))


def known_kinds(kinds: tuple[str, ...]) -> tuple[str, ...]:
    """The kinds of findings, refused where one does not exist: a misspelt one would ignore nothing, silently."""
    for kind in kinds:
        if kind not in FINDING_KINDS:
            raise UsageError(f"There is no finding '{kind}'. Findings: {', '.join(FINDING_KINDS)}")
    return kinds
