"""Workers as processes of pabot: each runs one Robot suite, whose one test makes a share of the calls."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import psutil

from ..records import UsageError
from .worker import Job

JOB: Final = "job"
OUTPUT: Final = "workers.xml"
_LOG: Final = "workers.log"


def suites_folder() -> Path:
    """The folder of our suites of load: inside the installed package, else at the top of the checkout.

    Raises:
        UsageError: there is neither.
    """
    package = Path(__file__).resolve().parents[1]
    for place in (package, package.parent):
        if (place / "suites" / "load" / "run" / "worker.robot").is_file():
            return place / "suites" / "load"
    raise UsageError(f"The suites of load are missing: there is no folder 'suites/load' in {package}")


def argument_files(job: Job, folder: Path, place_of_job: Path) -> list[Path]:
    """Write an argument file for each worker; returns them."""
    found = []
    for number in range(job.workers):
        file = folder / f"worker-{number}.args"
        lines = ("--name", f"Worker {number}", "--variable", f"JOB:{place_of_job}", "--variable", f"WORKER:{number}")
        # One argument a line; a value may have spaces.
        pairs = zip(lines[::2], lines[1::2], strict=True)
        file.write_text("".join(f"{option} {value}\n" for option, value in pairs), encoding="utf-8")
        found.append(file)
    return found


def pabot_command(job: Job, files: list[Path], folder: Path) -> list[str]:
    """The command that runs all workers at once."""
    python = [sys.executable, "-P", "-m"]
    words = [*python, "pabot.pabot", "--command", *python, "robot", "--end-command"]
    words += ["--no-pabotlib", "--processes", str(max(2, job.workers)), "--pabotconsole", "none"]
    for number, file in enumerate(files, 1):
        words += [f"--argumentfile{number}", str(file)]
    words += ["--outputdir", str(folder), "--output", OUTPUT, "--log", "NONE", "--report", "NONE"]
    return [*words, str(suites_folder() / "run" / "worker.robot")]


def surroundings() -> dict[str, str]:
    """The environment of our own Robot runs: what a user has set for his tests would leave out ours, say."""
    return {name: value for name, value in os.environ.items() if name not in ("ROBOT_OPTIONS", "REBOT_OPTIONS")}


class PabotWorkers:
    """Those of one run. What they print is in ``robot/workers.log`` of its folder, their results beside it."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._private: Path | None = None
        self._log: Path | None = None
        self._litter: Path | None = None
        self._job: Job | None = None

    def start(self, job: Job) -> None:
        """Start them."""
        self._job = job
        folder = job.folder / "robot"
        folder.mkdir()
        self._log = folder / _LOG
        # Not in the run's folder, which is shown to others: the job may hold secrets of the profile.
        self._private = Path(tempfile.mkdtemp(prefix="audiosocket-"))
        place = self._private / JOB
        job.save(place)
        names = Path(".pabotsuitenames").absolute()  # pabot writes it where it is started
        self._litter = None if names.exists() else names
        command = pabot_command(job, argument_files(job, self._private, place), folder)
        # A group of its own: Ctrl-C in the terminal is for the conductor, whose workers still have calls to end.
        group: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            group = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        with self._log.open("wb") as log:
            self._child = subprocess.Popen(  # noqa: S603 - our own command
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                env={**surroundings(), "AUDIOSOCKET_RUN": job.run}, **group,
            )  # fmt: skip

    @property
    def alive(self) -> bool:
        """Whether pabot still runs: it waits for all of them."""
        return self._child is not None and self._child.poll() is None

    def kill(self) -> None:
        """End all of them by force."""
        child = self._child
        if child is None:
            return
        # Each worker of pabot is in a group of its own: to kill pabot alone leaves them calling.
        family: list[psutil.Process] = []
        with suppress(psutil.Error):
            family = psutil.Process(child.pid).children(recursive=True)
        with suppress(OSError):  # it has ended already
            if sys.platform == "win32":
                child.kill()
            else:
                os.killpg(child.pid, signal.SIGKILL)
        for one in family:
            with suppress(psutil.Error):
                one.kill()
        psutil.wait_procs(family, timeout=5.0)
        child.wait()

    def error(self) -> str:
        """Why they did not begin their work: the last words of pabot; empty: they did."""
        self.clean_up()
        child, log, job = self._child, self._log, self._job
        if child is None or log is None or job is None or not child.returncode or (log.parent / OUTPUT).exists():
            return ""
        if any(job.rows_of(number).exists() for number in range(job.workers)):
            return ""  # what was killed at its work is lost, and the verdict says so
        lines = log.read_text("utf-8", "replace").strip().splitlines()
        last = lines[-1][:300] if lines else "it printed nothing"
        return f"The workers did not work (pabot ended with {child.returncode}): {last}. All it said: {log}"

    def clean_up(self) -> None:
        """Remove what only the workers needed."""
        if self._private is not None:
            shutil.rmtree(self._private, ignore_errors=True)
            self._private = None
        if self._litter is not None:
            self._litter.unlink(missing_ok=True)
            self._litter = None
