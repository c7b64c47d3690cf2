"""UUIDs of one run."""

from __future__ import annotations

import re
from uuid import RFC_4122

import pytest

from AudioSocketLibrary.records import check_run_id, new_run_id, uuid_of_run

pytestmark = pytest.mark.unit


def test_uuids_begin_with_the_run_and_differ():
    run = new_run_id()
    uuids = {uuid_of_run(run) for _ in range(1000)}
    assert len(uuids) == 1000
    assert {str(uuid)[:8] for uuid in uuids} == {run}
    assert {uuid.version for uuid in uuids} == {8}
    assert {uuid.variant for uuid in uuids} == {RFC_4122}


def test_every_free_bit_varies():
    ones, zeros = 0, 0
    for _ in range(200):
        number = uuid_of_run("00000000").int
        ones |= number
        zeros |= ~number & (1 << 128) - 1
    assert (ones & zeros).bit_count() == 90


def test_a_run_id_is_read_or_refused():
    assert check_run_id("1F9C2E70") == "1f9c2e70"
    for wrong in ("", "1f9c2e7", "1f9c2e701", "1f9c2e7g", "1f9c2e7\n"):
        with pytest.raises(ValueError, match=re.escape("write eight hexadecimal digits, like 1f9c2e70")):
            check_run_id(wrong)
