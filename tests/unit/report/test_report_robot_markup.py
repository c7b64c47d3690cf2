"""What Robot makes of our tables and links, asked of Robot itself."""

from __future__ import annotations

import re
from html import unescape

import pytest
from robot.utils.markuputils import html_format

from AudioSocketLibrary.records import CallRecord
from AudioSocketLibrary.report import (
    Row,
    dialogue_rows,
    robot_escape,
    robot_link,
    robot_picture,
    robot_table,
)

pytestmark = pytest.mark.unit

EVIL = [
    "a | b | c",
    "|",
    "| =x= |",
    "one\ntwo\r\nthree\u2028four\x85five\x0bsix",
    "*bold* and _italic_ and ``code``",
    "*a * b* c",
    "_*both*_ (*x*) '_y_'",
    "=heading=",
    "= heading =",
    "---",
    "- item",
    "[http://evil|click]",
    "[x.png|y]",
    "[data:image/png;base64,AA|y]",
    "see http://evil/x.png or (https://evil).",
    "file://x",
    "<script>alert(1)</script> & <b>",
    "tail |",
    "ends with *",
    "\x00\x1b[31m\ud800",
    "",
]


def cells(html: str) -> list[list[str]]:
    rows = re.findall(r"<tr>\n(.*?)\n</tr>", html, re.DOTALL)
    return [re.findall(r"<t[dh]>(.*?)</t[dh]>", row, re.DOTALL) for row in rows]


def plain(text: str) -> str:
    return " ".join(unescape(text).replace("\u200b", "").replace("\u2502", "|").split())


@pytest.mark.parametrize("text", EVIL)
def test_no_text_breaks_the_table_or_becomes_markup(text: str) -> None:
    row = Row(1.0, "speech", "caller", text, note=text)
    html = html_format(robot_table([row, row]))
    assert [len(line) for line in cells(html)] == [4, 4, 4]
    assert html.count("<table") == 1
    assert set(re.findall(r"<(\w+)", html)) == {"table", "tr", "th", "td"}
    assert html.count("<th>") == 4


@pytest.mark.parametrize("text", EVIL)
def test_text_by_itself_is_shown_as_it_is(text: str) -> None:
    html = html_format(robot_escape(text))
    assert set(re.findall(r"<(\w+)", html)) <= {"p"}
    clean = re.sub(r"[\x00-\x20\x85\u2028\ud800]+", " ", text)
    assert plain(re.sub("</?p>", "", html)) == " ".join(clean.split())


@pytest.mark.parametrize("text", EVIL)
def test_a_broken_row_is_bold_and_nothing_else(text: str) -> None:
    html = html_format(robot_table([Row(1.0, "failure", "failure", text or "x", broken=True)]))
    assert html.count("<b>") == 1
    assert set(re.findall(r"<(\w+)", html)) == {"table", "tr", "th", "td", "b"}
    bold = re.search(r"<td><b>(.*)</b></td>", html)
    assert bold is not None, "the whole cell is bold"


@pytest.mark.parametrize("text", [text for text in EVIL if text])
def test_a_link_leads_where_it_should_whatever_its_text(text: str) -> None:
    html = html_format(robot_link("calls/a b|c]*x*.html", text))
    assert re.findall(r"<(\w+)", html) == ["p", "a"]
    assert 'href="calls/a%20b%7Cc%5D%2Ax%2A.html"' in html


def test_a_link_cannot_have_a_scheme_and_backslashes_are_slashes() -> None:
    assert 'href="javascript%3Aalert%281%29"' in html_format(robot_link("javascript:alert(1)", "x"))
    assert 'href="calls/x.html"' in html_format(robot_link("calls\\x.html", "x"))


def test_a_picture_leads_to_the_page() -> None:
    html = html_format(robot_picture("calls/x.html", "recordings/x.svg"))
    assert html == '<p><a href="calls/x.html"><img src="recordings/x.svg" title="calls/x.html"></a></p>'


def test_the_table_of_a_call(record: CallRecord) -> None:
    table = robot_table(dialogue_rows(record)).splitlines()
    assert re.fullmatch(r"\| =at= \| =who= \| =said\xa0+\u200b= \| =response time= \|", table[0])
    assert table[2] == "| 00:04.3 | caller | Потрібні зимові шини (2.1 s) |  |"
    assert table[3] == "| 00:07.6 | bot | (1.3 s of speech) | 1.21 s |"
    assert "| 00:18.6 | bot | (3.6 s of speech) | *3.41 s, over 2 s, stopped after 0.31 s* |" in table


def test_a_long_call_is_cut_in_the_log() -> None:
    table = robot_table([Row(float(n), "speech", "bot", "x") for n in range(500)], most=10).splitlines()
    assert len(table) == 12
    assert table[-1] == "|  |  | 490 more on the call's page |  |"
    assert [len(line) for line in cells(html_format("\n".join(table)))] == [4] * 12
