"""Events over HTTP: asked for again and again with the number of the last one that came."""

from __future__ import annotations

from typing import Any, Final

import httpx

from .source import Source, SourceLost

ASK_EVERY: Final = 0.1
_TIMEOUT: Final = 4.0


class Polling(Source):
    """Asks ``GET url?since=<number>``; the answer is ``{"data": [event, …]}``, or the list alone.

    Args:
        url: of the events.
        name: as it may be shown.
        token: sent as ``Authorization: Bearer``.
    """

    def __init__(self, url: str, name: str, token: str) -> None:
        super().__init__(name)
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._last = 0
        self._instance: Any = None

    def _read(self) -> None:
        # The environment may name a proxy; a bot's backend is asked directly.
        with httpx.Client(trust_env=False, headers=self._headers, timeout=_TIMEOUT) as client:
            while not self._ended.is_set():
                told = self._ask(client)
                self._answers()
                for event in self._take(told):
                    if event.number is None:
                        raise SourceLost("its events have no 'number', by which to ask for the next")
                    self._last = max(self._last, event.number)
                if not told:
                    self._ended.wait(ASK_EVERY)

    def _ask(self, client: httpx.Client) -> list[Any]:
        try:
            answer = client.get(httpx.URL(self._url).copy_merge_params({"since": self._last}))
        except httpx.TimeoutException:
            raise SourceLost(f"no answer within {_TIMEOUT:.0f} s") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise SourceLost(f"it cannot be asked ({error}). Start it, or give another address") from None
        if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            raise SourceLost(f"it answered {answer.status_code}: give a token that it accepts (token=${{TOKEN}})")
        if answer.status_code >= httpx.codes.BAD_REQUEST:
            raise SourceLost(f"it answered {answer.status_code} {answer.reason_phrase}")
        try:
            body = answer.json()
        except ValueError:
            raise SourceLost("its answer is no JSON. Is that the address of the events?") from None
        if isinstance(body, dict):
            before, self._instance = self._instance, body.get("instance")
            if before not in (None, self._instance):
                # It has begun anew, and counts from 1 again.
                self._last = 0
                return self._ask(client)
            body = body.get("data")
        if not isinstance(body, list):
            raise SourceLost("its answer has no list of events. Is that the address of the events?")
        return body
