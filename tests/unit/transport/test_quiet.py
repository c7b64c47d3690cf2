import gc

import pytest

from AudioSocketLibrary.transport import quiet_collector

pytestmark = pytest.mark.unit


def load_that_fails(usual):
    with quiet_collector():
        assert gc.get_freeze_count() > 1000, "what lives already is not looked at"
        assert gc.get_threshold()[0] > usual[0]
        raise RuntimeError("the load failed")


def test_the_collector_is_quiet_within_the_block_and_as_before_after_it():
    usual = gc.get_threshold()
    with pytest.raises(RuntimeError, match="the load failed"):
        load_that_fails(usual)
    assert gc.get_threshold() == usual
    assert gc.get_freeze_count() == 0


def test_blocks_may_end_in_any_order():
    usual = gc.get_threshold()
    first, second = quiet_collector(), quiet_collector()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert gc.get_threshold()[0] > usual[0]
    second.__exit__(None, None, None)
    assert gc.get_threshold() == usual
    assert gc.get_freeze_count() == 0
