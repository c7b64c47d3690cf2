"""What the conductor tells its workers while they run: a small file that each of them looks at once a second."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal, Self

NAME: Final = "control.json"
EVERY: Final = 1.0
"""Seconds between two looks."""
_TRIES: Final = 50
_AGAIN: Final = 0.02
NUMBERS: Final = 1_000_000
"""Calls of a stage are numbered from so many times its number on."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A piece of the run that workers play together."""

    start: float
    """Seconds of the run."""
    calls: int | None = None
    """Calls at once, of a plateau of a search; None: the profile's own shape is played."""
    seconds: float = 0.0
    ramp: float = 0.0
    name: str = ""
    """Of the plateau: the phase of its calls."""

    @property
    def end(self) -> float:
        """When its last call begins, of a plateau."""
        return self.start + self.ramp + self.seconds


@dataclass(frozen=True, slots=True)
class Control:
    """All that was told so far."""

    start_at: float = 0.0
    """Second 0 of the run, on the one clock of this machine; 0: not set yet."""
    stages: tuple[Stage, ...] = ()
    last: bool = True
    """Whether no further stage will come."""
    stop: Literal["", "interrupted", "aborted", "failed", "enough"] = ""
    """``enough``: the stage that is played is over, for all is known about it; the next may follow."""
    stopped_stage: int = 0
    """Which stage ``enough`` is about."""

    def write(self, folder: Path) -> None:
        """Tell it.

        Raises:
            OSError: the folder cannot be written to.
        """
        part = folder / f".{NAME}.part"
        part.write_text(json.dumps(asdict(self)), encoding="utf-8")
        for _ in range(_TRIES):
            try:
                part.replace(folder / NAME)
            except PermissionError:  # on Windows, while a worker reads it
                time.sleep(_AGAIN)
            else:
                return
        part.replace(folder / NAME)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """What was told so far; nothing, where there is no file."""
        data: dict[str, Any] = {"stages": ()}
        for attempt in range(_TRIES):
            try:
                data = json.loads((folder / NAME).read_text("utf-8"))
                break
            except FileNotFoundError:
                return cls()
            except PermissionError:  # on Windows, while the conductor writes it
                if attempt == _TRIES - 1:
                    raise
                time.sleep(_AGAIN)
        data["stages"] = tuple(Stage(**stage) for stage in data["stages"])
        return cls(**data)
