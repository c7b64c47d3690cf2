"""Announcing a call: the bot's backend is told over HTTP who will call; over AudioSocket only the UUID travels."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx

from ..records import CallFailure, FailureKind, UsageError, time_text
from .call_data import fill
from .calls import Calls
from .step import Step
from .urls import shown

TIMEOUT = 10.0
AT_ONCE = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnounceCall(Step):
    """Tell a backend about the next call; ``{uuid}`` and the fields of call data are put into URL, headers and body."""

    method: str
    url: str
    body: Any = None
    """Sent as JSON; None: no body."""
    headers: Mapping[str, str] = field(default_factory=dict)
    token: str = field(default="", repr=False)
    """Sent as ``Authorization: Bearer``, and never shown."""
    timeout: float = TIMEOUT
    expect: int | None = None
    """The status that the answer must have; None: any below 400."""

    def __post_init__(self) -> None:
        if urlsplit(self.url).scheme not in {"http", "https"}:
            raise UsageError(f"'{shown(self.url)}' is no URL: write http://host:port/path")

    def about(self, calls: Calls) -> None:
        """None: the call is still to be placed."""

    async def play(self, calls: Calls) -> Any:
        """Returns what was answered: the value of its JSON, else its text.

        Raises:
            CallFailure: nobody answered, or with a status from 400.
        """
        fields = {**calls.fields, "uuid": str(calls.next_uuid())}
        url, body, headers = fill(self.url, fields), fill(self.body, fields), dict(fill(self.headers, fields))
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        loop = asyncio.get_running_loop()
        # Not on the loop that sends media frames: a request costs about a millisecond of Python.
        answer = await loop.run_in_executor(_threads(), self._ask, url, body, headers)
        status = answer.status_code
        if status >= httpx.codes.BAD_REQUEST if self.expect is None else status != self.expect:
            said = " ".join(answer.text.split())[:200]
            wanted = "" if self.expect is None else f", not {self.expect}"
            raise self._failure(f"{shown(url)} answered {status} {answer.reason_phrase}{wanted}: {said}")
        try:
            return answer.json()
        except ValueError:
            return answer.text

    def _ask(self, url: str, body: Any, headers: dict[str, str]) -> httpx.Response:
        try:
            return _client().request(self.method, url, json=body, headers=headers, timeout=self.timeout)
        except httpx.TimeoutException:
            raise self._failure(f"{shown(url)} gave no answer within {time_text(self.timeout)}") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._failure(f"{shown(url)} cannot be asked ({error}). Start it, or give another URL") from None

    def _failure(self, text: str) -> CallFailure:
        return CallFailure(FailureKind.NOT_ANNOUNCED, f"The call could not be announced: {text}")


@cache
def _client() -> httpx.Client:
    # The environment may name a proxy; a bot's backend is asked directly.
    return httpx.Client(trust_env=False, limits=httpx.Limits(max_connections=AT_ONCE))


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE, thread_name_prefix="announcing")
