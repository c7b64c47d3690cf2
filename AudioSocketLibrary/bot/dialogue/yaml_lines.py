"""YAML whose mappings know their lines, so that a message can name the one that is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

import yaml

from ...records import UsageError
from ..script import nearest


class Mapping(dict[str, Any]):
    """A mapping of a file, with the line of each of its keys."""

    def __init__(self, place: Path, line: int) -> None:
        super().__init__()
        self.place = place
        self.line = line
        self.lines: dict[str, int] = {}

    def wrong(self, text: str, key: str = "") -> NoReturn:
        """Refuse it.

        Raises:
            UsageError: always.
        """
        raise UsageError(f"{self.place.name} line {self.lines.get(key, self.line)}: {text}")

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
                self.wrong(f"no key '{key}' in {what}; {nearest(key, known)}", key)

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


def read_yaml(place: Path) -> Mapping:
    """A file as a mapping whose values are all text: YAML itself would make False of ``no``, and 600 of ``10:00``.

    Raises:
        UsageError: it cannot be read, or holds no mapping.
    """
    try:
        node = yaml.compose(place.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    except FileNotFoundError:
        raise UsageError(f"There is no dialogue {place}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The dialogue {place} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}" if mark else ""
        raise UsageError(f"{place.name}{line} is not YAML: {getattr(error, 'problem', error)}") from None
    if not isinstance(node, yaml.MappingNode):
        raise UsageError(f"{place.name} holds no dialogue: it has no 'states:'")
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
    for each in (_value(value, place) for value in merged):
        if not isinstance(each, Mapping):
            found.wrong("'<<' takes a mapping over: write '<<: *its_anchor'")
        found.lines = each.lines | found.lines
        found.update({name: value for name, value in each.items() if name not in found})
    return found
