"""What is asked of the process that records, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..scenario import Plan
from ..transport import Address

Kind = Literal["test", "tag", "keyword", "built_in"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A scenario, as a profile or a suite names it."""

    kind: Kind
    name: str
    source: str = ""
    """The file (of tests also the folder) that it stands in."""
    arguments: tuple[str, ...] = ()
    """Of a keyword, as they would be written in a table."""


@dataclass(frozen=True, slots=True)
class Request:
    """What shall be recorded."""

    wanted: tuple[Wanted, ...]
    bot: Address
    variables: Mapping[str, Any]
    defaults: Mapping[str, Any]
    set_up: bool = True


@dataclass(frozen=True, slots=True)
class Reply:
    """The plans of each wanted scenario; or why there are none."""

    plans: tuple[tuple[Plan, ...], ...] = ()
    error: str = ""
