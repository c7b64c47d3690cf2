"""Versions of Asterisk and what each of them enforces."""

from __future__ import annotations

import copy
import pickle
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from AudioSocketLibrary.protocol import NEWEST, ROWS, AsteriskVersion, AudioFormat, behaviour_of

pytestmark = pytest.mark.unit

LAST = {18: 26, 19: 8, 20: 20, 21: 12, 22: 10, 23: 4}


@pytest.mark.parametrize(
    ("row", "versions"),
    [
        (
            "18.0",
            "18.0 18.0.1 18.19.0 19 19.0.0 19.8.1 20.0.0 20.4 certified-18.9 certified-18.9-cert5",
        ),
        ("18.0", "18.9-cert13 certified/18.9-cert1 certified-18 Certified-18.9-cert8-rc1"),
        ("22.3", "18 18.20 18.26.4 20.5.0 20.9 20.13.0 21.0.0 21.8 22.0 22.3.0"),
        (
            "22.3",
            "certified-20.7 certified-20.7-cert3",
        ),
        ("22.4", "20.14 20.14.1 21.9 22.4.0"),
        ("22.5", "20.15 20.16.0 21.10 21.11.0 22.5.2 22.6 23.0.0"),
        ("22.7", "20.17.2 20.18 21 21.12.1 22.7 22.8.2 23.1 23.2.0 certified-22.8 certified-22.8-cert1"),
        ("22.9", "20.19 22.9.0 23.3"),
        ("22.10", "20 20.20 22 22.10 22.10.1 22.10.0-rc1 23 23.4 23.4.99"),
    ],
)
def test_versions_and_their_rows(row: str, versions: str) -> None:
    for version in versions.split():
        assert behaviour_of(version).name == row, version


def test_asterisks_own_banner_is_a_version() -> None:
    assert behaviour_of("Asterisk 22.10.1").name == "22.10"
    assert behaviour_of("Asterisk certified-20.7-cert3\n").name == "22.3"


def test_every_release_of_every_line_has_a_row_that_says_so() -> None:
    for major, last in LAST.items():
        rows = [behaviour_of(f"{major}.{minor}.{patch}") for minor in range(last + 1) for patch in (0, 7)]
        assert [ROWS.index(row) for row in rows] == sorted(ROWS.index(row) for row in rows), "a row of the past"
        assert behaviour_of(str(major)) is rows[-1]
    for row in ROWS:
        for version in re.findall(r"(?:certified-)?\d+\.\d+", row.covers):
            assert behaviour_of(version) is row, (version, row.covers)


def test_names_of_rows_are_versions_of_the_row() -> None:
    assert [row.name for row in ROWS] == ["18.0", "22.3", "22.4", "22.5", "22.7", "22.9", "22.10"]
    assert all(behaviour_of(row.name) is row for row in ROWS)
    assert behaviour_of(NEWEST) is ROWS[-1]


def test_what_the_rows_enforce() -> None:
    facts = [
        (
            r.name,
            r.busy_loop,
            r.sends_dtmf,
            r.strict_frames,
            r.hangup_continues,
            r.inactivity,
            r.payload_stall,
            r.nodelay,
            r.slin_types,
            r.split_header,
            r.noise_fatal,
        )
        for r in ROWS
    ]
    assert facts == [
        ("18.0", True, False, False, False, None, 0.0, False, False, "fatal", True),
        ("22.3", False, False, False, False, None, 0.0, False, False, "fatal", True),
        ("22.4", False, True, True, True, 2.0, 0.0, False, False, "fatal", True),
        ("22.5", False, True, True, True, 2.0, 0.005, True, False, "fatal", True),
        ("22.7", False, True, True, True, 2.0, 0.005, True, True, "misread", True),
        ("22.9", False, True, True, True, 2.0, 0.005, True, True, "waits", True),
        ("22.10", False, True, True, True, 2.0, 0.005, True, True, "waits", False),
    ]
    assert {(row.connect_timeout, row.oversize_audio) for row in ROWS} == {(2.0, 16192)}


def test_which_formats_a_version_sends() -> None:
    narrow = {AudioFormat.slin, AudioFormat.ulaw, AudioFormat.alaw, AudioFormat.slin16_in_0x10}
    assert {audio for audio in AudioFormat if behaviour_of("22.6").sends(audio)} == narrow
    new = set(AudioFormat) - {AudioFormat.slin16_in_0x10}
    assert {audio for audio in AudioFormat if behaviour_of("22.7").sends(audio)} == new


@pytest.mark.parametrize(
    ("version", "text"),
    [
        ("17", "Asterisk 17 has no AudioSocket (first: 18)"),
        ("16.30.1", "Asterisk 16 has no AudioSocket (first: 18)"),
        ("13", "Asterisk 13 has no AudioSocket (first: 18)"),
        ("1.8", "Asterisk 1 has no AudioSocket (first: 18)"),
        ("certified-16.8-cert14", "Asterisk 16 has no AudioSocket (first: 18)"),
        ("24.1", "No Asterisk 24.1 is known; nearest: 23.4"),
        ("24", "No Asterisk 24 is known; nearest: 23.4"),
        ("22.99", "No Asterisk 22.99 is known; nearest: 22.10"),
        ("21.13.0", "No Asterisk 21.13 is known; nearest: 21.12"),
        ("certified-21.5", "No Asterisk certified-21.5 is known; nearest: certified-20.7"),
        ("certified-22.9", "No Asterisk certified-22.9 is known; nearest: certified-22.8"),
        ("certified-24", "No Asterisk certified-24 is known; nearest: certified-22.8"),
        ("20.9-cert1", "No Asterisk certified-20.9 is known; nearest: certified-20.7"),
        ("abc", "'abc' is no version of Asterisk; write for instance 22.10 or certified-20.7"),
        ("", "'' is no version of Asterisk; write for instance 22.10 or certified-20.7"),
        ("22.x", "'22.x' is no version of Asterisk; write for instance 22.10 or certified-20.7"),
        ("٢٢", "'٢٢' is no version of Asterisk; write for instance 22.10 or certified-20.7"),
    ],
)
def test_what_is_no_version_is_refused_in_a_sentence(version: str, text: str) -> None:
    for refuses in (behaviour_of, AsteriskVersion):
        with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
            refuses(version)


@given(st.text(max_size=30) | st.text("0129.-certifd ", max_size=12))
@settings(deadline=None, max_examples=150)
def test_any_text_is_a_version_or_a_value_error(text: str) -> None:
    try:
        row = behaviour_of(text)
    except ValueError as error:
        message = str(error)
    else:
        message = row.covers
    assert len(message) > 5


def test_a_version_stays_as_it_was_written() -> None:
    version = AsteriskVersion("20.9")
    assert str(version) == version == "20.9"
    assert version.behaviour is behaviour_of("22.3")
    assert AsteriskVersion() == NEWEST
    for same in (copy.deepcopy(version), pickle.loads(pickle.dumps(version)), AsteriskVersion(version)):
        assert type(same) is AsteriskVersion
        assert same == version


def test_a_number_is_refused_because_yaml_makes_22_10_of_it() -> None:
    with pytest.raises(ValueError, match=r"in quotes, not as the number 22\.1: 22\.10 would be 22\.1"):
        AsteriskVersion(22.10)  # type: ignore[arg-type]
