"""Types of options, the same words as in tables and profiles."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from ..protocol import AsteriskVersion
from ..records import read_time
from ..transport import Address

if TYPE_CHECKING:
    _AnyType = click.ParamType[Any]
    _TimeType = click.ParamType[float | None]
else:
    _AnyType = _TimeType = click.ParamType  # no generic before click 8.2


class Parsed(_AnyType):
    """What a function reads from the text, with its message where it cannot."""

    def __init__(self, name: str, read: Callable[[str], Any]) -> None:
        self.name = name
        self._read = read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """What the text means."""
        try:
            return self._read(str(value))
        except ValueError as error:
            return self.fail(str(error), param, ctx)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise ValueError(f"'{text}' is no UUID: write 32 hexadecimal digits, with or without dashes") from None


ADDRESS = Parsed("host:port", Address.parse)
UUID_TYPE = Parsed("uuid", _uuid)
VERSION = Parsed("version", AsteriskVersion)


class Time(_TimeType):
    """A time: ``800ms``, ``2s``; where it may be, also ``never`` (None)."""

    name = "time"

    def __init__(self, *, never: bool = False) -> None:
        self._never = never

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float | None:
        """Seconds of the text."""
        if isinstance(value, float):
            return value
        if self._never and value.strip().lower() == "never":
            return None
        try:
            return read_time(value)
        except ValueError as error:
            return self.fail(str(error) + (", or 'never'" if self._never else ""), param, ctx)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002 - click's interface
        """What the help shows."""
        return "TIME|never" if self._never else "TIME"
