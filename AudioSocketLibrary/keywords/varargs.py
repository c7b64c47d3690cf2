"""Options that were misspelt where any number of texts may stand."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from ..records import UsageError

_ALIKE = 0.75


def refuse_options(texts: Iterable[str], options: Iterable[str]) -> None:
    """Refuse ``whithin=2 s`` among texts: Robot passes it on as one.

    Raises:
        UsageError: a text looks like one of the options.
    """
    for text in texts:
        name, equals, _ = text.partition("=")
        near = get_close_matches(name.strip().lower(), list(options), 1, _ALIKE) if equals else []
        if near:
            raise UsageError(f"'{text}' is not a text: did you mean the option '{near[0]}='?")
