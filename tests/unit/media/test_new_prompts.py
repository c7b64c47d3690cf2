import numpy as np
import pytest

from AudioSocketLibrary.media import PhraseBookError, load_phrase_book, load_sound, prompt_path
from AudioSocketLibrary.media.new_prompts import accept_prompt, keep_prompt, make_book, reject_prompt, shelf
from AudioSocketLibrary.report.prompts_page import write_prompts_page

pytestmark = pytest.mark.unit


def prompt(name):
    return load_sound(prompt_path(name), 8000).samples


@pytest.fixture
def book(tmp_path):
    return make_book(tmp_path, "uk")


def test_a_book_is_made_once(book):
    book.write_text("language: en\nprompts: []", "utf-8")
    assert make_book(book.parent.parent, "uk") == book
    assert load_phrase_book(book).language == "en"
    assert load_phrase_book(book).prompts == ()


def test_kept_accepted_and_known_without_a_row(book):
    kept = keep_prompt(book, "hello", prompt("greeting"), 8000)
    assert (kept.state, kept.path) == ("new", book.parent / "prompts" / "new" / "hello.wav")
    assert load_phrase_book(book).prompts == ()
    assert accept_prompt(book, "hello") == book.parent / "prompts" / "hello.wav"
    (known,) = load_phrase_book(book).prompts
    assert (known.name, known.text, known.language) == ("hello", "hello", "uk")
    assert keep_prompt(book, "hello", prompt("greeting") // 3, 8000).state == "same"


@pytest.mark.parametrize(
    "said",
    [
        prompt("goodbye"),
        prompt("greeting")[:12000],
        np.concatenate([prompt("greeting"), prompt("day_today")]),
    ],
    ids=["another", "cut short", "and more"],
)
def test_what_is_not_the_same(book, said):
    keep_prompt(book, "hello", prompt("greeting"), 8000)
    accept_prompt(book, "hello")
    assert keep_prompt(book, "hello", said, 8000).state == "different"
    (one,) = shelf(book)
    assert one.known
    assert one.new
    reject_prompt(book, "hello")
    assert [one.new for one in shelf(book)] == [None]


def test_one_other_word_is_different(book):
    keep_prompt(book, "day", prompt("booking_confirm"), 8000)
    accept_prompt(book, "day")
    changed = prompt("booking_confirm").copy()
    middle = len(changed) // 2
    changed[middle - 2400 : middle + 2400] = prompt("goodbye")[4000:8800]
    assert keep_prompt(book, "day", changed, 8000).state == "different"


def test_the_page_is_escaped(book):
    book.write_text("language: uk\nprompts:\n  - {name: hello, text: '<b>&\"'}", "utf-8")
    keep_prompt(book, "hello", prompt("greeting"), 8000)
    html = write_prompts_page(book).read_text("utf-8")
    assert "&lt;b&gt;&amp;&#34;" in html
    assert "<b>" not in html
    assert "http" not in html


@pytest.mark.parametrize("name", ["", "../a", "a/b", "a b", ".a"])
def test_names_that_are_no_file(book, name):
    with pytest.raises(PhraseBookError, match="cannot name a prompt: use letters"):
        keep_prompt(book, name, prompt("greeting"), 8000)
