"""Every engine over a socket or a process of the test's own."""

import asyncio
import contextlib
import http.server
import json
import re
import socketserver
import sys
import threading
import time
import types

import numpy as np
import psutil
import pytest

from AudioSocketLibrary.media import RecogniserError, load_phrase_book, load_sound, utterance_path
from AudioSocketLibrary.media.engines import ScriptRecogniser, open_recogniser
from AudioSocketLibrary.media.engines.command import CommandRecogniser
from AudioSocketLibrary.media.engines.http import HttpRecogniser
from AudioSocketLibrary.media.engines.wyoming import WyomingRecogniser
from AudioSocketLibrary.media.recogniser_process import RecogniserProcess
from AudioSocketLibrary.media.recogniser_thread import RecogniserThread

pytestmark = pytest.mark.integration

SAID = load_sound(utterance_path("stop"), 8000).samples


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


class Wyoming(socketserver.StreamRequestHandler):
    """Answers as its server says: a list of (header, data) events, or raw bytes."""

    def handle(self):
        events, pcm = [], b""
        while not events or events[-1]["type"] != "audio-stop":
            header = json.loads(self.rfile.readline())
            pcm += self.rfile.read(header.get("payload_length", 0))
            events.append(header)
        self.server.seen = (events, np.frombuffer(pcm, "<i2"))
        time.sleep(self.server.delay)
        with contextlib.suppress(OSError):
            self.wfile.write(self.server.answer)


def wyoming(answer, delay=0.0):
    server = socketserver.TCPServer(("127.0.0.1", 0), Wyoming)
    server.answer, server.delay = answer, delay
    return server


def test_wyoming():
    data = json.dumps({"text": " Стоп, досить "}).encode()
    first = json.dumps({"type": "transcript-start", "payload_length": 3}).encode() + b"\nxyz"
    header = json.dumps({"type": "transcript", "data_length": len(data)}).encode()
    server = wyoming(first + header + b"\n" + data)
    with serving(server) as port:
        heard = open_recogniser(f"wyoming://127.0.0.1:{port}").recognise(SAID, 8000, "uk")
    assert (heard.text, heard.confidence) == ("Стоп, досить", 1.0)
    events, pcm = server.seen
    assert [event["type"] for event in events[:3]] == ["transcribe", "audio-start", "audio-chunk"]
    assert events[0]["data"] == {"language": "uk"}
    assert events[1]["data"] == {"rate": 16000, "width": 2, "channels": 1}
    assert len(pcm) == 2 * len(SAID)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b"", "closed the connection without a transcript"),
        (b"HTTP/1.1 400\r\n", r"does not speak Wyoming: it sent b'HTTP/1\.1 400"),
        (b"[1]\n", "does not speak Wyoming"),
        (b'{"type": "error", "data": {"text": "no model"}}\n', "failed: no model"),
    ],
)
def test_wyoming_goes_wrong(answer, message):
    with (
        serving(wyoming(answer)) as port,
        pytest.raises(RecogniserError, match=rf"wyoming://127.0.0.1:{port} {message}"),
    ):
        open_recogniser(f"wyoming://127.0.0.1:{port}").recognise(SAID, 8000, "uk")


def test_wyoming_hears_nothing_or_comes_too_late():
    silent = b'{"type": "transcript", "data": {"text": ""}}\n'
    with serving(wyoming(silent)) as port:
        assert not open_recogniser(f"wyoming://127.0.0.1:{port}").recognise(SAID, 8000, "uk").understood
    with serving(wyoming(silent, 0.3)) as port, pytest.raises(RecogniserError, match=r"gave no answer within 0.1 s"):
        WyomingRecogniser(f"wyoming://127.0.0.1:{port}", 0.1).recognise(SAID, 8000, "uk")


class Http(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.seen = (self.path, dict(self.headers), self.rfile.read(int(self.headers["Content-Length"])))
        time.sleep(self.server.delay)
        status, body = self.server.answer
        with contextlib.suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_):
        pass


def web(answer, status=200, delay=0.0):
    server = http.server.HTTPServer(("127.0.0.1", 0), Http)
    server.answer, server.delay = (status, answer), delay
    return server


def test_http(monkeypatch):
    monkeypatch.setenv("AUDIOSOCKET_RECOGNISER_KEY", "secret")
    server = web('{"text": " Стоп, досить", "segments": [{"avg_logprob": -0.5}, {}]}'.encode())
    with serving(server) as port:
        heard = open_recogniser(f"http://127.0.0.1:{port}/v1/?model=small").recognise(SAID, 8000, "uk")
    assert heard.text == "Стоп, досить"
    assert heard.confidence == pytest.approx(np.exp(-0.5))
    path, headers, body = server.seen
    assert path == "/v1/audio/transcriptions"
    assert headers["Authorization"] == "Bearer secret"
    boundary = headers["Content-Type"].split("boundary=")[1].encode()
    parts = body.split(b"--" + boundary)
    assert parts[-1] == b"--\r\n"
    fields = {re.search(rb'name="(\w+)"', part)[1]: part.split(b"\r\n\r\n", 1)[1][:-2] for part in parts[1:-1]}
    assert {key: fields[key] for key in fields if key != b"file"} == {
        b"model": b"small",
        b"language": b"uk",
        b"response_format": b"json",
    }
    assert fields[b"file"][:4] == b"RIFF"
    assert len(fields[b"file"]) == 44 + 2 * len(SAID)


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (200, b"<html>", "is no speech service of the OpenAI shape: it answered b'<html>'"),
        (200, b"[]", "is no speech service of the OpenAI shape"),
        (401, b"who?", "refused the recording: 401 Unauthorized; put its key into .*AUDIOSOCKET_RECOGNISER_KEY. who?"),
        (500, b"out of memory", "refused the recording: 500 Internal Server Error. out of memory"),
    ],
)
def test_http_goes_wrong(status, body, message):
    with (
        serving(web(body, status)) as port,
        pytest.raises(RecogniserError, match=rf"http://127.0.0.1:{port}/v1 {message}"),
    ):
        open_recogniser(f"http://127.0.0.1:{port}/v1").recognise(SAID, 8000, "uk")


def test_http_comes_too_late():
    with serving(web(b"{}", delay=0.3)) as port, pytest.raises(RecogniserError, match=r"gave no answer within 0.1 s"):
        HttpRecogniser(f"http://127.0.0.1:{port}/v1", 0.1).recognise(SAID, 8000, "uk")


@pytest.mark.parametrize("engine", ["wyoming://127.0.0.1:{}", "http://127.0.0.1:{}/v1"])
def test_nobody_there(engine):
    with serving(wyoming(b"")) as port:
        pass
    with pytest.raises(
        RecogniserError, match=r"Nothing recognises speech at .* \(Connection refused\): start the serv"
    ):
        open_recogniser(engine.format(port)).recognise(SAID, 8000, "uk")


def python(tmp_path, code):
    program = tmp_path / "my engine.py"
    program.write_text(f"import os, sys, time\n{code}\n", encoding="utf-8")
    return f'"{sys.executable}" "{program}"'


def test_command(tmp_path):
    engine = python(tmp_path, "import wave\nprint(wave.open(sys.argv[1]).getnframes(), sys.argv[2:], '\\n')")
    heard = open_recogniser(f"command:{engine} {{wav}} --language={{language}} $HOME;ls").recognise(SAID, 8000, "uk")
    assert heard.text == f"{len(SAID)} ['--language=uk', '$HOME;ls']"
    assert heard.confidence == 1
    quiet = open_recogniser(f"command:{python(tmp_path, '')} {{wav}}")
    assert quiet.recognise(SAID, 8000, "uk").text == ""


def test_command_goes_wrong(tmp_path):
    broken = python(tmp_path, "print('Traceback', file=sys.stderr); sys.exit('no model here')")
    with pytest.raises(RecogniserError, match="failed with exit code 1: no model here"):
        open_recogniser(f"command:{broken} {{wav}}").recognise(SAID, 8000, "uk")
    slow = CommandRecogniser(python(tmp_path, "time.sleep(30)") + " {wav}", timeout=0.2)
    with pytest.raises(RecogniserError, match=r"was not done within 0.2 s, and was stopped"):
        slow.recognise(SAID, 8000, "uk")


@pytest.mark.parametrize(
    ("engine", "message"),
    [
        ("vsok", r"no engine 'vsok'\. Installed: phrases, prompts, script:FILE\.yaml, .*\. Did you mean 'vosk'\?"),
        ("", "no engine ''. Installed: "),
        ("wyoming://host", "'wyoming://host' is no address of a speech service: write wyoming://host:port"),
        ("wyoming://host:99999", "is no address"),
        ("http://", "write http://host:port/v1"),
        ("command:cat", r"gets no recording: write command:PROGRAM \{wav\}"),
        ('command:cat "{wav}', "cannot be read: No closing quotation"),
        ("command:no-such-program {wav}", "There is no program 'no-such-program': install it"),
        ("script:", "A script has a file: write script:FILE.yaml"),
        ("script:none.yaml", "There is no file none.yaml"),
        ("phrases:none.yaml", "There is no file none.yaml"),
        ("vosk:model", r"vosk is not installed \(.*\): pip install 'robotframework-audiosocketlibrary\[vosk\]'"),
        ("faster-whisper:small", r"faster-whisper is not installed \(.*\): pip install .*\[whisper\]"),
    ],
)
def test_no_such_engine(engine, message, monkeypatch):
    for package in ("vosk", "faster_whisper"):
        monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ValueError, match=message):
        open_recogniser(engine)


def test_vosk(monkeypatch, tmp_path):
    """The package is a stand-in of ours: with a real model it was not run here."""
    given = []

    class KaldiRecognizer:
        def __init__(self, *arguments):
            given.append(arguments)

        def SetWords(self, _):  # noqa: N802
            pass

        def AcceptWaveform(self, pcm):  # noqa: N802
            given.append(len(pcm))

        def FinalResult(self):  # noqa: N802
            words = [{"word": "так", "conf": 0.5}, {"word": "[unk]", "conf": 1}]
            return json.dumps({"text": "так [unk]", "result": words})

    model = tmp_path.as_posix()
    package = types.SimpleNamespace(KaldiRecognizer=KaldiRecognizer, Model=str, SetLogLevel=lambda _: None)
    monkeypatch.setitem(sys.modules, "vosk", package)
    heard = open_recogniser(f"vosk:{model}").recognise(SAID, 8000, "uk", ["Так!"])
    assert (heard.text, heard.confidence) == ("так", 0.5)
    assert given == [(model, 8000, '["так", "[unk]"]'), 2 * len(SAID)]
    with pytest.raises(
        RecogniserError, match=r"vosk has no model in 'none': pip install .*models, and write vosk:FOLD"
    ):
        open_recogniser("vosk:none")


def test_whisper(monkeypatch):
    """The package is a stand-in of ours: with a real model it was not run here."""
    segments = [
        types.SimpleNamespace(text=" Так,", avg_logprob=0.0),
        types.SimpleNamespace(text=" чотири", avg_logprob=-1),
    ]

    class WhisperModel:
        def __init__(self, name, **_):
            if name == "none":
                raise OSError("not found")

        def transcribe(self, wave, language):
            return (iter(segments if len(wave) == 2 * len(SAID) and language == "uk" else []), None)

    monkeypatch.setitem(sys.modules, "faster_whisper", types.SimpleNamespace(WhisperModel=WhisperModel))
    heard = open_recogniser("faster-whisper:small").recognise(SAID, 8000, "uk")
    assert heard.text == "Так, чотири"
    assert heard.confidence == pytest.approx((1 + np.exp(-1)) / 2)
    for engine in ("faster-whisper", "faster-whisper:none"):
        with pytest.raises(RecogniserError, match=r"faster-whisper .*: pip install"):
            open_recogniser(engine)


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    """An installed distribution with engines of its own; ``crashing`` dies at samples that begin with 666."""
    (tmp_path / "my_engines.py").write_text(
        "import os, time\n"
        "from AudioSocketLibrary.media import Recognition\n"
        "class Mine:\n"
        "    def __init__(self, rest): self.rest, self.calls = rest, 0; print('noise on stdout')\n"
        "    def recognise(self, samples, rate, language, expected=(), key=''):\n"
        "        self.calls += 1\n"
        "        if samples[0] == 666: os._exit(7)\n"
        "        if samples[0] == 667: time.sleep(60)\n"
        "        if samples[0] == 668: raise KeyError('x')\n"
        "        if samples[0] == 669: time.sleep(0.3)\n"
        "        return Recognition(f'{self.rest} {self.calls} {list(expected)} {key}', 0.7, 'p')\n"
    )
    info = tmp_path / "my_engines-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: my-engines\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[audiosocket.recognisers]\nmine = my_engines:Mine\nbad = os.path:abspath\n")
    monkeypatch.syspath_prepend(tmp_path)


@pytest.mark.usefixtures("plugin")
def test_entry_point():
    heard = open_recogniser("mine:abc").recognise(SAID, 8000, "uk", ["x"], "k")
    assert heard.text == "abc 1 ['x'] k"
    with pytest.raises(RecogniserError, match="The engine 'bad' is no recogniser"):
        open_recogniser("bad:x")
    with pytest.raises(RecogniserError, match=r"no engine 'mien'. Installed: .*, bad, mine. Did you mean 'mine'"):
        open_recogniser("mien")


def test_script_by_order_and_by_key(tmp_path):
    script = tmp_path / "script.yaml"
    script.write_text("- Так\n- {text: Ні, confidence: 0.4, phrase: no}\n- {error: it is down, after: 0.01}\n", "utf-8")
    recogniser = open_recogniser(f"script:{script}")
    assert isinstance(recogniser, ScriptRecogniser)
    assert recogniser.recognise(SAID, 8000, "uk").understood
    second = recogniser.recognise(SAID, 8000, "uk", key="a")
    assert (second.text, second.confidence, second.phrase, second.understood) == ("Ні", 0.4, "no", False)
    with pytest.raises(RecogniserError, match="it is down"):
        recogniser.recognise(SAID, 8000, "uk")
    with pytest.raises(RecogniserError, match="The script has 3 answers, and this is recognition 4"):
        recogniser.recognise(SAID, 8000, "uk")
    assert recogniser.calls == 4
    recogniser.reset(["інше"])
    assert recogniser.calls == 0
    assert recogniser.recognise(SAID, 8000, "uk").text == "інше"

    script.write_text("calls:\n  a: [перше, друге]\n  '*': [хтось]\nrepeat: yes\n", "utf-8")
    recogniser = open_recogniser(f"script:{script}")
    assert [recogniser.recognise(SAID, 8000, "uk", key=key).text for key in "abaab"] == [
        "перше",
        "хтось",
        "друге",
        "перше",
        "хтось",
    ]
    assert (recogniser.calls_of("a"), recogniser.calls_of("b"), recogniser.calls) == (3, 2, 5)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("just text", "script.yaml is no script"),
        ("answer: [a]", "script.yaml: no key 'answer' here; nearest: answers"),
        ("- {txt: a}", "script.yaml: an answer has no 'txt'; there are after, confidence, error, phrase, text"),
        ("- {text: a, confidence: high}", "script.yaml: 'confidence' is a number, not 'high'"),
        ("- [a]", "is no answer"),
        ("calls: [a]", "script.yaml: "),
        ("a: [", "script.yaml is not YAML"),
    ],
)
def test_a_wrong_script(tmp_path, text, message):
    (tmp_path / "script.yaml").write_text(text)
    with pytest.raises(RecogniserError, match=message):
        open_recogniser(f"script:{tmp_path / 'script.yaml'}")


def numbers(first):
    return np.array([first, 0], np.int16)


def children():
    return [
        child for child in psutil.Process().children(recursive=True) if "recogniser_worker" in " ".join(child.cmdline())
    ]


def test_process_knows_phrases():
    async def main(recogniser):
        ticks, started = [], time.perf_counter()
        future = asyncio.wrap_future(recogniser.recognise(SAID, 8000, "uk", ["stop", "yes"]))
        while not future.done():
            ticks.append(time.perf_counter())
            await asyncio.sleep(0.005)
        return await future, ticks, started

    with RecogniserProcess("phrases") as recogniser:
        heard, ticks, _ = asyncio.run(main(recogniser))
        assert (heard.text, heard.phrase, heard.understood) == ("Стоп, досить", "stop", True)
        assert len(ticks) > 5
        again = recogniser.recognise(SAID, 8000, "uk", ["stop", "yes"])
        assert again.done()
        assert again.result() == heard
        recogniser.recognise(SAID, 8000, "uk", ["yes"]).result(30)
        assert (recogniser.calls, recogniser.cached, recogniser.restarts) == (3, 1, 0)
        assert len(children()) == 1
    assert children() == []


@pytest.mark.usefixtures("plugin")
def test_process_survives_its_engine():
    with RecogniserProcess("mine:x", timeout=5) as recogniser:
        first = recogniser.recognise(numbers(1), 8000, "uk", ["a"], "k")
        assert first.result(30).text == "x 1 ['a'] k"
        with pytest.raises(
            RecogniserError, match=r"process of the recogniser mine:x ended unexpectedly \(exit code 7\)"
        ):
            recogniser.recognise(numbers(666), 8000, "uk").result(30)
        assert recogniser.recognise(numbers(2), 8000, "uk").result(30).text == "x 1 [] "
        with pytest.raises(RecogniserError, match="the engine failed: KeyError: 'x'"):
            recogniser.recognise(numbers(668), 8000, "uk").result(30)
        assert recogniser.recognise(numbers(3), 8000, "uk").result(30).text == "x 3 [] "
        assert recogniser.restarts == 1
    assert children() == []


@pytest.mark.usefixtures("plugin")
def test_process_takes_too_long_or_too_many():
    with RecogniserProcess("mine", timeout=4, waiting=2) as recogniser:
        recogniser.recognise(numbers(1), 8000, "uk").result(30)
        stuck = recogniser.recognise(numbers(667), 8000, "uk")
        while not stuck.running():
            time.sleep(0.001)
        waiting = [recogniser.recognise(numbers(number), 8000, "uk") for number in (2, 3, 4)]
        with pytest.raises(RecogniserError, match="The recogniser mine does not keep up: 2 utterances wait already"):
            waiting[2].result(0)
        assert waiting[1].cancel()
        with pytest.raises(RecogniserError, match=r"gave no answer within 4 s: its process was stopped"):
            stuck.result(30)
        assert waiting[0].result(30).text == " 1 [] "


@pytest.mark.usefixtures("plugin")
def test_process_closes_in_the_middle():
    recogniser = RecogniserProcess("mine", workers=2)
    slow = [recogniser.recognise(numbers(667), rate, "uk") for rate in (1, 2, 3)]
    while not slow[1].running():
        time.sleep(0.001)
    recogniser.close()
    recogniser.close()
    for future in [*slow, recogniser.recognise(numbers(1), 8000, "uk")]:
        with pytest.raises(RecogniserError, match="The recogniser is closed"):
            future.result(5)
    assert children() == []
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("recogniser mine")]


@pytest.mark.usefixtures("plugin")
def test_several_processes_at_once():
    with RecogniserProcess("mine", workers=2) as recogniser:
        [future.result(30) for future in [recogniser.recognise(numbers(669), rate, "uk") for rate in (1, 2)]]
        assert len(children()) == 2


def test_process_without_its_engine():
    with RecogniserProcess("vsok") as recogniser:
        for _ in range(2):
            with pytest.raises(RecogniserError, match=r"no engine 'vsok'. Installed: "):
                recogniser.recognise(SAID, 8000, "uk").result(30)
    assert children() == []


def test_process_does_not_outlive_its_parent(tmp_path):
    code = "from AudioSocketLibrary.media.recogniser_process import RecogniserProcess as P\nimport os\nP('phrases')"
    parent = psutil.Popen([sys.executable, "-c", f"{code}\nimport time; time.sleep(60)"])
    deadline = time.monotonic() + 20
    while not (left := parent.children()) and time.monotonic() < deadline:
        time.sleep(0.02)
    parent.kill()
    parent.wait()
    assert left
    assert not psutil.wait_procs(left, timeout=20)[1]


def test_script_is_not_cached_and_runs_on_a_thread(tmp_path):
    script = tmp_path / "s.yaml"
    script.write_text("[a, b, c]")
    with RecogniserProcess(f"script:{script}") as recogniser:
        assert [recogniser.recognise(SAID, 8000, "uk").result(30).text for _ in range(3)] == ["a", "b", "c"]
    at_hand = ScriptRecogniser(["a"])
    service = RecogniserThread(at_hand)
    assert service.recognise(SAID, 8000, "uk").result(5).text == "a"
    assert at_hand.calls == 1
    service.close()
    with pytest.raises(RecogniserError, match="closed"):
        service.recognise(SAID, 8000, "uk").result(0)


def test_prompts_of_a_users_book(tmp_path):
    prompt = load_phrase_book().prompt("which_day")
    (tmp_path / "book.yaml").write_text(
        f"language: uk\nprompts:\n  - {{name: day, text: На який день, recording: '{prompt.recordings[0]}'}}\n", "utf-8"
    )
    sound = load_sound(prompt.recordings[0], 8000)
    assert open_recogniser(f"prompts:{tmp_path / 'book.yaml'}").recognise(sound.samples, 8000, "uk").phrase == "day"
    assert open_recogniser("prompts").recognise(sound.samples, 8000, "uk").phrase == "which_day"
