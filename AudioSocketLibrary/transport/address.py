"""The address of a bot: ``host:port``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from ..records import UsageError

_SHAPE = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+(?:%\w+)?\]|[^\s:/\[\]]+):(?P<port>\d{1,5})")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a bot listens: host (name, IPv4, or IPv6 without brackets) and TCP port."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str, *, lowest: int = 1) -> Self:
        """Read ``host:port``; an IPv6 address stands in square brackets.

        Raises:
            UsageError: the text is something else; the message says how an address is written.
        """
        match = _SHAPE.fullmatch(text.strip())
        if not match:
            raise UsageError(f"'{text}' is no address of a bot: write host:port, like 127.0.0.1:9092 (no http://)")
        port = int(match["port"])
        if not lowest <= port <= 65535:
            raise UsageError(f"'{text}' has no usable port: {port} is not between {lowest} and 65535")
        return cls(match["host"].strip("[]"), port)

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"
