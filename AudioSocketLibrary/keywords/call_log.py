"""What Robot's log shows of a call: test metadata, written when its test ends.

Test metadata is new in Robot 7.5 and the only place that ``--loglevel``, ``--removekeywords``, ``rebot --merge`` and
pabot leave alone (tried, one by one). Files go to the final folder under unique names: links hold after a merge.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

from robot import result, running

from ..call import Call
from ..media.phrases import PhraseBookError, load_phrase_book
from ..records import CallRecord, UsageError
from ..report import (
    NO_NAMES,
    Names,
    Totals,
    call_line,
    calls_table,
    dialogue_rows,
    keep_call,
    robot_escape,
    robot_failures,
    robot_link,
    robot_picture,
    robot_table,
    slim,
)
from .robot import final_folder, logger, under_pabot, variable
from .session import SESSION

MOST_SHOWN = 5
"""Of a test with more calls, a table lists all of them, and so many that failed are shown in full."""
_TOTALS = Totals()


class CallLog:
    """The listener: ends the calls of a test or suite with it, and tells the log what happened in them."""

    ROBOT_LISTENER_API_VERSION = 3

    def end_test(self, data: running.TestCase, result: result.TestCase) -> None:  # noqa: ARG002 - Robot's interface
        """Hang up the test's calls and show them; a test whose call Asterisk would have dropped has not passed.

        Nor has one in which a call broke that the suite had placed: it is the first to know.
        """
        # The result's name: in the data's, variables are not replaced.
        calls = SESSION.end(result.full_name)
        broken = _tell_broken([*calls, *SESSION.calls_around(result.full_name)], "the test was over")
        if result.passed and broken:
            result.status = "FAIL"
            result.message = broken
        show(calls, result, failed=result.failed)
        SESSION.defaults.end(result.full_name)

    def end_suite(self, data: running.TestSuite, result: result.TestSuite) -> None:  # noqa: ARG002
        """The same for calls that were placed in the suite's set-up.

        Its tests are over and written: of a call that broke after them, an error tells on the console and in the log.
        """
        calls = SESSION.end(result.full_name)
        broken = _tell_broken(calls, "the suite was over")
        if broken:
            logger.error(f"A call of the suite {result.full_name} broke after its last test. {broken}")
        show(calls, result, failed=bool(broken) or bool(result.statistics.failed))
        SESSION.defaults.end(result.full_name)


def _tell_broken(calls: list[Call], doing: str) -> str:
    """What ended a call of these that Asterisk would have dropped, where nothing has told of it; now something has."""
    broken = next((call for call in calls if call.broken_unnoticed), None)
    if broken is None:
        return ""
    failure = broken.ended_early(doing)
    broken.judgements.append(failure.judgement)
    return str(failure)


def show(calls: list[Call], target: result.TestCase | result.TestSuite, *, failed: bool) -> None:
    """Write the recordings, pictures and pages of calls, and tell them in the metadata of a test or suite.

    A disk that is full, say, must not fail the test: it is told as a warning.
    """
    if not calls:
        return
    many = len(calls) > MOST_SHOWN
    in_full = _in_full(calls, failed=failed)
    try:
        SESSION.understand(in_full)
    except UsageError as error:
        logger.warn(f"The dialogue is shown without all words. {error}")
    names = _names()
    width = len(str(len(calls)))
    kept: list[tuple[CallRecord, str]] = []
    for index, call in enumerate(calls):
        # Robot sorts metadata by name.
        suffix = f" {index + 1:0{width}}" if len(calls) > 1 else ""
        suffix += f" ({call.alias})" if call.alias else ""
        record, page, picture = _keep(call, target.full_name, names, failed=failed)
        kept.append((record if call in in_full or not many else slim(record), page))
        if call in in_full or not many:
            line = call_line(record)
            target.metadata[f"Call{suffix}"] = robot_link(page, line) if page else robot_escape(line)
        if call in in_full:
            target.metadata[f"Dialogue{suffix}"] = robot_table(dialogue_rows(record, names), page=page)
            if record.judgements:
                target.metadata[f"Listen{suffix}"] = robot_failures(record, page)
            if picture:
                target.metadata[f"Picture{suffix}"] = robot_picture(page, picture)
    if many:
        target.metadata["All calls"] = calls_table(kept)
    records = [record.to_row() for record, _ in kept]
    # This one is for programs, and comes last.
    target.metadata["Record"] = json.dumps({"v": 1, "calls": records}, ensure_ascii=False, separators=(",", ":"))
    _add_up(target, [record for record, _ in kept])


def _in_full(calls: list[Call], *, failed: bool) -> list[Call]:
    """The calls whose dialogue and picture are shown: all, but repeats that succeeded; of many, those that failed."""
    shown = [call for call in calls if call.id not in SESSION.succeeded]
    if len(calls) <= MOST_SHOWN:
        return shown
    if len(shown) == len(calls):  # no repeats of a scenario, or all of them failed
        wrong = [call for call in calls if call.judgements]
        shown = wrong or (calls[-1:] if failed else [])
    return shown[:MOST_SHOWN]


def _keep(call: Call, test: str, names: Names, *, failed: bool) -> tuple[CallRecord, str, str]:
    """Write the files of a call; returns its record and the paths of its page and picture, empty where it has none."""
    folder = final_folder()
    if not folder:
        return call.record(), "", ""
    keep = SESSION.defaults.keep_recordings
    recording = keep == "all" or (keep == "failed" and failed and call.id not in SESSION.succeeded)
    log = variable("${LOG FILE}")
    log = Path(log).name if log and log != "NONE" else None
    try:
        kept = keep_call(call, folder, recording=recording, test=test, log=log, names=names)
    except (OSError, UsageError) as error:
        logger.warn(f"Call {call.id} could not be kept in {folder}: {error}")
        return call.record(), "", ""
    return kept.record, kept.page, kept.picture


def _names() -> Names:
    try:
        return _names_of(SESSION.phrase_book)
    except PhraseBookError as error:
        logger.warn(f"Recordings are shown by their names, without their words. {error}")
        return NO_NAMES


@cache
def _names_of(book: Path | None) -> Names:
    names = Names.of(load_phrase_book(book))
    if book is None:
        return names
    ours = _names_of(None)
    return replace(names, texts={**ours.texts, **names.texts}, prompts=names.prompts or ours.prompts)


def _add_up(target: result.TestCase | result.TestSuite, records: list[CallRecord]) -> None:
    """The totals of the run so far, in the first block of its report."""
    for record in records:
        _TOTALS.add(target.full_name, record)
    if under_pabot():
        return  # this process knows a part of the calls; Totals adds them up after the merge
    root = target
    while root.parent is not None:
        root = root.parent
    root.metadata["Calls"] = str(_TOTALS)
