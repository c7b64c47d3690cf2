"""Events over a WebSocket, as they happen; after a break, those that were missed."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any, Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from ...records import UsageError
from .source import Source, SourceLost

_OPEN_TIMEOUT: Final = 4.0
_FIRST: Final = 0.3
"""Seconds within which a server that refuses a token has closed, and one that greets has."""


class WebSocketSource(Source):
    """Listens to a WebSocket that sends a JSON object a message; those without ``event`` are not ours.

    Args:
        url: ``ws://`` or ``wss://``.
        name: as it may be shown.
        token: sent as ``Authorization: Bearer`` and, as browsers must, as ``token=``.

    Raises:
        UsageError: the package `websockets` is not installed.
    """

    def __init__(self, url: str, name: str, token: str) -> None:
        super().__init__(name)
        try:
            from websockets.sync.client import connect  # noqa: PLC0415 - an extra
        except ImportError:
            raise UsageError("Events over a WebSocket need the package 'websockets': pip install websockets") from None
        self._connect = connect
        self._url = url
        self._token = token
        self._last = 0
        self._link: Any = None

    def _read(self) -> None:
        from websockets.exceptions import ConnectionClosed, WebSocketException  # noqa: PLC0415 - an extra

        try:
            with self._connect(
                _with_query(self._url, since=self._last, token=self._token),
                additional_headers={"Authorization": f"Bearer {self._token}"} if self._token else None,
                compression=None,
                proxy=None,
                open_timeout=_OPEN_TIMEOUT,
                close_timeout=0.2,
            ) as self._link:
                first = True
                while not self._ended.is_set():
                    with suppress(TimeoutError):
                        self._hear(self._link.recv(_FIRST if first else None))
                    if first:
                        first = False
                        self._answers()
        except ConnectionClosed as closed:
            if not self._ended.is_set():
                raise SourceLost(_why(closed)) from None
        except (OSError, WebSocketException) as error:
            raise SourceLost(f"it cannot be reached ({error}). Start it, or give another address") from None

    def _hear(self, message: str | bytes) -> None:
        try:
            told = json.loads(message)
        except ValueError:
            told = None
        if not isinstance(told, dict):
            self._take([told])
            return
        if told.get("restarted"):
            self._last = 0  # what follows is counted anew
        if "event" in told:
            self._last = max([self._last, *(event.number or 0 for event in self._take([told]))])
        elif told.get("type") == "dropped":
            raise SourceLost("we were slow, and some events were left out; asked for again")

    def _hurry(self) -> None:
        if self._link is not None:
            with suppress(Exception):  # it is closing already
                self._link.socket.shutdown(2)


def _with_query(url: str, **values: Any) -> str:
    parts = urlsplit(url)
    query = "&".join(
        filter(None, [parts.query, urlencode({name: value for name, value in values.items() if value != ""})])
    )
    return urlunsplit(parts._replace(query=query))


def _why(closed: Any) -> str:
    received = closed.rcvd
    if received is None:
        return "the connection was lost"
    refused = received.code in (1008, 4401, 4403)
    hint = ": give a token that it accepts (token=${TOKEN})" if refused else ""
    return f"it closed with {received.code} {received.reason}".rstrip() + hint
