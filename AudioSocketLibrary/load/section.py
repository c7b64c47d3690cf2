"""A part of a profile while it is read: every value text, every mistake with its line."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Mapping as Values
from typing import Any, Final, NoReturn, TypeVar

from ..records.names import nearest_name
from ..records.yaml_lines import Mapping
from .environment import Filled, fill_environment, masked

_T = TypeVar("_T")
_REQUIRED: Final = object()


class Section:
    """A mapping of a profile, whose keys are known."""

    def __init__(self, row: Mapping, environment: Values[str, str], known: Iterable[str]) -> None:
        """Refuse unknown keys.

        Raises:
            UsageError: there is one; the text has its line and the nearest right one.
        """
        self.row = row
        self.environment = environment
        names = list(known)
        for key in row:
            if key not in names:
                near = nearest_name(key, names)
                hint = f"nearest: {near}" if near else f"keys: {', '.join(names)}"
                self.wrong(f"no key '{key}' here; {hint}", key)

    def __contains__(self, key: str) -> bool:
        return key in self.row

    def wrong(self, text: str, key: str = "", item: int | None = None) -> NoReturn:
        """Refuse it.

        Raises:
            UsageError: always; with the file and the line of the key, or of an item of its list.
        """
        self.row.wrong(text, key, item)

    def read(self, key: str, read: Callable[[str], _T], default: Any = _REQUIRED) -> _T:
        """A value, converted by the same function as in tables; what it raises gets the line.

        Args:
            key: its key.
            read: makes the value of the text; raises ValueError.
            default: the value where the key is not there; without it, the key must be there.
        """
        if key not in self.row:
            if default is _REQUIRED:
                self.wrong(f"'{key}' is missing here")
            return default  # type: ignore[no-any-return]
        value = self.row[key]
        if not isinstance(value, str):
            self.wrong(f"'{key}' is one value, not a list or a mapping", key)
        return self.converted(value, key, read)

    def converted(self, value: str, key: str, read: Callable[[str], _T], item: int | None = None) -> _T:
        """A text of this section converted; of a list, its ``item``-th."""
        try:
            filled = fill_environment(value, self.environment)
            return read(filled)
        except ValueError as error:
            # The value may have come from the environment, and have a password in it.
            sentence = masked(str(error))
            self.wrong(f"{key}: {sentence}" if item is None else sentence, key, item)

    def text(self, key: str, default: str = "") -> Filled:
        """A text; ``default`` where there is none."""
        return self.read(key, _filled, Filled(default))

    def choice(self, key: str, choices: Iterable[str], default: str) -> str:
        """One of a few words."""
        names = list(choices)
        value = self.read(key, str, default)
        if value not in names:
            near = nearest_name(value, names)
            hint = f"; nearest: {near}" if near else ""
            self.wrong(f"{key}: there is no '{value}'{hint}. There are: {', '.join(names)}", key)
        return value

    def items(self, key: str) -> list[Any]:
        """A list; one value is a list of it."""
        value = self.row.get(key, [])
        return value if isinstance(value, list) else [value]

    def texts(self, key: str, read: Callable[[str], _T]) -> tuple[_T, ...]:
        """A list of texts, each converted."""
        found = []
        for number, item in enumerate(self.items(key)):
            if not isinstance(item, str):
                self.wrong(f"'{key}' is a list of texts", key, number)
            found.append(self.converted(item, key, read, number))
        return tuple(found)

    def section(self, key: str, known: Iterable[str]) -> Section:
        """A mapping below this one; an empty one where there is none."""
        return Section(self._mapping(key), self.environment, known)

    def values(self, key: str, read: Callable[[str], _T]) -> dict[str, _T]:
        """A mapping of any names to values."""
        row = self._mapping(key)
        return {name: Section(row, self.environment, row).read(name, read) for name in row}

    def tree(self, key: str) -> dict[str, Any]:
        """A mapping of any depth, its texts filled."""
        filled = self._tree(self._mapping(key), key)
        assert isinstance(filled, dict)
        return filled

    def rows(self, key: str, known: Iterable[str]) -> list[Section]:
        """A list of mappings."""
        names = list(known)
        found = []
        for number, item in enumerate(self.items(key)):
            if not isinstance(item, Mapping):
                self.wrong(f"'{key}' is a list, each row like '- {{{names[0]}: …}}'", key, number)
            found.append(Section(item, self.environment, names))
        return found

    def _mapping(self, key: str) -> Mapping:
        value = self.row.get(key)
        if value is None or value == "":
            return Mapping(self.row.place, self.row.lines.get(key, self.row.line))
        if not isinstance(value, Mapping):
            self.wrong(f"'{key}' has keys of its own below it, like '{key}: {{…}}'", key)
        return value

    def _tree(self, value: Any, key: str) -> Any:
        if isinstance(value, dict):
            return {name: self._tree(item, key) for name, item in value.items()}
        if isinstance(value, list):
            return [self._tree(item, key) for item in value]
        return self.converted(value, key, _filled)


def _filled(text: str) -> Filled:
    return text if isinstance(text, Filled) else Filled(text)
