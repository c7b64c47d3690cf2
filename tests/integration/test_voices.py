"""Every voice over a socket or a process of the test's own, and what becomes of a phrase by it."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import http.server
import io
import json
import re
import socketserver
import sys
import threading
import time
import types
import wave

import numpy as np
import pytest
import soundfile

from AudioSocketLibrary.media import PhraseBookError, SoundError, active_speech_level, load_sound, synthesis, tone
from AudioSocketLibrary.media.engines import espeak, speaking
from AudioSocketLibrary.media.engines.espeak import EspeakVoice
from AudioSocketLibrary.media.engines.speaking import CommandVoice, HttpVoice, WyomingVoice, open_voice
from AudioSocketLibrary.media.saying import Wanted, find_book, open_book, say
from AudioSocketLibrary.media.voices import Spoken, VoiceError

pytestmark = pytest.mark.integration

SPEECH = tone(300, 0.5, 22050, -15.0)


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.delenv("AUDIOSOCKET_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "cache"))


def wav(samples=SPEECH, rate=22050, channels=1) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(channels)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes(np.repeat(samples, channels).astype("<i2").tobytes())
    return file.getvalue()


@contextlib.contextmanager
def serving(server):
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


# -- services -------------------------------------------------------------------------------------------------------


class Http(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.seen = (self.path, dict(self.headers), body)
        self.server.count += 1
        time.sleep(self.server.delay)
        status, answer = self.server.answer
        with contextlib.suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

    def log_message(self, *_):
        pass


def web(answer, status=200, delay=0.0):
    server = http.server.HTTPServer(("127.0.0.1", 0), Http)
    server.answer, server.delay, server.count = (status, answer), delay, 0
    return server


def test_http(monkeypatch):
    monkeypatch.setenv("AUDIOSOCKET_VOICE_KEY", "s3cret")
    server = web(wav())
    with serving(server) as port:
        spoken = open_voice(f"http://127.0.0.1:{port}/v1/?model=kokoro&voice=anna").speak("Так", "uk", "")
        assert np.array_equal(spoken.samples, SPEECH)
        assert spoken.rate == 22050
        path, headers, body = server.seen
        assert path == "/v1/audio/speech"
        assert headers["Authorization"] == "Bearer s3cret"
        assert body == {"model": "kokoro", "voice": "anna", "input": "Так", "response_format": "wav"}
        open_voice(f"http://127.0.0.1:{port}/v1").speak("Так", "uk", "onyx")
    assert (server.seen[2]["voice"], server.seen[2]["model"]) == ("onyx", "tts-1")


@pytest.mark.parametrize(
    ("status", "answer", "message"),
    [
        (401, b"no", "refused the text: 401 Unauthorized; put its key into the environment variable AUDIOSOCKET_VOICE"),
        (500, b"out of memory", "refused the text: 500 Internal Server Error. out of memory"),
        (200, b'{"detail": "x"}', r"sent no speech, but b'\{\"detail"),
        (200, b"", "sent no speech, but b''"),
    ],
)
def test_http_goes_wrong(status, answer, message):
    with (
        serving(web(answer, status)) as port,
        pytest.raises(VoiceError, match=rf"http://127.0.0.1:{port}/v1 {message}"),
    ):
        HttpVoice(f"http://127.0.0.1:{port}/v1").speak("Так", "uk", "")


def test_nobody_speaks_there():
    with socketserver.TCPServer(("127.0.0.1", 0), None) as server:
        port = server.server_address[1]
    with pytest.raises(VoiceError, match=rf"Nothing speaks at http://127.0.0.1:{port}/v1 \(.*start the service"):
        HttpVoice(f"http://127.0.0.1:{port}/v1").speak("Так", "uk", "")
    with pytest.raises(VoiceError, match=rf"Nothing speaks at wyoming://127.0.0.1:{port} \("):
        WyomingVoice(f"wyoming://127.0.0.1:{port}").speak("Так", "uk", "")
    with serving(web(wav(), delay=0.3)) as port, pytest.raises(VoiceError, match=r"gave no answer within 0.1 s"):
        HttpVoice(f"http://127.0.0.1:{port}/v1", 0.1).speak("Так", "uk", "")


class Wyoming(socketserver.StreamRequestHandler):
    def handle(self):
        self.server.seen = json.loads(self.rfile.readline())
        with contextlib.suppress(OSError):
            self.wfile.write(self.server.answer)


def wyoming(answer):
    server = socketserver.TCPServer(("127.0.0.1", 0), Wyoming)
    server.answer = answer
    return server


def event(kind, payload=b"", **data):
    return json.dumps({"type": kind, "data": data, "payload_length": len(payload)}).encode() + b"\n" + payload


@pytest.mark.parametrize("channels", [1, 2])
def test_wyoming(channels):
    pcm = np.repeat(SPEECH, channels).astype("<i2").tobytes()
    chunks = b"".join(event("audio-chunk", pcm[at : at + 4096]) for at in range(0, len(pcm), 4096))
    start = event("audio-start", rate=22050, width=2, channels=channels)
    server = wyoming(start + chunks + event("audio-stop"))
    with serving(server) as port:
        spoken = open_voice(f"wyoming://127.0.0.1:{port}").speak("Так", "uk", "")
        assert np.array_equal(spoken.samples, SPEECH)
        assert spoken.rate == 22050
        assert server.seen == {"type": "synthesize", "data": {"text": "Так", "voice": {"language": "uk"}}}
        open_voice(f"wyoming://127.0.0.1:{port}").speak("Так", "uk", "lada")
    assert server.seen["data"]["voice"] == {"name": "lada"}


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b"", "closed the connection without speech"),
        (b"HTTP/1.1 400\r\n", "does not speak Wyoming"),
        (event("error", text="no such voice"), "failed: no such voice"),
        (event("audio-start", rate=22050, width=4, channels=1) + event("audio-stop"), "sound that is not 16-bit PCM"),
        (event("audio-stop"), "sound that is not 16-bit PCM"),
    ],
)
def test_wyoming_goes_wrong(answer, message):
    with serving(wyoming(answer)) as port, pytest.raises(VoiceError, match=rf"wyoming://127.0.0.1:{port} .*{message}"):
        open_voice(f"wyoming://127.0.0.1:{port}").speak("Так", "uk", "")


# -- programs -------------------------------------------------------------------------------------------------------


def program(tmp_path, body):
    script = tmp_path / "speak.py"
    script.write_text(f"import sys, base64\n{body}\n", "utf-8")
    return f"command:{sys.executable} {script}"


def writing(tmp_path):
    encoded = base64.b64encode(wav()).decode()
    wav_file = f"open(sys.argv[1], 'wb').write(base64.b64decode({encoded!r}))"
    return f"{wav_file}\nopen({str(tmp_path / 'args')!r}, 'w', encoding='utf-8')"


def test_command(tmp_path):
    command = program(tmp_path, writing(tmp_path) + ".write('|'.join(sys.argv[2:]))")
    spoken = open_voice(f"{command} {{wav}} {{text}} {{language}} v={{voice}}").speak("Так, {voice}", "uk", "lada")
    assert np.array_equal(spoken.samples, SPEECH)
    assert (tmp_path / "args").read_text("utf-8") == "Так, {voice}|uk|v=lada", "what is said is not filled in again"


def test_command_gets_the_text_on_its_input(tmp_path):
    command = program(tmp_path, writing(tmp_path) + ".write(sys.stdin.buffer.read().decode())")
    open_voice(f"{command} {{wav}}").speak("Так", "uk", "")
    assert (tmp_path / "args").read_text("utf-8") == "Так"


def test_command_goes_wrong(tmp_path):
    with pytest.raises(VoiceError, match=r"writes no recording: write command:PROGRAM \{wav\} \{text\}"):
        open_voice("command:espeak-ng {text}")
    with pytest.raises(VoiceError, match="There is no program 'no-such-program'"):
        open_voice("command:no-such-program {wav}")
    with pytest.raises(VoiceError, match="failed with exit code 3: no voice"):
        open_voice(program(tmp_path, "print('no voice', file=sys.stderr)\nsys.exit(3)") + " {wav}").speak("x", "uk", "")
    with pytest.raises(VoiceError, match="ended well, but wrote no file"):
        open_voice(program(tmp_path, "") + " {wav}").speak("x", "uk", "")
    with pytest.raises(VoiceError, match="wrote no speech, but b'oops'"):
        open_voice(program(tmp_path, "open(sys.argv[1], 'w').write('oops')") + " {wav}").speak("x", "uk", "")
    slow = CommandVoice(program(tmp_path, "import time; time.sleep(9)").removeprefix("command:") + " {wav}", 0.2)
    with pytest.raises(VoiceError, match=r"was not done within 0.2 s"):
        slow.speak("x", "uk", "")


def test_espeak_says_the_same_each_time():
    pytest.importorskip("espeakng_loader")
    voice = open_voice("espeak")
    first, other = voice.speak("Добрий день", "uk", ""), voice.speak("Доброго вечора", "uk", "")
    again = voice.speak("Добрий день", "uk", "")
    assert np.array_equal(first.samples, again.samples)
    assert len(other.samples) != len(first.samples)
    assert len(first.samples) > 0.5 * first.rate
    for language, chosen in (("uk", "f3"), ("en-gb", ""), ("en", "en-us"), ("en-gb", "en-gb+f3")):
        assert not np.array_equal(voice.speak("Добрий день", language, chosen).samples, first.samples)
    for language, chosen in (("xx", ""), ("uk", "nobody")):
        with pytest.raises(VoiceError, match=r"espeak-ng has no voice '.*': write a language \(uk\), or uk\+f3"):
            voice.speak("Добрий день", language, chosen)


def test_voices_that_are_none(monkeypatch):
    with pytest.raises(VoiceError, match=r"There is no voice 'espeek'. Voices: espeak, .*Did you mean 'espeak'"):
        open_voice("espeek")
    with pytest.raises(VoiceError, match="is no address of a speech service"):
        open_voice("http://")
    with pytest.raises(VoiceError, match="write wyoming://host:port"):
        open_voice("wyoming://host")
    with pytest.raises(VoiceError, match="voice=f3"):
        open_voice("espeak:f3")


def test_an_entry_point(monkeypatch):
    class Mine:
        def __init__(self, rest):
            self.rest = rest

        def speak(self, text, language, voice):
            return Spoken(SPEECH, 22050)

    points = {"mine": Mine, "wrong": lambda rest: rest}

    def entry_points(*, group, name=None):
        assert group == "audiosocket.voices"
        found = [types.SimpleNamespace(name=one, load=lambda one=one: points[one]) for one in points]
        return [point for point in found if name in (None, point.name)]

    monkeypatch.setattr(speaking, "entry_points", entry_points)
    assert open_voice("mine:alto").rest == "alto"
    with pytest.raises(VoiceError, match="cannot 'speak'"):
        open_voice("wrong")
    with pytest.raises(VoiceError, match="Did you mean 'mine'"):
        open_voice("mina")


# -- phrases --------------------------------------------------------------------------------------------------------

BOOK = """\
language: uk
phrases:
  - {text: "Стоп, досить", recordings: [oksana_stop.wav, petro_stop.ogg]}
  - {text: "Добрий вечір", recordings: [petro_evening.flac]}
  - text: Чи маєте гуму на причіп
  - {name: hi, language: en, text: "Good evening, is it you"}
"""


@pytest.fixture
def book(tmp_path):
    folder = tmp_path / "suites" / "audio"
    folder.mkdir(parents=True)
    for number, name in enumerate(("oksana_stop.wav", "petro_stop.ogg", "petro_evening.flac")):
        soundfile.write(folder / name, tone(300 + 100 * number, 0.5, 16000, -15.0), 16000)
    (folder / "phrases.yaml").write_text(BOOK, "utf-8")
    return folder / "phrases.yaml"


def test_a_recording_comes_first(book):
    said = say(Wanted("СТОП досить!", book=book, voice="oksana"), 8000)
    assert (said.text, said.voice, said.sound.rate) == ("Стоп, досить", "oksana_stop.wav", 8000)
    assert say(Wanted("Стоп, досить", book=book, voice="petro"), 8000).voice == "petro_stop.ogg"
    drawn = {say(Wanted("Стоп, досить", book=book, seed=str(seed)), 8000).voice for seed in range(20)}
    assert drawn == {"oksana_stop.wav", "petro_stop.ogg"}
    assert len({say(Wanted("Стоп, досить", book=book, seed="7"), 8000).voice for _ in range(5)}) == 1
    with pytest.raises(VoiceError, match="'Добрий вечір' was not recorded by 'oksana': record it, or leave out voice="):
        say(Wanted("Добрий вечір", book=book, voice="oksana"), 8000)


def test_ours_come_before_a_synthesiser_but_not_before_one_that_was_chosen(book):
    said = say(Wanted("Так, будь ласка", book=book), 8000)
    assert said.voice.endswith("yes_please.flac")
    with serving(web(wav())) as port:
        engine = f"http://127.0.0.1:{port}/v1"
        assert say(Wanted("Так, будь ласка", book=book, engine=engine), 8000).voice == f"{engine[:-3]} uk"


def test_what_has_no_recording_is_synthesised_once_and_kept(book):
    server = web(wav())
    with serving(server) as port:
        wanted = Wanted("чи маєте гуму на причіп?", book=book, engine=f"http://127.0.0.1:{port}/v1?voice=secret")
        first, again = say(wanted, 8000), say(wanted, 8000)
    assert first.sound is again.sound
    assert server.count == 1
    assert first.text == "Чи маєте гуму на причіп"
    [kept] = (book.parent / "synthesised").glob("*.flac")
    index = (book.parent / "synthesised" / "index.jsonl").read_text("utf-8")
    assert json.loads(index) == {
        "file": kept.name,
        "voice": f"http://127.0.0.1:{port} uk",
        "text": "Чи маєте гуму на причіп",
    }
    assert active_speech_level(first.sound.samples, 8000) == pytest.approx(-20.0, abs=0.5)
    assert first.sound.first_voiced / 8000 == pytest.approx(0.1, abs=0.02)
    # What is kept is found without the service, and its language is that of the phrase.
    assert say(wanted, 8000).sound is first.sound
    assert load_sound(kept, 16000).rate == 16000


def test_a_thousand_callers_make_it_once(book):
    server = web(wav(), delay=0.05)

    async def all_at_once(engine):
        wanted = Wanted("Щось нове", book=book, engine=engine)
        return await asyncio.gather(*(asyncio.to_thread(say, wanted, 8000) for _ in range(50)))

    with serving(server) as port:
        asyncio.run(all_at_once(f"http://127.0.0.1:{port}/v1"))
    assert server.count == 1


def test_without_a_book_it_is_kept_for_the_user(tmp_path):
    with serving(web(wav())) as port:
        say(Wanted("Щось нове", engine=f"http://127.0.0.1:{port}/v1"), 8000)
    assert len(list((tmp_path / "cache").rglob("*.flac"))) == 1


def test_neither_a_recording_nor_a_voice(book, monkeypatch):
    synthesis._voice.cache_clear()
    monkeypatch.setattr(espeak, "find_spec", lambda _: None)
    with pytest.raises(
        VoiceError,
        match=r"'Стоп, досит' has no recording in phrases.yaml, and could not be synthesised: espeak-ng is not "
        r"installed here: pip install 'robotframework-audiosocketlibrary\[tts\]'. Or take another voice \(Use Voice "
        r"   http://host:port/v1\), or record it. Nearest with a recording: 'Стоп, досить'.",
    ):
        say(Wanted("Стоп, досит", book=book), 8000)
    with pytest.raises(VoiceError, match="espeak-ng is not installed here"):
        EspeakVoice()


def test_languages(book):
    assert say(Wanted("yes", language="en"), 8000).text == "Yes"
    assert say(Wanted("no", usual="en"), 8000).text == "No"
    assert say(Wanted("winter_tyres"), 8000).text.startswith("Добрий день, потрібні зимові шини")
    server = web(wav())
    with serving(server) as port:
        engine = f"http://127.0.0.1:{port}/v1"
        made = say(Wanted("hi", book=book, engine=engine), 8000)
        assert made.text == "Good evening, is it you"
        assert made.voice.endswith(" en"), "the language of the phrase"
        assert say(Wanted("Інше", book=book, engine=engine, usual="en"), 8000).voice.endswith(" en")
        assert say(Wanted("Інше", book=book, engine=engine), 8000).voice.endswith(" uk")


def test_a_voice_that_says_nothing(book):
    with serving(web(wav(np.zeros(4000, np.int16)))) as port, pytest.raises(VoiceError, match="the voice said nothing"):
        say(Wanted("Щось", book=book, engine=f"http://127.0.0.1:{port}/v1"), 8000)


def test_a_recording_from_a_phone_that_cannot_be_read(book):
    (book.parent / "stop.m4a").write_bytes(b"\x00\x00\x00\x20ftypM4A " + bytes(40))
    book.write_text("language: uk\nphrases:\n  - {text: Стоп, recordings: [stop.m4a]}\n", "utf-8")
    with pytest.raises(SoundError, match=re.escape("convert it with `ffmpeg -i stop.m4a stop.wav`")):
        say(Wanted("Стоп", book=book), 8000)


def test_where_the_book_lies(book, tmp_path):
    suites = book.parent.parent
    (suites / "deep" / "er").mkdir(parents=True)
    assert find_book(suites / "deep" / "er") == book
    (suites / "deep" / "phrases.yaml").write_text(BOOK, "utf-8")
    assert find_book(suites / "deep" / "er") == suites / "deep" / "phrases.yaml"
    with pytest.raises(PhraseBookError):
        open_book(tmp_path / "none.yaml")
    assert open_book(book) is open_book(book)


def test_a_folder_that_cannot_be_written(book, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("AUDIOSOCKET_CACHE", str(tmp_path / "file"))
    with (
        serving(web(wav())) as port,
        pytest.raises(VoiceError, match=r"the phrase cannot be kept in .*AUDIOSOCKET_CACHE"),
    ):
        say(Wanted("Щось", book=book, engine=f"http://127.0.0.1:{port}/v1"), 8000)
