"""What the keywords ask of Robot Framework, all by its public API."""

from __future__ import annotations

import types
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from robot.api import logger
from robot.api.deco import keyword as robot_keyword
from robot.libraries.BuiltIn import BuiltIn, RobotNotRunningError

from ..media import find_recording

F = TypeVar("F", bound=Callable[..., Any])


def keyword(*tags: str, name: str | None = None) -> Callable[[F], F]:
    """Make a method a keyword whose optional arguments keep their converters' errors.

    For ``Rate | None`` Robot tells only that the value is neither; for ``Rate`` it tells what the converter said, and
    still takes ``${None}``. So Robot is told the hints without None.
    """

    def decorate(function: F) -> F:
        hints = {
            argument: _without_none(hint) for argument, hint in get_type_hints(function).items() if argument != "return"
        }
        decorated: F = robot_keyword(name=name, tags=tags, types=hints)(function)
        return decorated

    return decorate


def _without_none(hint: Any) -> Any:
    if get_origin(hint) in (Union, types.UnionType):
        left = [part for part in get_args(hint) if part is not type(None)]
        return left[0] if len(left) == 1 else Union[tuple(left)]  # noqa: UP007 - made of a tuple
    return hint


def variable(name: str) -> Any:
    """The value of a Robot variable; None if there is none, or if Robot is not running."""
    try:
        return BuiltIn().get_variable_value(name)
    except RobotNotRunningError:
        return None


def find_file(path: Path) -> Path:
    """A file given in a table: beside the suite first, else from the working folder, else one of our recordings."""
    return find_recording(path, suite_folder() if variable("${SUITE SOURCE}") else None)


def suite_folder() -> Path:
    """The folder of the running suite; the working folder, where none runs."""
    source = variable("${SUITE SOURCE}")
    if not source:
        return Path.cwd()
    suite = Path(source)
    return suite if suite.is_dir() else suite.parent


def final_folder() -> Path | None:
    """The folder in which log.html will lie, also under pabot; None if Robot writes nothing.

    pabot merges the logs of its workers one folder up from ``pabot_results`` and deletes that at its next start: a link
    into it breaks, one relative to the final folder holds.
    """
    output = variable("${OUTPUT DIR}")
    if not output:
        return None
    folder = Path(output)
    for parent in (folder, *folder.parents):
        if parent.name == "pabot_results":
            return parent.parent
    return folder


def under_pabot() -> bool:
    """Whether this is one of pabot's workers, which runs a part of the tests."""
    return variable("${PABOTQUEUEINDEX}") is not None


__all__ = ["final_folder", "find_file", "keyword", "logger", "suite_folder", "under_pabot", "variable"]
