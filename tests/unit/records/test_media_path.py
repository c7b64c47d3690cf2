"""Which media path is taken, Python's or the compiled one, and whether what is compiled is what is written."""

from __future__ import annotations

import ast
import os
import re
import shutil
import sysconfig
import tomllib
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

import AudioSocketLibrary
from AudioSocketLibrary.cli import run
from AudioSocketLibrary.records.media_path import BUILT_IN, MODULES, media_path, stale_media_path
from scripts import can_compile

pytestmark = pytest.mark.unit

HOUSE = Path(AudioSocketLibrary.__file__).parent
ROOT = Path(__file__).resolve().parents[3]
WHAT_TO_DO = ": `make compiled` compiles it again, `make uncompiled` goes back to Python"


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """The sources, a minute old, and nothing compiled."""
    for name in (*MODULES, *BUILT_IN):
        file = tmp_path / f"{name}.py"
        file.parent.mkdir(exist_ok=True)
        file.touch()
        os.utime(file, (1000, 1000))
    return tmp_path


def compile_all(house: Path, *names: str) -> None:
    for name in names:
        file = house / f"{name}{EXTENSION_SUFFIXES[0]}"
        file.touch()
        os.utime(file, (1060, 1060))


def edit(house: Path, name: str) -> None:
    os.utime(house / f"{name}.py", (1100, 1100))


def test_python(house):
    edit(house, MODULES[0])
    assert media_path(house) == "Python"
    assert stale_media_path(house) == ""


def test_compiled(house):
    compile_all(house, *MODULES)
    assert media_path(house) == "compiled"
    assert stale_media_path(house) == ""


def test_what_another_python_compiled_is_not_taken(house):
    for name in MODULES:
        (house / f"{name}.cpython-27-somewhere.so").touch()
    assert media_path(house) == "Python"


def test_edited_since(house):
    compile_all(house, *MODULES)
    edit(house, "call/hearing")
    assert stale_media_path(house) == (
        f"The media path is compiled, but call/hearing.py was changed after it{WHAT_TO_DO}"
    )


def test_a_constant_is_edited_that_the_compiler_has_written_in(house):
    compile_all(house, *MODULES)
    edit(house, "transport/clock")
    edit(house, "protocol/frames")
    assert stale_media_path(house) == (
        f"The media path is compiled, but transport/clock.py, protocol/frames.py were changed after it{WHAT_TO_DO}"
    )


def test_a_part_is_left(house):
    compile_all(house, *MODULES[1:])
    assert media_path(house) == "partly compiled"
    assert stale_media_path(house) == f"The media path is compiled, but only a part of it is{WHAT_TO_DO}"


def test_what_the_build_compiles_is_what_is_looked_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    hook = project["tool"]["hatch"]["build"]["targets"]["wheel"]["hooks"]["mypyc"]
    assert hook["enable-by-default"] is False, "who has no C compiler installs it, too"
    assert set(hook["include"]) == {f"/AudioSocketLibrary/{name}.py" for name in MODULES}
    assert all((HOUSE / f"{name}.py").is_file() for name in (*MODULES, *BUILT_IN))


def test_constants_that_the_compiler_writes_in_are_looked_after():
    """A ``Final`` of a plain value, imported from a file that is not compiled, is in what is compiled by its value."""
    imported = set()
    for name in MODULES:
        for node in ast.walk(ast.parse((HOUSE / f"{name}.py").read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level:
                imported |= {alias.name for alias in node.names}
    rooms = ("protocol", "records", "media", "transport", "call")
    files = {
        file.relative_to(HOUSE).with_suffix("").as_posix() for room in rooms for file in (HOUSE / room).glob("*.py")
    }
    plain = re.compile(r"^(\w+): Final(?:\[(?:int|float|str|bytes|bool)\])? = ", re.MULTILINE)
    from_files = {
        name: found
        for name in files - set(MODULES)
        if (found := imported & set(plain.findall((HOUSE / f"{name}.py").read_text("utf-8"))))
    }
    assert set(from_files) <= set(BUILT_IN), f"add to BUILT_IN: {from_files}"


def test_the_version_says_which_it_is(capsys):
    assert run(["--version"]) == 0
    assert (
        capsys.readouterr().out
        == f"audiosocket, version {AudioSocketLibrary.__version__} (media path: {media_path()})\n"
    )


def test_without_a_compiler(monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("CC", "no-such-compiler -O2")
    assert can_compile.missing() == (
        "Compiling the media path takes a C compiler, and there is no 'no-such-compiler' here: install gcc or clang, "
        "or name yours (CC=...); without one all works as well, in Python"
    )


def test_without_headers(monkeypatch, tmp_path):
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(shutil, "which", lambda name: name)
    monkeypatch.setattr(sysconfig, "get_path", lambda _: str(tmp_path))
    assert can_compile.missing() == (
        f"Compiling the media path takes Python's headers, and there is no {tmp_path / 'Python.h'}: install them "
        "(python3-dev or python3-devel)"
    )


def test_with_all(monkeypatch, tmp_path):
    (tmp_path / "Python.h").touch()
    monkeypatch.setattr(shutil, "which", lambda name: name)
    monkeypatch.setattr(sysconfig, "get_path", lambda _: str(tmp_path))
    assert can_compile.missing() == ""
