"""URLs in messages."""

from __future__ import annotations

from urllib.parse import urlsplit


def shown(url: str) -> str:
    """A URL as it may be shown: without user, password and query, in which secrets travel."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}" if parts.netloc else parts.path
