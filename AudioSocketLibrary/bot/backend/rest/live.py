"""WebSocket: call events as they happen, alerts to operators, and what was missed while away."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from ..accounts import TokenRefused, Visitor
from ..events import Told
from .access import core_of

router = APIRouter()
UNAUTHORISED: Final = 4401
WRONG_QUERY: Final = 4400
_ALERT: Final = "human needed"


@router.websocket("/ws")
async def live(socket: WebSocket) -> None:
    """``/ws?token=…``; ``uuid=``, ``run=``: only these calls' events; ``since=``: those after this number first."""
    await socket.accept()
    core = core_of(socket)
    asked = socket.query_params
    try:
        visitor = core.accounts.visitor(asked.get("token", ""))
        since = int(asked["since"]) if "since" in asked else None
    except TokenRefused as refused:
        await socket.close(UNAUTHORISED, str(refused))
        return
    except ValueError:
        await socket.close(WRONG_QUERY, "since is the number of an event")
        return
    await _Listener(socket, visitor, since, _filter(asked.get("uuid"), asked.get("run"), visitor)).serve()


def _filter(uuid: str | None, run: str | None, visitor: Visitor) -> Callable[[Told], bool] | None:
    if uuid is None and run is None:
        return None
    alerted = visitor.role == "operator"

    def wanted(told: Told) -> bool:
        about = told.event.about
        ours = (uuid is None or about.uuid == uuid) and (run is None or about.run == run)
        return ours or (alerted and told.event.name == _ALERT)

    return wanted


class _Listener:
    def __init__(
        self, socket: WebSocket, visitor: Visitor, since: int | None, wanted: Callable[[Told], bool] | None
    ) -> None:
        self._socket = socket
        self._core = core_of(socket)
        self._visitor = visitor
        self._something = asyncio.Event()
        loop = asyncio.get_running_loop()
        # Another instance counted anew: a number of the future is one of the past.
        self._restarted = since is not None and since > self._core.feed.last
        self._subscription, self._replay, self._missed = self._core.feed.subscribe(
            since=0 if self._restarted else since,
            limit=self._core.settings.subscriber_queue,
            accept=wanted,
            ready=lambda: loop.call_soon_threadsafe(self._something.set),
        )

    async def serve(self) -> None:
        """Until the client leaves, its token expires, or the backend stops."""
        tasks = [asyncio.create_task(self._send_all()), asyncio.create_task(self._answer_all())]
        try:
            left = max(0.0, self._visitor.expires - time.time())
            await asyncio.wait(tasks, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._subscription.close()
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        if all(isinstance(each, asyncio.CancelledError) for each in ended):
            with suppress(RuntimeError, WebSocketDisconnect):
                await self._socket.close(UNAUTHORISED, "The token has expired: log in again")

    async def _send_all(self) -> None:
        feed = self._core.feed
        hello = {"instance": feed.instance, "number": feed.last, "name": self._visitor.name}
        await self._send("hello", **hello, role=self._visitor.role, missed=self._missed, restarted=self._restarted)
        for told in self._replay:
            await self._tell(told)
        self._replay = []
        dropped = 0
        while not self._subscription.closed:
            self._something.clear()
            if self._subscription.arm():
                await self._something.wait()
            for told in self._subscription.take():
                await self._tell(told)
            if self._subscription.dropped > dropped:
                await self._send("dropped", count=self._subscription.dropped - dropped, number=feed.last)
                dropped = self._subscription.dropped

    async def _answer_all(self) -> None:
        while True:
            text = await self._socket.receive_text()
            try:
                message = json.loads(text)
                kind = message.get("type")
            except (ValueError, AttributeError):
                await self._send("error", detail='Not understood: send {"type": "ping"}')
                continue
            if kind == "ping":
                await self._send("pong", id=message.get("id"), number=self._core.feed.last)
            else:
                await self._send("error", detail=f"There is no '{str(kind)[:50]}': send ping")

    async def _tell(self, told: Told) -> None:
        alert = told.event.name == _ALERT and self._visitor.role == "operator"
        # The line was written once, for all of us.
        await self._socket.send_text(f'{{"type": "{"alert" if alert else "event"}", {told.line[1:]}')

    async def _send(self, kind: str, **values: Any) -> None:
        await self._socket.send_text(json.dumps({"type": kind, **values}, ensure_ascii=True))
