"""What several tests of the backend need."""

import os
import time
from contextlib import contextmanager

import httpx
from sqlalchemy import create_engine

from AudioSocketLibrary.bot.backend import Backend, BackendSettings, CallRef, Event
from AudioSocketLibrary.bot.backend.database import _url
from AudioSocketLibrary.bot.backend.tables import Base

POSTGRES = os.environ.get("AUDIOSOCKET_TEST_POSTGRES")
NO_POSTGRES = "set AUDIOSOCKET_TEST_POSTGRES to the URL of an empty PostgreSQL database"
UUIDS = "00000000-0000-4000-8000-{:012d}"


def ref(call=1, run="run-1"):
    return CallRef(UUIDS.format(call), call, run)


def empty(url):
    """Leave nothing in a PostgreSQL database."""
    engine = create_engine(_url(url))
    Base.metadata.drop_all(engine)
    engine.dispose()


@contextmanager
def served(settings=None, role="operator", faults=()):
    """A backend that runs, and a client that is logged in."""
    with Backend(settings or BackendSettings(), faults) as backend, client_of(backend, role) as client:
        yield backend, client


def client_of(backend, role="operator"):
    headers = {"Authorization": f"Bearer {backend.token(role)}"}
    # Many parallel tests on a busy machine: patience costs nothing.
    return httpx.Client(base_url=backend.url, headers=headers, timeout=20)


def usual_call(about, at=1000.0, wall=1_900_000_000.0, reason="the caller closed", reply_after=0.8):
    """The events of a call of one turn, as a bot tells them."""

    def event(name, after, /, **fields):
        return Event(name, about, fields, at + after, wall + after)

    return [
        event("call started", 0, caller="1001", callee="2001", agent="tyre shop", language="uk"),
        event("first audio", 0.1),
        event("reply ended", 2.0),
        event("speech started", 2.5),
        event("end of speech", 4.5, last_voiced=at + 4.0),
        event("recognised", 4.6, text="Потрібні зимові шини", confidence=0.91, quality=0.88, intent="tyre_search",
              language="uk"),
        event("tool called", 4.65, name="search_tyres", arguments={"size": 16}, result={"count": 4}, seconds=0.01),
        event("answered", 4.7, text="Є чотири зимові шини"),
        event("first audio", 4.0 + reply_after),
        event("reply ended", 6.0),
        event("call ended", 7.0, reason=reason),
    ]  # fmt: skip


def until(check, limit=10.0):
    """Wait for something to become true; returns it."""
    ends = time.monotonic() + limit
    while not (got := check()):
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.005)
    return got
