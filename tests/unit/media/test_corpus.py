from pathlib import Path

import pytest
import soundfile
import yaml

import AudioSocketLibrary.media.corpus as corpus
from AudioSocketLibrary.media import (
    SoundError,
    active_speech_level,
    load_sound,
    peak_dbfs,
    prompt_path,
    recordings_dir,
    utterance_path,
)

pytestmark = pytest.mark.unit

AUDIO = Path(__file__).resolve().parents[3] / "audio"
PHRASES = yaml.safe_load((AUDIO / "phrases.yaml").read_text(encoding="utf-8"))["phrases"]


@pytest.mark.parametrize("phrase", PHRASES, ids=lambda phrase: phrase["file"])
def test_recording(phrase):
    path = AUDIO / phrase["file"]
    info = soundfile.info(path)
    assert (info.samplerate, info.channels, info.subtype) == (16000, 1, "PCM_16")
    sound = load_sound(path, 16000)
    assert -23 < active_speech_level(sound.samples, 16000) < -19
    assert peak_dbfs(sound.samples) < -3
    assert not sound.samples[:1600].any()
    assert not sound.samples[-2400:].any()
    assert sound.first_voiced == pytest.approx(1600, abs=40)
    assert len(sound.samples) - sound.last_voiced == pytest.approx(2400, abs=80)


def test_every_recording_is_listed_once():
    listed = [phrase["file"] for phrase in PHRASES]
    assert len(set(listed)) == len(listed)
    assert set(listed) == {path.relative_to(AUDIO).as_posix() for path in AUDIO.glob("*/*.wav")}
    assert {phrase["who"] for phrase in PHRASES} == {"caller", "bot"}
    assert all({"name", "text", "language", "voice"} <= phrase.keys() for phrase in PHRASES)


def test_the_corpus_is_small():
    assert sum(path.stat().st_size for path in AUDIO.rglob("*.wav")) < 3_000_000


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
    with pytest.raises(SoundError, match="There is no utterance 'xyz': there are en_goodbye, "):
        utterance_path("xyz")


def test_an_installed_package_has_its_own(tmp_path, monkeypatch):
    monkeypatch.setattr(corpus, "__file__", str(tmp_path / "AudioSocketLibrary" / "media" / "corpus.py"))
    with pytest.raises(SoundError, match="The recordings are missing"):
        recordings_dir()
    (tmp_path / "AudioSocketLibrary" / "audio" / "prompts").mkdir(parents=True)
    assert recordings_dir() == tmp_path / "AudioSocketLibrary" / "audio"
