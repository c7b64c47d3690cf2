"""Showing calls to people: sentences, Robot's log, pictures and the call's own page."""

from .call_page import write_call_page
from .figures import figure_rows
from .keep import KeptCall, keep_call
from .overlays import record_picture
from .robot_markup import robot_escape, robot_link, robot_picture, robot_table
from .words import Row, call_line, clock, dialogue_rows, how_it_ended

__all__ = [
    "KeptCall",
    "Row",
    "call_line",
    "clock",
    "dialogue_rows",
    "figure_rows",
    "how_it_ended",
    "keep_call",
    "record_picture",
    "robot_escape",
    "robot_link",
    "robot_picture",
    "robot_table",
    "write_call_page",
]
