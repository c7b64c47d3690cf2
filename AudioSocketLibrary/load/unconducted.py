"""A run that nobody conducts: its workers are started by the user's own pabot line, and its verdict by a robot line.

Its job lies in its folder, readable by its user alone, until the verdict has finished the run.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from ..records import UsageError
from ..records.rows import read_rows
from ..records.run_facts import RunFacts
from ..records.run_info import NAME as RUN_JSON
from ..records.run_info import RunInfo, State, read_run_info, write_run_info
from .pabot_workers import JOB, OUTPUT, argument_files, suites_folder
from .profile import Profile
from .worker import Job


def check_unconducted(profile: Profile, *, has_bot: bool) -> None:
    """Refuse a load that needs somebody who conducts it.

    Raises:
        UsageError: it searches a capacity, or its bot is to be started.
    """
    if profile.shape.name == "capacity":
        raise UsageError("A search for a capacity decides while it goes on: run it with 'audiosocket load' alone")
    if profile.bot.start:
        raise UsageError("Nobody would start the bot and watch it: start it yourself, and leave 'start' out")
    if not has_bot:
        raise UsageError("Whom shall these workers call? Give --bot HOST:PORT: nobody would start the reference bot")


def write_unconducted(job: Job, info: RunInfo) -> tuple[list[str], list[str]]:
    """Write all that workers need into the folder of the run.

    Returns:
        The command that makes the calls, and the one that judges them.

    Raises:
        UsageError: the folder cannot be written to.
    """
    folder = job.folder
    write_run_info(folder, info)
    try:
        job.save(folder / JOB)
        files = argument_files(job, folder, folder / JOB)
    except OSError as error:
        raise UsageError(f"The run cannot be prepared in {folder}: {error.strerror or error}") from None
    suites = suites_folder() / "run"
    # At least two, or pabot runs them one after another; its server would take port 8270.
    calling = ["pabot", "--no-pabotlib", "--processes", str(max(2, job.workers))]
    for number, file in enumerate(files, 1):
        calling += [f"--argumentfile{number}", str(file)]
    calling += ["--outputdir", str(folder / "robot"), "--output", OUTPUT, str(suites / "worker.robot")]
    judging = ["robot", "--variable", f"RUN:{folder}", "--outputdir", str(folder), str(suites / "verdict.robot")]
    return calling, judging


def finish_unconducted(folder: Path) -> None:
    """Finish ``run.json`` of a run that nobody conducted, once its workers are done; of any other run, do nothing.

    Raises:
        UsageError: a worker is not done, or the rows cannot be read.
    """
    job = folder / JOB
    info = read_run_info(folder / RUN_JSON)
    if info.over or not job.is_file():
        return
    facts, alive = RunFacts(info.phases), []
    for number, name in enumerate(info.rows):
        for row in read_rows(folder / name):
            facts.add(row)
            if row["row"] == "worker" and _is_alive(row):
                alive.append(number)
    working = [number for number in alive if number not in facts.health.ended]
    if working:
        raise UsageError(f"Worker {working[0]} of {folder} still makes calls: judge the run when all of them are done")
    if not facts.health.pulses:
        raise UsageError(f"The calls of {folder} were not made yet: run the line with pabot first")
    state, reason = _state_of(facts)
    write_run_info(
        folder,
        replace(
            info,
            state=state,
            reason=reason,
            ended=datetime.now(UTC).isoformat(timespec="milliseconds"),
            duration=round(facts.end, 3) if len(facts) else None,
        ),
    )
    # What is left may be shown to others: the job may hold secrets of the profile.
    job.unlink()


def _is_alive(row: Mapping[str, Any]) -> bool:
    pid = row.get("pid")
    here = row.get("host") == platform.node()
    return here and isinstance(pid, int) and pid != os.getpid() and psutil.pid_exists(pid)


def _state_of(facts: RunFacts) -> tuple[State, str]:
    health = facts.health
    if health.error:
        return "failed", health.error
    if any(reason != "finished" for reason in health.ended.values()):
        return "interrupted", "interrupted: a worker was stopped before its time"
    return "finished", ""
