"""The caller's side: connect to a bot as Asterisk does."""

from __future__ import annotations

import asyncio
import errno
import os
import re
from typing import Any
from uuid import UUID, uuid4

from ..protocol import Party
from ..records import CallFailure, FailureKind
from .address import Address
from .connection import Connection

CONNECT_TIMEOUT = 2.0
"""Asterisk gives up after 2,000 ms (measured)."""
_REFUSED = "nothing listens there (connection refused). Start the bot, or give another address"


async def connect(
    bot: Address | str, *, uuid: UUID | None = None, timeout: float = CONNECT_TIMEOUT, **settings: Any
) -> Connection:
    """Connect to a bot, send the UUID and begin to send media frames.

    Args:
        bot: where it listens.
        uuid: what is sent; default: a random one.
        timeout: how long to wait for the connection, in seconds.
        **settings: of the ``Connection``: format, behaviour, strict, dtx, chunks, listener.

    Raises:
        CallFailure: nothing listens there, or it did not answer in time; the text says what to do.

    Example:
        ```python
        async with await connect("127.0.0.1:9092") as line:
            await line.say(load_sound("hello.wav", 8000))
        ```
    """
    address = bot if isinstance(bot, Address) else Address.parse(bot)
    loop = asyncio.get_running_loop()
    identity = uuid or uuid4()
    try:
        async with asyncio.timeout(timeout):
            _, line = await loop.create_connection(
                lambda: Connection(Party.CALLER, uuid=identity, **settings), address.host, address.port
            )
    except TimeoutError:
        raise CallFailure(
            FailureKind.CONNECT_TIMEOUT,
            f"Cannot call the bot at {address}: no connection within {timeout:g} s. "
            "Is the address right, and does the bot accept calls while it is busy?",
        ) from None
    except OSError as error:
        raise CallFailure(FailureKind.REFUSED, f"Cannot call the bot at {address}: {_why(error)}") from None
    line.start_media()
    return line


def _why(error: OSError) -> str:
    if isinstance(error, ConnectionRefusedError):
        return _REFUSED
    if isinstance(error, ConnectionResetError):
        return "the connection was reset at once. Does something else listen there?"
    if isinstance(error, OSError) and error.errno is None and error.args:
        # asyncio joins the errors of several addresses into one text.
        text = str(error.args[0])
        if set(re.findall(r"\[Errno (\d+)\]", text)) == {str(errno.ECONNREFUSED)}:
            return _REFUSED
        return f"{text}. Start the bot, or give another address"
    what = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror or error
    return f"{what}. Is the address right?"
