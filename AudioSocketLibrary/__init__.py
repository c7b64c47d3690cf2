"""AudioSocketLibrary: calls a voice bot as Asterisk would, measures each call and shows it in Robot's log.

The rooms can be used alone: ``AudioSocketLibrary.protocol`` needs nothing but Python. The Robot libraries are loaded
when they are asked for: ``AudioSocketLibrary`` and its siblings ``.ReferenceBot``, ``.Server``, ``.Wire`` and
``.uk``, whose keywords are Ukrainian. ``.Totals`` adds up a run, after a merge, too (``--prerebotmodifier``).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .version import __version__

if TYPE_CHECKING:
    from .keywords.load import Load, ukLoad
    from .keywords.load_report import LoadReport
    from .keywords.load_run import LoadRun
    from .keywords.reference_bot import ReferenceBot
    from .keywords.server import Server
    from .keywords.totals import Totals
    from .keywords.wire import Wire
    from .library import AudioSocketLibrary, uk

_LIBRARIES = {
    "AudioSocketLibrary": ".library",
    "Load": ".keywords.load",
    "LoadRun": ".keywords.load_run",
    "LoadReport": ".keywords.load_report",
    "ReferenceBot": ".keywords.reference_bot",
    "Server": ".keywords.server",
    "Totals": ".keywords.totals",
    "Wire": ".keywords.wire",
    "uk": ".library",
    "ukLoad": ".keywords.load",
}

__all__ = [
    "AudioSocketLibrary",
    "Load",
    "LoadReport",
    "LoadRun",
    "ReferenceBot",
    "Server",
    "Totals",
    "Wire",
    "__version__",
    "uk",
    "ukLoad",
]


def __getattr__(name: str) -> Any:
    if name in _LIBRARIES:
        return getattr(import_module(_LIBRARIES[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
