"""What a run is: ``run.json``, written when it begins and again when it ends. Paths in it are relative to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final, Literal, Self, TypeVar

from .failures import UsageError
from .phase import Phase

VERSION: Final = 1
NAME: Final = "run.json"

State = Literal["running", "finished", "interrupted", "aborted", "failed"]
"""How a run stands: ``interrupted`` by a person, ``aborted`` by its own reasons to abort, ``failed`` by an error."""


@dataclass(frozen=True, slots=True)
class Plateau:
    """A stretch of steady load in a capacity search, in seconds of the run."""

    calls: int
    start: float
    end: float
    seconds: float = 0.0
    """How long it was meant to last."""
    confirms: bool = False
    """Whether it is the long look at the answer."""
    held: bool | None = None
    """Whether all thresholds were met; None: nothing can be said, it was invalid."""
    why: str = ""

    @property
    def name(self) -> str:
        """For people: ``130 calls, confirmed``."""
        return f"{self.calls} calls{', confirmed' if self.confirms and self.held else ''}"


@dataclass(frozen=True, slots=True)
class Host:
    """The machine that called."""

    name: str = ""
    cores: int = 0
    cpu: str = ""
    boot: str = ""
    """The id of its boot: clocks of two boots cannot be compared."""


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What was run, by whom, on what, and how it ended."""

    kind: Literal["load", "acceptance"] = "load"
    run: str = ""
    """The run id."""
    name: str = ""
    about: str = ""
    state: State = "finished"
    reason: str = ""
    """Why it was ended before its time."""
    profile: dict[str, Any] = field(default_factory=dict)
    """As it may be shown: without secrets."""
    profile_hash: str = ""
    notes: tuple[str, ...] = ()
    seed: int | None = None
    quick: bool = False
    workers: int = 1
    """How many processes were to write rows."""
    rows: tuple[str, ...] = ()
    resources: str = ""
    bots: dict[str, str] = field(default_factory=dict)
    """Addresses by name; several are called in turns."""
    reference_bot: bool = False
    started: str = ""
    """Wall clock, ISO 8601 with its zone."""
    start_at: float | None = None
    """``time.perf_counter()`` at second 0 of the run; comparable within one boot of one machine only."""
    ended: str | None = None
    duration: float | None = None
    """Seconds, to the end of the last call."""
    phases: tuple[Phase, ...] = ()
    planned_calls: int | None = None
    calls_at_once: int | None = None
    """How many the load was to hold."""
    held: bool = False
    """Whether the load holds calls, so that arrivals follow the bot; else calls arrive whatever it does."""
    thresholds: tuple[str, ...] = ()
    abort_when: tuple[str, ...] = ()
    baseline: str = ""
    log_url: str = ""
    """Where the bot's own log of a call is: an address with ``{uuid}`` in it."""
    output: tuple[str, ...] = ()
    """Robot's own output files."""
    versions: dict[str, str] = field(default_factory=dict)
    host: Host = field(default_factory=Host)
    commit: str = ""
    """Of the repository of the tests, where there is one."""
    plateaus: tuple[Plateau, ...] = ()
    limits: dict[str, Any] = field(default_factory=dict)
    claim: str = ""
    """One sentence that can be quoted: the answer of a capacity search."""
    plans: dict[str, list[str]] = field(default_factory=dict)
    """The steps of each scenario, as the user wrote them."""
    v: int = VERSION

    @property
    def over(self) -> bool:
        """Whether nothing more is to come."""
        return self.state != "running"

    def to_json(self) -> dict[str, Any]:
        """As JSON-ready data."""
        # Not `asdict`: it would copy the profile, and write an endless phase as Infinity, which is no JSON.
        data: dict[str, Any] = {each.name: getattr(self, each.name) for each in fields(self)}
        data["phases"] = [phase.to_json() for phase in self.phases]
        data["plateaus"] = [_plain(plateau) for plateau in self.plateaus]
        data["host"] = _plain(self.host)
        return {name: list(value) if isinstance(value, tuple) else value for name, value in data.items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read it back; what an older version did not know has its default.

        Raises:
            ValueError: it was written by a newer version, or is none.
        """
        if not isinstance(data, Mapping) or not isinstance(data.get("v", VERSION), int):
            raise ValueError("it is no run of this library")  # noqa: TRY004 - of a file, not of a caller's argument
        if data.get("v", VERSION) > VERSION:
            raise ValueError(f"it has version {data['v']}, and this library reads up to {VERSION}: update it")
        known = {each.name: data[each.name] for each in fields(cls) if data.get(each.name) is not None}
        known["phases"] = tuple(Phase.from_json(phase) for phase in known.get("phases", ()))
        known["plateaus"] = tuple(_read(Plateau, plateau) for plateau in known.get("plateaus", ()))
        known["host"] = _read(Host, known.get("host", {}))
        for name in ("notes", "rows", "thresholds", "abort_when", "output"):
            known[name] = tuple(known.get(name, ()))
        return cls(**known)


def write_run_info(folder: Path, info: RunInfo) -> Path:
    """Write ``run.json`` whole or not at all: a reader never meets a half-written one.

    Returns:
        Its path.

    Raises:
        UsageError: the folder cannot be written to.
    """
    place = folder / NAME
    part = folder / f".{NAME}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(info.to_json(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        part.replace(place)
    except OSError as error:
        raise UsageError(f"The run cannot be written to {place}: {error.strerror or error}") from None
    return place


def read_run_info(place: Path) -> RunInfo:
    """Read a ``run.json``.

    Raises:
        UsageError: it is not there, cannot be read, is damaged or was written by a newer version.
    """
    try:
        return RunInfo.from_json(json.loads(place.read_text("utf-8")))
    except OSError as error:
        raise UsageError(f"The run {place} cannot be read: {error.strerror or error}") from None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UsageError(f"The run {place} cannot be read: {error}") from None


_T = TypeVar("_T", Plateau, Host)


def _plain(value: Plateau | Host) -> dict[str, Any]:
    return {each.name: getattr(value, each.name) for each in fields(value)}


def _read(kind: type[_T], data: Mapping[str, Any]) -> _T:
    names = {each.name for each in fields(kind)}
    return kind(**{name: value for name, value in data.items() if name in names and value is not None})
