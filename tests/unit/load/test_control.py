"""What workers are told by a file."""

import json

import pytest

from AudioSocketLibrary.load.control import Control, Stage

pytestmark = pytest.mark.unit


def test_it_is_read_as_it_was_written_and_nothing_is_said_where_there_is_none(tmp_path):
    assert Control.read(tmp_path) == Control()
    plateau = Stage(2.0, 5, 10.0, 1.0, "2: 5 calls")
    told = Control(12.5, (Stage(1.0), plateau), last=False, stop="enough", stopped_stage=1)
    told.write(tmp_path)
    assert Control.read(tmp_path) == told
    assert plateau.end == 13.0
    # Whole or not at all: nothing is left of the writing.
    assert [file.name for file in tmp_path.iterdir()] == ["control.json"]
    assert json.loads((tmp_path / "control.json").read_text("utf-8"))["stop"] == "enough"
