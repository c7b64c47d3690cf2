"""``audiosocket http-basic`` against real servers, as a stranger would run it."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from AudioSocketLibrary.bot.process import BotProcess

pytestmark = pytest.mark.integration


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "AudioSocketLibrary", "http-basic", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


class _EveryThirdFails(BaseHTTPRequestHandler):
    asked = 0

    def do_GET(self) -> None:
        type(self).asked += 1
        self.send_response(503 if type(self).asked % 3 == 0 else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def flaky() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _EveryThirdFails)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/health"
    server.shutdown()
    server.server_close()


def test_the_reference_bots_backend(tmp_path):
    with BotProcess(["--dialogue", "tyre_shop", "--backend-port", "0"]) as bot:
        done = run(bot.backend, "--output", str(tmp_path / "r.json"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("10 of 10 requests answered in ")
    assert done.stdout.endswith("Documentation (/docs): there\n")
    result = json.loads((tmp_path / "r.json").read_text())
    assert (result["total"], result["success_rate"], result["docs_accessible"]) == (10, 1.0, True)
    assert 0 < result["p50"] <= result["longest"] <= result["duration"]


def test_some_fail(flaky):
    done = run(flaky, "--requests", "9")
    assert done.returncode == 1
    assert "6 of 9 requests answered" in done.stdout
    assert "  3 times: 503 Service Unavailable" in done.stdout


def test_nobody_there():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        done = run(url)
    assert done.returncode == 2
    assert done.stderr.startswith(f"Nobody answers at {url}/healthcheck (")
    assert done.stderr.endswith("Start it, or give another URL\n")
    assert "Traceback" not in done.stderr


def test_no_url():
    done = run("127.0.0.1:8000")
    assert done.returncode == 2
    assert done.stderr.strip() == "'127.0.0.1:8000' is no URL: write http://host:port/healthcheck"
