"""What mypyc is told of a class; while nothing is compiled it says nothing, and nothing more need be installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["mypyc_attr"]

if TYPE_CHECKING:
    from mypy_extensions import mypyc_attr
else:

    def mypyc_attr(**_: Any) -> Any:
        """Nothing is changed: mypyc reads the decorator, and does not run it."""
        return lambda decorated: decorated
