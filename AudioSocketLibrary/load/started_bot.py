"""A bot that is started for a run, by the user's command or as our reference bot, and stopped after it."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Protocol

from ..bot.process import BotProcess
from ..records import UsageError, time_text
from ..transport import Address

STOP_TIMEOUT: Final = 10.0
_POLL: Final = 0.1


class StartedBot(Protocol):
    """A bot that we started."""

    address: Address

    @property
    def pid(self) -> int:
        """Its process id."""

    @property
    def running(self) -> bool:
        """Whether it still runs."""

    def stop(self) -> int:
        """Stop it; returns its exit code."""


class CommandBot:
    """The user's bot, started by a command.

    Args:
        command: as in a shell, but no shell reads it.
        address: where it will listen.
        ready_within: seconds that it may take until it accepts a connection.
        output: the file that takes what it prints.

    Raises:
        UsageError: it cannot be started, ends, or does not listen in time; the text has its last words.
    """

    def __init__(self, command: str, address: Address, ready_within: float, output: Path) -> None:
        self.address = address
        self._output = output
        self._command = command
        if is_listening(address):
            raise UsageError(
                f"Something listens on {address} already: stop it, or leave 'start' out to call it as it is"
            )
        words = shlex.split(command, posix=sys.platform != "win32")
        if not words:
            raise UsageError("The command that starts the bot is empty")
        # A group of its own: Ctrl-C in the terminal is for us, who still have calls to end.
        group: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            group = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        self._file = output.open("wb")
        try:
            self._child = subprocess.Popen(  # noqa: S603 - the user's own command, not by a shell
                words, stdin=subprocess.DEVNULL, stdout=self._file, stderr=subprocess.STDOUT, **group
            )
        except OSError as error:
            self._file.close()
            raise UsageError(f"The bot cannot be started by '{words[0]}': {error.strerror or error}") from None
        try:
            self._await(ready_within)
        except BaseException:
            self.stop()
            raise

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._child.pid

    @property
    def running(self) -> bool:
        """Whether it still runs."""
        return self._child.poll() is None

    @property
    def last_words(self) -> str:
        """The last line that it printed."""
        lines = self._output.read_text("utf-8", "replace").strip().splitlines()
        return lines[-1][:200] if lines else "it printed nothing"

    def stop(self) -> int:
        """Stop it with all that it started, by force where it has not stopped in time; returns its exit code."""
        with suppress(OSError):  # it has ended already
            self._signal(signal.SIGTERM)
        try:
            self._child.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        if sys.platform != "win32":
            with suppress(OSError):
                self._signal(signal.SIGKILL)
        self._file.close()
        return self._child.returncode

    def _signal(self, which: signal.Signals) -> None:
        if sys.platform == "win32":
            self._child.terminate()
        else:
            os.killpg(self._child.pid, which)

    def _await(self, ready_within: float) -> None:
        until = time.monotonic() + ready_within
        while not is_listening(self.address):
            if not self.running:
                raise UsageError(
                    f"The bot ended with exit code {self._child.returncode} before it listened on {self.address}. "
                    f"It said: {self.last_words}"
                )
            if time.monotonic() > until:
                raise UsageError(
                    f"The bot does not listen on {self.address}, {time_text(ready_within)} after its start. It said: "
                    f"{self.last_words}. Where it needs longer: --ready-within 2min"
                )
            time.sleep(_POLL)


def reference_bot() -> BotProcess:
    """Our reference bot, scripted, in a process of its own.

    Raises:
        UsageError: it does not start.
    """
    return BotProcess()


def is_listening(address: Address) -> bool:
    """Whether a connection is accepted. Asterisk, too, connects and says nothing for a channel that goes away."""
    try:
        with socket.create_connection((address.host, address.port), timeout=1.0):
            return True
    except OSError:
        return False
