"""The call's own page: complete, offline, and deaf to what a call's texts would have it do."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from AudioSocketLibrary.records import CallRecord, Finding, Judgement, Turn
from AudioSocketLibrary.report import record_picture, write_call_page
from AudioSocketLibrary.report.figures import figure_rows, value_text

pytestmark = pytest.mark.unit

EVIL = '"><script>alert(1)</script><img src=x onerror=alert(2)>'


class Page(HTMLParser):
    """What a browser would see: the tags, and the text of styles and scripts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.blocks: dict[str, list[str]] = {"style": [], "script": []}
        self._open = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open = tag

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open in self.blocks:
            self.blocks[self._open].append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def picture(record: CallRecord) -> str:
    silence = np.zeros(8000, np.int16)
    return record_picture(record, silence, silence, 8000)


def page_of(record: CallRecord, tmp_path: Path, href: str | None = "../recordings/x.wav", **more: str) -> str:
    path = write_call_page(tmp_path / "calls" / "x.html", record, href, picture(record), **more)
    return path.read_text(encoding="utf-8")


def test_the_page_tells_the_call(record: CallRecord, tmp_path: Path) -> None:
    html = page_of(record, tmp_path, test="Замовлення шин", log_href="../log.html")
    for shown in ("Замовлення шин", "ended by the bot", "Потрібні зимові шини", "3.41 s", "over 2 s", "22.10"):
        assert shown in html
    page = Page(html)
    assert page.all("audio")[0]["src"] == "../recordings/x.wav"
    assert page.all("audio")[0]["preload"] == "metadata"
    assert {"href": "../log.html"} in page.all("a")
    moments = [attrs["data-at"] for attrs in page.all("button")]
    assert {"4.300", "18.610", "10.840"} <= set(moments)


def test_the_policy_names_every_style_and_script_by_its_hash(record: CallRecord, tmp_path: Path) -> None:
    page = Page(page_of(record, tmp_path))
    policy = next(
        attrs["content"] for attrs in page.all("meta") if attrs.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy is not None
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert len(page.blocks["style"]) == 2
    assert len(page.blocks["script"]) == 1
    for kind, blocks in page.blocks.items():
        allowed = next(part for part in policy.split(";") if part.strip().startswith(f"{kind}-src"))
        for block in blocks:
            digest = base64.b64encode(hashlib.sha256(block.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in allowed


def test_the_page_needs_nothing_from_elsewhere(record: CallRecord, tmp_path: Path) -> None:
    page = Page(page_of(record, tmp_path))
    assert not page.all("link")
    assert not [attrs for attrs in page.all("script") if "src" in attrs]
    assert not [attrs for _, attrs in page.tags for name in attrs if name == "style" or name.startswith("on")]


def test_no_text_of_the_call_becomes_markup(record: CallRecord, tmp_path: Path) -> None:
    evil = replace(
        record,
        call=EVIL,
        uuid=EVIL,
        bot=EVIL,
        alias=EVIL,
        scenario=EVIL,
        asterisk=EVIL,
        reason=EVIL,
        started=EVIL,
        recording=EVIL,
        figures={EVIL: 1.0},
        turns=(Turn(1, "speech", EVIL + "\ud800\x00", 1.0, 2.0),),
        findings=(Finding(1.0, EVIL, EVIL),),
        judgements=(Judgement(2.0, EVIL, EVIL),),
        keys=((3.0, EVIL),),
    )
    html = page_of(evil, tmp_path, EVIL, test=EVIL, log_href="javascript:alert(1)", arrived_href=EVIL)
    page = Page(html)
    assert len(page.all("script")) == 1
    assert not page.all("img")
    assert "alert" not in page.blocks["script"][0]
    assert "javascript:" not in html


def test_a_call_without_a_recording_says_so_and_offers_nothing_to_click(record: CallRecord, tmp_path: Path) -> None:
    html = page_of(record, tmp_path, None)
    assert "No recording was kept" in html
    assert not Page(html).all("audio")
    assert not Page(html).all("button")


def test_a_page_of_an_empty_call(tmp_path: Path) -> None:
    path = write_call_page(tmp_path / "x.html", CallRecord("a", "", "h:1"), None)
    html = path.read_text(encoding="utf-8")
    assert "Nothing was heard in this call" in html
    assert "none was sent" in html
    assert not re.search(r"<svg", html)


def test_every_bubble_can_be_reached_by_keyboard(record: CallRecord, tmp_path: Path) -> None:
    page = Page(page_of(record, tmp_path))
    bubbles = [(tag, attrs) for tag, attrs in page.tags if attrs.get("class") == "bubble"]
    assert {tag for tag, _ in bubbles} == {"button"}
    slider = next(attrs for attrs in page.all("div") if attrs.get("id") == "picture")
    assert (slider["tabindex"], slider["role"]) == ("0", "slider")


def test_the_picture_shows_what_the_record_knows(record: CallRecord) -> None:
    svg = picture(record)
    assert "3.41 s, limit 2 s" in svg
    assert "0.62 s" in svg
    assert "00:10.8 The bot sent no media frame for 243 ms" in svg
    assert "00:25.5 Bot did not say" in svg
    assert "Bot replied after" not in svg, "it is shown as a red response time already"


def test_figures_have_names_units_and_limits(record: CallRecord) -> None:
    rows = {row.name: (row.value, row.limit) for row in figure_rows(record)}
    assert rows["greeting time"] == ("0.62 s", "")
    assert rows["talk share"] == ("47.0 %", "")
    assert rows["our lateness"] == ("1.3 ms", "")
    assert rows["skipped"] == ("2", "")
    assert rows["response time, turn 2"] == ("3.41 s", "2 s")
    assert rows["barge-in time, turn 3"] == ("0.31 s", "")


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [("lateness p99 ms", 3.0, "3 ms"), ("level dBFS", -20.5, "-20.5 dBFS"), ("dead air", 0.0, "0.00 s")],
)
def test_a_name_that_tells_its_unit(name: str, value: float, shown: str) -> None:
    assert value_text(name, value) == shown
