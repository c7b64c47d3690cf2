"""The media path, which is run for every media frame: as Python, or compiled from the same files (docs/compiled.md)."""

from __future__ import annotations

from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Final, Literal

MODULES: Final = (
    "records/histogram",
    "media/voice",
    "media/ear",
    "transport/clock",
    "transport/mailbox",
    "transport/playback",
    "transport/connection",
    "transport/accepted",
    "call/hearing",
    "call/timeline",
    "bot/hearing",
)
"""What is compiled, all of it or nothing; pyproject.toml has the same list."""
BUILT_IN: Final = ("protocol/asterisk", "protocol/frames", "media/scale")
"""Whose constants (``Final``) the compiler writes into what it makes."""
_HOUSE = Path(__file__).resolve().parents[1]


def media_path(house: Path = _HOUSE) -> Literal["compiled", "Python", "partly compiled"]:
    """Which media path this Python takes.

    Args:
        house: the folder of the package.
    """
    compiled = len(_compiled(house))
    return "compiled" if compiled == len(MODULES) else "partly compiled" if compiled else "Python"


def stale_media_path(house: Path = _HOUSE) -> str:
    """What was changed since the media path was compiled, and what to do; empty: nothing.

    Python takes a compiled module wherever there is one, however old: an edit of its source would do nothing. To be
    asked in a working copy only, for an installation gives all its files one time.

    Args:
        house: the folder of the package.
    """
    found = _compiled(house)
    if not found:
        return ""
    made = min(file.stat().st_mtime for file in found)
    changed = [name for name in (*MODULES, *BUILT_IN) if (house / f"{name}.py").stat().st_mtime > made]
    if changed:
        what = (
            f"{', '.join(f'{name}.py' for name in changed)} {'was' if len(changed) == 1 else 'were'} changed after it"
        )
    elif len(found) != len(MODULES):
        what = "only a part of it is"
    else:
        return ""
    return (
        f"The media path is compiled, but {what}: `make compiled` compiles it again, `make uncompiled` goes back to "
        "Python"
    )


def _compiled(house: Path) -> list[Path]:
    """The files that Python imports instead of the sources."""
    files = (house / f"{name}{suffix}" for name in MODULES for suffix in EXTENSION_SUFFIXES)
    return [file for file in files if file.is_file()]
