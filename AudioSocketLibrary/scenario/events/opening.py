"""A source by its name: a file, ``http://…`` or ``ws://…``."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from ...records import UsageError
from ..urls import shown
from .file_tail import FileTail
from .source import Source
from .web_socket import WebSocketSource


def open_source(where: str, token: str = "") -> Source:
    """A source, not started yet.

    Raises:
        UsageError: it is none that can be had.
    """
    scheme = urlsplit(where).scheme.lower() if "://" in where else ""
    if scheme in ("http", "https"):
        from .polling import Polling  # noqa: PLC0415 - httpx, for what few suites do

        return Polling(where, shown(where), token)
    if scheme in ("ws", "wss"):
        return WebSocketSource(where, shown(where), token)
    if scheme:
        raise UsageError(f"'{shown(where)}' is no source of events: give a file, http://… or ws://…")
    return FileTail(Path(where))
