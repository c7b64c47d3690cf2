"""Guards: what a load may cost at most, and whom it may call."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address

from ..records.units import time_text
from ..transport import Address
from .schedule import Schedule

_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may cost at most. There always are limits; a profile may set others."""

    calls_at_once: int = 500
    calls: int = 20_000
    talk_time: float = 100 * _HOUR
    """Seconds of calls in all: somebody's bill for speech and language models."""
    duration: float = 2 * _HOUR
    """Seconds of the run."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a load is going to cost, if a call lasts ``call_length`` seconds."""

    calls_at_once: int
    calls: int
    talk_time: float
    duration: float
    call_length: float

    @classmethod
    def of(cls, schedule: Schedule, call_length: float) -> Cost:
        """Count it."""
        return cls(
            schedule.calls_at_once(call_length),
            schedule.calls(call_length),
            schedule.talk_time(call_length),
            schedule.duration,
            call_length,
        )

    def __str__(self) -> str:
        lasting = "" if self.duration == float("inf") else f" in {_long(self.duration)}"
        return (
            f"about {self.calls:,} calls of {time_text(self.call_length)}{lasting}, up to {self.calls_at_once:,} at "
            f"once, {_long(self.talk_time)} of talk"
        )

    def beyond(self, limits: Limits) -> list[str]:
        """What is beyond the limits, each a sentence with the line to add."""
        found = []
        for name, planned, most in (
            ("calls_at_once", self.calls_at_once, limits.calls_at_once),
            ("calls", self.calls, limits.calls),
        ):
            if planned > most:
                what = name.replace("_", " ")
                found.append(f"{planned:,} {what} are planned, the limit is {most:,}: {_raise(name, str(planned))}")
        for name, seconds, longest in (
            ("talk_time", self.talk_time, limits.talk_time),
            ("duration", self.duration, limits.duration),
        ):
            # A number of calls has no duration of its own; the limit ends it.
            if longest < seconds < float("inf"):
                what = "of talk are planned" if name == "talk_time" else "are planned"
                found.append(f"{_long(seconds)} {what}, the limit is {_long(longest)}: {_raise(name, _long(seconds))}")
        return found


def target_refused(address: Address | None, environment: str, *, allow_production: bool = False) -> str:
    """Why a target may not be called, with the line to add; empty if it may.

    Args:
        address: the bot; None is our own reference bot.
        environment: what the profile says that it is.
        allow_production: whether the user said that production is meant.
    """
    if address is None:
        return ""
    if environment.casefold() in ("production", "prod", "live"):
        if allow_production:
            return ""
        return f"{address} is marked {environment}. Add --allow-production if you mean it"
    if environment or is_loopback(address.host):
        return ""
    return (
        f"{address} is another machine, and nobody said which: a load could cost somebody money. Add to the profile "
        "'bot: {environment: staging}', or give --environment staging"
    )


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by its name or address."""
    if host.casefold().rstrip(".") == "localhost":
        return True
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _raise(name: str, value: str) -> str:
    return f"if that is meant, add 'limits: {{{name}: {value}}}' to the profile, or give --limit '{name}={value}'"


def _long(seconds: float) -> str:
    """A time for people that reads back: rounded up to the minute from two minutes on."""
    if seconds < 120:
        return time_text(seconds)
    hours, minutes = divmod(-int(-seconds // 60), 60)
    return " ".join([f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes))
