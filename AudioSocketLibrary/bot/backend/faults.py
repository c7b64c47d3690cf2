"""Faults of the backend, declared in one table, and which of them are set."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ...records import UsageError, read_percent
from ..parameters import REQUIRED, Parameter, seconds


class FaultStruck(RuntimeError):
    """A fault that was asked for made this fail."""


def share(value: Any) -> float:
    """A share from 0 to 1: ``0.2`` or ``20 %``."""
    part = read_percent(value) if isinstance(value, str) and "%" in value else float(value)
    if not 0 <= part <= 1:
        raise ValueError(f"'{value}' is no share: write 0 to 1, or '20 %'")
    return part


def _a_text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 100:
        raise ValueError(f"{value!r} is no UUID")
    return value


SHARE: Final = Parameter("share", share, "how often it strikes, drawn by the seed", 1.0)
UUID: Final = Parameter("uuid", _a_text, "only in calls whose UUID begins so; default: all", "")
BY: Final = Parameter("by", seconds, "how long")


@dataclass(frozen=True, slots=True)
class FaultKind:
    """A fault: what it is called, what can be said of it, and what a caller should notice."""

    name: str
    notice: str
    parameters: tuple[Parameter, ...] = (SHARE, UUID)


FAULTS: Final = (
    FaultKind(
        "slow database",
        "answers that need data come later by so much; the pool's wait grows; the breaker opens",
        (BY, SHARE, UUID),
    ),
    FaultKind("failing database", "the bot apologises, REST answers 503; the breaker 'database' opens"),
    FaultKind(
        "slow dependency",
        "order status comes later by so much, then from what was last known; the breaker 'supplier' opens",
        (BY, SHARE, UUID),
    ),
    FaultKind("failing dependency", "order status is what was last known ('stale'); the breaker 'supplier' opens"),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault as it is set."""

    kind: FaultKind
    how: Mapping[str, Any]


class Faults:
    """Which faults are set. Every method may be called from any thread.

    Args:
        more: kinds that others declare (the bot's own), set and cleared the same way.
        seed: draws the share.
    """

    def __init__(self, more: Iterable[FaultKind] = (), *, seed: int = 1) -> None:
        self.kinds = {kind.name: kind for kind in (*FAULTS, *more)}
        self._seed = seed
        self._set: dict[str, Fault] = {}
        self._draws: Counter[str] = Counter()
        self._struck: Counter[str] = Counter()
        self._changed = threading.Condition()
        self._stopped = False

    def set(self, name: str, given: Mapping[str, Any] | None = None) -> Fault:
        """Set a fault; one of that name is replaced, and its draws begin anew.

        Raises:
            UsageError: there is no such fault, or a parameter is unknown, missing or cannot be read.
        """
        fault = Fault(self.kinds[self.name_of(name)], _read(self.kinds[self.name_of(name)], given or {}))
        with self._changed:
            self._set[fault.kind.name] = fault
            self._draws[fault.kind.name] = 0
            self._changed.notify_all()
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
            raise UsageError(f"There is no fault '{text}': {', '.join(sorted(self.kinds))}")
        return name

    def strikes(self, name: str, uuid: str = "", *, key: object = None) -> Fault | None:
        """Whether a fault strikes now; None: not.

        Args:
            name: of the fault.
            uuid: of the call that it would strike.
            key: the draw depends on it and on the seed alone (a call's number); None: on how many were drawn before.
        """
        fault = self._set.get(name)
        if fault is None or self._stopped or not uuid.startswith(fault.how.get("uuid", "")):
            return None
        with self._changed:
            self._draws[name] += 1
            draw = self._draws[name] if key is None else key
            # Not a secret: the same seed must give the same faults.
            if random.Random(f"{self._seed}/{name}/{draw}").random() >= fault.how.get("share", 1.0):  # noqa: S311
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
                "set": dict(self._set[kind.name].how) if kind.name in self._set else None,
                "struck": self._struck[kind.name],
            }
            for kind in self.kinds.values()
        ]


def _read(kind: FaultKind, given: Mapping[str, Any]) -> dict[str, Any]:
    known = {parameter.name: parameter for parameter in kind.parameters}
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise UsageError(f"The fault '{kind.name}' has no {', '.join(unknown)}: it has {', '.join(known)}")
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
