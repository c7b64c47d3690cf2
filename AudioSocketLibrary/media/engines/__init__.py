"""Engines of speech recognition, opened by a name or an address that people write."""

from .opening import ENTRY_POINTS, check_engine, open_recogniser
from .script import ScriptRecogniser

__all__ = ["ENTRY_POINTS", "ScriptRecogniser", "check_engine", "open_recogniser"]
