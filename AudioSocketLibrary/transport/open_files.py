"""The limit of open files, of which each call needs one."""

from __future__ import annotations

import sys


def raise_open_files() -> None:
    """Let this process open as many files as it may without being root."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - not there on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # macOS calls it unlimited and refuses to set that.
    wanted = min(hard, 65_536) if hard != resource.RLIM_INFINITY else 65_536
    if soft != resource.RLIM_INFINITY and soft < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        except (OSError, ValueError):
            return  # it stays as it is, and calls that find no room say so
