"""Whatever a bot or a user says, it can be put into XML."""

import sys
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from AudioSocketLibrary.records.xml_text import xml_text

pytestmark = pytest.mark.unit


def test_every_character_is_taken_or_replaced():
    for start in range(0, sys.maxunicode + 1, 4096):
        text = "".join(map(chr, range(start, min(start + 4096, sys.maxunicode + 1))))
        shown = xml_text(text)
        assert len(shown) == len(text)
        # A parser makes of every line end a "\n".
        read = ET.fromstring(f"<a>{escape(shown)}</a>".encode()).text
        assert read == shown.replace("\r\n", "\n").replace("\r", "\n")


@given(st.text(st.characters(blacklist_categories=("Cs", "Cc", "Cn"))))
def test_text_that_people_write_stays_as_it_is(text):
    assert xml_text(text) == text
