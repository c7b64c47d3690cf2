import sys

import numpy as np
import pytest

from AudioSocketLibrary.media import Recognition
from AudioSocketLibrary.media.recogniser import Part
from AudioSocketLibrary.media.recogniser_process import RecogniserProcess
from AudioSocketLibrary.media.recognition_cache import RecognitionCache, recognition_key, user_cache_folder

pytestmark = pytest.mark.unit

HEARD = Recognition("Секундочку Готово", 0.9, "a, b", (Part("Секундочку", "a", 0.9, 0.1, 1.0),))
PCM = np.arange(100, dtype=np.int16).tobytes()


def test_the_same_question_has_the_same_key_and_any_other_one_another():
    asked = (PCM, 8000, "prompts", "uk", ("a",))
    assert recognition_key(*asked) == recognition_key(PCM, 8000, "prompts", "uk", ["a"])
    others = [(PCM[2:], 8000, "prompts", "uk", ("a",)), (PCM, 16000, "prompts", "uk", ("a",))]
    others += [(PCM, 8000, "phrases", "uk", ("a",)), (PCM, 8000, "prompts", "en", ("a",)), (PCM, 8000, "prompts", "uk")]
    assert len({recognition_key(*one) for one in [asked, *others]}) == 6


def test_in_memory_it_ends_with_the_process_and_with_the_limit():
    cache = RecognitionCache(limit=2)
    for key in "abc":
        cache.keep(key, HEARD)
    assert cache.get("a") is None
    assert cache.get("c") is HEARD
    assert RecognitionCache().get("c") is None


def test_a_folder_keeps_it_for_the_next_process(tmp_path):
    folder = tmp_path / "deep" / "cache"
    RecognitionCache(folder).keep("k", HEARD)
    assert RecognitionCache(folder).remembered("k") is None
    assert RecognitionCache(folder).get("k") == HEARD
    assert [path.name for path in folder.iterdir()] == ["k.json"]


@pytest.mark.parametrize("written", ["", "{", "[]", "3", '{"text": "a"}', '{"text": "a", "parts": [{}]}'])
def test_a_file_that_is_not_whole_is_recognised_again(tmp_path, written):
    (tmp_path / "k.json").write_text(written)
    cache = RecognitionCache(tmp_path)
    assert cache.get("k") is None
    assert cache.keep("k", HEARD) == HEARD
    assert RecognitionCache(tmp_path).get("k") == HEARD


def test_a_folder_that_cannot_be_written_only_remembers(tmp_path):
    (tmp_path / "file").write_text("")
    cache = RecognitionCache(tmp_path / "file" / "below")
    cache.keep("k", HEARD)
    assert cache.get("k") == HEARD


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="the custom of other systems")
def test_the_users_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert user_cache_folder() == tmp_path / "audiosocket" / "recognitions"


def test_a_recogniser_process_asks_the_folder_first(tmp_path):
    """Also: parts come through the process's pipe."""
    samples = np.zeros(800, np.int16)
    key = recognition_key(samples.tobytes(), 8000, "prompts", "uk")
    RecognitionCache(tmp_path).keep(key, HEARD)
    with RecogniserProcess("prompts", cache_folder=tmp_path) as recogniser:
        assert recogniser.recognise(samples, 8000, "uk").result(60) == HEARD
        assert recogniser.recognise(samples[1:], 8000, "uk").result(60).text == ""
    assert len(list(tmp_path.iterdir())) == 2


def test_scripts_are_not_kept(tmp_path):
    script = tmp_path / "script.yaml"
    script.write_text("[a, b]")
    folder = tmp_path / "cache"
    samples = np.zeros(800, np.int16)
    with RecogniserProcess(f"script:{script}", cache_folder=folder) as recogniser:
        assert [recogniser.recognise(samples, 8000, "uk").result(60).text for _ in "ab"] == ["a", "b"]
    assert not folder.exists()
