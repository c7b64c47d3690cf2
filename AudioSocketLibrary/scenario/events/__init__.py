"""What a bot tells about its calls: read from a file, over HTTP or a WebSocket, and kept by UUID."""

from .bot_event import BotEvent
from .kept import KeptEvents
from .opening import open_source
from .source import Source

__all__ = ["BotEvent", "KeptEvents", "Source", "open_source"]
