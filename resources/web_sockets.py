"""WebSocket keywords for the suites, on the package `websockets`.

Looked at before: robotframework-websocketclient (1.3.0; archived, for Python 2.7 to 3.6, logs URLs with their tokens)
and robotframework-websocketlibrary (1.0.0, of 2015). Neither is kept.
"""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import Any

from robot.api.deco import keyword, library
from robot.api.types import Secret
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

_SOON = timedelta(seconds=5)


@library(scope="SUITE", listener="SELF")
class WebSockets:
    """WebSockets that speak JSON; those of a test are closed at its end."""

    ROBOT_LISTENER_API_VERSION = 3

    def __init__(self) -> None:
        self._open: list[ClientConnection] = []

    @keyword
    def open_web_socket(self, url: str, token: Secret, query: str = "") -> ClientConnection:
        """Connects with a token, which no log shows; ``query`` is more of the URL, like ``since=7``."""
        address = f"{url}?token={token.value}&{query}".rstrip("&")
        link = connect(address, compression=None, proxy=None, open_timeout=10, close_timeout=0.2)
        self._open.append(link)
        return link

    @keyword
    def open_web_sockets(self, count: int, url: str, token: Secret) -> list[ClientConnection]:
        """Connects as often as asked, many at once."""
        with ThreadPoolExecutor(20) as threads:
            return list(threads.map(lambda _: self.open_web_socket(url, token), range(count)))

    @keyword
    def receive(
        self, link: ClientConnection, kind: str, event: str = "", *, within: timedelta = _SOON
    ) -> dict[str, Any]:
        """Returns the next message of this ``type`` (and ``event``); others are passed over."""
        until, others = time.monotonic() + within.total_seconds(), []
        try:
            while True:
                message: dict[str, Any] = json.loads(link.recv(max(0.0, until - time.monotonic())))
                if message["type"] == kind and event in ("", message.get("event")):
                    return message
                others.append(message.get("event") or message["type"])
        except TimeoutError:
            wanted = f"'{event or kind}'"
            raise AssertionError(f"No {wanted} came within {within.total_seconds():g} s, but {others}") from None

    @keyword
    def send(self, link: ClientConnection, **message: Any) -> None:
        """Sends the named values as a JSON object."""
        link.send(json.dumps(message))

    @keyword
    def should_close_with(self, link: ClientConnection, code: int) -> None:
        """Checks that the server closes with this code."""
        try:
            while True:
                link.recv(_SOON.total_seconds())
        except ConnectionClosed as closed:
            found = closed.rcvd.code if closed.rcvd else 0
            if found != code:
                raise AssertionError(f"It closed with {found}, not with {code}") from None

    def end_test(self, *_: object) -> None:
        """Closes what the test left open."""
        while self._open:
            with suppress(OSError, ConnectionClosed):
                self._open.pop().socket.shutdown(2)
