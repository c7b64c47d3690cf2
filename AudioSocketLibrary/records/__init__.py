"""Facts: the record of a call, findings, failure kinds, units. Pure data; nothing here opens a socket or a file."""

from .call import CallRecord, Finding, Judgement, Side, Span, Turn
from .failures import CallFailure, FailureKind, UsageError
from .histogram import Histogram
from .units import read_percent, read_time, time_text

__all__ = [
    "CallFailure",
    "CallRecord",
    "FailureKind",
    "Finding",
    "Histogram",
    "Judgement",
    "Side",
    "Span",
    "Turn",
    "UsageError",
    "read_percent",
    "read_time",
    "time_text",
]
