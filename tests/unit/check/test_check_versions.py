"""The answer per version, and what files say of it."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from AudioSocketLibrary.check import PROBES, Report, Result, Verdict, probe_named
from AudioSocketLibrary.check.paper import as_html, as_json, as_junit, sentence
from AudioSocketLibrary.check.probe import Reason, broken, fine, remark, unmeasured
from AudioSocketLibrary.check.versions import answers, versions_text
from AudioSocketLibrary.protocol import ROWS, AsteriskVersion, behaviour_of
from AudioSocketLibrary.records import UsageError
from AudioSocketLibrary.transport import Address

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[3]
NEWEST = behaviour_of("22.10")
NASTY = "<script>alert('1')</script> \x00\x1b\ud800"


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ("18.0 22.3 22.4 22.5 22.7 22.9 22.10", "every version"),
        ("18.0", "18.0 to 18.19, 19, 20.0 to 20.4, certified-18.9"),
        ("22.4 22.5", "20.14 to 20.16, 21.9 to 21.11, 22.4 to 22.6, 23.0"),
        ("22.10", "20.20, 22.10, 23.4"),
        ("22.9 22.10", "20.19 and newer, 22.9 and newer, 23.3 and newer"),
    ],
)
def test_versions_in_words(rows: str, text: str):
    assert versions_text(rows.split()) == text


def result(name: str, answer, asked=NEWEST) -> Result:
    return Result.of(probe_named(name), answer, asked, 1.0)


def test_without_a_fault_there_is_one_answer():
    [answer] = answers([result("keys", fine()), result("types", unmeasured("no"))])
    assert (answer.versions, answer.text, answer.lives) == ("every version", "yes", True)


def test_reasons_come_from_the_rows_of_behaviour():
    old, new = answers([result("keys", broken("closed the call"))])
    assert set(new.rows) == {row.name for row in ROWS if row.sends_dtmf}
    assert old.text == "yes"
    assert new.text == "no, because it closed the call"


def test_a_caller_who_suffers_does_not_lose_the_call():
    [answer] = answers([result("pace", broken("paused"))])
    assert answer.lives
    assert answer.text == "yes, but it paused"


def test_a_broken_rule_outranks_what_callers_suffer():
    [answer] = answers([result("pace", broken("paused")), result("split", broken("closed the call"))])
    assert answer.text == "no, because it closed the call"


def test_the_verdict_is_that_of_the_version_asked_for():
    reasons = {"22.3": Reason("closed without 0x00", ends_call=False)}
    assert result("hangs_up", broken("x", reasons)).verdict is Verdict.NOTE
    assert result("hangs_up", broken("x", reasons), behaviour_of("22.3")).verdict is Verdict.NO


def test_probes_are_told_apart():
    assert len({probe.name for probe in PROBES}) == len({probe.title for probe in PROBES}) == len(PROBES)
    assert all(probe.why.endswith(".") and probe.advice.endswith(".") for probe in PROBES)
    assert probe_named("Keeps the line when it gets a key press") is probe_named("keys")
    with pytest.raises(UsageError, match=r"There is no probe 'kesy'; nearest: keys\. Probes: greets, "):
        probe_named("kesy")


def report() -> Report:
    found = [
        result("keys", broken(NASTY)),
        result("greets", fine("after 5 ms")),
        result("slin16", remark(NASTY)),
        result("pace", unmeasured(NASTY)),
    ]
    return Report(Address("bot<b>.example", 9092), AsteriskVersion(), found, lag=0.002)


def test_files_bear_what_a_bot_may_say():
    page = as_html(report())
    assert "<script" not in page
    assert "&lt;script&gt;alert(&#39;1&#39;)" in page
    assert "bot<b>" not in page
    assert "http" not in page.replace("http-equiv", "")
    page.encode("utf-8", "replace")
    suite = ET.fromstring(as_junit(report()))
    assert [len(suite.findall(f".//{kind}")) for kind in ("testcase", "failure", "skipped", "system-out")] == [
        4,
        1,
        1,
        2,
    ]
    data = json.loads(json.dumps(as_json(report())))
    assert [probe["verdict"] for probe in data["probes"]] == ["no", "ok", "note", "not measured"]


def test_counts_in_a_sentence():
    assert report().summary == "1 ok, 1 no, 1 note, 1 not measured, in 0 ms."
    assert report().own_error == "Our own loop woke at most 2 ms late (p99)."
    late = Report(Address("h", 1), AsteriskVersion(), [], lag=0.03)
    assert late.own_error.endswith("too late for times of milliseconds to be trusted.")


def test_a_yes_says_how_far_it_reaches():
    whole = Report(Address("h", 1), AsteriskVersion(), [Result.of(probe, fine(), NEWEST, 1.0) for probe in PROBES])
    assert not whole.reach
    assert "22.10? Yes</h1>" in as_html(whole)
    few = Report(Address("h", 1), AsteriskVersion(), whole.results[:3])
    assert "22.10? Yes, as far as was measured</h1>" in as_html(few)


def test_a_sentence_says_what_where_why_and_what_to_do():
    text = sentence(result("keys", broken("closed the call 3 ms after DTMF '1'")))
    assert text.startswith(
        "Bot closed the call 3 ms after DTMF '1'. Behind Asterisk 20.14 and newer, 21.9 and newer, 22.4 and newer, 23, "
        "certified-22.8: the call is lost. Since 20.14,"
    )
    assert "What to do: Read 0x03" in text
    assert sentence(result("greets", fine("after 5 ms"))) == "Bot answers a call and greets: after 5 ms."


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)
def test_the_page_and_the_suite_have_every_probe(probe):
    page = words((ROOT / "docs" / "check.md").read_text("utf-8"))
    assert f"`{probe.name}` {words(probe.why)} What to tell the developers: {words(probe.advice)}" in page
    suite = (ROOT / "suites" / "compliance" / "compliance.robot").read_text("utf-8")
    assert f"\n    {probe.name}\n" in suite
