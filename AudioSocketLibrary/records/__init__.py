"""Facts: the record of a call, findings, failure kinds, units. Pure data; nothing here opens a socket or a file."""

from .call import CallRecord, Clock, Finding, Judgement, Mark, Outcome, Side, Span, StepTime, Turn
from .failures import CallFailure, FailureKind, UsageError
from .histogram import BUCKETS, RESOLUTION, Histogram
from .judging import ThresholdResult, judge
from .percentiles import Distribution, Percentile
from .proportion import Successes, wilson_interval
from .run_id import check_run_id, new_run_id, uuid_of_run
from .samples import Samples
from .thresholds import Threshold
from .units import read_decibel, read_percent, read_time, time_text
from .validity import OwnErrors, Validity, ValidityResult, validity_of

__all__ = [
    "BUCKETS",
    "RESOLUTION",
    "CallFailure",
    "CallRecord",
    "Clock",
    "Distribution",
    "FailureKind",
    "Finding",
    "Histogram",
    "Judgement",
    "Mark",
    "Outcome",
    "OwnErrors",
    "Percentile",
    "Samples",
    "Side",
    "Span",
    "StepTime",
    "Successes",
    "Threshold",
    "ThresholdResult",
    "Turn",
    "UsageError",
    "Validity",
    "ValidityResult",
    "check_run_id",
    "judge",
    "new_run_id",
    "read_decibel",
    "read_percent",
    "read_time",
    "time_text",
    "uuid_of_run",
    "validity_of",
    "wilson_interval",
]
