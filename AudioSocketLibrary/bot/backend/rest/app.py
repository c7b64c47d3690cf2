"""The web application: all endpoints, and how failures are told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline

from ....records import UsageError
from ....version import __version__
from ...faults import FaultStruck
from ..breaker import BreakerOpen
from ..core import Core
from ..database import DatabaseDown
from ..services import ServiceFailed
from ..shop import NotPossible
from . import calls, control, live, shop

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


def build_app(core: Core) -> FastAPI:
    """The application of one backend."""
    # Its /docs takes the scripts of the page from here, where FastAPI's own asks a server on the internet.
    app = FastAPIOffline(title="The reference bot's backend", version=__version__, redoc_url=None)
    app.state.core = core
    for module in (control, calls, shop, live):
        app.include_router(module.router)
    app.add_middleware(BodyLimit, limit=core.settings.body_limit)
    app.add_exception_handler(RequestValidationError, _told_as_400)
    for kind in (DatabaseDown, ServiceFailed, BreakerOpen, FaultStruck):
        app.add_exception_handler(kind, _told_as(503))
    app.add_exception_handler(NotPossible, _told_as(409))
    app.add_exception_handler(UsageError, _told_as(400))
    usual = app.openapi

    def openapi() -> dict[str, Any]:
        # FastAPI documents its own 422, which here is a 400.
        page = usual()
        for path in page["paths"].values():
            for operation in path.values():
                if "422" in operation.get("responses", {}):
                    operation["responses"]["400"] = {"description": "It cannot be read: the text says what"}
                    del operation["responses"]["422"]
        return page

    app.openapi = openapi  # type: ignore[method-assign]
    return app


class BodyLimit:
    """Refuses bodies that are too long, announced or not, before anybody reads them."""

    def __init__(self, app: Callable[[Message, Receive, Send], Awaitable[None]], limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if not announced.isdigit() or int(announced[:12]) > self._limit:
            await self._refuse(scope, receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > self._limit:
                await self._refuse(scope, receive, send)
                return
        whole: Message = {"type": "http.request", "body": body, "more_body": False}
        given = False

        async def once() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return whole

        await self._app(scope, once, send)

    async def _refuse(self, scope: Message, receive: Receive, send: Send) -> None:
        answer = JSONResponse({"detail": f"The body is longer than {self._limit} bytes"}, 413, {"Connection": "close"})
        await answer(scope, receive, send)


def _told_as(status: int) -> Callable[[Request, Exception], JSONResponse]:
    return lambda _, error: JSONResponse({"detail": str(error)}, status)


def _told_as_400(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    # Where and why, never what was given: it may be a password.
    errors = [{"where": ".".join(map(str, each["loc"])), "why": each["msg"]} for each in error.errors()]
    text = "; ".join(f"{each['where']}: {each['why']}" for each in errors[:5])
    return JSONResponse({"detail": text, "errors": errors[:50]}, 400)
