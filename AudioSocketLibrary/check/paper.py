"""The report as files: a page for people, JSON and JUnit for machines."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ..records.xml_text import xml_text
from .probe import Result, Verdict
from .report import Report
from .versions import versions_text

VERSION = 1


def write_report(report: Report, folder: Path) -> Path:
    """Write ``check-<host>.html``, ``.json`` and ``.junit.xml``; returns the page."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"check-{re.sub(r'[^A-Za-z0-9.-]', '_', report.bot.host)}"
    page = folder / f"{stem}.html"
    page.write_bytes(as_html(report).encode("utf-8", "replace"))
    text = json.dumps(as_json(report), indent=1, ensure_ascii=False)
    (folder / f"{stem}.json").write_bytes(text.encode("utf-8", "replace"))
    (folder / f"{stem}.junit.xml").write_bytes(as_junit(report))
    return page


def matters(result: Result) -> str:
    """The versions behind which a result matters, in words; empty: behind none."""
    return versions_text(list(result.reasons)) if result.reasons else ""


def sentence(result: Result) -> str:
    """A result for people who see nothing but it: what was found, where it matters, why, what to do."""
    probe = result.probe
    if result.verdict is Verdict.OK:
        return f"Bot {probe.title}{': ' if result.text else ''}{result.text}."
    what = f"Bot {result.text}."
    if result.reasons:
        lost = any(reason.ends_call for reason in result.reasons.values())
        what += f" Behind Asterisk {matters(result)}: {'the call is lost' if lost else 'the caller suffers'}."
    return f"{what} {probe.why} What to do: {probe.advice}"


def as_json(report: Report) -> dict[str, Any]:
    """The report as JSON-ready data."""
    return {
        "v": VERSION,
        "bot": str(report.bot),
        "asterisk": str(report.asterisk),
        "began": report.began,
        "seconds": round(report.seconds, 1),
        "our_loop_lag_p99": report.lag,
        "passed": report.passed,
        "probes": [
            {
                "name": result.probe.name,
                "title": result.probe.title,
                "verdict": str(result.verdict),
                "text": result.text,
                "versions": matters(result),
                "rows": {
                    row: {"reason": reason.text, "ends_call": reason.ends_call}
                    for row, reason in result.reasons.items()
                },
                "why": result.probe.why,
                "advice": result.probe.advice,
                "seconds": round(result.seconds, 1),
            }
            for result in report.results
        ],
        "versions": [
            {"versions": answer.versions, "rows": answer.rows, "lives": answer.lives, "answer": answer.text}
            for answer in report.answers
        ],
    }


def as_junit(report: Report) -> bytes:
    """The report as JUnit XML: a probe is a test case, one that was not measured is skipped."""
    suite = ET.Element(
        "testsuite",
        name=xml_text(f"audiosocket check {report.bot}"),
        tests=str(len(report.results)),
        failures=str(report.count(Verdict.NO)),
        skipped=str(report.count(Verdict.NOT_MEASURED)),
        errors="0",
        time=f"{report.seconds:.1f}",
        timestamp=report.began,
    )
    for result in report.results:
        case = ET.SubElement(
            suite,
            "testcase",
            classname=xml_text(f"check.{report.bot.host}"),
            name=result.probe.title,
            time=f"{result.seconds:.1f}",
        )
        if result.verdict is Verdict.NO:
            failure = ET.SubElement(case, "failure", message=xml_text(f"The bot {result.text}"))
            failure.text = xml_text(f"Asterisk: {matters(result)}\n{result.probe.why}\n{result.probe.advice}")
        elif result.verdict is Verdict.NOT_MEASURED:
            ET.SubElement(case, "skipped", message=xml_text(result.text))
        else:
            ET.SubElement(case, "system-out").text = xml_text(f"{result.verdict} {result.text}")
    xml: bytes = ET.tostring(suite, encoding="utf-8", xml_declaration=True)
    return xml


def as_html(report: Report) -> str:
    """The report as one page that loads nothing and runs nothing."""
    environment = Environment(
        loader=PackageLoader("AudioSocketLibrary.check", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    assert environment.loader is not None
    style = environment.loader.get_source(environment, "check.css")[0].replace("\r\n", "\n")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return environment.get_template("check.html.j2").render(
        report=report,
        asked=next(answer for answer in report.answers if report.asterisk.behaviour.name in answer.rows),
        matters=matters,
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
        style=Markup(style),  # noqa: S704 - a file of this package
    )
