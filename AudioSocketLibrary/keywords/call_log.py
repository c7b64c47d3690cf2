"""What Robot's log shows of a call: test metadata, written when its test ends.

Test metadata is new in Robot 7.5 and the only place that ``--loglevel``, ``--removekeywords``, ``rebot --merge`` and
pabot leave alone (tried, one by one). Files go to the final folder under unique names: links hold after a merge.
"""

from __future__ import annotations

import json
from typing import Any

from robot import result, running

from ..call import Call
from ..records import UsageError
from ..report import (
    call_line,
    dialogue_rows,
    keep_call,
    robot_escape,
    robot_link,
    robot_picture,
    robot_table,
)
from .robot import final_folder, logger
from .session import SESSION


class CallLog:
    """The listener: ends the calls of a test or suite with it, and tells the log what happened in them."""

    ROBOT_LISTENER_API_VERSION = 3

    def end_test(self, data: running.TestCase, result: result.TestCase) -> None:  # noqa: ARG002 - Robot's interface
        """Hang up the test's calls and show them; a test whose call Asterisk would have dropped has not passed."""
        # The result's name: in the data's, variables are not replaced.
        calls = SESSION.end(result.full_name)
        broken = next((call for call in calls if call.broken_unnoticed), None)
        if result.passed and broken is not None:
            result.status = "FAIL"
            result.message = str(broken.ended_early("the test was over"))
        show(calls, result, failed=result.failed)
        SESSION.defaults.end(result.full_name)

    def end_suite(self, data: running.TestSuite, result: result.TestSuite) -> None:  # noqa: ARG002
        """The same for calls that were placed in the suite's set-up."""
        show(SESSION.end(result.full_name), result, failed=bool(result.statistics.failed))
        SESSION.defaults.end(result.full_name)


def show(calls: list[Call], target: result.TestCase | result.TestSuite, *, failed: bool) -> None:
    """Write the recordings, pictures and pages of calls, and tell them in the metadata of a test or suite.

    A disk that is full, say, must not fail the test: it is told as a warning.
    """
    try:
        SESSION.understand(calls)
    except UsageError as error:
        logger.warn(f"The dialogue is shown without all words. {error}")
    keep = SESSION.defaults.keep_recordings
    keep_these = keep == "all" or (keep == "failed" and failed)
    folder = final_folder()
    records = []
    for index, call in enumerate(calls):
        suffix = f" {index + 1}" if len(calls) > 1 else ""
        suffix += f" ({call.alias})" if call.alias else ""
        record = call.record()
        line = robot_escape(call_line(record))
        if folder:
            try:
                kept = keep_call(call, folder, recording=keep_these, test=target.full_name)
            except OSError as error:
                logger.warn(f"Call {call.id} could not be kept in {folder}: {error}")
            else:
                record = kept.record
                line = robot_link(kept.page, call_line(record))
                if call.id not in SESSION.succeeded:
                    target.metadata[f"Picture{suffix}"] = robot_picture(kept.page, kept.picture)
        target.metadata[f"Call{suffix}"] = line
        if call.id not in SESSION.succeeded:
            target.metadata[f"Dialogue{suffix}"] = robot_table(dialogue_rows(record))
        records.append(_compact(record.to_json()))
    if records:
        # Robot sorts metadata by name: this one is for programs, and comes last.
        target.metadata["Record"] = json.dumps({"v": 1, "calls": records}, ensure_ascii=False, separators=(",", ":"))


def _compact(value: Any) -> Any:
    """Without what is empty: a reader takes the defaults of the record's fields for it."""
    if isinstance(value, dict):
        return {key: _compact(item) for key, item in value.items() if item not in (None, "", [], {})}
    if isinstance(value, list):
        return [_compact(item) for item in value]
    return value
