"""A name that is not there, and the one that was meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest_name(name: str, names: Iterable[str]) -> str | None:
    """The name most like this one, letter case aside; None if none is."""
    by_folded = {known.casefold(): known for known in names}
    near = get_close_matches(name.casefold(), by_folded, 1, 0.6)
    return by_folded[near[0]] if near else None


def unknown_name(what: str, name: str, names: Iterable[str], *, all_are: str) -> str:
    """The sentence for it: ``no figure 'respons time'; nearest: response time. Figures: …``.

    Args:
        what: what it should have been, with "no" before it.
        name: what was written.
        names: what there is.
        all_are: the word before the list of all.
    """
    known = list(names)
    near = nearest_name(name, known)
    return f"no {what} '{name}'{f'; nearest: {near}' if near else ''}. {all_are}: {', '.join(known)}"
