"""The reference bot as a process of its own, so that neither it nor who calls it slows the other."""

from __future__ import annotations

import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ..protocol import AudioFormat
from ..records import UsageError, time_text
from ..transport import Address
from .settings import BotSettings

START_TIMEOUT = 15.0
"""A busy machine took 4 s to start Python with numpy."""
STOP_TIMEOUT = 3.0
_FIRST_LINE = "listening on "
_SECOND_LINE = "backend on "
_OWN_NAMES = {"replies": "reply", "hang_up_after_turn": "hang-up-after-turn"}


class BotProcess:
    """``audiosocket bot`` as a child; it ends when told to, and by itself when its parent ends, however that happens.

    Args:
        arguments: of the command, without ``bot``.
        timeout: how long to wait for its first line, in seconds.

    Raises:
        UsageError: it did not start; the text says what it said.

    Example:
        ```python
        with BotProcess(["--reply-after", "1.2s"]) as bot:
            print(bot.address)
        ```
    """

    def __init__(self, arguments: Sequence[str] = (), *, timeout: float = START_TIMEOUT) -> None:
        command = [sys.executable, "-m", __package__.partition(".")[0], "bot", "--stop-with-stdin", *arguments]
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed in stop()
        # A group of its own: Ctrl-C in the terminal is for the parent, which still has calls to end.
        own_group: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            own_group = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        self._child = subprocess.Popen(  # noqa: S603 - our own command
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._said, **own_group
        )
        self.backend: str | None = None
        """Where its backend listens, for HTTP."""
        self.passwords: dict[str, str] = {}
        """Of the backend's users, where they were generated."""
        try:
            self._await_first_lines(timeout, with_backend=any(each.startswith("--backend") for each in arguments))
        except BaseException:
            self.stop(timeout=0.0)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._child.pid

    @property
    def running(self) -> bool:
        """Whether it still runs."""
        return self._child.poll() is None

    def stop(self, *, timeout: float = STOP_TIMEOUT) -> int:
        """Stop it, by force where it has not stopped in time; returns its exit code."""
        child = self._child
        assert child.stdin
        assert child.stdout
        with suppress(OSError):  # it has ended already
            child.stdin.close()
        try:
            child.wait(timeout)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        child.stdout.close()
        self._said.close()
        return child.returncode

    def _await_first_lines(self, timeout: float, *, with_backend: bool) -> None:
        lines = self._lines(1 + with_backend)
        self.address = Address.parse(self._await(lines, _FIRST_LINE, timeout))
        if with_backend:
            self.backend, _, users = self._await(lines, _SECOND_LINE, timeout).partition(" as ")
            self.passwords = dict(user.split(":", 1) for user in users.split())

    def _lines(self, count: int) -> queue.SimpleQueue[bytes]:
        lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        stdout = self._child.stdout
        assert stdout

        def read() -> None:
            for _ in range(count):
                lines.put(stdout.readline())

        threading.Thread(target=read, daemon=True).start()
        return lines

    def _await(self, lines: queue.SimpleQueue[bytes], begins: str, timeout: float) -> str:
        try:
            line = lines.get(timeout=timeout).decode().strip()
        except queue.Empty:
            raise UsageError(f"The reference bot did not start within {time_text(timeout)}. {self._stderr()}") from None
        if not line.startswith(begins):
            self._child.wait(timeout)
            raise UsageError(f"The reference bot did not start: {self._stderr() or 'it ended without a word'}")
        return line.removeprefix(begins)

    def _stderr(self) -> str:
        self._said.seek(0)
        lines = self._said.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""


def arguments_of(
    settings: BotSettings,
    *,
    port: int = 0,
    script: Path | None = None,
    truth: Path | None = None,
    events: Path | None = None,
    backend_port: int | None = None,
) -> list[str]:
    """The arguments of the command that mean these settings; ``backend_port`` 0: a backend on a free port."""
    usual = BotSettings()
    arguments: list[str] = []
    for name in (field.name for field in fields(BotSettings)):
        value = getattr(settings, name)
        if value == getattr(usual, name):
            continue
        option = f"--{_OWN_NAMES.get(name, name.replace('_', '-'))}"
        if name == "on_keys":
            arguments.append("--no-keys")
        elif value is True:
            arguments.append(option)
        elif name == "greeting" and value is None:
            arguments.append("--no-greeting")
        else:
            for each in value if isinstance(value, tuple) else (value,):
                arguments += [option, _text(each)]
    for option, extra in (("--port", port), ("--script", script), ("--truth", truth), ("--events", events)):
        if extra:
            arguments += [option, str(extra)]
    if backend_port is not None:
        arguments += ["--backend-port", str(backend_port)]
    return arguments


def _text(value: object) -> str:
    if value is None:
        return "never"
    if isinstance(value, AudioFormat):
        return value.name
    if isinstance(value, float):
        return f"{value * 1000:.6f}ms"
    return str(value)
