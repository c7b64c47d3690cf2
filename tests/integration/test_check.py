"""Every probe, against a bot that is bad in exactly that way; and all of them against one that is good."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import threading
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import numpy as np
import pytest
import soundfile

from AudioSocketLibrary.bot import Bot, BotSettings, Script, rows_of
from AudioSocketLibrary.bot.script import row
from AudioSocketLibrary.check import PROBES, NoBot, Report, Result, Verdict, check_bot, probe_named
from AudioSocketLibrary.protocol import NEWEST, AsteriskVersion
from AudioSocketLibrary.records import CallFailure
from AudioSocketLibrary.transport import Address
from tests.helpers.own_bot import SILENT, WORD, OwnBot
from tests.helpers.raw_bot import RawBot, frame

pytestmark = pytest.mark.integration

SHORT = BotSettings(greeting="one_moment", replies=("one_moment",), silence_after=None)
STRICT = "20.14 and newer, 21.9 and newer, 22.4 and newer, 23, certified-22.8"


def scripted(*rows: object, settings: BotSettings = SHORT) -> Bot:
    return Bot(settings, Script([*rows_of(settings), *rows]))


def ask(name: str, bot: AbstractAsyncContextManager, asterisk: str = NEWEST) -> Result:
    """The result of one probe; asked again where this machine was too busy to judge."""

    async def main() -> Result:
        async with bot as running:
            for _ in range(4):
                report = await check_bot(
                    running.address, AsteriskVersion(asterisk), probes=[probe_named(name)], language="en"
                )
                if "this machine was too busy" not in report.results[0].text:
                    return report.results[0]
        pytest.skip(report.results[0].text)

    return asyncio.run(asyncio.wait_for(main(), 90))


BAD: dict[str, tuple[Callable[[], AbstractAsyncContextManager], str]] = {
    "greets": (lambda: Bot(BotSettings(greeting=None, silence_after=None)), "said nothing in the first 5 s"),
    "pace": (
        lambda: scripted(row("time", "pause", **{"at": "300 ms", "for": "200 ms"}), settings=BotSettings()),
        "paused in the middle of speech",
    ),
    "ahead": (lambda: scripted(row("time", "burst", at="1 s", recording="greeting")), "ahead of real time: a phone"),
    "barge_in": (lambda: Bot(BotSettings(yields_after=None)), "talked on for"),
    "notices_hangup": (lambda: OwnBot(deaf_to_eof=True), "kept its side of the call open for more than 2 s"),
    "bears_silence": (
        lambda: scripted(row("silence", "hang up", lasting="2 s")),
        "after a caller's phone that sends nothing was connected",
    ),
    "same_uuid": (lambda: OwnBot(once=True), "in a second call with the same UUID"),
    "hangs_up": (lambda: scripted(row("reply ends", "reset", turn=1)), "reset the connection instead of closing it"),
    "keys": (lambda: OwnBot(refuses=3), "after DTMF '1'"),
    "coalesced": (lambda: OwnBot(naive=True), "when several frames came in one read"),
    "split": (lambda: OwnBot(naive=True), "when frames came in pieces"),
    "no_uuid": (lambda: OwnBot(dies_of="no uuid"), "after a connection without a UUID"),
    "close_at_once": (lambda: OwnBot(dies_of="early end"), "after callers who hung up at once"),
    "reset": (lambda: OwnBot(dies_of="reset"), "after a connection was reset"),
    "crowd": (lambda: OwnBot(one_by_one=True), "of 20 calls at once unanswered; the first: it did not answer within"),
    "types": (lambda: scripted(row("reply ends", "send", data="02 00 00", turn=0)), "sent a frame of type 0x02"),
    "empty_audio": (lambda: OwnBot(words=[*WORD, frame(0x10)]), "sent an audio frame of 0 bytes"),
    "sizes": (lambda: OwnBot(words=[*WORD, frame(0x10, bytes(321))]), "sent 321 bytes of 16-bit audio, an odd number"),
    "whole_frames": (
        lambda: scripted(row("time", "late payload", at="300 ms", by="50 ms")),
        "ms pass before the rest of a frame's payload",
    ),
    "whole_headers": (
        lambda: scripted(row("time", "half header", **{"at": "300 ms", "for": "100 ms"})),
        "left the header of a frame unfinished for",
    ),
}
REMARKS: dict[str, tuple[Callable[[], AbstractAsyncContextManager], str]] = {
    "keeps_sending": (
        lambda: Bot(BotSettings(greeting="one_moment", fill="nothing", silence_after=None)),
        "while nobody spoke: if the caller's phone sends nothing either",
    ),
    "slin16": (lambda: OwnBot(refuses=0x12), "when the caller's audio came in 16 kHz (0x12)"),
    "unknown_type": (lambda: OwnBot(refuses=0x20), "after a frame of a type that it does not know (0x20)"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bot_that_is_bad_in_exactly_this_way(name: str):
    make, text = BAD[name]
    result = ask(name, _Later(make))
    assert result.verdict is Verdict.NO, result
    assert text in result.text
    assert result.reasons


@pytest.mark.parametrize("name", REMARKS)
def test_what_no_version_fails_for_is_a_note(name: str):
    make, text = REMARKS[name]
    result = ask(name, _Later(make))
    assert result.verdict is Verdict.NOTE, result
    assert text in result.text
    assert not result.reasons


class _Later:
    """A bot that is made on the loop that it runs on."""

    def __init__(self, make: Callable[[], AbstractAsyncContextManager]) -> None:
        self._make = make

    async def __aenter__(self):
        self._bot = self._make()
        return await self._bot.__aenter__()

    async def __aexit__(self, *error):
        await self._bot.__aexit__(*error)


def test_a_bot_that_does_not_reply():
    result = ask("replies", Bot(script=Script([row("uuid", "play", recording="one_moment")])))
    assert result.verdict is Verdict.NO
    assert result.text == "did not reply to 'en_hello' within 10 s"


def test_silence_before_a_reply(tmp_path: Path):
    noise = np.random.default_rng(1).normal(0, 3000, 4000)
    soundfile.write(tmp_path / "slow.wav", np.concatenate([np.zeros(3200), noise]).astype(np.int16), 8000)
    settings = BotSettings(replies=(str(tmp_path / "slow.wav"),), reply_after=(2.0,), fill="nothing")
    result = ask("leading_silence", Bot(settings))
    assert result.verdict is Verdict.NOTE
    assert "of silence before its reply: callers wait that much longer" in result.text


def test_a_bot_that_accepts_too_few():
    """It takes two calls and no more: the rest wait in its backlog, or outside."""
    with socket.create_server(("127.0.0.1", 0), backlog=1) as listener:
        stop = threading.Event()

        def serve() -> None:
            with listener.accept()[0], listener.accept()[0] as line, contextlib.suppress(OSError):
                while not stop.wait(0.020):
                    line.sendall(SILENT)

        thread = threading.Thread(target=serve)
        thread.start()
        address = Address("127.0.0.1", listener.getsockname()[1])
        try:
            work = check_bot(address, AsteriskVersion(), probes=[probe_named("accepts")])
            report = asyncio.run(asyncio.wait_for(work, 60))
        finally:
            stop.set()
            thread.join()
    [result] = report.results
    assert result.verdict is Verdict.NO
    assert re.match(r"did not accept the connection in \d\.\d+ s \(limit 2 s\)", result.text)
    assert [answer.lives for answer in report.answers] == [False]


def test_the_answer_names_the_versions():
    result = ask("keys", _Later(lambda: OwnBot(refuses=3)), asterisk="18.20")
    assert result.verdict is Verdict.NOTE, "no key ever reaches a bot behind 18.20"
    assert set(result.reasons) == {"22.4", "22.5", "22.7", "22.9", "22.10"}


def test_a_plain_close_is_noticed_only_by_newer_versions():
    hangs_up = row("reply ends", "hang up", turn=1)
    assert ask("hangs_up", scripted(hangs_up)).verdict is Verdict.NOTE
    old = ask("hangs_up", scripted(hangs_up), asterisk="22.3")
    assert old.verdict is Verdict.NO
    assert "closed without the frame 0x00" in old.text


def test_0x00_is_understood_by_all():
    result = ask("hangs_up", scripted(row("reply ends", "hang up with frame", turn=1)), asterisk="18.0")
    assert result.verdict is Verdict.OK
    assert result.text == "hung up (0x00)"


def test_a_bot_that_died_is_not_asked_on():
    async def main() -> Report:
        async with OwnBot(dies_of="reset") as bot:
            probes = [probe_named(name) for name in ("reset", "keys", "types")]
            return await check_bot(bot.address, AsteriskVersion(), probes=probes)

    reset, keys, types = asyncio.run(asyncio.wait_for(main(), 60)).results
    assert reset.verdict is Verdict.NO
    assert keys.verdict is types.verdict is Verdict.NOT_MEASURED
    assert "could not be called any more since it was asked: survives a connection that breaks (RST)" in keys.text


def test_nobody_listens():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = Address("127.0.0.1", unused.getsockname()[1])
        with pytest.raises(CallFailure, match="nothing listens there"):
            asyncio.run(check_bot(address, AsteriskVersion()))


def test_what_answers_in_words_is_no_bot():
    def answer(line) -> None:
        line.wait(lambda: line.chunks)
        line.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with RawBot(answer) as web, pytest.raises(NoBot, match=r"a web server listens there; it said 'HTTP/1\.1 400"):
        asyncio.run(check_bot(Address.parse(web.address), AsteriskVersion()))


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_the_reference_bot_passes_all_in_less_than_two_minutes():
    async def main() -> Report:
        told: list[Result] = []
        async with Bot(BotSettings(hang_up_after_turn=1)) as bot:
            report = await check_bot(bot.address, AsteriskVersion(), tell=told.append)
        assert told == report.results
        return report

    began = time.perf_counter()
    report = asyncio.run(main())
    assert time.perf_counter() - began < 120
    wrong = [result for result in report.results if result.verdict is Verdict.NO]
    assert not wrong
    assert [result.probe for result in report.results] == list(PROBES)
    unjudged = {result.probe.name for result in report.results if result.verdict is Verdict.NOT_MEASURED}
    # The bot sends silence all the time; and where the machine is busy, times of milliseconds are not judged.
    assert unjudged <= {"leading_silence", "pace", "barge_in"}
    assert report.answers[-1].lives
