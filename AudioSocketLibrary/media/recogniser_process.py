"""Recognition outside our process: the media clock shares no interpreter lock with an engine.

recogniser = RecogniserProcess("phrases")
heard = await asyncio.wrap_future(recogniser.recognise(samples, 8000, "uk", expected=["yes", "no"], key=uuid))
recogniser.close()
"""

from __future__ import annotations

import contextlib
import queue
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from .recogniser import RecogniserError, Recognition
from .recogniser_child import Child, EngineUnavailable
from .recognition_cache import KEPT, RecognitionCache, recognition_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType

    import numpy as np
    from numpy.typing import NDArray

NO_CACHE: Final = ("script:",)
"""Engines whose answer depends on more than the sound."""


@dataclass(frozen=True)
class Job:
    """An utterance that waits to be recognised."""

    samples: bytes
    rate: int
    language: str
    expected: tuple[str, ...]
    key: str
    digest: str
    future: Future[Recognition] = field(default_factory=Future)


class RecogniserProcess:
    """An engine in processes of its own. `recognise` never blocks and may be called from any thread.

    A process that dies, or takes longer than `timeout`, fails the utterance it was at, and is started anew for the
    next one; an engine that cannot be had fails all. What was recognised before is known by the hash of its samples.
    """

    def __init__(
        self,
        engine: str,
        *,
        workers: int = 1,
        waiting: int = 64,
        timeout: float = 60.0,
        cache_folder: Path | None = None,
    ) -> None:
        """Starts `workers` processes: one for an engine that computes, more for one that waits for a service.

        Args:
            engine: As for `open_recogniser`.
            workers: Utterances that are recognised at the same time.
            waiting: Utterances that may wait; one more is refused.
            timeout: Seconds for one utterance, and for the start of an engine.
            cache_folder: Where recognitions are kept for the next process; for services, not for own recordings.
        """
        self.engine = engine
        self._jobs: queue.Queue[Job | None] = queue.Queue(waiting)
        varies = engine.startswith(NO_CACHE)
        self._cache = RecognitionCache(None if varies else cache_folder, limit=0 if varies else KEPT)
        self._closed = False
        self._lock = threading.Lock()
        self.calls: int = 0
        """Utterances given to `recognise`."""
        self.cached: int = 0
        """Those of them that were known."""
        self.restarts: int = 0
        """Times that a process was started anew because it died or took too long."""
        self._children = [Child(engine, timeout) for _ in range(workers)]
        self._threads = [
            threading.Thread(target=self._serve, args=(child,), name=f"recogniser {engine}", daemon=True)
            for child in self._children
        ]
        for thread in self._threads:
            thread.start()

    def recognise(
        self,
        samples: NDArray[np.int16],
        rate: int,
        language: str,
        expected: Sequence[str] = (),
        key: str = "",
    ) -> Future[Recognition]:
        """Returns the future of what is said; its failure is a `RecogniserError`. Cancel it where nobody waits."""
        pcm = samples.astype("int16", copy=False).tobytes()
        narrowed = tuple(expected)
        digest = recognition_key(pcm, rate, self.engine, language, narrowed)
        job = Job(pcm, rate, language, narrowed, key, digest)
        with self._lock:
            self.calls += 1
        known = self._cache.remembered(job.digest)
        if known:
            with self._lock:
                self.cached += 1
            job.future.set_result(known)
        else:
            self._enqueue(job)
        return job.future

    def close(self) -> None:
        """Ends the processes; what still waits fails. May be called again."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        for child in self._children:
            child.close()
        self._refuse_waiting()
        for _ in self._threads:
            with contextlib.suppress(queue.Full):
                self._jobs.put_nowait(None)
        for thread in self._threads:
            thread.join(5)

    def __enter__(self) -> RecogniserProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _enqueue(self, job: Job) -> None:
        with self._lock:
            if self._closed:
                job.future.set_exception(RecogniserError("The recogniser is closed"))
                return
            try:
                self._jobs.put_nowait(job)
            except queue.Full:
                job.future.set_exception(
                    RecogniserError(
                        f"The recogniser {self.engine} does not keep up: {self._jobs.qsize()} utterances wait already"
                    )
                )

    def _refuse_waiting(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                job = self._jobs.get_nowait()
                if job and job.future.set_running_or_notify_cancel():
                    job.future.set_exception(RecogniserError("The recogniser is closed"))

    def _serve(self, child: Child) -> None:
        with contextlib.suppress(RecogniserError):
            child.start()
        while job := self._jobs.get():
            if job.future.set_running_or_notify_cancel():
                self._recognise(child, job)

    def _recognise(self, child: Child, job: Job) -> None:
        try:
            if self._closed:
                raise RecogniserError("The recogniser is closed")  # noqa: TRY301 - it fails like the others
            known = self._cache.get(job.digest)
            heard = known or child.recognise(job.samples, job.rate, job.language, job.expected, job.key)
        except EngineUnavailable as error:
            job.future.set_exception(error)
        except RecogniserError as error:
            if not child.running and not self._closed:
                with self._lock:
                    self.restarts += 1
            job.future.set_exception(error)
        except Exception as error:  # noqa: BLE001 - whoever waits must learn of it, and the next one be served
            child.close(final=False)
            job.future.set_exception(RecogniserError(f"The recogniser failed: {type(error).__name__}: {error}"))
        else:
            job.future.set_result(self._cache.keep(job.digest, heard))
