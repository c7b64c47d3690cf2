"""Call data: a CSV row for each call, whose fields are written ``{name}`` in phrases, URLs and bodies."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from random import Random
from typing import Any, Literal

from ..records import UsageError

Order = Literal["sequential", "random", "unique"]
_FIELD = re.compile(r"\{([^\W\d]\w*)\}")


@dataclass(frozen=True, slots=True)
class CallData:
    """The rows, and in which order calls take them."""

    name: str
    rows: tuple[Mapping[str, str], ...]
    order: Order = "sequential"
    """``sequential`` begins anew after the last row; ``random`` draws by the seed; ``unique`` gives no row twice."""
    seed: int = 0

    @classmethod
    def read(cls, file: Path, order: Order = "sequential", seed: int = 0) -> CallData:
        """Read a CSV file: UTF-8, the names of the fields in its first line; commas or semicolons.

        Raises:
            UsageError: it cannot be read, or has no rows.
        """
        try:
            with file.open(encoding="utf-8-sig", newline="") as stream:
                text = stream.read()
        except OSError as error:
            raise UsageError(f"The call data {file} cannot be read: {error.strerror or error}") from None
        except UnicodeDecodeError:
            raise UsageError(f"The call data {file} is not UTF-8 text: save it so") from None
        head = text.partition("\n")[0]
        reader = csv.DictReader(text.splitlines(), delimiter=";" if head.count(";") > head.count(",") else ",")
        names = [(name or "").strip() for name in reader.fieldnames or ()]
        wrong = [name for name in names if not _FIELD.fullmatch(f"{{{name}}}")]
        if wrong or not names:
            raise UsageError(
                f"The first line of {file.name} names the fields, with letters, digits and _ only; "
                f"{f'{wrong[0]!r} is none' if wrong else 'it is empty'}"
            )
        reader.fieldnames = names
        rows = []
        for row in reader:
            if None in row or None in row.values():
                raise UsageError(f"Line {reader.line_num} of {file.name} has not {len(names)} fields, as its first has")
            rows.append({name: value.strip() for name, value in row.items()})
        if not rows:
            raise UsageError(f"{file.name} has no rows: write one for each caller below its first line")
        return cls(file.name, tuple(rows), order, seed)

    def row(self, call: int) -> Mapping[str, str]:
        """The row of the ``call``-th call, counted from 0.

        Raises:
            UsageError: rows are unique, and there are fewer.
        """
        if self.order == "random":
            return Random(f"{self.seed} {call}").choice(self.rows)  # noqa: S311 - the same seed, the same rows
        if self.order == "unique" and call >= len(self.rows):
            raise UsageError(
                f"{self.name} has {len(self.rows)} rows, and each is for one call only: "
                f"call {call + 1} has none. Add rows, or take order=sequential"
            )
        return self.rows[call % len(self.rows)]


def fill(value: Any, fields: Mapping[str, str]) -> Any:
    """Put fields in the place of ``{name}``, in a text or in all texts of a list or dictionary.

    Raises:
        UsageError: there is no such field.
    """
    if isinstance(value, str):
        return _FIELD.sub(lambda match: _field(match[1], fields), value)
    if isinstance(value, Mapping):
        return {key: fill(item, fields) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [fill(item, fields) for item in value]
    return value


def _field(name: str, fields: Mapping[str, str]) -> str:
    if name in fields:
        return fields[name]
    known = [field for field in fields if field != "uuid"]
    if not known:
        raise UsageError(f"There is no field '{{{name}}}': no call data are in use. Use Call Data    FILE.csv")
    near = get_close_matches(name, known, 1)
    hint = f"; did you mean '{{{near[0]}}}'?" if near else f". Fields: {', '.join(known)}"
    raise UsageError(f"There is no field '{{{name}}}'{hint}")
