import numpy as np
import pytest

from AudioSocketLibrary.media import (
    Phrase,
    RecogniserError,
    decode_ulaw,
    encode_ulaw,
    load_phrase_book,
    load_sound,
    prompt_path,
    save_wav,
    utterance_path,
)
from AudioSocketLibrary.media.engines import open_recogniser
from AudioSocketLibrary.media.prompt_recogniser import PromptRecogniser

pytestmark = pytest.mark.unit

BOOK = load_phrase_book()
KNOWN = PromptRecogniser(BOOK.prompts)
PAUSE = np.zeros(4000, np.int16)


def prompt(name):
    return load_sound(prompt_path(name), 8000).samples


def line(*names):
    return np.concatenate([piece for name in names for piece in (PAUSE, prompt(name))] + [PAUSE])


@pytest.mark.parametrize("name", [one.name for one in BOOK.prompts if one.recordings and one.language == "uk"])
def test_every_prompt_of_the_shop_is_told_from_all_others(name):
    heard = KNOWN.recognise(decode_ulaw(encode_ulaw(line(name))), 8000, "uk")
    assert (heard.phrase, heard.text) == (name, BOOK.prompt(name).text)
    assert heard.confidence > 0.9


@pytest.mark.parametrize(
    "names",
    [
        ("one_moment", "order_shipped"),
        ("order_accepted", "anything_else"),
        ("not_understood", "which_day"),
        ("one_moment", "one_moment"),
        ("order_shipped", "one_moment", "goodbye"),
    ],
)
def test_several_in_one_reply(names):
    heard = KNOWN.recognise(line(*names), 8000, "uk")
    assert tuple(part.phrase for part in heard.parts) == names
    assert heard.phrase == ", ".join(names)
    assert heard.text == " ".join(BOOK.prompt(name).text for name in names)
    assert heard.understood
    assert all(one.end <= other.start for one, other in zip(heard.parts, heard.parts[1:], strict=False))
    assert heard.confidence == pytest.approx(min(part.confidence for part in heard.parts), abs=1e-4)


def test_a_prompt_that_was_interrupted_and_the_next():
    reply = np.concatenate([PAUSE, prompt("not_understood")[:16000], PAUSE, prompt("which_day"), PAUSE])
    assert KNOWN.recognise(reply, 8000, "uk").phrase == "not_understood, which_day"


def test_other_speech_is_a_guess_at_most():
    heard = KNOWN.recognise(load_sound(utterance_path("fitting"), 8000).samples, 8000, "uk")
    assert not heard.understood
    assert heard.parts == ()


def test_what_sounds_alike_but_is_no_recording_is_not_understood():
    """The same words at another speed are near enough for a guess: its text is told, its confidence is below 0.6."""
    samples = prompt("which_day")
    slower = np.interp(np.arange(0, len(samples), 0.93), np.arange(len(samples)), samples).astype(np.int16)
    heard = KNOWN.recognise(slower, 8000, "uk")
    assert heard.phrase == "which_day"
    assert 0.3 < heard.confidence < 0.6
    assert heard.parts == ()


@pytest.mark.parametrize("samples", [np.zeros(0, np.int16), np.zeros(16000, np.int16), np.full(8000, 3000, np.int16)])
def test_nothing_said(samples):
    heard = KNOWN.recognise(samples, 8000, "uk")
    assert (heard.text, heard.confidence, heard.parts) == ("", 0.0, ())


def test_only_among_the_expected():
    assert KNOWN.recognise(line("which_day"), 8000, "uk", ["which_day", "goodbye"]).understood
    assert KNOWN.recognise(line("which_day"), 8000, "uk", ["на який день вас записати"]).phrase == "which_day"
    assert not KNOWN.recognise(line("which_day"), 8000, "uk", ["goodbye"]).understood


def test_what_it_cannot_know(tmp_path):
    with pytest.raises(RecogniserError, match="No phrase is recorded in 'fr': there are phrases in"):
        KNOWN.recognise(line("menu"), 8000, "fr")
    with pytest.raises(RecogniserError, match="None of the expected phrases is recorded in 'uk': balloon"):
        KNOWN.recognise(line("menu"), 8000, "uk", ["balloon"])
    with pytest.raises(RecogniserError, match="No phrase has a recording"):
        PromptRecogniser([Phrase("a", "a", "uk")])
    save_wav(tmp_path / "still.wav", (np.zeros(8000, np.int16),), 8000)
    with pytest.raises(RecogniserError, match="has no speech in it"):
        PromptRecogniser([Phrase("a", "a", "uk", recordings=(tmp_path / "still.wav",))]).prepare()


def test_a_prompt_with_two_recordings():
    both = Phrase("ask", "?", "uk", recordings=(prompt_path("which_day"), prompt_path("which_time")))
    known = PromptRecogniser([both])
    assert known.recognise(line("which_time"), 8000, "uk").phrase == "ask"


def test_the_engine_of_that_name():
    assert isinstance(open_recogniser("prompts"), PromptRecogniser)
