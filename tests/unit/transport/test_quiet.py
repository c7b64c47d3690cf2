import asyncio
import gc
import weakref

import pytest

from AudioSocketLibrary.transport import quiet, quiet_collector

pytestmark = pytest.mark.unit


class Ring:
    def __init__(self):
        self.itself = self


async def load_that_fails(usual):
    with quiet_collector():
        assert gc.get_freeze_count() > 1000, "what lives already is not looked at"
        assert gc.get_threshold()[0] > usual[0]
        raise RuntimeError("the load failed")


def test_the_collector_is_quiet_within_the_block_and_as_before_after_it():
    usual = gc.get_threshold()
    with pytest.raises(RuntimeError, match="the load failed"):
        asyncio.run(load_that_fails(usual))
    assert gc.get_threshold() == usual
    assert gc.get_freeze_count() == 0


def test_blocks_may_end_in_any_order():
    async def main():
        usual = gc.get_threshold()
        first, second = quiet_collector(), quiet_collector()
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        assert gc.get_threshold()[0] > usual[0]
        second.__exit__(None, None, None)
        assert gc.get_threshold() == usual
        assert gc.get_freeze_count() == 0

    asyncio.run(main())


def test_what_lives_is_set_aside_again_and_again_and_rings_are_found_in_the_end(monkeypatch):
    monkeypatch.setattr(quiet, "SET_ASIDE_EVERY", 0.02)
    monkeypatch.setattr(quiet, "COLLECT_EVERY", 0.1)
    collected = []

    async def main():
        with quiet_collector():
            gc.callbacks.append(lambda phase, info: collected.append(info["generation"]) if phase == "start" else None)
            ring = Ring()
            gone = weakref.ref(ring)
            del ring
            for _ in range(100):
                await asyncio.sleep(0.01)
                if gone() is None:
                    break
            assert gone() is None, "a ring is found at last"
            assert set(collected) == {2}, "and the young are not looked at before"
            held = [Ring() for _ in range(1000)]
            await asyncio.sleep(0.05)
            assert gc.get_count()[0] < 500, len(held)

    try:
        asyncio.run(main())
    finally:
        gc.callbacks.pop()
