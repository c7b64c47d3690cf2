"""The backend of the reference bot (extra ``[bot]``). Events need no extra; the rest is imported when asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .events import KINDS, NO_CALL, VERSION, CallRef, Event, EventKind, Told

if TYPE_CHECKING:
    from ..fault_kinds import FaultKind
    from .backend import Backend
    from .humans import HumanAnswer
    from .services import ServiceFailed, Services
    from .settings import BackendSettings, BreakerSettings, PoolSettings, User
    from .shop import NotPossible
    from .states import State
    from .store import CallState, CallStateStore

_LATER = {
    "Backend": "backend",
    "BackendSettings": "settings",
    "BreakerSettings": "settings",
    "CallState": "store",
    "CallStateStore": "store",
    "FaultKind": ".fault_kinds",
    "HumanAnswer": "humans",
    "NotPossible": "shop",
    "PoolSettings": "settings",
    "ServiceFailed": "services",
    "Services": "services",
    "State": "states",
    "User": "settings",
}

__all__ = [
    "KINDS",
    "NO_CALL",
    "VERSION",
    "Backend",
    "BackendSettings",
    "BreakerSettings",
    "CallRef",
    "CallState",
    "CallStateStore",
    "Event",
    "EventKind",
    "FaultKind",
    "HumanAnswer",
    "NotPossible",
    "PoolSettings",
    "ServiceFailed",
    "Services",
    "State",
    "Told",
    "User",
]


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(import_module(f".{_LATER[name]}", __name__), name)
    except ModuleNotFoundError as missing:
        if (missing.name or "").startswith(__name__.partition(".")[0]):
            raise
        from ...records import UsageError  # noqa: PLC0415 - only where it is needed

        raise UsageError(
            f"The bot's backend needs '{missing.name}': pip install 'robotframework-audiosocketlibrary[bot]'"
        ) from None
