import re
import textwrap

import pytest

from AudioSocketLibrary.media import PhraseBookError, load_phrase_book
from AudioSocketLibrary.media.phrases import plain

pytestmark = pytest.mark.unit


def book_of(tmp_path, text):
    path = tmp_path / "phrases.yaml"
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return path


def test_a_users_book(tmp_path):
    for name in ("oksana.ogg", "petro.wav", "prompts/greeting.wav", "callers/yes.wav", "callers/petro/yes.FLAC"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    book = load_phrase_book(
        book_of(
            tmp_path,
            """
            language: uk
            phrases:
              - text: Добрий день, потрібні зимові шини
                recordings: [oksana.ogg, petro.wav]
              - text: Стоп, досить
              - {name: yes, intent: yes, values: {size: 16}, text: Так}
              - {name: no, language: en, text: "No"}
            prompts:
              - {name: greeting, text: Вітаю! Слухаю вас, recording: prompts/greeting.wav}
            """,
        )
    )
    tyres, stop, yes, no = book.phrases
    assert tyres.name == tyres.text == "Добрий день, потрібні зимові шини"
    assert [path.name for path in tyres.recordings] == ["oksana.ogg", "petro.wav"]
    assert stop.recordings == ()
    assert [path.name for path in yes.recordings] == ["yes.wav", "yes.FLAC"]
    assert (yes.intent, yes.values, yes.language, no.language, no.text) == ("yes", {"size": "16"}, "uk", "en", "No")
    assert book.prompts[0].recordings == (tmp_path / "prompts/greeting.wav",)
    assert book.phrase("стоп,  ДОСИТЬ!") is stop
    assert book.phrase("yes") is yes
    assert book.prompt("greeting") is book.prompts[0]
    with pytest.raises(PhraseBookError, match=r"phrases\.yaml has no phrase 'yess': did you mean 'yes'\?"):
        book.phrase("yess")


def test_meaning():
    book = load_phrase_book()
    assert book.phrase("yes").meaning == book.phrase("yes_please").meaning
    assert book.phrase("monday").meaning != book.phrase("sunday").meaning


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a", "phrases.yaml holds no phrase book: it has no 'phrases:'"),
        ("language: uk", "phrases.yaml has neither phrases nor prompts"),
        ("phrases: [", "is not YAML: "),
        ("phrase:\n  - {text: a}", "phrases.yaml line 1: no key 'phrase' here; nearest: phrases"),
        ("language: uk\nphrases:\n  - {txt: a}", "phrases.yaml line 3: no key 'txt' here; nearest: text"),
        ("language: uk\nphrases:\n  - {zzz: a}", "phrases.yaml line 3: no key 'zzz' here; there are intent, "),
        ("language: uk\nphrases:\n  - {name: a}", "phrases.yaml line 3: 'text' is missing or is no text"),
        ("phrases:\n  - {text: a}", "phrases.yaml line 2: 'a' has no language: write 'language: uk'"),
        ("language: uk\nphrases: [a]", "phrases.yaml: 'a' in 'phrases' is no row, write '- text: a'"),
        ("language: uk\nphrases: {text: a}", "phrases.yaml: 'phrases' is a list, each row like '- text: …'"),
        ("language: uk\nphrases:\n  - text: a\n  - text: a", "phrases.yaml line 4: 'a' is in phrases already"),
        ("language: uk\nphrases:\n  - {text: a, values: b}", "line 3: 'values' is like {day: saturday}"),
        ("language: uk\nphrases:\n  - {text: a, recordings: [b.wav]}", "phrases.yaml line 3: There is no file "),
        ("language: [uk]\nphrases:\n  - {text: a}", "phrases.yaml line 1: 'language' is missing or is no text"),
    ],
)
def test_a_wrong_book(tmp_path, text, message):
    with pytest.raises(PhraseBookError, match=re.escape(message)):
        load_phrase_book(book_of(tmp_path, text))


def test_no_book(tmp_path):
    with pytest.raises(PhraseBookError, match=r"There is no file .*phrases.yaml"):
        load_phrase_book(tmp_path / "phrases.yaml")
    (tmp_path / "b.yaml").write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(PhraseBookError, match=r"b.yaml is not UTF-8"):
        load_phrase_book(tmp_path / "b.yaml")


def test_plain():
    assert plain("  Так, П’ЯТЬ…  шин! ") == "так п'ять шин"
