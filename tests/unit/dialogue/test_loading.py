"""Dialogues as files: what is wrong in one is said with its line and the nearest right word."""

import shutil
from pathlib import Path

import pytest

from AudioSocketLibrary.bot.dialogue import book_path, dialogue_names, dialogue_path, load_dialogue
from AudioSocketLibrary.media import prompt_path
from AudioSocketLibrary.records import UsageError

pytestmark = pytest.mark.unit

SMALL = """\
languages: {uk: "{}"}
anywhere:
  hear: {operator: operator}
  not_understood: {say: not_understood, then: operator}
  silence: {say: still_there, then: operator}
states:
  open:
    say: greeting
    hear: {refund: refund, yes: {say: one_moment}}
    keys: {star: refund}
  refund:
    call: start_refund
    then: {found: {say: refund_started, go: open}, failed: operator}
  operator: {say: transfer_to_operator, end: transfer}
"""


def load(folder, text):
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return load_dialogue(path)


def test_the_package_has_two():
    assert dialogue_names() == ["delivery_desk", "tyre_shop"]
    for name in dialogue_names():
        assert load_dialogue(name).about


def test_another_business_takes_less_than_60_lines():
    assert len(dialogue_path("delivery_desk").read_text(encoding="utf-8").splitlines()) < 60


def test_a_small_one(tmp_path):
    dialogue = load(tmp_path, SMALL)
    assert list(dialogue.states) == ["open", "refund", "operator"]
    assert dialogue.states["open"].keys["*"].go == "refund"
    assert dialogue.texts["greeting"] == "Вітаю! Шиномонтаж Колесо, слухаю вас"
    assert {phrase.name for phrase in dialogue.heard_in(dialogue.states["open"])} == {
        *("refund", "yes", "yes_please", "operator")
    }


def test_own_texts_are_phrases(tmp_path):
    own = 'phrases:\n  - {intent: refund, text: "Мої гроші назад"}\n'
    dialogue = load(tmp_path, own + SMALL)
    assert dialogue.phrase("мої гроші, назад!", dialogue.states["open"]).intent == "refund"
    assert dialogue.nearest("мої гроші взад", dialogue.states["open"]).text == "Мої гроші назад"
    assert dialogue.nearest("щось інше зовсім", dialogue.states["open"]) is None


def test_recordings_and_a_phrase_book_beside_it(tmp_path):
    shutil.copy(prompt_path("one_moment"), tmp_path / "mine.wav")
    (tmp_path / "book.yaml").write_text(
        "language: uk\nphrases:\n  - {intent: refund, text: Гроші}\n  - {intent: operator, text: Людину}\n"
        "  - {intent: yes, text: Так}\n"
        "prompts:\n  - {name: hello, text: Вітаю, recording: mine.wav}\n",
        encoding="utf-8",
    )
    text = "book: book.yaml\n" + SMALL.replace("say: greeting", "say: [hello, mine.wav]")
    dialogue = load(tmp_path, text)
    assert dialogue.texts["hello"] == "Вітаю"
    assert {name: Path(file).name for name, file in dialogue.files.items()} == {
        "hello": "mine.wav",
        "mine.wav": "mine.wav",
    }
    assert book_path(tmp_path / "mine.yaml") == tmp_path / "book.yaml"
    assert book_path("tyre_shop") is None


WRONG = [
    # what is replaced, by what, the line of the message, and of its text the telling part
    ("{refund: refund,", "{refund: refnd,", 9, "the state 'open' goes to 'refnd', which is no state; did you mean"),
    ("then: operator}\n  s", "then: oprator}\n  s", 4, "'anywhere' goes to 'oprator', which is no state; did you mean"),
    ("{refund: refund,", "{refunds: refund,", 9, "no phrase has the intent or name 'refunds'; did you mean 'refund'?"),
    ("    say: greeting", "    sya: greeting", 8, "no key 'sya' in a state; did you mean 'say'?"),
    ("say: greeting", "say: greting", 8, "There is no prompt 'greting': did you mean 'greeting'"),
    ("say: one_moment", "say: moment", 9, "There is no prompt 'moment'"),
    ("say: greeting", "say: [menu, {by: intent, refund: greting}]", 8, "There is no prompt 'greting'"),
    ("say: greeting", 'say: "day_{day"', 8, "'day_{day': write a slot as {day}"),
    ("say: greeting", 'say: "day_{dai}"', 8, "'day_{dai}': no phrase and no 'set' fills the slot 'dai'"),
    ("say: greeting", "say: {choose: season}", 8, "'say' is a prompt, {by: a slot, its value: a prompt}, or a list"),
    ("{star: refund}", "{starr: refund}", 10, "'starr' is no key: 0-9, star, hash, A-D"),
    ("end: transfer", "end: hangup", 14, "an end is 'hang up' or 'transfer', not 'hangup'"),
    ("{found: {say", "{fnd: {say", 13, "no key 'fnd' in 'then'; did you mean 'found'?"),
    ("{found: {say: refund_started, go: open}, f", "{f", 12, "'then' needs 'found', or 'answered' to wait for a human"),
    ("    call: start_refund\n", "", 12, "'then' belongs to a tool: the state 'refund' calls none"),
    ("  operator: {", "  lost: {go: open}\n  operator: {", 14, "no way leads to the state 'lost'"),
    ("  operator: {", "  again: {go: open}\n  operator: {", 14, "a state cannot be called 'again'"),
    ("say: transfer_to_operator, end: transfer", "go: operator", 14, "passes on and comes back to itself without"),
    ("say: transfer_to_operator, end: transfer", "say: goodbye", 14, "leads nowhere: give it hear, keys, fill, call"),
    ("    call: start_refund", "    call: it\n    hear: {yes: open}", 12, "has call and hear, keys or fill: make two"),
    ("  open:\n", "  open:\n    fill: {day: which_day}\n", 8, "fills slots: 'go' names the state that follows"),
    ("  open:\n", "  open:\n    digits: {day: 4}\n", 8, "'digits' is one of the slots that the state fills, like"),
    (
        "  open:\n",
        "  open:\n    fill: {day: which_day}\n    digits: {day: 21}\n",
        9,
        "'day' has 1 to 20 digits, not '21'",
    ),
    ("  open:\n", "  open:\n    go: refund\n", 8, "'go' in the state 'open' has no effect beside hear, keys or fill"),
    ('{uk: "{}"}', '{uk: "uk_"}', 1, "'uk_' has no {}, where a prompt's name goes"),
    ("  silence: {say: still_there, then: operator}\n", "", 3, "'anywhere' needs 'not_understood' and 'silence'"),
    ("say: still_there, then: operator", "say: still_there", 5, "'silence' needs 'then', the state that follows"),
    ("states:", "most_turns: none\nstates:", 6, "most_turns is 1 to 1000, not 'none'"),
    ("states:", "book: no.yaml\nstates:", 6, "the phrase book: "),
    ("states:", "phrases: [{text: a}]\nstates:", 6, "a phrase needs 'text' and 'intent'"),
    ("states:", "states: {}\nstaes:", 7, "no key 'staes' in a dialogue; did you mean 'states'?"),
    ("    keys: {star: refund}", "    say: menu", 10, "'say' is there twice"),
]


@pytest.mark.parametrize(("old", "new", "line", "text"), WRONG, ids=[row[3][:40] for row in WRONG])
def test_says_what_is_wrong_and_where(tmp_path, old, new, line, text):
    assert SMALL.count(old) == 1
    with pytest.raises(UsageError) as wrong:
        load(tmp_path, SMALL.replace(old, new))
    assert str(wrong.value).startswith(f"mine.yaml line {line}: ")
    assert text in str(wrong.value)


def test_says_that_there_is_none(tmp_path):
    with pytest.raises(
        UsageError, match=r"There is no dialogue 'tyre_shp'; did you mean 'tyre_shop'\?, or give a file"
    ):
        load_dialogue("tyre_shp")
    with pytest.raises(UsageError, match=r"There is no dialogue .*mine\.yaml"):
        load_dialogue(tmp_path / "mine.yaml")
    with pytest.raises(UsageError, match="holds no dialogue: it has no 'states:'"):
        load(tmp_path, "- a list")
    with pytest.raises(UsageError, match=r"mine\.yaml line \d+ is not YAML: "):
        load(tmp_path, "states: [")


def test_the_one_in_the_docs(tmp_path):
    text = (Path(__file__).parents[3] / "docs" / "dialogues.md").read_text(encoding="utf-8")
    assert len(load(tmp_path, text.split("```yaml\n")[1].split("```")[0]).states) == 5
