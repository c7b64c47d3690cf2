"""Load files of a common shape of API load suites: users, requests per second, seconds; read as they stand.

Users are concurrent calls. Requests per second are kept and told, but not driven: we have no API workload.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as Values
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from ..records import UsageError
from ..records.thresholds import Threshold
from ..records.units import read_count
from ..records.yaml_lines import Mapping
from ..transport import Address
from .environment import Filled
from .profile import Keep, Profile, Target
from .section import Section
from .shapes import Hold

_KEYS: Final = ("about", "name", "description", "target", "profiles", "thresholds", "output")
_TARGET: Final = ("base_url", "api_key", "organization_id", "org_id", "environment", "timeout", "request_timeout")
_PROFILE: Final = (
    *("concurrent_users", "users", "requests_per_second", "rps", "duration_seconds", "duration"),
    *("ramp_up_seconds", "ramp_up", "description"),
)
_OUTPUT: Final = ("directory", "formats", "save_detailed_results")
_FORMATS: Final = {"md": "markdown", "xml": "junit"}
_LATENCY: Final = re.compile(r"max_(avg|mean|p50|p90|p95|p99)(?:_response(?:_time)?|_latency)?(?:_ms)?")
_NOT_DRIVEN: Final = "is kept, and not driven: there is no API workload yet, only calls"


@dataclass(frozen=True, slots=True)
class _Limits:
    thresholds: tuple[Threshold, ...]
    notes: tuple[str, ...]


def is_foreign(content: Mapping) -> bool:
    """Whether a file is of this shape, not a profile of ours."""
    return isinstance(content.get("profiles"), Mapping) and "load" not in content


def foreign_profile(content: Mapping, place: Path, environment: Values[str, str], name: str = "") -> Profile:
    """The load of such a file.

    Args:
        content: what the file holds.
        place: the file.
        environment: what `${ENV}` means.
        name: which of its profiles; may be left out where there is but one.

    Raises:
        UsageError: something in it is wrong, or it does not say which profile is meant.
    """
    top = Section(content, environment, _KEYS)
    profiles = content["profiles"]
    chosen = _chosen(profiles, place, name)
    row = Section(profiles, environment, profiles).section(chosen, _PROFILE)
    users = row.read("concurrent_users" if "concurrent_users" in row else "users", read_count)
    seconds = row.read("duration_seconds" if "duration_seconds" in row else "duration", _seconds)
    ramp = row.read("ramp_up_seconds" if "ramp_up_seconds" in row else "ramp_up", _seconds, 0.0)
    if not users or not seconds:
        row.wrong("users and seconds are above 0: else nobody would call")
    rate = str(row.text("requests_per_second") or row.text("rps"))
    limits = _limits(top)
    notes = [f"{users} concurrent users are {users} calls at once"]
    if rate:
        notes.append(f"requests_per_second: {rate} {_NOT_DRIVEN}")
    return Profile(
        name=chosen,
        shape=Hold(users, seconds, ramp),
        about=str(top.text("about") or top.text("description") or row.text("description")),
        bot=_target(top.section("target", _TARGET)),
        thresholds=limits.thresholds,
        keep=_keep(top.section("output", _OUTPUT)),
        notes=(*notes, *limits.notes),
        path=place,
    )


def _chosen(profiles: Mapping, place: Path, name: str) -> str:
    if name and name not in profiles:
        raise UsageError(f"{place.name} has no profile '{name}'. It has: {', '.join(profiles)}")
    if not name and len(profiles) != 1:
        raise UsageError(f"{place.name} has several profiles; say which: --profile {next(iter(profiles), 'NAME')}. "
                         f"It has: {', '.join(profiles)}")  # fmt: skip
    return name or next(iter(profiles))


def _target(target: Section) -> Target:
    address = target.text("base_url")
    environment = str(target.text("environment"))
    if not address:
        return Target(environment=environment)
    return Target(address=target.converted(str(target.row["base_url"]), "base_url", _address), environment=environment)


def _address(text: str) -> Address:
    parts = urlsplit(text)
    if parts.scheme in ("http", "https") and parts.hostname:
        # The bot listens for calls beside its API; 9092 is what everybody takes.
        return Address(parts.hostname, 9092)
    return Address.parse(text.partition("://")[2] if parts.scheme in ("tcp", "audiosocket") else text)


def _limits(top: Section) -> _Limits:
    thresholds: list[Threshold] = []
    notes: list[str] = []
    if "thresholds" not in top:
        return _Limits((), ())
    values = top.values("thresholds", Filled)
    row = top.section("thresholds", values)
    for key in values:
        latency = _LATENCY.fullmatch(key)
        if latency:
            aggregate = "mean" if latency[1] == "avg" else latency[1]
            sentence = f"{aggregate} response time <= {row.read(key, _number):.10g} ms"
        elif key == "max_error_rate":
            sentence = f"error rate <= {row.read(key, _number) * 100:.10g} %"
        elif key == "min_success_rate":
            sentence = f"success rate >= {row.read(key, _number) * 100:.10g} %"
        elif key in ("min_rps", "min_requests_per_second"):
            notes.append(f"{key}: {values[key]} {_NOT_DRIVEN}")
            continue
        else:
            row.wrong(f"no threshold '{key}' here: max_avg, max_p95, max_p99 (ms), max_error_rate, min_rps", key)
        thresholds.append(Threshold.parse(sentence))
        notes.append(f"{key}: {values[key]} is judged as '{thresholds[-1]}', of the calls")
    return _Limits(tuple(thresholds), tuple(notes))


def _keep(output: Section) -> Keep:
    usual = Keep()
    given = tuple(str(one) for one in output.texts("formats", str))
    formats = tuple(dict.fromkeys(_FORMATS.get(one, one) for one in given))
    return Keep(reports=formats or usual.reports, directory=str(output.text("directory", usual.directory)))


def _seconds(text: str) -> float:
    return _number(text.strip().removesuffix("s"))


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"'{text}' is no number") from None
    if not 0 <= value < float("inf"):
        raise ValueError(f"'{text}' is no number from 0 on")
    return value
