"""Every keyword has a Ukrainian name."""

from __future__ import annotations

import pytest

import AudioSocketLibrary
from AudioSocketLibrary.keywords.ukrainian import UKRAINIAN

pytestmark = pytest.mark.unit


def test_every_keyword_has_one_and_no_name_is_left_over():
    english = AudioSocketLibrary.AudioSocketLibrary()
    methods = {method.__name__ for method in english.keywords.values()}
    assert set(UKRAINIAN) == methods
    assert len(set(UKRAINIAN.values())) == len(UKRAINIAN)
    assert set(AudioSocketLibrary.uk().get_keyword_names()) == set(UKRAINIAN.values())


def test_names_are_of_ukrainian_letters_only():
    """A Latin letter among them could not be typed."""
    letters = set("абвгґдеєжзиіїйклмнопрстуфхцчшщьюя' ")
    assert {letter for name in UKRAINIAN.values() for letter in name.lower()} <= letters
