"""Samples of real processes: found in every way there is, gone, started anew, forbidden."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from AudioSocketLibrary.monitor import Sample, Sampler, Watched, process
from AudioSocketLibrary.records import UsageError

pytestmark = pytest.mark.integration

SERVES = """
import socket, sys, threading, time
server = socket.create_server(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 0))
print(server.getsockname()[1], flush=True)
sys.stdin.read()
"""
BUSY = """
import subprocess, sys, tempfile, threading, time
files = [tempfile.TemporaryFile() for _ in range(20)]
for _ in range(4):
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
never_rests = "ballast = b'x' * 60_000_000\\nprint('up', flush=True)\\nwhile True: pass"
child = subprocess.Popen([sys.executable, "-c", never_rests], stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
sys.stdin.read()
child.kill()
child.wait()
"""


@contextmanager
def running(code: str, *arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A Python program until the end of the block, and the number it printed."""
    with subprocess.Popen(
        [sys.executable, "-c", code, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        try:
            yield child, int(child.stdout.readline())
        finally:
            child.stdin.close()
            child.wait(20)


def of(found: list[Sample], who: str = "bot") -> Sample:
    return next(sample for sample in found if sample.who == who)


def eventually(sampler: Sampler, true, seconds: float = 20.0) -> list[Sample]:
    end = time.monotonic() + seconds
    while True:
        found = sampler.sample(at=1.0)
        if true(found):
            return found
        assert time.monotonic() < end, f"{found} {sampler.notes}"
        time.sleep(0.1)


def test_a_process_and_its_children_are_one():
    with running(BUSY) as (parent, child):
        sampler = Sampler(
            [Watched("bot", "pid", str(parent.pid)), Watched("alone", "pid", str(parent.pid), children=False)]
        )
        first = of(sampler.sample(at=10.0))
        time.sleep(0.5)
        found = sampler.sample(at=10.5)
        both, alone, host = of(found), of(found, "alone"), of(found, "host")
        assert first.cpu is None
        assert both.cpu > 0.05  # the child never rests; this machine may have others to serve
        assert alone.cpu < both.cpu
        assert both.memory > alone.memory + 60e6
        assert alone.threads >= 5
        assert both.threads > alone.threads
        assert alone.files >= 20
        assert both.files > alone.files
        assert sampler.notes == []
        assert host.cpu > 0
        assert host.memory > both.memory / 2
        assert host.network >= 0
        row = both.to_json()
        assert row == json.loads(json.dumps(row))
        assert set(row) == {"row", "at", "who", "cpu", "memory", "threads", "files"}
        assert (row["row"], row["at"], row["who"]) == ("sample", 10.5, "bot")
        assert "cpu" not in first.to_json()
        psutil.Process(child).kill()  # its end takes its CPU with it, and does no harm
        found = eventually(sampler, lambda found: of(found).threads == alone.threads)
        assert of(found).cpu < 1.0


def test_by_pid_file_and_its_end_is_told_once(tmp_path):
    file = tmp_path / "bot.pid"
    sampler = Sampler([Watched("bot", "pid file", str(file))], host=False)
    assert sampler.sample(at=0.0) == []
    assert str(sampler.notes[0]) == f"bot: the pid file {file} cannot be read (No such file or directory)"
    with running(SERVES) as (child, _):
        file.write_text(f"{child.pid}\n")
        assert Watched("bot", "pid file", str(file)).find().pid == child.pid
        sampler = Sampler([Watched("bot", "pid file", str(file))], host=False)
        assert of(sampler.sample(at=1.0)).memory > 1_000_000
    for at in (2.0, 3.0, 4.0):
        assert sampler.sample(at=at) == []
    assert [(note.at, note.text) for note in sampler.notes] == [(2.0, f"the process {child.pid} has ended")]
    file.write_text("soon")
    sampler = Sampler([Watched("bot", "pid file", str(file))], host=False)
    assert sampler.sample(at=0.0) == []
    assert sampler.notes[0].text == f"the pid file {file} holds no number"


def test_by_port_and_started_anew(monkeypatch):
    monkeypatch.setattr(process, "SEARCH_EVERY", 0.0)
    with running(SERVES) as (first, port):
        sampler = Sampler([Watched("bot", "port", f"127.0.0.1:{port}")], host=False)
        assert of(sampler.sample(at=1.0)).threads == 1
    assert sampler.sample(at=2.0) == []
    assert sampler.sample(at=3.0) == []
    with running(SERVES, str(port)) as (second, _):
        assert of(sampler.sample(at=4.0)).cpu is None, "its CPU is counted from its own beginning"
    assert [str(note) for note in sampler.notes] == [
        f"bot: the process {first.pid} has ended",
        f"bot: started anew: process {second.pid}, before it {first.pid}",
    ]


def test_the_eldest_of_those_that_share_a_port_is_meant():
    forks = """
import os, socket, sys, time
server = socket.create_server(("127.0.0.1", 0))
child = os.fork()
if not child:
    time.sleep(60)
print(server.getsockname()[1], flush=True)
sys.stdin.read()
os.kill(child, 9)
os.waitpid(child, 0)
"""
    with running(forks) as (parent, port):
        assert Watched("bot", "port", str(port)).find().pid == parent.pid


def test_nothing_listens_there():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        sampler = Sampler([Watched("bot", "port", str(port))], host=False)
        assert sampler.sample(at=1.0) == []
    assert sampler.notes[0].text == f"nothing listens on port {port} of this machine"


def test_a_process_that_waits_to_be_buried_has_ended():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    sampler = Sampler([Watched("bot", "pid", str(child.pid))], host=False)
    assert of(sampler.sample(at=1.0)).threads == 1
    child.stdin.close()
    eventually(sampler, lambda found: not found)
    assert sampler.notes[0].text == f"the process {child.pid} has ended"
    child.wait(20)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become somebody else")
def test_a_process_of_another_user_is_told_not_raised(tmp_path):
    look = """
import os, sys
from AudioSocketLibrary.monitor import Sampler, Watched
os.setgid(65534); os.setuid(65534)
sampler = Sampler([Watched("bot", "pid", sys.argv[1]), Watched("port", "port", sys.argv[2])], host=False)
found = sampler.sample(at=1.0)
print(*sampler.notes, sep="\\n")
"""
    with running(SERVES) as (child, port):
        done = subprocess.run(
            [sys.executable, "-c", look, str(child.pid), str(port)],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    assert "bot: its open files may not be counted by this user" in done.stdout
    assert f"port: Who listens on port {port} cannot be seen: the process belongs to another user" in done.stdout


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        ("pid", "bot", "'bot' is no pid to watch: write a number, like 'pid 9092'"),
        ("port", "127.0.0.1:http", "'http' is no port to watch: write a number, like 'port 9092'"),
    ],
)
def test_what_cannot_be_understood(kind, value, message):
    with pytest.raises(UsageError) as caught:
        Watched("bot", kind, value).find()
    assert str(caught.value) == message
    sampler = Sampler([Watched("bot", kind, value)], host=False)
    assert sampler.sample(at=1.0) == []
    assert sampler.notes[0].text == message


def test_a_container_without_docker(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError) as caught:
        Watched("bot", "container", "tyrebot").find()
    assert str(caught.value) == (
        "Container tyrebot cannot be watched: there is no docker command here. Leave it out, or name the process "
        "itself: 'port 9092', 'pid 4711' or a pid file"
    )


@pytest.mark.skipif(not psutil.LINUX, reason="elsewhere the processes of a container are in a machine of their own")
@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("echo {pid}", ""),
        ("echo 0", "container tyrebot does not run"),
        ("echo 'Error: No such container: tyrebot' >&2; exit 1", "container tyrebot does not run"),
        (
            "echo 'Cannot connect to the Docker daemon. Is it running?' >&2; exit 1",
            "Container tyrebot cannot be watched: Cannot connect to the Docker daemon. Is it running. Leave it out, or",
        ),
    ],
)
def test_a_container_by_what_docker_says(monkeypatch, tmp_path: Path, answer, message):
    docker = tmp_path / "docker"
    docker.write_text(f"#!/bin/sh\n{answer.format(pid=os.getpid())}\n")
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    sampler = Sampler([Watched("bot", "container", "tyrebot")], host=False)
    found = sampler.sample(at=1.0)
    assert len(sampler.notes) == bool(message)
    assert all(note.text.startswith(message) for note in sampler.notes)
    assert len(found) == (0 if message else 1)
