"""Every keyword has a Ukrainian name."""

from __future__ import annotations

import pytest

import AudioSocketLibrary
from AudioSocketLibrary.keywords.ukrainian import UKRAINIAN, UKRAINIAN_LOAD

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("english", "ukrainian", "names"),
    [
        (AudioSocketLibrary.AudioSocketLibrary, AudioSocketLibrary.uk, UKRAINIAN),
        (AudioSocketLibrary.Load, AudioSocketLibrary.ukLoad, UKRAINIAN_LOAD),
    ],
)
def test_every_keyword_has_one_and_no_name_is_left_over(english, ukrainian, names):
    assert set(names) == {method.__name__ for method in english().keywords.values()}
    assert len(set(names.values())) == len(names)
    assert set(ukrainian().get_keyword_names()) == set(names.values())


def test_names_are_of_ukrainian_letters_only():
    """A Latin letter among them could not be typed."""
    letters = set("абвгґдеєжзиіїйклмнопрстуфхцчшщьюя' ")
    assert {letter for name in (*UKRAINIAN.values(), *UKRAINIAN_LOAD.values()) for letter in name.lower()} <= letters
