"""Which faults are set, and whom they strike: one object for the bot and its backend."""

from __future__ import annotations

import math
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..records import UsageError
from .fault_kinds import FAULTS, FaultKind
from .parameters import REQUIRED
from .script import nearest


class FaultStruck(RuntimeError):
    """A fault that was asked for made this fail."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault as it is set."""

    kind: FaultKind
    how: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """How it is set. JSON has no infinity: "at once" and "never" are left out."""
        return {name: value for name, value in self.how.items() if value != math.inf}


class Faults:
    """Which faults are set. Every method may be called from any thread.

    Args:
        more: kinds beside those of the table; one of the same name takes its place.
        seed: draws the share.
        lacks: what is not here: faults that need it cannot be set.
    """

    def __init__(self, more: Iterable[FaultKind] = (), *, seed: int = 1, lacks: Iterable[str] = ()) -> None:
        self.kinds = {kind.name: kind for kind in (*FAULTS, *more)}
        self._lacks = set(lacks)
        self.seed = seed
        """Draws the share of faults that have no seed of their own."""
        self._set: dict[str, Fault] = {}
        self._draws: Counter[str] = Counter()
        self._struck: Counter[str] = Counter()
        self._changed = threading.Condition()
        self._stopped = False
        self._told: list[Callable[[], object]] = []

    def found(self, *needs: str) -> None:
        """These are here after all: faults that need them can be set."""
        self._lacks.difference_update(needs)

    def on_change(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Be told that a fault was set or cleared, on the thread that did it; returns what ends it."""
        self._told.append(callback)
        return lambda: self._told.remove(callback)

    def set(self, name: str, given: Mapping[str, Any] | None = None) -> Fault:
        """Set a fault; one of that name is replaced, and its draws begin anew.

        Raises:
            UsageError: there is no such fault, it cannot strike here, or a parameter is unknown, missing or cannot be
                read.
        """
        kind = self.kinds[self.name_of(name)]
        if kind.needs in self._lacks:
            raise UsageError(f"The fault '{kind.name}' needs {kind.needs}, and there is none here")
        fault = Fault(kind, read_fault(kind, given or {}))
        with self._changed:
            self._set[fault.kind.name] = fault
            self._draws[fault.kind.name] = 0
            self._changed.notify_all()
        self._tell()
        return fault

    def clear(self, name: str | None = None) -> None:
        """Clear a fault, or all; who waits because of one goes on at once.

        Raises:
            UsageError: there is no such fault.
        """
        with self._changed:
            if name is None:
                self._set.clear()
            else:
                self._set.pop(self.name_of(name), None)
            self._changed.notify_all()
        self._tell()

    def current(self, name: str) -> Fault | None:
        """A fault as it is set; None: it is not. Takes no lock."""
        return None if self._stopped else self._set.get(name)

    def stop(self) -> None:
        """Clear all, for ever."""
        with self._changed:
            self._stopped = True
        self.clear()

    def name_of(self, text: str) -> str:
        """The name of a fault, as it may stand in a URL: ``slow-database``.

        Raises:
            UsageError: there is none; the text lists all.
        """
        name = text.replace("-", " ").replace("_", " ").strip().lower()
        if name not in self.kinds:
            raise UsageError(f"There is no fault '{text}'; {nearest(name, sorted(self.kinds))}")
        return name

    def strikes(self, name: str, uuid: str = "", *, key: object = None) -> Fault | None:
        """Whether a fault strikes now; None: not.

        Args:
            name: of the fault.
            uuid: of the call that it would strike.
            key: the draw depends on it and on the seed alone (a call's number); None: on how many were drawn before.
        """
        fault = self._set.get(name)
        if fault is None or self._stopped or not uuid.lower().startswith(fault.how.get("uuid", "")):
            return None
        with self._changed:
            self._draws[name] += 1
            draw = self._draws[name] if key is None else key
            # Not a secret: the same seed must give the same faults.
            seed = fault.how.get("seed")
            seed = self.seed if seed is None else seed
            if random.Random(f"{seed}/{name}/{draw}").random() >= fault.how.get("share", 1.0):  # noqa: S311
                return None
            self._struck[name] += 1
        return fault

    def suffer(self, of: str, uuid: str = "") -> None:
        """Be slow and fail as the faults ``slow <of>`` and ``failing <of>`` say.

        Raises:
            FaultStruck: it fails.
        """
        slow = self.strikes(f"slow {of}", uuid)
        if slow:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._stopped or self._set.get(slow.kind.name) is not slow, slow.how["by"]
                )
        if self.strikes(f"failing {of}", uuid):
            raise FaultStruck(f"The {of} fails, as it was told to")

    def to_json(self) -> list[dict[str, Any]]:
        """All kinds, with how each is set and how often it struck."""
        return [
            {
                "name": kind.name,
                "notice": kind.notice,
                "parameters": {each.name: each.about for each in kind.parameters},
                "needs": kind.needs,
                "set": self._set[kind.name].to_json() if kind.name in self._set else None,
                "struck": self._struck[kind.name],
            }
            for kind in self.kinds.values()
        ]

    def _tell(self) -> None:
        for told in list(self._told):
            told()


def read_fault(kind: FaultKind, given: Mapping[str, Any]) -> dict[str, Any]:
    """All parameters of a fault, of what was given.

    Raises:
        UsageError: one is unknown, missing, or cannot be read.
    """
    known = {parameter.name: parameter for parameter in kind.parameters}
    for name in given:
        if name not in known:
            raise UsageError(f"The fault '{kind.name}' has no '{name}'; {nearest(name, known, 'it has')}")
    how = {}
    for name, parameter in known.items():
        if name not in given:
            if parameter.default is REQUIRED:
                raise UsageError(f"The fault '{kind.name}' needs '{name}': {parameter.about}")
            how[name] = parameter.default
            continue
        try:
            how[name] = parameter.read(given[name])
        except (TypeError, ValueError) as error:
            raise UsageError(f"'{name}' of the fault '{kind.name}' cannot be read: {error}") from None
    return how


def split_fault(text: str) -> tuple[str, dict[str, str]]:
    """A fault as people write it in one text: ``slow recogniser: by=2 s, share=20 %``.

    Raises:
        UsageError: it is written differently.
    """
    name, _, rest = text.partition(":")
    given = {}
    for part in filter(None, (part.strip() for part in rest.split(","))):
        key, equals, value = part.partition("=")
        if not equals:
            raise UsageError(f"'{part}' of the fault '{text}' says nothing: write it like 'slow speech: by=2 s'")
        given[key.strip()] = value.strip()
    return name.strip(), given
