"""What is said again and again is looked up once, and is the same as ever."""

from dataclasses import replace

import pytest

from AudioSocketLibrary.media import saying
from AudioSocketLibrary.media.saying import Sayings, Wanted, say

pytestmark = pytest.mark.unit

TEXT = "winter_tyres"
"""Recorded by three voices."""


def test_each_seed_draws_the_voice_that_it_draws_without_a_memory(monkeypatch):
    sayings, wanted = Sayings(), [Wanted(TEXT, seed=f"caller {number}") for number in range(30)]
    assert sayings.known(wanted[0], 8000) is None
    plain = [say(each, 8000) for each in wanted]
    assert [sayings.say(each, 8000) for each in wanted] == plain
    assert len({each.voice for each in plain}) == 3
    monkeypatch.setattr(saying, "open_book", None)
    assert [sayings.known(each, 8000) for each in wanted] == plain, "no book is opened again"


def test_what_was_not_said_in_this_way_is_not_known():
    sayings = Sayings()
    voices = {say(Wanted(TEXT, seed=str(number)), 8000).voice.partition("/")[0] for number in range(30)}
    wanted = Wanted(TEXT, voice=sorted(voices)[0])
    sayings.say(wanted, 8000)
    assert sayings.known(wanted, 8000) == say(wanted, 8000)
    assert sayings.known(replace(wanted, seed="whoever"), 8000) == say(wanted, 8000), "a voice that is asked for"
    assert sayings.known(wanted, 16000) is None
    assert sayings.known(replace(wanted, voice=""), 8000) is None
    assert sayings.known(replace(wanted, voice=sorted(voices)[1]), 8000) is None
    assert sayings.known(replace(wanted, text="Так"), 8000) is None


@pytest.mark.parametrize("own", ["Щось своє", "the same"], ids=["lacks it", "has it unrecorded"])
def test_of_our_recordings_each_seed_draws_its_own_too(tmp_path, own):
    text = say(Wanted(TEXT), 8000).text
    book = tmp_path / "phrases.yaml"
    book.write_text(f'language: uk\nphrases:\n  - text: "{text if own == "the same" else own}"\n', encoding="utf-8")
    sayings, wanted = Sayings(), [Wanted(text, book=book, seed=str(number)) for number in range(30)]
    plain = [say(each, 8000) for each in wanted]
    assert len({each.voice for each in plain}) == 3
    assert [sayings.say(each, 8000) for each in wanted] == plain
    assert [sayings.known(each, 8000) for each in wanted] == plain
