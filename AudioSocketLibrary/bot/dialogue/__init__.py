"""Dialogues: data in YAML, an engine that goes through them with one caller, and what ties it to a call."""

from .acts import Act, CallTool, Enter, Expect, HangUp, Say, Transfer
from .conversation import Conversation
from .loading import book_path, dialogue_names, dialogue_path, load_dialogue
from .model import Dialogue, Line, Move, Patience, State

__all__ = [
    "Act",
    "CallTool",
    "Conversation",
    "Dialogue",
    "Enter",
    "Expect",
    "HangUp",
    "Line",
    "Move",
    "Patience",
    "Say",
    "State",
    "Transfer",
    "book_path",
    "dialogue_names",
    "dialogue_path",
    "load_dialogue",
]
