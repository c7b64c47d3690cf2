"""Keywords: made-up data for the backend of the reference bot, and tokens for it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

import httpx
from robot.api.types import Secret

from ..records import UsageError
from .robot import keyword, variable
from .session import SESSION

_ENOUGH = timedelta(hours=1)


class AccessToken(Secret):  # type: ignore[misc]
    """A token that no log shows; requests takes it as ``auth=``, our keywords as ``token=``."""

    def __call__(self, request: Any) -> Any:
        """Sign a request of RequestsLibrary."""
        request.headers["Authorization"] = _Hidden(f"Bearer {self.value}")
        return request


class _Hidden(str):
    """A header's value; RequestsLibrary logs all headers as they are."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'Bearer <secret>'"


class BackendDataKeywords:
    """Factories from a seed, and tokens."""

    def __init__(self) -> None:
        self._factories: dict[tuple[int, str], Any] = {}
        self._owner = ""

    @keyword("Data")
    def create_call_data(self, *, seed: int = 1, run: str = "", **given: Any) -> dict[str, Any]:
        """Makes up a call: UUID, caller `100n`, callee `200n`, begun within 30 days, 10 to 600 s, with a status.

        Args:
            seed: The same seed makes the same calls, one after the other in each test; their times count back from
                now.
            run: The run that it belongs to, by which it is found and deleted.
            **given: Values that it shall have instead, like `status=failed`.

        Returns:
            A dictionary ready for JSON.

        ```robotframework
        ${call}    Create Call Data    seed=7    status=completed
        Should Be Equal    ${call}[caller]    1001
        ```
        """
        return _ready(self._factory(seed, run).call(**given))

    @keyword("Data")
    def create_transcript_data(self, *, seed: int = 1, **given: Any) -> dict[str, Any]:
        """Makes up what was understood of a caller: 50 to 300 words, with a quality from 0.7 to 1.

        Args:
            seed: The same seed makes the same words, in each test anew.
            **given: Values that it shall have instead, like `text=Добрий день`.

        Returns:
            A dictionary ready for JSON.

        ```robotframework
        ${transcript}    Create Transcript Data    seed=7
        Should Be True    0.7 <= ${transcript}[quality] <= 1
        ```
        """
        return _ready(self._factory(seed, "").transcript(**given))

    @keyword("Data")
    def create_knowledge_data(self, *, seed: int = 1, run: str = "", **given: Any) -> dict[str, Any]:
        """Makes up an entry of the knowledge base: title, content, category, source.

        Args:
            seed: The same seed makes the same entries, in each test anew.
            run: The run that it belongs to, by which it is found and deleted.
            **given: Values that it shall have instead, like `category=delivery`.

        Returns:
            A dictionary, ready as the body of `POST /knowledge`.

        ```robotframework
        ${entry}    Create Knowledge Data    seed=7    category=delivery
        Should Be Equal    ${entry}[category]    delivery
        ```
        """
        return _ready(self._factory(seed, run).knowledge(**given))

    @keyword("Bot")
    def create_access_token(
        self,
        role: Literal["operator", "viewer"] = "operator",
        *,
        kind: Literal["valid", "expired", "invalid"] = "valid",
        expires_in: timedelta = _ENOUGH,
    ) -> Secret:
        """Logs in to the backend that runs, as one of its users, and returns a token.

        No log shows it. RequestsLibrary takes it as `auth=`, keywords of this library as `token=`.

        Args:
            role: `operator` may change things, `viewer` may look.
            kind: `expired` has ended already; `invalid` has a wrong signature.
            expires_in: How long it is good for.

        Returns:
            A `Secret`; its `.value` is the token.

        ```robotframework
        Start Reference Bot    dialogue=tyre_shop    backend=yes
        ${token}    Create Access Token
        Announce Call    GET    ${BACKEND}/calls    token=${token}
        ```
        """
        url, passwords = variable("${BACKEND}"), variable("${BACKEND PASSWORDS}")
        if not url or not passwords or role not in passwords:
            raise UsageError(
                f"No backend with a password for '{role}' runs. Start one: "
                "Start Reference Bot    dialogue=tyre_shop    backend=yes"
            )
        life = 0.0 if kind == "expired" else expires_in.total_seconds()
        password = passwords[role]
        password = password.value if isinstance(password, Secret) else password
        login = {"username": role, "password": password, "expires_in": life}
        try:
            answer = httpx.post(f"{url}/login", json=login, timeout=10.0, trust_env=False).raise_for_status()
        except httpx.HTTPError as error:
            raise UsageError(f"No token for '{role}' from {url}: {error}") from None
        token: str = answer.json()["access_token"]
        if kind == "invalid":
            # The first letter of the signature: all its bits count.
            head, _, signature = token.rpartition(".")
            token = f"{head}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"
        return AccessToken(token)

    def _factory(self, seed: int, run: str) -> Any:
        """One for each seed of a test, so that its calls are numbered."""
        if self._owner != SESSION.owner():
            self._owner, self._factories = SESSION.owner(), {}
        if (seed, run) not in self._factories:
            try:
                from ..bot.backend.factories import Factory  # noqa: PLC0415 - an extra
            except ModuleNotFoundError as missing:
                raise UsageError(
                    f"Made-up data need '{missing.name}': pip install 'robotframework-audiosocketlibrary[bot]'"
                ) from None
            self._factories[seed, run] = Factory(seed, run=run)
        return self._factories[seed, run]


def _ready(made: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in made.items()}
