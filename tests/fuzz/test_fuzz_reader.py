"""The fuzz target, for a second: that it runs, tries something, and finds nothing."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def target() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fuzz_reader", Path(__file__).with_name("fuzz_reader.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_second_of_fuzzing_breaks_nothing(target: ModuleType) -> None:
    assert target.run(1.0, seed=1) > 50


def test_it_is_a_command(
    target: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["fuzz_reader.py", "0.05"])
    monkeypatch.setitem(sys.modules, "atheris", None)
    target.main()
    assert "nothing broken" in capsys.readouterr().out


def test_a_broken_promise_is_shown_with_its_input(
    target: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(data: bytes) -> None:
        raise AssertionError

    monkeypatch.setattr(target, "fuzz", broken)
    with pytest.raises(AssertionError):
        target.run(1.0)
    assert "broken by: b" in capsys.readouterr().err
