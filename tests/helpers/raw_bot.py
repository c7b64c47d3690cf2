"""A scripted bot on a blocking socket in a thread of its own: it knows nothing of our protocol or transport."""

from __future__ import annotations

import contextlib
import math
import socket
import struct
import threading
from collections.abc import Callable
from time import perf_counter, sleep

LIMIT = 20.0
"""No wait of a test is longer."""


def frame(kind: int, payload: bytes = b"") -> bytes:
    return struct.pack("!BH", kind, len(payload)) + payload


def tone(seconds: float, rate: int = 8000, start: int = 0) -> bytes:
    """A tone of 400 Hz at -12 dBFS, 16 bits."""
    count = round(seconds * rate)
    return struct.pack(
        f"<{count}h", *(round(11600 * math.cos(2 * math.pi * 400 * (start + k) / rate)) for k in range(count))
    )


class Line:
    """The bot's end of one connection. A thread reads all that comes; ``frames`` is what it made of it."""

    def __init__(self, sock: socket.socket, *, reads: bool) -> None:
        self.sock = sock
        self.accepted_at = perf_counter()
        self.chunks: list[tuple[float, bytes]] = []
        """What each recv gave."""
        self.frames: list[tuple[float, int, bytes]] = []
        self.end: str | None = None
        """How the caller ended it: ``eof`` or ``reset``."""
        self.end_at = 0.0
        self._news = threading.Condition()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(LIMIT)
        self._reader = threading.Thread(target=self._read, daemon=True) if reads else None
        if self._reader:
            self._reader.start()

    def _read(self) -> None:
        rest = b""
        end = "eof"
        try:
            while data := self.sock.recv(65536):
                at = perf_counter()
                rest += data
                with self._news:
                    self.chunks.append((at, data))
                    while len(rest) >= 3 and len(rest) >= 3 + (size := struct.unpack("!H", rest[1:3])[0]):
                        self.frames.append((at, rest[0], rest[3 : 3 + size]))
                        rest = rest[3 + size :]
                    self._news.notify_all()
        except ConnectionResetError:
            end = "reset"
        except OSError as error:
            end = f"{error}"
        with self._news:
            self.end, self.end_at = end, perf_counter()
            self._news.notify_all()

    def wait(self, true: Callable[[], object], limit: float = LIMIT) -> None:
        with self._news:
            if not self._news.wait_for(true, limit):
                raise TimeoutError(f"the bot of the test waited in vain; {len(self.frames)} frames, end {self.end}")

    def wait_end(self, limit: float = LIMIT) -> str:
        self.wait(lambda: self.end, limit)
        assert self.end
        return self.end

    def wait_frames(self, count: int) -> None:
        self.wait(lambda: len(self.frames) >= count or self.end)
        assert len(self.frames) >= count, f"the caller ended ({self.end}) after {len(self.frames)} of {count} frames"

    def of(self, *kinds: int) -> list[tuple[float, bytes]]:
        return [(at, payload) for at, kind, payload in list(self.frames) if kind in kinds]

    def hears_voice(self, since: float = 0.0) -> bool:
        return self.voiced_at(since) is not None

    def voiced_at(self, since: float = 0.0) -> float | None:
        """When the first frame of 16-bit audio with anything in it came."""
        for at, kind, payload in list(self.frames):
            if 0x10 <= kind <= 0x18 and at >= since and any(payload):
                return at
        return None

    def wait_said(self, quiet: float = 0.06) -> None:
        """Wait until the caller has spoken and been silent for a while, with frames of zeros."""
        self.wait(self.hears_voice)

        def silent() -> bool:
            last = max(at for at, kind, payload in self.frames if any(payload) and kind >= 0x10)
            return bool(self.frames[-1][0] - last >= quiet)

        self.wait(silent)

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def say(self, seconds: float, rate: int = 8000, kind: int = 0x10, *, speed: float = 1.0) -> tuple[float, float]:
        """Speak in real time (or faster); returns when the first frame went out, and when the last will have ended."""
        return self.stream(tone(seconds, rate), rate, kind, speed=speed)

    def hush(self, seconds: float, rate: int = 8000, kind: int = 0x10) -> tuple[float, float]:
        """Send silence in real time."""
        return self.stream(bytes(2 * round(seconds * rate)), rate, kind)

    def stream(
        self,
        audio: bytes,
        rate: int = 8000,
        kind: int = 0x10,
        *,
        speed: float = 1.0,
        until: Callable[[], bool] | None = None,
    ) -> tuple[float, float]:
        size = rate // 50 * 2
        start = perf_counter()
        for index, at in enumerate(range(0, len(audio), size)):
            wait = start + index * 0.020 / speed - perf_counter()
            if wait > 0:
                sleep(wait)
            if until and until():
                break
            self.send(frame(kind, audio[at : at + size]))
        return start, start + len(audio) / 2 / rate

    def close(self) -> None:
        """Close with FIN."""
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        self._stop()

    def reset(self) -> None:
        """Close with RST."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RD)  # wakes the reader; nothing goes out
        self._stop()

    def _stop(self) -> None:
        if self._reader:
            self._reader.join(LIMIT)
        self.sock.close()


class RawBot:
    """Listens on a port of the system's; runs ``script(line)`` in a thread for each call, then closes the line.

    At the end of the ``with`` block every thread is joined, and what a script raised is raised here.
    """

    def __init__(self, script: Callable[[Line], None] | None = None, *, reads: bool = True, buffer: int | None = None):
        self._script = script or (lambda line: line.wait_end() and None)
        self._reads = reads
        self._errors: list[BaseException] = []
        self._threads: list[threading.Thread] = []
        self.lines: list[Line] = []
        self._listener = socket.socket()
        if buffer:
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(200)
        self._listener.settimeout(0.01)
        self.port = self._listener.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        self._open = True
        self._acceptor = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> RawBot:
        self._acceptor.start()
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._open = False
        self._acceptor.join(LIMIT)
        self._listener.close()
        for thread in self._threads:
            thread.join(LIMIT)
        assert not any(thread.is_alive() for thread in self._threads), "a bot of the test did not end"
        if self._errors and error is None:
            raise self._errors[0]
        if self._errors and error is not None:
            error.add_note(f"The bot of the test: {self._errors}")

    @property
    def line(self) -> Line:
        """The only call."""
        [line] = self.lines
        return line

    def _accept(self) -> None:
        while self._open:
            try:
                sock, _ = self._listener.accept()
            except TimeoutError:
                continue
            line = Line(sock, reads=self._reads)
            self.lines.append(line)
            thread = threading.Thread(target=self._run, args=(line,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _run(self, line: Line) -> None:
        try:
            self._script(line)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the caller has gone in the middle of what the bot said
        except BaseException as error:  # noqa: BLE001 - raised in the test
            self._errors.append(error)
        finally:
            line.close()
