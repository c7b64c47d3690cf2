import asyncio

import pytest

from AudioSocketLibrary.transport import Chunks, Inbox, Playback

pytestmark = pytest.mark.unit


async def test_a_playback_says_when_each_sample_was_sent():
    playback = Playback([b"a", b"b", b"c"], 160, mark=1)
    assert not playback.advance(10.0)
    assert not playback.reached.done()
    assert not playback.advance(10.021)
    assert playback.reached.done()
    assert not playback.done.done()
    assert playback.advance(10.040)
    assert playback.done.done()
    assert playback.time_of(0, 8000) == 10.0
    assert playback.time_of(240, 8000) == pytest.approx(10.031)
    assert playback.time_of(479, 8000) == pytest.approx(10.040 + 159 / 8000)
    assert playback.time_of(480, 8000) is None


async def test_a_playback_that_begins_in_its_middle():
    playback = Playback([b"a", b"b", b"c"], 160, first=1)
    assert not playback.advance(5.0)
    assert playback.time_of(159, 8000) is None, "what was left out was never sent"
    assert playback.time_of(160, 8000) == 5.0
    assert playback.time_of(320, 8000) is None, "not yet"
    assert playback.advance(5.02)
    assert playback.reached.done()


async def test_a_cut_playback():
    playback = Playback([b"a", b"b"], 160)
    playback.advance(1.0)
    playback.cut()
    assert playback.reached.cancelled()
    assert playback.done.cancelled()
    assert playback.advance(2.0), "a frame that was on its way does no harm"


@pytest.mark.parametrize(("size", "interval"), [(1, 0.02), (65536, 0.02), (320, 0.01), (320, 0.03), (320, 0.0)])
def test_chunks_that_cannot_be_sent(size, interval):
    with pytest.raises(ValueError, match=rf"Chunks of {size} bytes every {interval * 1000:g} ms cannot be sent"):
        Chunks(size, interval)


@pytest.mark.parametrize("interval", [0.02, 0.06, 0.1, 0.2, 1.0])
def test_chunks_every_so_many_media_frames(interval):
    assert Chunks(3200, interval).interval == interval


async def test_an_inbox_gives_what_came_then_ends():
    inbox = Inbox()
    reading = asyncio.ensure_future(inbox.next())
    await asyncio.sleep(0)
    inbox.heard(1.0, "frame")
    assert await reading == "frame"
    inbox.told(1.0, "key")
    inbox.ended(None)
    assert await inbox.next() == "key"
    assert await inbox.next() is None
