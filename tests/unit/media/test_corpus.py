from pathlib import Path

import pytest
import soundfile

import AudioSocketLibrary.media.corpus as corpus
from AudioSocketLibrary.media import (
    SoundError,
    active_speech_level,
    load_phrase_book,
    load_sound,
    peak_dbfs,
    prompt_path,
    recordings_dir,
    utterance_path,
)

pytestmark = pytest.mark.unit

AUDIO = Path(__file__).resolve().parents[3] / "audio"
BOOK = load_phrase_book()
RECORDINGS = [path for phrase in (*BOOK.phrases, *BOOK.prompts) for path in phrase.recordings]


@pytest.mark.parametrize("folder", ["callers", "callers/f3", "callers/m7", "prompts"])
def test_recordings(folder):
    for path in (path for path in RECORDINGS if path.parent == AUDIO / folder):
        info = soundfile.info(path)
        assert (info.samplerate, info.channels, info.subtype) == (16000, 1, "PCM_16"), path
        sound = load_sound(path, 16000)
        assert -25 < active_speech_level(sound.samples, 16000) < -19, path
        assert peak_dbfs(sound.samples) < -2.99, path
        assert not sound.samples[:1600].any(), path
        assert not sound.samples[-2400:].any(), path
        assert sound.first_voiced == pytest.approx(1600, abs=80), path
        assert len(sound.samples) - sound.last_voiced == pytest.approx(2400, abs=240), path


def test_every_recording_is_listed_once():
    assert len(set(RECORDINGS)) == len(RECORDINGS)
    kept = {path for path in AUDIO.rglob("*.*") if path.suffix in {".wav", ".flac"}}
    # What a suite had synthesised is a cache, and of no concern to anybody else.
    assert set(RECORDINGS) == {path for path in kept if "synthesised" not in path.parts}


def test_three_voices_for_callers_and_one_for_the_bot():
    assert {len(phrase.recordings) for phrase in BOOK.phrases} == {3}
    assert {len(prompt.recordings) for prompt in BOOK.prompts} == {1}
    assert all(phrase.intent for phrase in BOOK.phrases)


def test_the_three_voices_are_three():
    for phrase in BOOK.phrases:
        assert len({path.read_bytes() for path in phrase.recordings}) == 3, phrase.name


def test_both_languages_have_the_same():
    for kind in (BOOK.phrases, BOOK.prompts):
        names = {language: {one.name for one in kind if one.language == language} for language in ("uk", "en")}
        assert names["en"] == {f"en_{name}" for name in names["uk"]}
        meanings = {one.name: (one.intent, one.values) for one in kind}
        assert all(meanings[name] == meanings[f"en_{name}"] for name in names["uk"])


def test_the_corpus_is_small():
    assert sum(path.stat().st_size for path in RECORDINGS) < 12_500_000


def test_the_long_prompt_talks_without_a_pause():
    promotions = load_sound(prompt_path("promotions"), 8000)
    assert 8 <= promotions.duration <= 10.5
    assert len(promotions.voiced) == 1


def test_paths():
    assert recordings_dir() == AUDIO
    assert prompt_path("greeting") == AUDIO / "prompts" / "greeting.wav"
    assert utterance_path("goodbye") == AUDIO / "callers" / "goodbye.wav"


def test_wrong_names():
    with pytest.raises(SoundError, match="There is no prompt 'greetin': did you mean 'greeting'"):
        prompt_path("greetin")
    with pytest.raises(SoundError, match="There is no utterance 'xyz': there are address, "):
        utterance_path("xyz")


def test_an_installed_package_has_its_own(tmp_path, monkeypatch):
    monkeypatch.setattr(corpus, "__file__", str(tmp_path / "AudioSocketLibrary" / "media" / "corpus.py"))
    look = recordings_dir.__wrapped__
    with pytest.raises(SoundError, match="The recordings are missing"):
        look()
    (tmp_path / "AudioSocketLibrary" / "audio" / "prompts").mkdir(parents=True)
    assert look() == tmp_path / "AudioSocketLibrary" / "audio"
