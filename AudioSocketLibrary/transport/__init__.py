"""The media clock and a paced connection in either role, for any asyncio program."""

from .address import Address
from .client import CONNECT_TIMEOUT, connect
from .clock import PERIOD, MediaClock, now, use_fine_timers
from .connection import Chunks, Connection
from .listener import Ending, Inbox, Listener
from .playback import Playback
from .server import Server, listen, serve

__all__ = [
    "CONNECT_TIMEOUT",
    "PERIOD",
    "Address",
    "Chunks",
    "Connection",
    "Ending",
    "Inbox",
    "Listener",
    "MediaClock",
    "Playback",
    "Server",
    "connect",
    "listen",
    "now",
    "serve",
    "use_fine_timers",
]
