"""A report in every format: the verdict, nothing that only looks like a pass, no secret, nothing that runs."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import soundfile

from AudioSocketLibrary.records.run_info import Plateau, RunInfo
from AudioSocketLibrary.report.load_building import build_report, read_thresholds
from AudioSocketLibrary.report.load_console import verdict_lines
from AudioSocketLibrary.report.load_files import FORMATS, NAMES, read_formats, write_load_reports, write_report
from AudioSocketLibrary.report.run_reading import read_run
from tests.helpers.run_maker import Made, make_run

pytestmark = pytest.mark.unit

MET = RunInfo(name="peak", thresholds=("p95 response time < 20 s", "error rate < 50 %"))
SMALL = Made(calls=80, workers=2, at_once=10, info=MET)
INVALID = replace(SMALL, lateness=0.030)
LOST = replace(SMALL, lost=(1,))
INTERRUPTED = replace(SMALL, info=replace(MET, state="interrupted", reason="stopped by Ctrl-C"))
RUNNING = replace(SMALL, info=replace(MET, state="running"))
ABORTED = replace(SMALL, info=replace(MET, state="aborted", reason="stopped early: error rate 34 %"))

HOSTILE = "<script>alert(1)</script> ]]> | *x* `y` [z](http://evil) @me #1\n\x1b[31mred\x00\u202e =1+1"


def texts(folder, made, **settings):
    """The report in every format, by its name; and what the console says."""
    run = make_run(folder / "run", made)
    model = write_load_reports(run, **settings)
    found = {name: (run / NAMES[name]).read_text("utf-8") for name in FORMATS}
    return {**found, "console": "\n".join(verdict_lines(model, run))}


class Page(HTMLParser):
    """The words of a page, its scripts left out; tags and links."""

    def __init__(self, text):
        super().__init__()
        self.words, self.tags, self.links, self._in = [], [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self._in = tag
        self.tags.append((tag, dict(attributes)))
        self.links += [value for name, value in attributes if name in ("href", "src")]

    def handle_endtag(self, tag):
        self._in = ""

    def handle_data(self, data):
        if self._in not in ("script", "style"):
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


@pytest.mark.parametrize(
    ("made", "word"),
    [
        (INVALID, "INVALID"), (LOST, "INVALID"), (INTERRUPTED, "INTERRUPTED"), (RUNNING, "INTERRUPTED"),
        (ABORTED, "FAIL"),
    ],
    ids=["invalid", "lost worker", "interrupted", "not over", "aborted"],
)  # fmt: skip
def test_nothing_looks_like_a_pass_in_any_format(tmp_path, made, word):
    found = texts(tmp_path, made)
    page = Page(found["html"])
    assert not re.search(r"\bPASS\b|✅ PASS", "".join(found.values()))
    for name in ("html", "markdown", "console", "csv", "json", "junit"):
        assert word in found[name]
    data = json.loads(found["json"])
    assert data["verdict"]["passed"] is False
    assert data["verdict"]["exit_code"] in (1, 3, 4)
    rows = list(csv.DictReader(io.StringIO(found["csv"])))
    assert rows[0]["state"] == word
    assert ("header", {"class": f"verdict {word.lower()}"}) in page.tags
    suite = ET.fromstring(found["junit"]).find("testsuite")
    assert int(suite.get("failures")) + int(suite.get("errors")) > 0
    if word == "FAIL":
        return  # its thresholds were met; what it failed for is its end
    # Nothing was judged: no threshold is met, no scenario has passed, and no tile is green.
    assert {row["ok"] for row in data["thresholds"]} == {None}
    assert {row["state"] for row in rows if row["kind"] == "threshold"} == {"not judged"}
    assert "✅" not in found["markdown"]
    assert "  ok  " not in found["console"]
    assert not [1 for tag, attributes in page.tags if "good" in (attributes.get("class") or "").split()]
    cases = suite.findall("testcase")
    assert all(case.find("error") is not None for case in cases if "validity" not in case.get("classname"))


def test_of_an_invalid_run_no_issue_is_about_the_bot(tmp_path):
    made = replace(INVALID, failing=0.5, silence=0.3)
    model = build_report(read_run(make_run(tmp_path, made)))
    assert [issue.what for issue in model.issues] == ["This machine could not keep time: nothing is said about the bot"]
    assert len(list(verdict_lines(model, tmp_path))) == 1


def test_an_invalid_run_is_an_error_and_a_broken_threshold_a_failure(tmp_path):
    invalid = ET.fromstring(texts(tmp_path / "1", INVALID)["junit"]).find("testsuite")
    assert (int(invalid.get("errors")) > 0, invalid.get("failures")) == (True, "0")
    made = replace(SMALL, info=replace(MET, thresholds=("p95 response time < 100 ms", "error rate < 50 %")))
    broken = ET.fromstring(texts(tmp_path / "2", made)["junit"]).find("testsuite")
    assert (broken.get("errors"), broken.get("failures")) == ("0", "1")
    failure = broken.find("testcase/failure")
    assert failure.get("message").startswith("p95 response time ")
    assert "over by" in failure.get("message")
    names = [case.get("name") for case in broken.findall("testcase")]
    assert names[:4] == [
        "The run is valid", "The run came to its end", "p95 response time < 100 ms", "error rate < 50 %",
    ]  # fmt: skip
    assert set(names[4:]) == set(read_run(tmp_path / "2" / "run").facts.scenarios)
    assert int(broken.get("tests")) == len(names)


def test_a_pass_says_so_everywhere(tmp_path):
    found = texts(tmp_path, SMALL)
    assert found["console"].startswith("PASS  ")
    assert "✅ PASS" in found["markdown"]
    assert json.loads(found["json"])["verdict"] == {
        **json.loads(found["json"])["verdict"], "word": "PASS", "exit_code": 0, "passed": True, "validity": "valid",
    }  # fmt: skip
    suite = ET.fromstring(found["junit"]).find("testsuite")
    assert (suite.get("failures"), suite.get("errors")) == ("0", "0")


def test_a_scenario_whose_calls_all_failed_or_whose_own_threshold_broke_has_failed(tmp_path):
    def fail_one(row):
        return {**row, "outcome": "failed"} if row["scenario"] == "Ask For Operator" else row

    sentence = 'p95 response time of "Замовлення шин" < 100 ms'
    made = replace(SMALL, failing=0.0, change=fail_one, info=replace(MET, thresholds=(sentence,)))
    suite = ET.fromstring(texts(tmp_path, made)["junit"]).find("testsuite")
    failed = {case.get("name") for case in suite.findall("testcase") if case.find("failure") is not None}
    assert failed == {sentence, "Замовлення шин", "Ask For Operator"}


def test_hostile_texts_are_inert(tmp_path):
    def poison(row):
        row = {**row, "scenario": HOSTILE, "call": row["call"]}
        for turn in row.get("turns", ()):
            turn["said"] = HOSTILE
        for told in row.get("judgements", ()):
            told["text"] = HOSTILE
        for mark in row.get("marks", ()):
            mark |= {"name": "mark", "fields": {"name": HOSTILE}}
        for finding in row.get("findings", ()):
            finding |= {"kind": HOSTILE, "text": HOSTILE}
        return row

    info = replace(MET, name=HOSTILE, about=HOSTILE, bots={HOSTILE: HOSTILE}, log_url="javascript:alert('{uuid}')",
                   notes=(HOSTILE,), commit=HOSTILE, plans={HOSTILE: [HOSTILE]})  # fmt: skip
    made = replace(SMALL, failing=0.3, change=poison, info=info)
    found = texts(tmp_path, made)
    for name, text in found.items():
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f]", text), f"{name} has a character that a terminal acts on"
    page = Page(found["html"])
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert "<script>alert(1)</script> ]]>" in page.text
    assert not [link for link in page.links if not link.startswith("#")]
    assert "alert" not in found["html"].replace("&lt;script&gt;alert(1)&lt;/script&gt;", "")
    assert "<script" not in re.sub(r"\\<script", "", found["markdown"])
    assert len(set(re.findall(r"^\|.*\|$", found["markdown"], re.MULTILINE))) > 4
    assert not re.search(r"(?<!\\)\[z|@me|#1\b|http://evil", found["markdown"])
    names = {case.get("name") for case in ET.fromstring(found["junit"]).iter("testcase")}
    assert any(name.startswith("<script>alert(1)</script> ]]>") for name in names)
    assert all(set(row) == set(next(csv.reader(io.StringIO(found["csv"])))) for row in
               csv.DictReader(io.StringIO(found["csv"])))  # fmt: skip


def test_a_spreadsheet_runs_no_formula(tmp_path):
    def formula(row):
        return {**row, "scenario": '=HYPERLINK("http://evil")'}

    rows = csv.DictReader(io.StringIO(texts(tmp_path, replace(SMALL, change=formula))["csv"]))
    names = {row["name"] for row in rows if row["kind"] == "scenario"}
    assert all(name.startswith("'=HYPERLINK(") for name in names)
    assert names


def test_no_secret_is_in_any_format(tmp_path):
    secret = "hunter2-very-secret"
    url = f"https://ann:{secret}@shop.example/calls?token={secret}"

    def plant(row):
        for told in row.get("judgements", ()):
            told["text"] = f"POST {url} answered 500; Authorization: Bearer {secret}"
        return row

    info = replace(
        MET,
        about=f"Calls {url}",
        profile={
            "bot": {"start": f"bot --token {secret}"},
            "callers": {"before_call": {"url": url, "headers": {"Authorization": secret, "X-Token": secret}}},
            "load": {"x": url},
        },
        notes=(f"password={secret}",),
        log_url=f"https://ann:{secret}@logs.example/{{uuid}}?q=call+{{uuid}}&api_key={secret}",
        reason=f"the bot's command failed: bot --api-key={secret}",
        state="aborted",
        plans={"S": [f"Announce Call    POST    {url}"]},
    )
    found = texts(tmp_path, replace(SMALL, failing=0.4, change=plant, info=info))
    assert [name for name, text in found.items() if secret in text] == []
    links = {link for link in Page(found["html"]).links if link.startswith("https://")}
    assert links
    assert all(re.fullmatch(r"https://logs\.example/([\w-]+)\?q=call(\+|%20)\1", link) for link in links)


def test_markdown_stays_below_what_a_comment_may_have(tmp_path):
    scenarios = {f"Сценарій № {number} {'x' * 80}": ("Привіт",) for number in range(200)}
    made = replace(SMALL, calls=500, scenarios=scenarios, info=replace(
        MET, thresholds=tuple(f"p95 response time < {number + 9} s" for number in range(150)),
    ))  # fmt: skip
    text = texts(tmp_path, made)["markdown"]
    assert len(text.encode()) < 64_000
    assert text.startswith("## ✅ PASS ")


def test_the_page_needs_nothing_and_runs_only_its_own(tmp_path):
    page = texts(tmp_path, Made(calls=400, info=MET))["html"]
    assert len(page.encode()) < 600_000
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1].replace("&#39;", "'")
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r'\b(src|srcset|action)="|style="|\bon\w+="|https?://', page)


def test_every_chart_has_a_title_a_description_and_its_figures_as_a_table(tmp_path):
    run = read_run(make_run(tmp_path, Made(calls=400, info=MET)))
    model = build_report(run)
    page = Page(write_page(tmp_path, model))
    pictures = [attributes for tag, attributes in page.tags if tag == "svg" and attributes.get("class") == "chart"]
    assert len(pictures) == len(model.charts) > 12
    assert all(attributes["aria-label"] for attributes in pictures)
    captions = [tag for tag, _ in page.tags].count("caption")
    assert captions == len(model.charts)
    assert len({chart.id for chart in model.charts}) == len(model.charts)
    for chart in model.charts:
        assert chart.title in page.text


def test_links_lead_to_what_was_kept_from_wherever_the_report_is(tmp_path):
    run = make_run(tmp_path / "run", replace(SMALL, failing=0.5))
    name = next(row["call"] for row in read_run(run).details.failed if row.get("recording"))
    for place in (f"calls/{name}.html", f"recordings/{name}.wav", "log.html"):
        (run / place).parent.mkdir(exist_ok=True)
        (run / place).write_text("x")
    write_load_reports(run, formats=["html"])
    write_load_reports(run, formats=["html"], output=tmp_path / "other place")
    here = Page((run / "load-report.html").read_text("utf-8")).links
    there = Page((tmp_path / "other place" / "load-report.html").read_text("utf-8")).links
    assert {f"calls/{name}.html", f"recordings/{name}.wav", "log.html"} <= set(here)
    assert {f"../run/calls/{name}.html", f"../run/recordings/{name}.wav"} <= set(there)


def test_a_recording_is_drawn_as_its_waveform(tmp_path):
    run = make_run(tmp_path, replace(SMALL, failing=0.5))
    name = next(row["recording"] for row in read_run(run).details.failed if row.get("recording"))
    (run / name).parent.mkdir()
    sound = np.zeros((8000, 2), dtype=np.int16)
    sound[:4000, 0], sound[4000:, 1] = 30000, -15000
    soundfile.write(run / name, sound, 8000)
    model = build_report(read_run(run))
    row = next(row for row in model.calls if row.recording == name)
    caller, bot = row.wave
    assert (caller[10], caller[-10], bot[10], bot[-10]) == (91, 0, 0, 45)


def test_a_claim_is_quoted_only_of_a_run_that_may_be_believed(tmp_path):
    info = replace(MET, claim="130 calls held for 10 min", plateaus=(Plateau(10, 0.0, 30.0, 30.0, True, True),))
    assert "130 calls held" in texts(tmp_path / "1", replace(SMALL, info=info))["markdown"]
    for number, made in enumerate((INVALID, LOST, INTERRUPTED)):
        broken = replace(made, info=replace(made.info, claim=info.claim))
        found = texts(tmp_path / f"x{number}", broken)
        assert not [name for name, text in found.items() if "130 calls held" in text]


def test_bands_are_notes_of_runs_that_look_for_limits(tmp_path):
    ordinary = build_report(read_run(make_run(tmp_path / "1", SMALL)))
    assert ordinary.bands == ()
    stress = replace(SMALL, info=replace(MET, name="stress"))
    titles = [note.title for note in build_report(read_run(make_run(tmp_path / "2", stress))).bands]
    assert titles == ["Success band (a note, not a verdict)", "Check-list of a stress test"]


def test_formats_have_other_names_and_an_unknown_one_is_told():
    assert read_formats(["md", "XML", "html", "markdown"]) == ("markdown", "junit", "html")
    assert read_formats(["all"]) == FORMATS
    with pytest.raises(ValueError, match=r"no format 'pdf'.*Formats: html, json, markdown, csv, junit"):
        read_formats(["pdf"])


def test_thresholds_of_the_command_are_judged_beside_its_own(tmp_path):
    run = read_run(make_run(tmp_path, SMALL))
    model = build_report(run, read_thresholds(["p95 greeting time < 1 ms", "error rate < 50 %"]))
    assert [row.ok for row in model.thresholds] == [True, True, False]
    assert model.verdict.word == "FAIL"


def test_all_numbers_of_the_json_are_numbers(tmp_path):
    run = make_run(tmp_path, replace(SMALL, failing=0.9, marks=False))
    write_report(build_report(read_run(run)), tmp_path, ["json"])
    data = json.loads((tmp_path / "load-report.json").read_text("utf-8"), parse_constant=pytest.fail)
    assert data["v"] == 1
    assert {row["name"]: row["stats"]["n"] for row in data["figures"]}["greeting time"] > 0


def write_page(folder, model):
    write_report(model, folder, ["html"])
    return (folder / "load-report.html").read_text("utf-8")
