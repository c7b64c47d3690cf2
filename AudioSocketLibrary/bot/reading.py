"""Scripts as people write them: YAML (or JSON, which is YAML), with errors that name the file, the row and the line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import yaml

from ..records import UsageError
from .actions import ACTIONS
from .events import EVENTS
from .parameters import Parameter
from .script import Row, Script, nearest, row

_TOP: Final = ("about", "base", "rows")


def read_script(text: str, *, usual: Iterable[Row] = (), name: str = "the script") -> Script:
    """Read a script.

    Args:
        text: a list of rows, or a mapping with ``rows``, ``about`` (a line of text) and ``base`` (``usual``: the rows
            come on top of the usual behaviour; ``nothing``, the default: they are all that the bot does).
        usual: the rows of the usual behaviour.
        name: what messages call it.

    Raises:
        UsageError: it cannot be read; the text names the row, its line, and the nearest right word.

    Example:
        ```yaml
        base: usual
        rows:
          - {on: caller speaks, turn: 2, do: late payload, by: 6 ms}
          - {on: key star, do: play menu, after: 300 ms}
        ```
    """
    content, node = _parse(text, name)
    for key in content:
        if key not in _TOP:
            raise UsageError(f"{name} has no key '{key}'; {nearest(str(key), _TOP, 'the keys are')}")
    given = content.get("rows")
    if not isinstance(given, list) or not isinstance(node, yaml.SequenceNode):
        raise UsageError(f"{name} has no list 'rows'")
    base = content.get("base", "nothing")
    if base not in ("usual", "nothing"):
        raise UsageError(f"{name}: base is 'usual' or 'nothing', not '{base}'")
    rows = [*usual] if base == "usual" else []
    for number, (item, place) in enumerate(zip(given, node.value, strict=True), 1):
        try:
            rows.append(_row(item))
        except ValueError as error:
            raise UsageError(f"{name}, row {number} (line {place.start_mark.line + 1}): {error}") from None
    return Script(rows, about=str(content.get("about", "")), usual=base == "usual")


def load_script(path: str | Path, *, usual: Iterable[Row] = ()) -> Script:
    """Read a script from a file. Recordings may lie beside it.

    Raises:
        UsageError: there is no such file, or it cannot be read.
    """
    place = Path(path)
    try:
        text = place.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(f"There is no script {place}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The script {place} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    script = read_script(text, usual=usual, name=str(place))
    return Script([_beside(each, place.parent) for each in script.rows], about=script.about, usual=script.usual)


def _parse(text: str, name: str) -> tuple[dict[Any, Any], yaml.Node | None]:
    """The script as a mapping, and the node of its rows, which knows their lines."""
    try:
        node = yaml.compose(text, Loader=yaml.BaseLoader)
        content = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - BaseLoader makes nothing but text
    except yaml.MarkedYAMLError as error:
        line = f" (line {error.problem_mark.line + 1})" if error.problem_mark else ""
        raise UsageError(f"{name} is neither YAML nor JSON: {error.problem}{line}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise UsageError(f"{name} is neither YAML nor JSON: {error}") from None
    if isinstance(content, list):
        return {"rows": content}, node
    if not isinstance(content, dict) or not isinstance(node, yaml.MappingNode):
        raise UsageError(f"{name} holds no rows: write a list of rows like '- {{on: uuid, do: play greeting}}'")
    return content, next((value for key, value in node.value if key.value == "rows"), None)


def _row(item: Any) -> Row:
    if not isinstance(item, dict):
        raise ValueError(f"'{item}' is no row: write {{on: an event, do: an action}}")  # noqa: TRY004 - told as text
    given = dict(item)
    for needed, known in (("on", EVENTS), ("do", ACTIONS)):
        if needed not in given:
            near = next((f" (did you mean '{needed}' by '{key}'?)" for key in given if key.startswith(needed)), "")
            raise ValueError(f"a row needs '{needed}'{near}; there are {', '.join(known)}")
    on = _split(given.pop("on"), {name: kind.parameters for name, kind in EVENTS.items()}, given)
    do = _split(given.pop("do"), {name: action.parameters for name, action in ACTIONS.items()}, given)
    return row(on, do, **given)


def _split(text: Any, known: Mapping[str, tuple[Parameter, ...]], given: dict[str, Any]) -> str:
    """The name in ``play menu``; what follows it becomes its first parameter."""
    words = " ".join(str(text).split())
    if words.lower() in known:
        return words.lower()
    for name in sorted(known, key=len, reverse=True):
        if words.lower().startswith(name + " ") and known[name]:
            given.setdefault(known[name][0].name, words[len(name) + 1 :])
            return name
    return words


def _beside(each: Row, folder: Path) -> Row:
    names = each.how.get("recording")
    if not names:
        return each
    placed = tuple(str(folder / name) if (folder / name).is_file() else name for name in names)
    return replace(each, how={**each.how, "recording": placed})
