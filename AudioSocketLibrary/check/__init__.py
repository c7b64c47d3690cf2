"""Short calls that ask a bot whether it would live behind Asterisk: the probes, and the answer per version."""

from .bench import Bench, NoBot, Talk
from .probe import Answer, Probe, Result, Verdict
from .probes import PROBES, probe_named
from .report import Report, check_bot
from .versions import VersionAnswer

__all__ = [
    "PROBES",
    "Answer",
    "Bench",
    "NoBot",
    "Probe",
    "Report",
    "Result",
    "Talk",
    "Verdict",
    "VersionAnswer",
    "check_bot",
    "probe_named",
]
