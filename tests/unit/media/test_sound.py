import os

import numpy as np
import pytest
import soundfile

from AudioSocketLibrary.media import Sound, SoundError, load_sound, rms_dbfs, save_wav, tone
from AudioSocketLibrary.media.lru import Cache
from AudioSocketLibrary.protocol import AudioFormat

pytestmark = pytest.mark.unit


@pytest.fixture
def beep(tmp_path):
    path = tmp_path / "beep.wav"
    save_wav(path, (np.pad(tone(440, 0.5, 8000), 1600),), 8000)
    return path


def message(path, rate=8000):
    with pytest.raises(SoundError) as caught:
        load_sound(path, rate)
    return str(caught.value)


def test_what_is_written_is_read_bit_by_bit(tmp_path):
    samples = np.arange(-32768, 32768).astype(np.int16)
    save_wav(tmp_path / "all.wav", (samples,), 8000)
    sound = load_sound(str(tmp_path / "all.wav"), 8000)
    assert np.array_equal(sound.samples, samples)
    assert sound.samples.dtype == np.int16
    assert (sound.rate, sound.name, sound.path) == (8000, "all", tmp_path / "all.wav")
    assert sound.duration == 65536 / 8000


def test_two_channels_of_different_length(tmp_path):
    save_wav(tmp_path / "call.wav", (np.full(3, 100, np.int16), np.full(5, 300, np.int16)), 8000)
    assert load_sound(tmp_path / "call.wav", 8000).samples.tolist() == [200, 200, 200, 150, 150]
    assert soundfile.info(tmp_path / "call.wav").channels == 2
    assert [entry.name for entry in tmp_path.iterdir()] == ["call.wav"]


def test_a_failed_write_leaves_nothing(tmp_path, monkeypatch):
    def fail(path, *args, **kwargs):
        path.write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(soundfile, "write", fail)
    with pytest.raises(OSError, match="disk full"):
        save_wav(tmp_path / "call.wav", (np.zeros(3, np.int16),), 8000)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("ending", "options"),
    [
        ("wav", {"subtype": "PCM_24"}),
        ("wav", {"subtype": "FLOAT"}),
        ("wav", {"subtype": "ULAW"}),
        ("flac", {}),
        ("ogg", {}),
        ("mp3", {}),
        ("aiff", {}),
    ],
)
@pytest.mark.parametrize("rate", [8000, 16000])
def test_any_format_rate_and_channels(tmp_path, ending, options, rate):
    source = tone(440, 1, 48000, level_dbfs=-20, fade=0.1) / 32768
    path = tmp_path / f"tone.{ending}"
    soundfile.write(path, np.stack([source, source], axis=1), 48000, **options)
    sound = load_sound(path, rate)
    assert sound.duration == pytest.approx(1, abs=0.06)
    middle = sound.samples[rate // 3 : rate // 2]
    assert rms_dbfs(middle) == pytest.approx(-20, abs=0.3)


def test_too_loud_floats_are_clipped_and_no_numbers_are_silence(tmp_path):
    path = tmp_path / "wild.wav"
    wild = np.array([2.0, -2.0, np.nan, np.inf, -np.inf])
    soundfile.write(path, wild, 8000, subtype="FLOAT")
    assert load_sound(path, 8000).samples.tolist() == [32767, -32768, 0, 32767, -32768]


def test_the_same_file_is_the_same_sound_until_it_changes(beep):
    sound = load_sound(beep, 8000)
    assert load_sound(beep.parent / "." / "beep.wav", 8000) is sound
    assert load_sound(beep, 16000) is not sound
    save_wav(beep, (tone(300, 0.1, 8000),), 8000)
    os.utime(beep, ns=(1, 1))
    assert load_sound(beep, 8000).duration == pytest.approx(0.1)


def test_sounds_never_change(beep):
    sound = load_sound(beep, 8000)
    with pytest.raises(ValueError, match="read-only"):
        sound.samples[0] = 1
    with pytest.raises(AttributeError):
        sound.rate = 16000
    mine = np.ones(8, np.int16)
    made = Sound.from_samples(mine, 8000, "made")
    mine[:] = 2
    assert made.samples.tolist() == [1] * 8
    assert made.path is None
    assert made != Sound.from_samples(np.ones(8, np.int16), 8000, "made")
    assert len({made, sound, made}) == 2


def test_frames_are_encoded_once(beep):
    sound = load_sound(beep, 8000)
    frames = sound.frames(AudioFormat.ulaw)
    assert frames is sound.frames(AudioFormat.ulaw)
    assert len(frames) == 45
    assert {len(frame) for frame in frames} == {163}
    assert len(sound.frames(AudioFormat.slin)[0]) == 323


def test_frames_of_another_rate_are_refused(beep):
    with pytest.raises(SoundError, match="'beep' was loaded at 8000 Hz, but slin16 is sent at 16000 Hz"):
        load_sound(beep, 8000).frames(AudioFormat.slin16)


def test_speech_in_a_sound(beep):
    sound = load_sound(beep, 8000)
    assert sound.voiced == ((sound.first_voiced, sound.last_voiced),)
    assert sound.voiced is sound.voiced
    assert sound.first_voiced == 1600
    assert sound.last_voiced == pytest.approx(5600, abs=2)


def test_nothing_voiced_tells_the_level():
    sound = Sound.from_samples(tone(440, 1, 8000, level_dbfs=-70), 8000, "whisper")
    assert sound.voiced == ()
    for ask in (lambda: sound.first_voiced, lambda: sound.last_voiced):
        with pytest.raises(SoundError, match=r"Nothing is voiced in 'whisper': .* level of -70\.\d dBFS"):
            ask()


def test_missing_file_names_the_nearest(beep):
    text = message(beep.parent / "Bepp.wav")
    assert text.endswith("did you mean 'beep.wav'?")
    assert "did you mean" not in message(beep.parent / "zzz.wav")
    assert "folder does not exist" in message(beep.parent / "none" / "beep.wav")


def test_what_may_not_be_read(beep, monkeypatch):
    assert "beep.wav/x.wav cannot be read: Not a directory" in message(beep / "x.wav")

    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(beep), "open", refuse)
    assert message(beep).endswith("beep.wav cannot be read: Permission denied")


def test_what_is_no_sound(tmp_path):
    assert "is a folder" in message(tmp_path)
    (tmp_path / "empty.wav").touch()
    assert message(tmp_path / "empty.wav").endswith("empty.wav is empty: the file has 0 bytes")
    (tmp_path / "notes.txt").write_text("Call the bot")
    assert message(tmp_path / "notes.txt").startswith("notes.txt is not a sound file (")
    assert message(tmp_path / "notes.txt").endswith("). Use WAV, FLAC, OGG or MP3")
    (tmp_path / "cut.wav").write_bytes(b"RIFF\x10\0\0\0WAVE")
    assert message(tmp_path / "cut.wav").startswith("cut.wav is not a sound file (")


@pytest.mark.parametrize(
    ("name", "content"),
    [("memo.m4a", b"\0\0\0\x20ftypM4A "), ("memo.dat", b"\0\0\0\x20ftypM4A "), ("a.aac", b"\xff\xf1\x50")],
)
def test_m4a_says_how_to_convert_it(tmp_path, name, content):
    (tmp_path / name).write_bytes(content + b"\0" * 64)
    stem = name.split(".")[0]
    assert message(tmp_path / name).endswith(f"convert it with `ffmpeg -i {name} {stem}.wav`")


def test_no_samples(tmp_path):
    save_wav(tmp_path / "none.wav", (np.zeros(0, np.int16),), 8000)
    assert message(tmp_path / "none.wav", 16000) == "none.wav has no sound in it: it holds zero samples"
    with pytest.raises(SoundError, match="zero samples"):
        Sound.from_samples(np.zeros(0, np.int16), 8000, "none")


def test_robot_shows_the_message_alone():
    assert SoundError.ROBOT_SUPPRESS_NAME is True
    assert issubclass(SoundError, ValueError)


def test_cache_forgets_what_was_used_longest_ago():
    cache = Cache(limit=2)
    cache.keep("a", 1)
    cache.keep("b", 2)
    assert cache.get("a") == 1
    cache.keep("c", 3)
    assert (cache.get("a"), cache.get("b"), cache.get("c"), len(cache)) == (1, None, 3, 2)
    assert cache.keep("a", 9) == 1
