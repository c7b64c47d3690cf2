"""Samples of processes: what the bot, our workers and the whole machine use, a look a second."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

import psutil

from ..records import UsageError
from ..transport import now
from .finding import NotFound, Watched

SEARCH_EVERY = 5.0
"""Seconds between two searches for a process that is gone: to find who listens on a port takes a tenth of a second."""
_NOT_BUSY = frozenset({"idle", "iowait", "guest", "guest_nice", "steal"})
"""What is no work of this machine; a guest's time is a part of the user's."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One look at a process and its children, or at the whole machine. None: unknown, or it has none."""

    at: float
    """Seconds of the run."""
    who: str
    """``bot``, ``worker 0``, ``conductor``; ``host`` is the whole machine."""
    cpu: float | None = None
    """Of one core, since the look before: 1.5 is a core and a half. Unknown at the first look."""
    memory: int | None = None
    """Resident bytes. What processes share is counted for each of them."""
    threads: int | None = None
    files: int | None = None
    """Open files and sockets; on Windows, handles."""
    network: int | None = None
    """Bytes that all interfaces of the machine sent and received since the first look; no process has such a figure."""

    def to_json(self) -> dict[str, Any]:
        """As a row of ``rows/resources.jsonl``; what is unknown is left out."""
        data = {key: value for key, value in asdict(self).items() if value is not None}
        data["at"] = round(self.at, 3)
        if self.cpu is not None:
            data["cpu"] = round(self.cpu, 4)
        return {"row": "sample", **data}


@dataclass(frozen=True, slots=True)
class Note:
    """Something that happened to a process, for people."""

    at: float
    who: str
    text: str

    def __str__(self) -> str:
        return f"{self.who}: {self.text}"


class Sampler:
    """Looks at processes as often as it is asked; once a second is meant.

    A process that is gone, may not be looked at, or was started anew is told in ``notes``, and never raises. A look
    takes milliseconds, and one that has to find a process again up to seconds: do it in a thread, not on a media loop.

    CPU is what was used between two looks; a child that ended meanwhile takes its last second with it.

    Args:
        watched: the processes; more may be added later by ``watch``.
        host: whether the whole machine is looked at, too.

    Example:
        ```python
        sampler = Sampler([Watched("bot", "port", "9092")])
        for sample in sampler.sample(at=12.0):
            rows.write(sample.to_json())
        ```
    """

    def __init__(self, watched: Iterable[Watched] = (), *, host: bool = True) -> None:
        self.notes: list[Note] = []
        self._trees = [_Tree(each, self.notes) for each in watched]
        self._host = _Host() if host else None

    def watch(self, watched: Watched) -> None:
        """Look at one more process from now on."""
        self._trees.append(_Tree(watched, self.notes))

    def sample(self, at: float) -> list[Sample]:
        """Look at all of them; one that is not there has no sample.

        Args:
            at: seconds of the run.
        """
        found = [tree.sample(at) for tree in self._trees]
        if self._host:
            found.append(self._host.sample(at))
        return [sample for sample in found if sample is not None]


class _Tree:
    """A process and its children over time."""

    def __init__(self, watched: Watched, notes: list[Note]) -> None:
        self._watched = watched
        self._notes = notes
        self._told = ""
        self._root: psutil.Process | None = None
        self._last_pid: int | None = None
        self._spent: dict[tuple[int, float], float] = {}
        self._looked = 0.0
        self._search_from = 0.0
        self._hopeless = False

    def sample(self, at: float) -> Sample | None:
        """Look at it."""
        if self._root is None and not self._find(at):
            return None
        root = self._root
        assert root
        try:
            if root.is_running():
                return self._look(at, [root, *(root.children(recursive=True) if self._watched.children else ())])
        except psutil.NoSuchProcess:
            pass  # it has ended in this moment
        except psutil.AccessDenied:
            self._tell(at, f"the process {root.pid} may not be looked at: it belongs to another user")
            self._hopeless, self._root = True, None
            return None
        self._tell(at, f"the process {root.pid} has ended")
        self._root, self._search_from = None, now()  # whoever comes after it is looked for at the next look
        return None

    def _find(self, at: float) -> bool:
        if self._hopeless or now() < self._search_from:
            return False
        self._search_from = now() + SEARCH_EVERY
        try:
            self._root = self._watched.find()
        except NotFound as error:
            # That it ended was told already.
            if self._last_pid is None:
                self._tell(at, str(error))
            return False
        except UsageError as error:
            self._tell(at, str(error))
            self._hopeless = True
            return False
        pid = self._root.pid
        if self._watched.kind == "pid" and self._last_pid is not None:  # the number was given to another program
            self._root, self._hopeless = None, True
            return False
        if self._last_pid is not None:
            self._tell(at, f"started anew: process {pid}, before it {self._last_pid}")
        elif self._told:
            self._tell(at, f"found: process {pid}")
        self._last_pid, self._spent = pid, {}
        return True

    def _look(self, at: float, processes: list[psutil.Process]) -> Sample:
        time, first = now(), not self._spent
        used, memory, threads = 0.0, 0, 0
        files: int | None = 0
        spent = {}
        for number, process in enumerate(processes):
            try:
                with process.oneshot():
                    if process.status() == psutil.STATUS_ZOMBIE:
                        raise psutil.ZombieProcess(process.pid)
                    times = process.cpu_times()
                    key = (process.pid, process.create_time())
                    resident, count = process.memory_info().rss, process.num_threads()
            except psutil.Error:
                if number == 0:
                    raise
                continue  # a child that has just ended, or is another user's
            spent[key] = times.user + times.system
            # A child that was not there before has used all its time since.
            used += 0.0 if first else max(0.0, spent[key] - self._spent.get(key, 0.0))
            memory, threads = memory + resident, threads + count
            opened = _open_files(process)
            files = None if files is None or opened is None else files + opened
        elapsed, self._looked, self._spent = time - self._looked, time, spent
        if files is None and "open files" not in self._told:
            self._tell(at, "its open files may not be counted by this user")
        cpu = None if first or elapsed <= 0 else used / elapsed
        return Sample(at, self._watched.who, cpu, memory, threads, files)

    def _tell(self, at: float, text: str) -> None:
        if text != self._told:
            self._told = text
            self._notes.append(Note(at, self._watched.who, text))


class _Host:
    """The whole machine."""

    def __init__(self) -> None:
        self._busy, self._looked = _busy_seconds(), now()
        self._network = _network_bytes()

    def sample(self, at: float) -> Sample:
        """Look at it."""
        busy, time = _busy_seconds(), now()
        elapsed = time - self._looked
        cpu = max(0.0, busy - self._busy) / elapsed if elapsed > 0.05 else None  # its clock has 10 ms
        self._busy, self._looked = busy, time
        memory = psutil.virtual_memory()
        network = _network_bytes()
        passed = None if network is None or self._network is None else network - self._network
        return Sample(at, "host", cpu, memory.total - memory.available, network=passed)


def _open_files(process: psutil.Process) -> int | None:
    count: Callable[[], int] = getattr(process, "num_handles" if psutil.WINDOWS else "num_fds")
    try:
        return count()
    except psutil.Error:
        return None


def _busy_seconds() -> float:
    times: dict[str, float] = psutil.cpu_times()._asdict()
    return sum(value for name, value in times.items() if name not in _NOT_BUSY)


def _network_bytes() -> int | None:
    counters = psutil.net_io_counters()
    return counters.bytes_sent + counters.bytes_recv if counters else None
