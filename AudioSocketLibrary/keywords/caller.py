"""Keywords: what the caller does."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from ..call import AFTER_THE_REPLY, Moment
from ..records import UsageError
from ..scenario import Play, SendDTMF, StaySilent
from .robot import find_file, keyword
from .session import SESSION

KEY_NAMES = {"star": "*", "hash": "#", "pound": "#"}


class CallerKeywords:
    """Speaking, pressing keys, being silent."""

    @keyword("Caller")
    def play(self, recording: Path, *, at: Moment = AFTER_THE_REPLY, call: str = "") -> None:
        """Plays a recording as the caller's speech, and begins a turn.

        Politely waits until the bot has replied and been quiet for `reply_pause`; to do otherwise, say when with `at`.
        Returns at the recording's last voiced sample.

        Args:
            recording: Any sound file: WAV, FLAC, OGG, MP3; any rate. Found beside the suite, else from the working
                folder, else by the bare name of a recording that comes with the library.
            at: When its first voiced sample shall be heard, like `900 ms after bot starts`.
            call: Alias of the call; the current one unless given.

        Example:
        ```robotframework
        Place Call
        Play    winter_tyres
        Play    stop    at=300 ms after bot starts
        ```
        """
        SESSION.do(Play(recording=find_file(recording), at=at, call=call))

    @keyword("Caller", name="Send DTMF")
    def send_dtmf(self, keys: str = "", *, at: Moment = AFTER_THE_REPLY, in_band: bool = False, call: str = "") -> None:
        r"""Presses keys, one every 100 ms, and begins a turn.

        Args:
            keys: Of `0`-`9`, `*`, `#`, `A`-`D`, or the words `star` and `hash`. A cell that starts with `#` is a
                comment in Robot: write `\#` or `hash`.
            at: When to press the first, like `500 ms after bot starts`.
            in_band: As tones in the audio, as from a line without signalling of keys, not as AudioSocket's own frames.
            call: Alias of the call; the current one unless given.

        Example:
        ```robotframework
        Place Call
        Send DTMF    1
        Send DTMF    42\#
        ```
        """
        if not keys:
            raise UsageError(r"No keys to press. A cell that starts with # is a comment in Robot: write \# or 'hash'")
        SESSION.do(SendDTMF(keys=KEY_NAMES.get(keys.lower(), keys), at=at, in_band=in_band, call=call))

    @keyword("Caller")
    def stay_silent(
        self, least: timedelta, most: timedelta | None = None, *, seed: int | None = None, call: str = ""
    ) -> None:
        """The caller says nothing for that long. The call goes on: the bot may speak.

        Args:
            least: How long; the least, where `most` is given.
            most: The longest; the length is then drawn between the two.
            seed: Draw the same length again.
            call: Alias of the call; the current one unless given.

        Example:
        ```robotframework
        Place Call
        Stay Silent    1 s
        Stay Silent    300 ms    1200 ms    seed=7
        ```
        """
        longest = None if most is None else most.total_seconds()
        if longest is not None and longest < least.total_seconds():
            raise UsageError("The longest silence is shorter than the least: write the shorter one first")
        SESSION.do(StaySilent(least=least.total_seconds(), most=longest, seed=seed, call=call))
