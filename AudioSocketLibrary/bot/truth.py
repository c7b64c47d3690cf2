"""Ground truth: what the bot knows of each of its replies, for measuring whoever measures it."""

from __future__ import annotations

import json
from pathlib import Path

from ..records import UsageError


class Truth:
    """Writes JSON lines to a file; times are those of ``transport.now`` (on Linux CLOCK_MONOTONIC of all processes).

    | key            | meaning                                                                   |
    |----------------|---------------------------------------------------------------------------|
    | `uuid`, `call` | the caller's UUID, and the number of the call at this bot, from 1          |
    | `turn`         | 1 is the caller's first                                                   |
    | `last_voiced`  | when one past the caller's last voiced sample arrived                     |
    | `delay`        | the programmed delay, in seconds                                          |
    | `planned`      | when the reply's first voiced sample was to be sent: their sum            |
    | `sent`         | when it was sent                                                          |
    """

    def __init__(self, path: Path) -> None:
        try:
            self._file = path.open("w", encoding="utf-8", buffering=1)
        except OSError as error:
            raise UsageError(f"The truth cannot be written to {path}: {error.strerror or error}") from None

    def write(self, **values: str | int | float | None) -> None:
        """Write one line."""
        self._file.write(json.dumps(values) + "\n")

    def close(self) -> None:
        """Close the file."""
        self._file.close()
