"""Keywords: the same scenario several times, because neither a caller nor a bot is deterministic."""

from __future__ import annotations

from typing import Any

from robot.libraries.BuiltIn import BuiltIn

from ..call import Call
from ..records import CallFailure, FailureKind, Successes, wilson_interval
from .robot import keyword, logger
from .session import SESSION

_SAID = 3
"""So many failures are told in the message; all are in the log."""


class RepeatingKeywords:
    """Repeats of a scenario."""

    @keyword("Call")
    def scenario_should_succeed(self, scenario: str, successes: Successes, *arguments: Any) -> float:
        """Makes the same call several times and checks how often it succeeds.

        A bot that thinks is not deterministic: the question is how often it serves its callers, not whether it did
        once. Each repeat runs the keyword from its beginning and hangs up its calls. The share is told with its 95 %
        interval; the log shows the dialogue and the picture of each call that failed.

        Args:
            scenario: A keyword that places a call and says what it expects.
            successes: Like `at least 9 of 10 calls`.
            *arguments: Of the keyword.

        Returns:
            The share of repeats that succeeded, from 0 to 1.

        Example:
        ```robotframework
        Scenario Should Succeed    Place Call    at least 2 of 3 calls
        ```
        """
        failures = []
        for number in range(1, successes.of + 1):
            earlier = list(SESSION.calls.all)
            status, message = BuiltIn().run_keyword_and_ignore_error(scenario, *arguments)
            calls = [call for call in SESSION.calls.all if call not in earlier]
            SESSION.hang_up(calls)
            why = str(message) if status == "FAIL" else _broken(calls)
            if why:
                failures.append((number, why))
            for call in calls:
                call.end_expected = True
                if not why:
                    SESSION.succeeded.add(call.id)
        return self._judge(scenario, successes, failures)

    def _judge(self, scenario: str, successes: Successes, failures: list[tuple[int, str]]) -> float:
        good = successes.of - len(failures)
        low, high = wilson_interval(good, successes.of)
        told = (
            f"'{scenario}' succeeded in {good} of {successes.of} calls "
            f"({good / successes.of:.0%}; 95 % interval {low:.0%} to {high:.0%})"
        )
        for number, why in failures:
            logger.info(f"Call {number} failed: {why}")
        if good < successes.least:
            some = "; ".join(f"call {number}: {why}" for number, why in failures[:_SAID])
            more = f"; and {len(failures) - _SAID} more, see the log" if len(failures) > _SAID else ""
            raise CallFailure(FailureKind.LIMIT, f"{told}, not in at least {successes.least}. Failed: {some}{more}")
        logger.info(told)
        return good / successes.of


def _broken(calls: list[Call]) -> str:
    """Why a repeat that passed has failed all the same: Asterisk would have dropped its call."""
    broken = next((call for call in calls if call.broken_unnoticed), None)
    return str(broken.ended_early("the scenario was over")) if broken else ""
