"""The parent's side of one recogniser process: its start, one utterance at a time, its end."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

from .recogniser import Part, RecogniserError, Recognition

if TYPE_CHECKING:
    from collections.abc import Sequence


class EngineUnavailable(RecogniserError):
    """The engine cannot be had here, and will not be had by trying again."""


class Child:
    """A process with one engine, used by one thread; only `close` may come from another."""

    def __init__(self, engine: str, timeout: float) -> None:
        self._engine = engine
        self._timeout = timeout
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False
        self._late = False
        self._lock = threading.Lock()

    @property
    def running(self) -> bool:
        """Whether there is a process now."""
        return self._process is not None

    def start(self) -> subprocess.Popen[bytes]:
        """Returns the process, started and with its engine open; RecogniserError where that fails."""
        if self._process:
            return self._process
        with self._lock:
            if self._closed:
                raise RecogniserError("The recogniser is closed")
            # One thread for numpy's libraries: more would take the cores of the calls.
            single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
            process = self._process = subprocess.Popen(  # noqa: S603 - this interpreter and our own module
                [sys.executable, "-P", "-m", f"{__package__}.recogniser_worker", self._engine],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, **single, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )
        answer = self._answer(process, b"")
        if "error" in answer:
            self.close(final=False)
            raise EngineUnavailable(answer["error"])
        return process

    def recognise(self, samples: bytes, rate: int, language: str, expected: Sequence[str], key: str) -> Recognition:
        """Returns what is said in int16 samples; RecogniserError where it fails, after a crash without a process."""
        process = self.start()
        request = {"rate": rate, "language": language, "expected": expected, "key": key, "bytes": len(samples)}
        answer = self._answer(process, json.dumps(request).encode() + b"\n" + samples)
        if "error" in answer:
            raise RecogniserError(answer["error"])
        parts = tuple(Part(**part) for part in answer.pop("parts"))
        return Recognition(**answer, parts=parts)

    def close(self, *, final: bool = True) -> None:
        """Ends the process; for ever, unless it is not `final`."""
        with self._lock:
            self._closed |= final
            process, self._process = self._process, None
        if process:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                # What could not be written any more is not missed.
                with contextlib.suppress(OSError, ValueError, AttributeError):
                    pipe.close()  # type: ignore[union-attr]

    def _answer(self, process: subprocess.Popen[bytes], request: bytes) -> dict[str, Any]:
        self._late = False
        alarm = threading.Timer(self._timeout, self._stop_late, (process,))
        alarm.daemon = True
        alarm.start()
        try:
            process.stdin.write(request)  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
            line = process.stdout.readline()  # type: ignore[union-attr]
        except (OSError, ValueError):
            line = b""
        finally:
            alarm.cancel()
        if line:
            answer: dict[str, Any] = json.loads(line)
            return answer
        code = process.wait()
        closed = self._closed
        self.close(final=False)
        if closed:
            raise RecogniserError("The recogniser is closed")
        if self._late:
            raise RecogniserError(
                f"The recogniser {self._engine} gave no answer within {self._timeout:g} s: its process was stopped"
            )
        raise RecogniserError(
            f"The process of the recogniser {self._engine} ended unexpectedly (exit code {code}): "
            "it is started again for the next utterance"
        )

    def _stop_late(self, process: subprocess.Popen[bytes]) -> None:
        self._late = True
        process.kill()
