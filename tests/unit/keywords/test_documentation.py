"""Every keyword is documented: one line that says what it does, every argument, an example, a tag."""

from __future__ import annotations

import pytest
from robot.libdocpkg import LibraryDocumentation

pytestmark = pytest.mark.unit

LIBRARIES = [f"AudioSocketLibrary{sibling}" for sibling in ("", ".ReferenceBot", ".Server", ".Wire")]
KEYWORDS = [
    pytest.param(keyword, id=f"{library}.{keyword['name']}")
    for library in LIBRARIES
    for keyword in LibraryDocumentation(library).to_dictionary()["keywords"]
]


@pytest.mark.parametrize("keyword", KEYWORDS)
def test_keyword_says_what_it_does(keyword):
    first = keyword["doc"].splitlines()[0]
    assert first.endswith(".")
    assert len(first) <= 110
    assert keyword["tags"]


@pytest.mark.parametrize("keyword", KEYWORDS)
def test_keyword_has_an_example_of_itself(keyword):
    assert keyword["name"] in keyword["doc"].split("```robotframework")[1]


@pytest.mark.parametrize("keyword", KEYWORDS)
def test_every_argument_is_explained(keyword):
    unexplained = [argument["name"] for argument in keyword["args"] if argument["name"] and not argument["doc"]]
    assert not unexplained


@pytest.mark.parametrize("keyword", KEYWORDS)
def test_no_hint_hides_the_converters_message(keyword):
    """For ``Rate | None`` Robot says only that the value is neither; the converter's own sentence is lost."""
    assert not [a["name"] for a in keyword["args"] if a["type"] and a["type"]["union"]]


@pytest.mark.parametrize("keyword", KEYWORDS)
def test_names_have_no_hyphens_or_digits(keyword):
    assert keyword["name"].replace(" ", "").isalpha()
