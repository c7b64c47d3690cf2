"""Who may call what, and how pages of a list are asked for: what the endpoints depend on."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import Depends, HTTPException, Query, Request
from pydantic import AfterValidator
from starlette.requests import HTTPConnection

from ..accounts import TokenRefused, Visitor
from ..core import Core

_MOST: Final = 500
_LARGEST_ID: Final = 2**31 - 1


def core_of(connection: HTTPConnection) -> Core:
    """The backend behind this connection."""
    core: Core = connection.app.state.core
    return core


def _core(request: Request) -> Core:
    return core_of(request)


def _visitor(request: Request) -> Visitor:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise _unauthorised("There is no token: send 'Authorization: Bearer …', from POST /login")
    try:
        return core_of(request).accounts.visitor(token.strip())
    except TokenRefused as refused:
        raise _unauthorised(str(refused)) from None


def _operator(visitor: Annotated[Visitor, Depends(_visitor)]) -> Visitor:
    if visitor.role != "operator":
        raise HTTPException(403, f"A {visitor.role} may look, not change: log in as an operator")
    return visitor


def _unauthorised(text: str) -> HTTPException:
    return HTTPException(401, text, {"WWW-Authenticate": "Bearer"})


def storable(text: str) -> str:
    """A text that every database can hold.

    Raises:
        ValueError: it has a zero character, or half a surrogate pair.
    """
    if any(character == "\0" or 0xD800 <= ord(character) < 0xE000 for character in text):
        raise ValueError("it has characters that cannot be stored")
    return text


def row_id(text: str) -> int:
    """The id in a path.

    Raises:
        HTTPException: 404: it is none, whatever else it is.
    """
    if not (text.isascii() and text.isdecimal() and len(text) <= 10) or int(text) > _LARGEST_ID:
        raise HTTPException(404, "There is no such thing")
    return int(text)


def found(thing: Any, what: str) -> Any:
    """The thing.

    Raises:
        HTTPException: 404: it is None or False.
    """
    if thing is None or thing is False:
        raise HTTPException(404, f"There is no such {what}")
    return thing


def page(listed: tuple[int, list[dict[str, Any]]], limit: int, offset: int) -> dict[str, Any]:
    """A page of a list."""
    total, data = listed
    return {"total": total, "data": data, "limit": limit, "offset": offset}


TheCore = Annotated[Core, Depends(_core)]
AVisitor = Annotated[Visitor, Depends(_visitor)]
AnOperator = Annotated[Visitor, Depends(_operator)]
Limit = Annotated[int, Query(ge=1, le=_MOST)]
Offset = Annotated[int, Query(ge=0, le=10**9)]
Asked = Annotated[str | None, Query(max_length=200), AfterValidator(lambda text: text and storable(text))]
