"""Requests to the bot's backend: it is told who will call, and asked about a call; over AudioSocket only the UUID
travels."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import UUID

from ..records import CallFailure, FailureKind, Mark, UsageError, time_text
from ..transport import now
from .call_data import fill
from .calls import Calls
from .step import Step
from .urls import shown

if TYPE_CHECKING:
    import httpx

TIMEOUT = 10.0
ASK_EVERY = 0.5
AT_ONCE = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestStep(Step):
    """A request to the bot's backend; ``{uuid}`` and the fields of call data are put into URL, headers and body."""

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

    async def ask(self, calls: Calls, uuid: UUID) -> httpx.Response:
        """Send it once.

        Raises:
            RequestError: nobody answered in time.
        """
        fields = {**calls.fields, "uuid": str(uuid)}
        url, body, headers = fill(self.url, fields), fill(self.body, fields), dict(fill(self.headers, fields))
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        loop = asyncio.get_running_loop()
        # Not on the loop that sends media frames: a request costs about a millisecond of Python.
        return await loop.run_in_executor(_threads(), self._ask, url, body, headers)

    def fits(self, answer: httpx.Response) -> bool:
        """Whether the answer has the status that it must have."""
        return answer.status_code < HTTPStatus.BAD_REQUEST if self.expect is None else answer.status_code == self.expect

    def told(self, answer: httpx.Response) -> str:
        """An answer that does not fit, for a message."""
        said = " ".join(answer.text.split())[:200]
        wanted = "" if self.expect is None else f", not {self.expect}"
        return f"{shown(str(answer.url))} answered {answer.status_code} {answer.reason_phrase}{wanted}: {said}"

    def _ask(self, url: str, body: Any, headers: dict[str, str]) -> httpx.Response:
        import httpx  # noqa: PLC0415 - it takes long to load, for what few suites do

        try:
            return _client().request(self.method, url, json=body, headers=headers, timeout=self.timeout)
        except httpx.TimeoutException:
            raise RequestError(f"{shown(url)} gave no answer within {time_text(self.timeout)}") from None
        except (httpx.LocalProtocolError, UnicodeError):  # their texts quote the header, and it may be a token
            raise RequestError(
                f"{shown(url)} cannot be asked: a header has a character that HTTP does not allow (a line break at the "
                "end of a token?)"
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise RequestError(f"{shown(url)} cannot be asked ({error}). Start it, or give another URL") from None


class RequestError(Exception):
    """A request got no answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnounceCall(RequestStep):
    """Tell a backend about the next call; ``{uuid}`` is its."""

    def about(self, calls: Calls) -> None:
        """None: the call is still to be placed."""

    async def play(self, calls: Calls) -> Any:
        """Returns what was answered: the value of its JSON, else its text.

        Raises:
            CallFailure: nobody answered, or with a status from 400.
        """
        try:
            answer = await self.ask(calls, calls.next_uuid())
        except RequestError as error:
            raise _not_announced(str(error)) from None
        if not self.fits(answer):
            raise _not_announced(self.told(answer))
        return _value_of(answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskAboutCall(RequestStep):
    """Ask a backend about a call that is or was up; ``{uuid}`` is its. How long that took is a mark in its record."""

    within: float = 0.0
    """Ask again, each half second, until the answer fits, for so many seconds."""

    async def play(self, calls: Calls) -> Any:
        """Returns what was answered: the value of its JSON, else its text.

        Raises:
            CallFailure: nobody answered, or never with the status that is expected.
        """
        call = calls.get(self.call)
        until = now() + self.within
        while True:
            begin = now()
            try:
                answer = await self.ask(calls, call.uuid)
            except RequestError as error:
                wrong = str(error)
            else:
                # Without the wait for a free thread of ours.
                took = {"request_time": round(answer.elapsed.total_seconds(), 4), "status": answer.status_code}
                call.asked.append(Mark(call.seconds(begin), f"{self.method} {shown(self.url)}", took))
                if self.fits(answer):
                    return _value_of(answer)
                wrong = self.told(answer)
            if now() + ASK_EVERY > until:
                waited = f" within {time_text(self.within)}" if self.within else ""
                text = f"The backend did not tell what was expected of the call{waited}: {wrong}"
                raise CallFailure(FailureKind.BACKEND, text, at=call.seconds())
            await asyncio.sleep(ASK_EVERY)


def _not_announced(text: str) -> CallFailure:
    return CallFailure(FailureKind.NOT_ANNOUNCED, f"The call could not be announced: {text}")


def _value_of(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return answer.text


@cache
def _client() -> httpx.Client:
    import httpx  # noqa: PLC0415

    # The environment may name a proxy; a bot's backend is asked directly.
    return httpx.Client(trust_env=False, limits=httpx.Limits(max_connections=AT_ONCE))


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE, thread_name_prefix="announcing")
