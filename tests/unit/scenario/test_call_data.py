"""A row for each call, and its fields in texts."""

from __future__ import annotations

import pytest

from AudioSocketLibrary.records import UsageError
from AudioSocketLibrary.scenario import CallData, fill

pytestmark = pytest.mark.unit


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "callers.csv"
    path.write_text("name,phone\nOksana,2001\nPetro, 2002\nОля,2003\n", encoding="utf-8")
    return path


def test_rows_in_order_begin_anew(file):
    data = CallData.read(file)
    assert [data.row(call)["phone"] for call in range(4)] == ["2001", "2002", "2003", "2001"]


def test_random_rows_are_drawn_by_the_seed(file):
    rows = [CallData.read(file, "random", seed=5).row(call) for call in range(30)]
    assert rows == [CallData.read(file, "random", seed=5).row(call) for call in range(30)]
    assert rows != [CallData.read(file, "random", seed=6).row(call) for call in range(30)]
    assert {row["phone"] for row in rows} == {"2001", "2002", "2003"}


def test_unique_rows_run_out(file):
    data = CallData.read(file, "unique")
    assert data.row(2)["name"] == "Оля"
    with pytest.raises(UsageError, match=r"callers\.csv has 3 rows, and each is for one call only: call 4 has none"):
        data.row(3)


def test_semicolons_and_the_mark_of_excel(tmp_path):
    path = tmp_path / "excel.csv"
    path.write_bytes("\ufeffname;phone\r\nОксана, пані;2001\r\n".encode())
    assert CallData.read(path).row(0) == {"name": "Оксана, пані", "phone": "2001"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "its first line|The first line of"),
        (b"name,phone\n", "has no rows"),
        (b"name,a b\nx,y\n", "'a b' is none"),
        (b"name,phone\nOksana\n", "Line 2 of callers.csv has not 2 fields"),
        (b"name\nOksana,2001\n", "Line 2 of callers.csv has not 1 fields"),
        ("name\nОля\n".encode("cp1251"), "is not UTF-8 text"),
    ],
)
def test_files_that_cannot_be_used(tmp_path, content, message):
    path = tmp_path / "callers.csv"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=message):
        CallData.read(path)


def test_a_missing_file(tmp_path):
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        CallData.read(tmp_path / "none.csv")


def test_fields_are_filled_everywhere():
    fields = {"name": "Оля", "uuid": "u-1"}
    assert fill({"who": ["{name}", 4], "{name}": "{uuid}/{name}"}, fields) == {"who": ["Оля", 4], "{name}": "u-1/Оля"}
    assert fill(r"\d{2} { name } {}", fields) == r"\d{2} { name } {}"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"uuid": "u-1"}, "no call data are in use. Use Call Data    FILE.csv"),
        ({"phone": "1"}, "did you mean '{phone}'"),
        ({"name": "Оля"}, "Fields: name"),
    ],
)
def test_an_unknown_field_is_told(fields, message):
    with pytest.raises(UsageError, match=message):
        fill("call {phon}", fields)
