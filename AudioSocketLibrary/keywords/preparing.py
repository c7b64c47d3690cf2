"""Keywords: what is prepared before a call: its announcement, its data, the run it belongs to."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from robot.api.types import Secret

from ..scenario import AnnounceCall, AskAboutCall, CallData, Order
from .robot import find_file, keyword
from .session import SESSION, Scope

NO_TOKEN = Secret("")


class PreparingKeywords:
    """Announcements, call data, the run id."""

    @keyword("Calls")
    def announce_call(
        self,
        method: Literal["GET", "POST", "PUT"],
        url: str,
        body: dict[str, Any] | None = None,
        *,
        headers: dict[str, str] | None = None,
        token: Secret = NO_TOKEN,
    ) -> Any:
        """Tells the bot's backend over HTTP about the next call, before it is placed.

        Only a UUID travels over AudioSocket: who calls, and why, a PBX tells by other ways. `{uuid}` in the URL, the
        body and the headers is the UUID that the next [Place Call] sends; `{phone}` and so on are fields of
        [Use Call Data]. A step like all others: under load it is done for each call.

        Args:
            method: Of the request.
            url: `http://` or `https://`; its query is never logged.
            body: Sent as JSON.
            headers: More headers.
            token: Sent as `Authorization: Bearer`. A `Secret`, which is never logged:
                `VAR    ${TOKEN: Secret}    %{BOT_TOKEN}`.

        Returns:
            What the backend answered: the value of its JSON, else its text. A status from 400 fails.

        Example:
        ```robotframework
        Start Reference Bot    dialogue=tyre_shop    backend=yes
        &{header}    Create Dictionary    X-Call={uuid}
        Announce Call    GET    ${BACKEND}/healthcheck    headers=${header}
        Place Call
        ```
        """
        step = AnnounceCall(method=method, url=url, body=body, headers=headers or {}, token=token.value)
        return SESSION.do(step)

    @keyword("Calls")
    def ask_about_call(
        self,
        method: Literal["GET", "POST", "PUT"],
        url: str,
        body: dict[str, Any] | None = None,
        *,
        headers: dict[str, str] | None = None,
        token: Secret = NO_TOKEN,
        expect: int | None = None,
        within: timedelta = timedelta(),
        call: str = "",
    ) -> Any:
        """Asks the bot's backend over HTTP about the call: its status, say, while it goes on.

        `{uuid}` in the URL, the body and the headers is the call's. A step like all others: under load it is done in
        each call, and `p95 request time < 500 ms` judges how long the answers took.

        Args:
            method: Of the request.
            url: `http://` or `https://`; its query is never logged.
            body: Sent as JSON.
            headers: More headers.
            token: Sent as `Authorization: Bearer`; a `Secret`, which is never logged.
            expect: The status that the answer must have; any below 400 unless given.
            within: Ask again, each half second, until the answer has that status.
            call: Alias of the call; the current one unless given.

        Returns:
            What the backend answered: the value of its JSON, else its text.

        Example:
        ```robotframework
        Start Reference Bot    dialogue=tyre_shop    backend=yes
        ${token}    Create Access Token    operator
        Place Call
        Ask About Call    GET    ${BACKEND}/calls/{uuid}    token=${token}    expect=200    within=3 s
        ```
        """
        step = AskAboutCall(
            method=method, url=url, body=body, headers=headers or {}, token=token.value, expect=expect,
            within=within.total_seconds(), call=call,
        )  # fmt: skip
        return SESSION.do(step)

    @keyword("Data")
    def use_call_data(self, file: Path, *, order: Order = "sequential", seed: int = 0, scope: Scope = "suite") -> None:
        """Takes a CSV file with a row for each call, whose fields are written `{name}` in phrases.

        A test that is run once takes the first row. Under load each caller takes its own.

        Args:
            file: UTF-8, the fields' names in its first line, with commas or semicolons.
            order: `sequential` begins anew after the last row, `random` draws by the seed, `unique` gives no row
                twice and fails where the rows run out.
            seed: Draw the same rows again.
            scope: How long it holds.

        Example:
        ```robotframework
        Create File    ${OUTPUT DIR}/callers.csv    name,phone\\nOksana,2001\\nPetro,2002\\n
        Use Call Data    ${OUTPUT DIR}/callers.csv    scope=test
        ```
        """
        data = CallData.read(find_file(file), order, seed)
        SESSION.defaults.change(SESSION.owner(scope), {"call_data": data})

    @keyword("Calls")
    def get_run_id(self) -> str:
        """Returns the run id: the first eight digits of the UUIDs of all calls of this run.

        Only the UUID travels over AudioSocket: by this beginning a suite finds in the bot's database, and cleans up,
        what is its own. All processes of a pabot run have the same; `AUDIOSOCKET_RUN` in the environment sets it.

        Returns:
            Eight hexadecimal digits.

        Example:
        ```robotframework
        ${run}     Get Run Id
        ${uuid}    Place Call
        Should Start With    ${uuid}    ${run}
        ```
        """
        run: str = SESSION.run
        return run
