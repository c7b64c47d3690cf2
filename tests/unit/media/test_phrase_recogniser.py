import pickle
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from AudioSocketLibrary.media import (
    Phrase,
    RecogniserError,
    decode_ulaw,
    encode_ulaw,
    load_phrase_book,
    load_sound,
    save_wav,
    tone,
)
from AudioSocketLibrary.media.features import DIMENSIONS, cepstra
from AudioSocketLibrary.media.phrase_recogniser import DISTANCE, RATIO, PhraseRecogniser, confidence_of
from AudioSocketLibrary.media.warping import FAR, Templates

pytestmark = pytest.mark.unit

BOOK = load_phrase_book()
KNOWN = PhraseRecogniser(BOOK.phrases)
LESS = ["yes", "no", "fitting", "operator", "saturday", "friday", "change_saturday", "opening_hours", "goodbye"]


def said(name, rate=8000, voice=0):
    return load_sound(BOOK.phrase(name).recordings[voice], rate).samples


@cache
def without(voice):
    """All phrases without one of the voices."""
    heard = {one: tuple(path for path in one.recordings if path != one.recordings[voice]) for one in BOOK.phrases}
    return PhraseRecogniser([replace(one, recordings=paths) for one, paths in heard.items()])


@pytest.mark.parametrize("rate", [8000, 16000, 48000])
def test_a_known_recording(rate):
    heard = KNOWN.recognise(said("fitting", rate), rate, "uk")
    assert (heard.text, heard.phrase) == ("Хочу записатися на шиномонтаж", "fitting")
    assert heard.confidence > 0.95
    assert heard.understood


@pytest.mark.parametrize("name", ["fitting", "winter_tyres", "operator", "opening_hours", "delivery"])
@pytest.mark.parametrize("voice", [0, 1, 2])
def test_a_voice_that_was_not_heard_before(name, voice):
    line = decode_ulaw(encode_ulaw(said(name, voice=voice)))
    assert without(voice).recognise(line, 8000, "uk").phrase == name


def test_silence_around_it_changes_little():
    samples = said("fitting", voice=2)
    recogniser = without(2)
    near, padded = (recogniser.candidates(np.pad(samples, width), 8000, "uk")[0] for width in ((0, 0), (4000, 9600)))
    assert near.phrase == padded.phrase
    assert padded.distance == pytest.approx(near.distance, abs=0.05)


def test_only_among_the_expected():
    assert KNOWN.recognise(said("saturday"), 8000, "uk", LESS).phrase == "saturday"
    assert KNOWN.recognise(said("saturday"), 8000, "uk", ["day"]).phrase == "saturday"
    assert KNOWN.recognise(said("saturday"), 8000, "uk", ["у  суботу!"]).phrase == "saturday"
    assert not KNOWN.recognise(said("delivery"), 8000, "uk", ["yes", "no"]).understood
    assert len(KNOWN.candidates(said("saturday"), 8000, "uk", ["yes"])) == 2


@pytest.mark.parametrize(
    ("name", "language"), [("en_goodbye", "en"), ("ru_operator", "ru"), ("ko_winter_tyres", "ko"), ("goodbye", "uk")]
)
def test_languages(name, language):
    assert KNOWN.recognise(said(name, voice=2), 8000, language).phrase == name


def test_prompts():
    known = PhraseRecogniser(BOOK.prompts)
    sound = load_sound(BOOK.prompt("which_day").recordings[0], 8000)
    heard = known.recognise(decode_ulaw(encode_ulaw(sound.samples)), 8000, "uk")
    assert heard.text == "На який день вас записати?"
    assert heard.confidence > 0.9


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(0, np.int16),
        np.zeros(100, np.int16),
        np.zeros(16000, np.int16),
        np.full(8000, 5000, np.int16),
        np.random.default_rng(1).normal(0, 300, 16000).astype(np.int16),
    ],
)
def test_nothing_said(samples):
    heard = KNOWN.recognise(samples, 8000, "uk")
    assert (heard.text, heard.confidence, heard.understood) == ("", 0.0, False)


@pytest.mark.parametrize("seconds", [0.15, 1, 30])
def test_no_speech_at_all(seconds):
    beep = np.pad(tone(440, seconds, 8000), 2000)
    assert not KNOWN.recognise(beep, 8000, "uk").understood


def test_confidence_is_monotone_and_meets_the_rule():
    assert confidence_of(DISTANCE, 9) == pytest.approx(0.6)
    assert confidence_of(0.01, RATIO) == pytest.approx(0.6)
    assert confidence_of(0, 1) == 0
    distances = np.linspace(0, 3, 50)
    assert (np.diff([confidence_of(distance, 2) for distance in distances]) <= 0).all()
    assert (np.diff([confidence_of(0.5, ratio) for ratio in np.linspace(1, 3, 50)]) >= 0).all()
    assert all(0 <= confidence_of(distance, 1.3) <= 1 for distance in distances)


def test_what_it_cannot_know(tmp_path):
    with pytest.raises(RecogniserError, match="No phrase has a recording"):
        PhraseRecogniser([Phrase("a", "a", "uk")])
    with pytest.raises(RecogniserError, match="No phrase is recorded in 'fr': there are phrases in en, ko, ru, uk"):
        KNOWN.recognise(said("yes"), 8000, "fr")
    with pytest.raises(RecogniserError, match="None of the expected phrases is recorded in 'uk': balloon"):
        KNOWN.recognise(said("yes"), 8000, "uk", ["balloon"])
    save_wav(tmp_path / "still.wav", (np.zeros(8000, np.int16),), 8000)
    with pytest.raises(RecogniserError, match=r"still.wav has no speech in it"):
        PhraseRecogniser([Phrase("a", "a", "uk", recordings=(tmp_path / "still.wav",))]).prepare()


def test_it_can_be_sent_to_another_process():
    phrases = pickle.loads(pickle.dumps(KNOWN.phrases))
    assert PhraseRecogniser(phrases).recognise(said("no"), 8000, "uk", LESS).phrase == "no"


def test_features_do_not_depend_on_level_and_rate():
    loud, quiet = (cepstra((said("stop") * gain).astype(np.int16), 8000) for gain in (1.0, 0.1))
    assert loud.shape[1] == DIMENSIONS
    assert abs(len(loud) - len(quiet)) <= 1
    wide = cepstra(said("stop", 16000), 16000)
    assert Templates.of([loud]).distances(wide)[0] < 0.2


def test_warping():
    rng = np.random.default_rng(3)
    first, second = (rng.normal(size=(40, 4)).astype(np.float32) for _ in range(2))
    templates = Templates.of([first, second, np.repeat(first, 3, axis=0)])
    same, other, thrice_as_long = templates.distances(first)
    assert same == pytest.approx(0, abs=1e-2)
    assert other > 0.5
    assert thrice_as_long == FAR
    slow = Templates.of([first]).distances(np.repeat(first, 2, axis=0)[:70])
    assert slow[0] < other
