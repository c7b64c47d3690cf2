"""The run id: eight hexadecimal digits that begin every UUID of one run.

Only the UUID travels over AudioSocket, so "which of the bot's rows are mine" is answered by its beginning, and cleaning
up is one WHERE. The UUIDs are of version 8 (RFC 9562, section 5.8: ours to lay out).
"""

from __future__ import annotations

import re
from secrets import randbits, token_hex
from uuid import UUID

_VERSION_AND_VARIANT = (8 << 76) | (0b10 << 62)
_TAKEN = (0xF << 76) | (0b11 << 62)


def new_run_id() -> str:
    """A random run id."""
    return token_hex(4)


def check_run_id(text: str) -> str:
    """The run id in lower case.

    Raises:
        ValueError: it is not eight hexadecimal digits.
    """
    if not re.fullmatch(r"[0-9a-fA-F]{8}", text):
        raise ValueError(f"'{text}' is no run id: write eight hexadecimal digits, like 1f9c2e70")
    return text.lower()


def uuid_of_run(run: str) -> UUID:
    """A new UUID whose first eight digits are the run id; the other 90 free bits are random."""
    rest = randbits(96) & ~_TAKEN
    return UUID(int=int(run, 16) << 96 | rest | _VERSION_AND_VARIANT)
