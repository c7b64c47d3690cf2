"""The schema of the record: real rows fit it, the fields are the code's, and what is wrong does not fit."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from AudioSocketLibrary.records import CallRecord, Finding, Judgement, Mark, Span, StepTime, Turn
from AudioSocketLibrary.records.rows import VERSION, read_rows
from tests.helpers.run_maker import Made, make_run

pytestmark = pytest.mark.unit

SCHEMA = json.loads((Path(__file__).parents[3] / "docs/record.schema.json").read_text("utf-8"))
RECORD = SCHEMA["$defs"]["record"]["properties"]
FITS = Draft202012Validator(SCHEMA)

FULL = CallRecord(
    call="472d5355", uuid="472d5355-0d8c-4c2e-9f5e-3b1a7c0f9e11", bot="10.0.0.5:9092", alias="a", worker="0",
    scenario="S", target="new", index=0, phase="hold", intended=1.0, start=1.1, outcome="failed", failure="no reply",
    asterisk="22.10", started="2026-11-20T10:53:12.401+02:00", length=28.2, ended_by="bot", reason="closed",
    figures={"greeting_time": 0.62}, keys=((16.0, "9"),), sounds=((Span(11.0, 11.5), "cough"),),
    turns=(Turn(0, "greeting", parts=(Span(0.6, 3.1),)),
           Turn(1, "speech", "Стоп", 4.3, 6.4, (Span(7.6, 8.9),), 1.2, 0.3, ("так",), 1.5, "oksana.ogg", 0.2)),
    findings=(Finding(10.8, "gap", "text"),),
    judgements=(Judgement(18.6, "late reply", "text", 2, "response_time", 3.4, 2.0),),
    steps=(StepTime("Place Call", -0.1, 0.1, "refused"),), marks=(Mark(1.0, "recognised", {"text": "x"}, "wall"),),
    recording="recordings/x.wav", recording_sha256="0" * 64, arrived="recordings/x.arrived.wav",
)  # fmt: skip


def test_it_is_a_schema():
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$defs"]["worker"]["properties"]["v"]["const"] == VERSION


def test_a_record_with_all_of_its_fields_fits():
    FITS.validate({"row": "call", **FULL.to_row()})
    FITS.validate({"row": "call", **CallRecord("c", "u", "b:1").to_row()})


@pytest.mark.parametrize(
    ("kind", "place"),
    [
        (CallRecord, RECORD),
        (Turn, RECORD["turns"]["items"]["properties"]),
        (Finding, RECORD["findings"]["items"]["properties"]),
        (Judgement, RECORD["judgements"]["items"]["properties"]),
        (StepTime, RECORD["steps"]["items"]["properties"]),
        (Mark, RECORD["marks"]["items"]["properties"]),
        (Span, SCHEMA["$defs"]["span"]["properties"]),
    ],
)
def test_its_fields_are_those_of_the_code(kind, place):
    assert {each.name for each in fields(kind)} == set(place)


def test_every_row_of_a_run_fits(tmp_path):
    run = make_run(tmp_path, Made(calls=60, workers=2, at_once=10, failing=0.3, silence=0.2))
    rows = [row for place in (run / "rows").iterdir() for row in read_rows(place)]
    assert {row["row"] for row in rows} == {"worker", "call", "pulse", "sample", "end"}
    for row in rows:
        FITS.validate(row)


@pytest.mark.parametrize(
    "change",
    [{"outcome": "fine"}, {"length": "28 s"}, {"turns": [{"number": -1, "kind": "speech"}]}, {"v": 2},
     {"recording_sha256": "x"}, {"figures": {"greeting_time": "fast"}}, {"row": "calls"}, {"uuid": None}],
)  # fmt: skip
def test_what_is_wrong_does_not_fit(change):
    assert not FITS.is_valid({"row": "call", **FULL.to_row(), **change})


def test_a_record_reads_back_of_its_row():
    assert CallRecord.from_json(json.loads(json.dumps(FULL.to_row()))) == FULL
