"""The reference bot: a simple tyre shop that a suite can call, and that misbehaves by its script."""

from .actions import ACTIONS, Action
from .bot import Bot
from .events import EVENTS, EventKind
from .reading import load_script, read_script
from .script import Row, Script, row
from .settings import BotSettings, rows_of

__all__ = [
    "ACTIONS",
    "EVENTS",
    "Action",
    "Bot",
    "BotSettings",
    "EventKind",
    "Row",
    "Script",
    "load_script",
    "read_script",
    "row",
    "rows_of",
]
