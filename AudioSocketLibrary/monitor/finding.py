"""Which process is meant: by its number, a pid file, the port it listens on, or the container it is the first of."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import psutil

from ..records import UsageError

Kind = Literal["pid", "pid file", "port", "container"]
_DOCKER_TIMEOUT = 10.0


class NotFound(Exception):
    """There is no such process (now). Its text is a sentence without an end."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A process to look at, with all its children.

    Args:
        who: whose it is, for rows and people: ``bot``, ``worker 0``, ``conductor``.
        kind: how it is named.
        value: a process number, a file that has it, a port or ``host:port``, or the name of a container.
        children: whether its children are looked at, too.
    """

    who: str
    kind: Kind
    value: str
    children: bool = True

    def __str__(self) -> str:
        return f"{self.who} ({self.kind} {self.value})"

    def find(self) -> psutil.Process:
        """The process as it is now.

        Raises:
            NotFound: there is none; another look may find one.
            UsageError: it can never be found like that from here; the text says what to write instead.
        """
        pid = self._pid()
        try:
            return psutil.Process(pid)
        except (psutil.NoSuchProcess, OverflowError, ValueError):
            raise NotFound(f"there is no process of {self.kind} {self.value}") from None

    def _pid(self) -> int:
        match self.kind:
            case "pid":
                return _number(self.value, "pid")
            case "pid file":
                return _of_file(Path(self.value))
            case "port":
                return _of_port(_number(self.value.rpartition(":")[2], "port"))
        return _of_container(self.value)


def _number(text: str, what: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise UsageError(f"'{text}' is no {what} to watch: write a number, like '{what} 9092'")
    return int(text)


def _of_file(file: Path) -> int:
    try:
        text = file.read_text("utf-8").strip()
    except OSError as error:
        raise NotFound(f"the pid file {file} cannot be read ({error.strerror or error})") from None
    except UnicodeDecodeError:
        text = ""
    first = text.split()[0] if text else ""
    if not first.isdigit():
        raise NotFound(f"the pid file {file} holds no number")
    return int(first)


def _of_port(port: int) -> int:
    try:
        connections = psutil.net_connections("tcp")
    except psutil.AccessDenied:
        raise UsageError(
            f"Who listens on port {port} cannot be seen here without more rights: name the process by its number "
            "('pid 4711') or a pid file"
        ) from None
    listening = [each for each in connections if _is_at(each, port)]
    if not listening:
        raise NotFound(f"nothing listens on port {port} of this machine")
    pids = [each.pid for each in listening if each.pid]
    if not pids:
        raise UsageError(
            f"Who listens on port {port} cannot be seen: the process belongs to another user, or to a container. Name "
            "it by its number ('pid 4711'), a pid file or 'container NAME', or run as that user"
        )
    return _eldest(min(pids), port)


def _is_at(connection: Any, port: int) -> bool:
    return bool(connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port)


def _eldest(pid: int, port: int) -> int:
    """Children inherit the socket of the server that made them: the eldest is meant, and they are its children."""
    try:
        for parent in psutil.Process(pid).parents():
            if not any(_is_at(each, port) for each in parent.net_connections("tcp")):
                break
            pid = parent.pid
    except psutil.Error:
        return pid  # what cannot be looked at is no better choice
    return pid


def _of_container(name: str) -> int:
    way_out = "name the process itself: 'port 9092', 'pid 4711' or a pid file"
    program = shutil.which("docker") or shutil.which("podman")
    if program is None or not psutil.LINUX:
        why = "there is no docker command here" if program is None else "its processes cannot be seen from this system"
        raise UsageError(f"Container {name} cannot be watched: {why}. Leave it out, or {way_out}")
    command = [program, "inspect", "--type", "container", "--format", "{{.State.Pid}}", "--", name]
    try:
        asked = subprocess.run(command, capture_output=True, text=True, timeout=_DOCKER_TIMEOUT, check=False)  # noqa: S603 - not by a shell
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UsageError(f"Container {name} cannot be watched: {error}. Leave it out, or {way_out}") from None
    if "no such" in asked.stderr.lower() or asked.stdout.strip() == "0":
        raise NotFound(f"container {name} does not run")
    if asked.returncode or not asked.stdout.strip().isdigit():
        said = asked.stderr.strip().partition("\n")[0] or "docker gave no process number"
        raise UsageError(f"Container {name} cannot be watched: {said.rstrip('.?')}. Leave it out, or {way_out}")
    return int(asked.stdout)
