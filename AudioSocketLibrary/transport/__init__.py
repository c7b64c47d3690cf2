"""The media clock and a paced connection in either role, for any asyncio program."""

from .address import Address
from .client import CONNECT_TIMEOUT, connect
from .clock import PERIOD, MediaClock, now
from .connection import Chunks, Connection
from .listener import Ending, Inbox, Listener
from .loop import new_event_loop, use_fine_timers
from .mailbox import Mailbox, SentBook
from .open_files import raise_open_files
from .playback import Background, Playback
from .quiet import quiet_collector
from .server import Server, listen, serve

__all__ = [
    "CONNECT_TIMEOUT",
    "PERIOD",
    "Address",
    "Background",
    "Chunks",
    "Connection",
    "Ending",
    "Inbox",
    "Listener",
    "Mailbox",
    "MediaClock",
    "Playback",
    "SentBook",
    "Server",
    "connect",
    "listen",
    "new_event_loop",
    "now",
    "quiet_collector",
    "raise_open_files",
    "serve",
    "use_fine_timers",
]
