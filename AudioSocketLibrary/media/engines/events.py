"""Wyoming, as services for Home Assistant speak it: events of a JSON line and a payload over TCP."""

from __future__ import annotations

import json
import socket
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedRWPair

LONGEST: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class WyomingService:
    """A service at one address; a connection for each question, as Home Assistant does it."""

    host: str
    port: int
    does: str
    """What nothing does where nothing answers: ``recognises speech``."""
    error: type[ValueError]
    timeout: float

    @classmethod
    def at(cls, address: str, *, does: str, error: type[ValueError], timeout: float) -> WyomingService:
        """The service at ``wyoming://host:port``; an error of that type where this is no address."""
        parts = urlsplit(address)
        try:
            host, port = parts.hostname, parts.port
        except ValueError:
            host = port = None
        if not host or not port:
            raise error(f"'{address}' is no address of a speech service: write wyoming://host:port")
        return cls(host, port, does, error, timeout)

    @property
    def name(self) -> str:
        """Its address."""
        return f"wyoming://{self.host}:{self.port}"

    @contextmanager
    def connected(self) -> Iterator[BufferedRWPair]:
        """A connection; what goes wrong in it is told in a sentence."""
        try:
            with (
                socket.create_connection((self.host, self.port), self.timeout) as line,
                line.makefile("rwb") as stream,
            ):
                yield stream
        except TimeoutError:
            raise self.error(f"{self.name} gave no answer within {self.timeout:g} s") from None
        except OSError as error:
            reason = error.strerror or error
            raise self.error(
                f"Nothing {self.does} at {self.name} ({reason}): start the service, or give another address"
            ) from None

    def event(self, stream: BufferedRWPair, awaited: str) -> tuple[str, dict[str, Any], bytes]:
        """Returns kind, data and payload of the next event; ``awaited`` is what is missing if there is none."""
        line = stream.readline(LONGEST)
        if not line:
            raise self.error(f"{self.name} closed the connection without {awaited}")
        try:
            header = json.loads(line)
            lengths = [int(header.get(part) or 0) for part in ("data_length", "payload_length")]
            more, payload = (stream.read(min(max(length, 0), LONGEST)) for length in lengths)
            data = {**(header.get("data") or {}), **(json.loads(more) if more else {})}
            kind = str(header["type"])
        except (ValueError, KeyError, TypeError, AttributeError):
            raise self.error(f"{self.name} does not speak Wyoming: it sent {line[:40]!r}") from None
        if kind == "error":
            raise self.error(f"{self.name} failed: {data.get('text') or 'it does not say why'}")
        return kind, data, payload


def send_event(stream: BufferedRWPair, kind: str, data: dict[str, Any], payload: bytes = b"") -> None:
    """Write one event."""
    length = {"payload_length": len(payload)} if payload else {}
    stream.write(json.dumps({"type": kind, "data": data, **length}).encode() + b"\n" + payload)
