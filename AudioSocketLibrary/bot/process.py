"""The reference bot as a process of its own, so that neither it nor who calls it slows the other."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ..protocol import AudioFormat
from ..records import UsageError, time_text
from ..transport import Address
from .control import ANSWER
from .settings import BotSettings

START_TIMEOUT = 60.0
"""A busy machine took 4 s to start Python with numpy."""
STOP_TIMEOUT = 3.0
ANSWER_TIMEOUT = 10.0
_ANSWER = ANSWER.encode()
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
        command = [sys.executable, "-P", "-m", __package__.partition(".")[0], "bot", "--stop-with-stdin", *arguments]
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed in stop()
        # A group of its own: Ctrl-C in the terminal is for the parent, which still has calls to end.
        own_group: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            own_group = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        self._child = subprocess.Popen(  # noqa: S603 - our own command
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._said, **own_group
        )
        self._answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._asking = threading.Lock()
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

    def set_fault(self, name: str, how: Mapping[str, Any] | None = None) -> None:
        """Set a fault.

        Raises:
            UsageError: there is no such fault, it cannot strike here, or what is said of it cannot be read.
        """
        self._ask({"set": name, "how": dict(how or {})})

    def clear_faults(self, name: str = "") -> None:
        """Clear a fault, or all.

        Raises:
            UsageError: there is no such fault.
        """
        self._ask({"clear": name})

    def _ask(self, request: dict[str, Any]) -> None:
        stdin = self._child.stdin
        assert stdin
        with self._asking:
            try:
                stdin.write(json.dumps(request).encode() + b"\n")
                stdin.flush()
                answer = self._answers.get(timeout=ANSWER_TIMEOUT)
            except (OSError, ValueError):
                raise UsageError(f"The reference bot has ended. {self._stderr()}".strip()) from None
            except queue.Empty:
                raise UsageError(
                    f"The reference bot did not answer within {time_text(ANSWER_TIMEOUT)}. {self._stderr()}".strip()
                ) from None
        if not answer:
            raise UsageError(f"The reference bot has ended. {self._stderr()}".strip())
        if error := json.loads(answer).get("error"):
            raise UsageError(error)

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
            # To its end, or a bot that logs its calls would fill the pipe and stand still.
            with suppress(ValueError):  # closed here
                for line in stdout:
                    if line.startswith(_ANSWER):
                        self._answers.put(line.removeprefix(_ANSWER))
            self._answers.put(b"")

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
