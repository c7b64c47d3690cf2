"""Facts: the record of a call, findings, failure kinds, units. Pure data; nothing here opens a socket or a file."""

from .call import CallRecord, Clock, Finding, Judgement, Mark, Side, Span, Turn
from .failures import CallFailure, FailureKind, UsageError
from .histogram import Histogram
from .proportion import Successes, wilson_interval
from .run_id import check_run_id, new_run_id, uuid_of_run
from .units import read_decibel, read_percent, read_time, time_text

__all__ = [
    "CallFailure",
    "CallRecord",
    "Clock",
    "FailureKind",
    "Finding",
    "Histogram",
    "Judgement",
    "Mark",
    "Side",
    "Span",
    "Successes",
    "Turn",
    "UsageError",
    "check_run_id",
    "new_run_id",
    "read_decibel",
    "read_percent",
    "read_time",
    "time_text",
    "uuid_of_run",
    "wilson_interval",
]
