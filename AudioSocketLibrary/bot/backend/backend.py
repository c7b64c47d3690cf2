"""The backend of the reference bot: started and stopped by the bot, told events, asked for services."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

from ...transport import Address
from ..fault_kinds import FaultKind
from ..faults import Faults
from .core import Core
from .events import Event
from .humans import HumanAnswer
from .rest.app import build_app
from .server import ServerThread
from .services import Services
from .settings import BackendSettings
from .store import CallStateStore


class Backend:
    """REST, WebSocket, database and events, each on a thread that is not the media loop's.

    Args:
        settings: all settings; default: loopback, a free port, a temporary database, generated passwords.
        faults: kinds of faults of the bot's own, set and cleared by the same REST.

    Raises:
        UsageError: the port is in use, the database or the file of events cannot be opened.

    Example:
        ```python
        with Backend() as backend:
            print(backend.url, backend.take_credentials())
            backend.publish(Event.now("call started", CallRef(uuid, 1, run)))
        ```
    """

    def __init__(self, settings: BackendSettings | None = None, faults: Iterable[FaultKind] = ()) -> None:
        self.settings = settings or BackendSettings()
        self.core = Core(self.settings, faults)
        self._server: ServerThread | None = None
        self._stopped = False
        self.publish: Callable[[Event], bool] = self.core.bus.publish
        """Tell an event, from any thread; never waits. False: too many wait, it was dropped and counted."""

    def __enter__(self) -> Self:
        if self._server is None:
            self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def address(self) -> Address:
        """Where it listens."""
        assert self._server, "start() first"
        return self._server.address

    @property
    def url(self) -> str:
        """Where it listens, for HTTP."""
        return f"http://{self.address}"

    @property
    def services(self) -> Services:
        """The tools of the dialogue; call them on a worker thread."""
        return self.core.services

    @property
    def states(self) -> CallStateStore:
        """The live states of calls."""
        return self.core.store

    @property
    def faults(self) -> Faults:
        """Which faults are set."""
        return self.core.faults

    def start(self) -> Address:
        """Begin; back when it answers.

        Raises:
            UsageError: see above; nothing is left behind then.
        """
        try:
            self._server = ServerThread(build_app(self.core), self.settings.host, self.settings.port)
            self.core.start()
            self._server.start()
        except BaseException:
            self.stop()
            raise
        return self._server.address

    def stop(self) -> None:
        """End: what was published is told and written; no thread, socket or file is left. Once is enough."""
        if self._stopped:
            return
        self._stopped = True
        # First of all, so that nobody sleeps in a fault.
        self.core.faults.stop()
        if self._server:
            self._server.stop()
        self.core.stop()

    def on_human_answer(self, callback: Callable[[HumanAnswer], object]) -> Callable[[], None]:
        """Be told of every operator's answer, on a thread of the backend's; returns what ends it."""
        return self.core.humans.on_answer(callback)

    def take_credentials(self) -> dict[str, str]:
        """The generated passwords by name, for the starter; only the first call gets them."""
        return self.core.accounts.take_credentials()

    def token(self, role: str = "operator", expires_in: float | None = None) -> str:
        """A token for who runs the backend; expired already where ``expires_in`` is negative (seconds)."""
        return self.core.accounts.token(role, role, expires_in)

    def flush(self, timeout: float = 5.0) -> bool:
        """Wait until all that was published is told and in the database; False: it took longer (seconds)."""
        return self.core.flush(timeout)
