"""Keywords: how a scenario looks to a load."""

from __future__ import annotations

from html import escape
from typing import Any

from ..scenario import Plan
from .recording import plan_of
from .robot import keyword, logger


class PlanKeywords:
    """Plans, before they are played."""

    @keyword("Load")
    def log_plan(self, scenario: str, *arguments: Any) -> None:
        """Records a user keyword or test of this suite and logs its steps; fails where many cannot play it.

        Nothing is sent to the bot. What cannot be recorded is told by file and line, with the way out:
        docs/scenarios.md has the rules.

        Args:
            scenario: Name of a user keyword that this suite can use, or of one of its tests.
            *arguments: Of the keyword.

        Example:
        ```robotframework
        Log Plan    Place Call
        ```
        """
        plan = plan_of(scenario, arguments)
        logger.info(plan_table(plan), html=True)
        for note in plan.notes:
            logger.info(note)


def plan_table(plan: Plan) -> str:
    """The steps of a plan as a table of HTML."""
    rows = "".join(
        f"<tr><td>{number}</td><td>{escape(planned.text)}{' <i>(teardown)</i>' if planned.teardown else ''}</td>"
        f"<td>{escape(planned.source)}</td></tr>"
        for number, planned in enumerate(plan.steps, 1)
    )
    keeps = "the bot's audio is kept for what is said" if plan.hears else "the bot's audio need not be kept"
    return (
        f"<p>Plan of <b>{escape(plan.name)}</b> ({escape(plan.source)}): {len(plan.steps)} steps; {keeps}</p>"
        f"<table><tr><th></th><th>Step</th><th>Written in</th></tr>{rows}</table>"
    )
