"""One measured call: its timeline, turns, figures, model phone and recording."""

from .call import AROUND, Call
from .measures import FINDING_KINDS, Figure, figure_of, figures_of, record_of
from .moment import AFTER_THE_REPLY, Moment
from .recording import Recording, make_recording
from .server import CallServer
from .settings import CallSettings
from .timeline import Depth, Timeline, Utterance
from .turns import LiveTurn, find_turns

__all__ = [
    "AFTER_THE_REPLY",
    "AROUND",
    "FINDING_KINDS",
    "Call",
    "CallServer",
    "CallSettings",
    "Depth",
    "Figure",
    "LiveTurn",
    "Moment",
    "Recording",
    "Timeline",
    "Utterance",
    "figure_of",
    "figures_of",
    "find_turns",
    "make_recording",
    "record_of",
]
