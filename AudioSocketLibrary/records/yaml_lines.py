"""YAML whose mappings know their lines, so that a message can name the one that is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

import yaml

from .failures import UsageError
from .names import nearest_name

_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""Every value stays text. That of libyaml, where PyYAML has it: our phrase book in 25 ms instead of 240."""


class Mapping(dict[str, Any]):
    """A mapping of a file, with the line of each of its keys."""

    def __init__(self, place: Path, line: int) -> None:
        super().__init__()
        self.place = place
        self.line = line
        self.lines: dict[str, int] = {}
        self.item_lines: dict[str, list[int]] = {}
        """Of the items of each list in it."""

    def wrong(self, text: str, key: str = "", item: int | None = None) -> NoReturn:
        """Refuse it, the value of a key, or an item (from 0) of the list there.

        Raises:
            UsageError: always.
        """
        line = self.lines.get(key, self.line)
        if item is not None and key in self.item_lines:
            line = self.item_lines[key][item]
        raise UsageError(f"{self.place.name} line {line}: {text}")

    def wrong_where(self, value: str, text: str) -> NoReturn:
        """Refuse the value that stands somewhere in it, in whatever depth."""
        raise UsageError(f"{self.place.name} line {self.line_of(value) or self.line}: {text}")

    def line_of(self, value: str) -> int | None:
        """The line of the first key, in whatever depth, that has this value."""
        for key, found in self.items():
            for each in found if isinstance(found, list) else [found]:
                if each == value:
                    return self.lines[key]
                if isinstance(each, Mapping) and (line := each.line_of(value)):
                    return line
        return None

    def only(self, known: Iterable[str], what: str) -> None:
        """Refuse keys that are not known."""
        for key in self:
            if key not in known:
                names = list(known)
                near = nearest_name(key, names)
                hint = f"did you mean '{near}'?" if near else f"there are {', '.join(names)}"
                self.wrong(f"no key '{key}' in {what}; {hint}", key)

    def text(self, key: str) -> str:
        """A text; empty where there is none."""
        value = self.get(key, "")
        return value if isinstance(value, str) else self.wrong(f"'{key}' is a text", key)

    def texts(self, key: str) -> tuple[str, ...]:
        """Texts: one, or a list."""
        value = self.get(key, [])
        several = [value] if isinstance(value, str) else value
        if not isinstance(several, list) or not all(isinstance(each, str) for each in several):
            self.wrong(f"'{key}' is a text, or a list of texts", key)
        return tuple(several)

    def mapping(self, key: str) -> Mapping:
        """A mapping; an empty one where there is none."""
        value = self.get(key)
        if value is None:
            return Mapping(self.place, self.lines.get(key, self.line))
        return value if isinstance(value, Mapping) else self.wrong(f"'{key}' is a mapping, like {{a: b}}", key)

    def text_mapping(self, key: str) -> dict[str, str]:
        """A mapping of texts."""
        found = self.mapping(key)
        return {name: found.text(name) for name in found}


def read_yaml(place: Path, what: str = "dialogue", first: str = "states:") -> Mapping:
    """A file as a mapping whose values are all text: YAML itself would make False of ``no``, and 600 of ``10:00``.

    JSON is read as well.

    Args:
        place: the file.
        what: what it should hold, for messages.
        first: a key that it should have, for messages.

    Raises:
        UsageError: it cannot be read, or holds no mapping.
    """
    try:
        text = place.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UsageError(f"There is no {what} {place}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{place.name} is not UTF-8 text: save it so") from None
    except OSError as error:
        raise UsageError(f"The {what} {place} cannot be read: {error.strerror or error}") from None
    try:
        # YAML takes no tabs, with which JSON may be indented, and in whose strings none can stand.
        node = yaml.compose(text.replace("\t", " ") if place.suffix == ".json" else text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}" if mark else ""
        kind = "JSON" if place.suffix == ".json" else "YAML"
        raise UsageError(f"{place.name}{line} is not {kind}: {getattr(error, 'problem', error)}") from None
    if not isinstance(node, yaml.MappingNode):
        raise UsageError(f"{place.name} holds no {what}: it has no '{first}'")
    content: Mapping = _value(node, place)
    return content


def _value(node: yaml.Node, place: Path) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, place) for item in node.value]
    if not isinstance(node, yaml.MappingNode):
        return node.value
    found = Mapping(place, node.start_mark.line + 1)
    merged = [value for key, value in node.value if key.value == "<<"]
    for key, value in node.value:
        name = str(key.value)
        if name == "<<":
            continue
        found.lines[name] = key.start_mark.line + 1
        if name in found:
            found.wrong(f"'{name}' is there twice", name)
        found[name] = _value(value, place)
        if isinstance(value, yaml.SequenceNode):
            found.item_lines[name] = [item.start_mark.line + 1 for item in value.value]
    for each in (_value(value, place) for value in merged):
        if not isinstance(each, Mapping):
            found.wrong("'<<' takes a mapping over: write '<<: *its_anchor'")
        found.lines = each.lines | found.lines
        found.update({name: value for name, value in each.items() if name not in found})
    return found
