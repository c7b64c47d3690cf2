"""The rooms: each imports only from the floors below it."""

import ast
import sys
from pathlib import Path

import pytest

import AudioSocketLibrary

pytestmark = pytest.mark.unit

HOUSE = Path(AudioSocketLibrary.__file__).parent
NAME = HOUSE.name
FLOORS = [
    {"protocol", "wire"},
    {"records"},
    {"media"},
    {"transport"},
    {"call"},
    {"scenario", "bot"},
    {"load", "monitor"},
    {"report", "check"},
    {"keywords"},
]
FLOOR_OF = {room: number for number, floor in enumerate(FLOORS) for room in floor}
TOP = len(FLOORS)
FREE = {"version"}
"""Imported from anywhere: it holds one string."""
FILES = sorted(HOUSE.rglob("*.py"))


def room_of(file: Path) -> str:
    return file.relative_to(HOUSE).parts[0].removesuffix(".py")


def imports_of(file: Path) -> set[str]:
    """Full names of all that a file imports, wherever in it that stands."""
    package = [NAME, *file.relative_to(HOUSE).parent.parts]
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            if node.module:
                found.add(".".join([*base, node.module]))
            else:  # from .. import report
                found |= {".".join([*base, alias.name]) for alias in node.names}
    return found


def rooms_imported(file: Path) -> set[str]:
    parts = [name.split(".") for name in imports_of(file)]
    return {names[1] if len(names) > 1 else "__init__" for names in parts if names[0] == NAME}


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(HOUSE)))
def test_a_room_imports_only_from_the_floors_below(file):
    room = room_of(file)
    floor = FLOOR_OF.get(room, TOP)
    # The top floor (library.py, cli.py, commands) may import all, itself too; siblings do not import each other.
    wrong = {
        other for other in rooms_imported(file) - {room} - FREE if floor < TOP and FLOOR_OF.get(other, TOP) >= floor
    }
    assert not wrong, f"{file.relative_to(HOUSE.parent)} is of the room {room}, and may not import {sorted(wrong)}"


def test_every_room_has_its_floor():
    rooms = {path.parent.name for path in HOUSE.glob("*/__init__.py")}
    assert rooms - set(FLOOR_OF) <= {"commands", "audio"}, "a room that has no floor yet: give it one, above"


@pytest.mark.parametrize("room", ["protocol", "wire"])
def test_the_lowest_floor_imports_nothing_but_the_standard_library(room):
    for file in (HOUSE / room).rglob("*.py"):
        foreign = {name.split(".")[0] for name in imports_of(file)} - {NAME} - set(sys.stdlib_module_names)
        assert not foreign, f"{file} imports {sorted(foreign)}"


def test_sockets_and_loops_stay_in_their_rooms():
    for room in ("protocol", "wire", "media", "records"):
        for file in (HOUSE / room).rglob("*.py"):
            if file.parent.name == "engines":  # recognisers that live in another process or on another host
                continue
            wrong = {name.split(".")[0] for name in imports_of(file)} & {"socket", "asyncio", "selectors", "ssl"}
            assert not wrong, f"{file} imports {sorted(wrong)}: this room is pure"


def lists_of(file: Path) -> list[list[str]]:
    """The lists that stand in a file, each element as it is written."""
    nodes = ast.walk(ast.parse(file.read_text("utf-8")))
    return [[ast.unparse(element) for element in node.elts] for node in nodes if isinstance(node, ast.List)]


def test_a_process_of_ours_takes_no_modules_from_the_users_folder():
    started = [words for file in FILES for words in lists_of(file) if "sys.executable" in words]
    assert len(started) >= 8
    for words in started:
        assert words[words.index("sys.executable") + 1] in ("'-P'", "'-I'"), words
