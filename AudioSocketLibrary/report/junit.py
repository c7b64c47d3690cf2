"""The report as JUnit XML: CI shows a broken threshold as a failure and an invalid run as an error.

Only one of the two is worth a retry. Every threshold, every scenario, the validity and the end of the run are test
cases; where the run is invalid or was interrupted, none of them looks like a pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from ..records.units import percent_text
from ..records.xml_text import xml_text
from .load_model import GroupRow, ReportModel, ThresholdRow


@dataclass(frozen=True, slots=True)
class Case:
    """A test case."""

    name: str
    group: str
    failure: str = ""
    """It did not pass, and a retry is not worth it."""
    error: str = ""
    """Nothing can be said: a retry is."""
    told: str = ""


def junit_report(model: ReportModel) -> str:
    """The XML, in the shape that GitLab, GitHub's actions and Jenkins read."""
    cases = list(cases_of(model))
    failures, errors = sum(bool(case.failure) for case in cases), sum(bool(case.error) for case in cases)
    counts = (
        f'tests="{len(cases)}" failures="{failures}" errors="{errors}" skipped="0" time="{model.duration or 0:.3f}"'
    )
    name = _attribute(f"load: {model.title}" if model.kind == "load" else model.title)
    stamp = f" timestamp={_attribute(model.started)}" if model.started else ""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuites name={name} {counts}>",
             f"<testsuite name={name} {counts}{stamp}>", "<properties>"]  # fmt: skip
    for key, value in (("verdict", model.verdict.word), ("validity", model.verdict.validity), *model.ran):
        if key:
            lines.append(f"<property name={_attribute(key)} value={_attribute(value)}/>")
    lines.append("</properties>")
    for case in cases:
        lines += _case(case, model)
    lines += [f"<system-out>{_text(model.verdict.sentence)}</system-out>", "</testsuite>", "</testsuites>", ""]
    return "\n".join(lines)


def cases_of(model: ReportModel) -> Iterator[Case]:
    """All test cases."""
    verdict = model.verdict
    open_end = ""
    if verdict.word in ("INVALID", "INTERRUPTED"):
        open_end = f"not judged, for the run is {verdict.word}"
    invalid = verdict.validity_sentence if verdict.validity == "invalid" else ""
    yield Case("The run is valid", "validity", error=invalid, told=verdict.validity_sentence)
    if verdict.word == "INTERRUPTED":
        yield Case("The run came to its end", "run", error=verdict.sentence)
    elif verdict.word == "FAIL" and not any(row.ok is False for row in model.thresholds):
        yield Case("The run came to its end", "run", failure=verdict.sentence)
    else:
        yield Case("The run came to its end", "run", error=open_end)
    for row in model.thresholds:
        yield _threshold(row, open_end)
    for group in model.scenarios:
        yield _scenario(model, group, open_end)


def _threshold(row: ThresholdRow, open_end: str) -> Case:
    if row.ok is None:
        return Case(row.threshold, "thresholds", error=f"{open_end}: {row.sentence}")
    return Case(row.threshold, "thresholds", failure="" if row.ok else row.sentence, told=row.sentence)


def _scenario(model: ReportModel, group: GroupRow, open_end: str) -> Case:
    """A scenario has failed where a threshold of it is broken, where none of its calls succeeded, or where failures are
    more than the run tolerates: not for a call that it does tolerate."""
    told = (
        f"{group.calls:,} calls, {group.failed:,} failed, p95 response time {group.response.text('p95')}, "
        f"longest {group.response.most_text}"
    )
    name = group.name or "(no name)"
    if open_end:
        return Case(name, "scenarios", error=f"{open_end}: {told}")
    broken = [row for row in model.thresholds if row.ok is False]
    own = [row.sentence for row in broken if f'of "{group.name}"' in row.title or f"of '{group.name}'" in row.title]
    of_errors = [row for row in broken if row.title.startswith(("error rate", "success rate", "failed calls"))]
    if own:
        return Case(name, "scenarios", failure=f"{own[0]} ({told})")
    if group.failed and (of_errors or group.failed == group.calls):
        share = percent_text(group.failed / group.calls)
        return Case(name, "scenarios", failure=f"{share} of its calls failed ({told})")
    return Case(name, "scenarios", told=told)


def _case(case: Case, model: ReportModel) -> Iterator[str]:
    group = _attribute(f"{model.title}.{case.group}")
    head = f'<testcase classname={group} name={_attribute(case.name)} time="0"'
    if not (case.failure or case.error or case.told):
        yield f"{head}/>"
        return
    yield f"{head}>"
    for tag, text in (("failure", case.failure), ("error", case.error)):
        if text:
            kind = "threshold" if tag == "failure" else model.verdict.word
            yield f"<{tag} type={_attribute(kind)} message={_attribute(text)}>{_text(text)}</{tag}>"
    if case.told:
        yield f"<system-out>{_text(case.told)}</system-out>"
    yield "</testcase>"


def _text(text: str) -> str:
    return escape(xml_text(text))


def _attribute(text: str) -> str:
    return quoteattr(xml_text(text))
