"""Showing calls to people: sentences, Robot's log, pictures and the call's own page."""

from .call_page import write_call_page
from .figures import figure_rows
from .keep import KeptCall, keep_call
from .many import calls_table, slim
from .names import NO_NAMES, Names
from .overlays import record_picture
from .robot_markup import robot_escape, robot_failures, robot_link, robot_moment, robot_picture, robot_table
from .totals import Totals
from .words import Row, call_line, clock, dialogue_rows, how_it_ended

__all__ = [
    "NO_NAMES",
    "KeptCall",
    "Names",
    "Row",
    "Totals",
    "call_line",
    "calls_table",
    "clock",
    "dialogue_rows",
    "figure_rows",
    "how_it_ended",
    "keep_call",
    "record_picture",
    "robot_escape",
    "robot_failures",
    "robot_link",
    "robot_moment",
    "robot_picture",
    "robot_table",
    "slim",
    "write_call_page",
]
