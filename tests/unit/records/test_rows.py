"""Rows of a run: written whole, read while they are written, cut where a writer was killed."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from AudioSocketLibrary.records import UsageError
from AudioSocketLibrary.records.rows import DamagedRowsError, RowReader, RowWriter, read_rows

pytestmark = pytest.mark.unit


def test_what_is_written_is_read(tmp_path):
    place = tmp_path / "rows" / "worker-0.jsonl"
    rows = [{"row": "worker", "v": 1}, {"row": "call", "said": "Стоп\n| <b>", "at": 0.1}]
    writer = RowWriter(place)
    for row in rows:
        writer.write(row)
    assert list(read_rows(place)) == rows  # before it is closed: a process that is killed loses none
    writer.close()


def test_what_was_measured_is_not_written_over(tmp_path):
    RowWriter(tmp_path / "rows.jsonl").close()
    with pytest.raises(UsageError, match=r"Rows cannot be written to .*rows\.jsonl: File exists"):
        RowWriter(tmp_path / "rows.jsonl")


def test_rows_of_several_threads_do_not_mix(tmp_path):
    writer = RowWriter(tmp_path / "rows.jsonl")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: writer.write({"row": "call", "n": number, "text": "x" * 5000}), range(200)))
    writer.close()
    assert sorted(row["n"] for row in read_rows(tmp_path / "rows.jsonl")) == list(range(200))


def test_a_line_that_is_not_whole_waits_for_its_end(tmp_path):
    place = tmp_path / "rows.jsonl"
    reader = RowReader(place)
    assert list(reader.new()) == []
    line = json.dumps({"row": "call", "said": "Добрий день"}, ensure_ascii=False).encode() + b"\n"
    for cut in range(1, len(line)):  # in the middle of a letter, too
        place.write_bytes(line[:cut])
        half = RowReader(place)
        assert list(half.new()) == []
        assert half.cut
        place.write_bytes(line)
        assert [row["said"] for row in half.new()] == ["Добрий день"]
        assert not half.cut


def test_a_reader_goes_on_where_it_was(tmp_path):
    writer, reader = RowWriter(tmp_path / "rows.jsonl"), RowReader(tmp_path / "rows.jsonl")
    for number in range(3):
        writer.write({"row": "call", "n": number})
        assert [row["n"] for row in reader.new()] == [number]
    writer.close()


def test_a_line_longer_than_a_look_is_one_row(tmp_path):
    writer = RowWriter(tmp_path / "rows.jsonl")
    writer.write({"row": "call", "text": "я" * 3_000_000})
    writer.write({"row": "end"})
    writer.close()
    assert [len(row.get("text", "")) for row in read_rows(tmp_path / "rows.jsonl")] == [3_000_000, 0]


@pytest.mark.parametrize("line", [b"\x00\x00\x00", b"[1]", b"7", b'{"call": 1}', b"{'row': 'call'}", b""])
def test_a_whole_line_that_is_no_row_is_told(tmp_path, line):
    (tmp_path / "rows.jsonl").write_bytes(b'{"row":"call"}\n' + line + b"\n")
    rows = read_rows(tmp_path / "rows.jsonl")
    assert next(rows) == {"row": "call"}
    with pytest.raises(DamagedRowsError, match=r"rows\.jsonl is damaged: '.*' is no row of a run"):
        next(rows)


def test_a_newer_version_is_refused_with_what_to_do(tmp_path):
    (tmp_path / "rows.jsonl").write_text('{"row": "worker", "v": 9}\n')
    with pytest.raises(UsageError, match=r"newer version .* \(rows version 9; this one reads up to 1\): update it"):
        list(read_rows(tmp_path / "rows.jsonl"))
