"""Robot's part of a load that is over: judged by tests, and joined to one output."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from ..load.pabot_workers import OUTPUT, suites_folder, surroundings
from ..records import UsageError


def join_outputs(folder: Path, name: str, told: Mapping[str, str] | None = None) -> None:
    """Have the run judged by Robot tests, and join them with the workers' results: output.xml, log.html, report.html.

    Args:
        folder: of the run.
        name: what it is called.
        told: what the first block of log and report says beside, in Robot's markup.

    Raises:
        UsageError: Robot's results cannot be written.
    """
    robot = folder / "robot"
    verdict = robot / "verdict.xml"
    suite = suites_folder() / "run" / "verdict.robot"
    judging = [sys.executable, "-P", "-m", "robot", "--variable", f"RUN:{folder}", "--output", str(verdict)]
    judged = _run_quietly([*judging, "--log", "NONE", "--report", "NONE", "--console", "none", str(suite)])
    parts = [str(part) for part in (robot / OUTPUT, verdict) if part.is_file()]
    if not verdict.is_file() or not parts:
        raise UsageError(
            f"The verdict could not be written by Robot: {(judged.stderr or judged.stdout).strip()[-300:]}"
        )
    joining = [sys.executable, "-P", "-m", "robot.rebot", "--nostatusrc", "--name", name, "--outputdir", str(folder)]
    for title, text in (told or {}).items():
        joining += ["--metadata", f"{title}:{text}"]
    _run_quietly([*joining, "--output", "output.xml", *parts])


def _run_quietly(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own command
        command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, env=surroundings()
    )
