"""Keywords: how the bot sounds."""

from __future__ import annotations

from datetime import timedelta

from ..media.defects import SoundLimits
from ..records import UsageError
from ..scenario import BotShouldEcho, BotShouldPlayTone, BotShouldSendAudioOnTime, BotShouldSoundClean, Tone
from .converters import Decibel, LevelRange, Percent
from .robot import keyword
from .session import SESSION

_USUAL = SoundLimits()
_LEVEL = LevelRange(_USUAL.quietest, _USUAL.loudest)
_KEYS = {"star": "*", "hash": "#", "pound": "#"}


class SoundKeywords:
    """Quality of the bot's audio, and tones in it."""

    @keyword("Bot", "Sound")
    def bot_should_sound_clean(
        self,
        *,
        clipping: Percent | None = None,
        dropouts: int = _USUAL.dropouts,
        noise: Decibel | None = None,
        level: LevelRange = _LEVEL,
        call: str = "",
    ) -> None:
        """Checks that nothing is wrong with the bot's sound so far; each finding is told with its time. Soft.

        Hears the bot out first. What was sent is judged, not what was said: docs/sound.md has the scope.

        Args:
            clipping: Share of the speech that may be cut off at its peaks (0.1 %).
            dropouts: How many holes of 15 to 500 ms within speech there may be.
            noise: Level in the pauses (-45 dBFS).
            level: Least and greatest level of the speech.
            call: Alias of the call; the current one unless given.

        Example:
        ```robotframework
        Place Call
        Bot Should Greet Within    2 s
        Bot Should Sound Clean    level=-30..-10 dBFS    noise=-50 dBFS
        ```
        """
        limits = SoundLimits(
            quietest=level.least,
            loudest=level.most,
            clipping=_USUAL.clipping if clipping is None else clipping,
            dropouts=dropouts,
            noise=_USUAL.noise if noise is None else noise,
            silence=float("inf"),
        )
        SESSION.do(BotShouldSoundClean(limits=limits, call=call))

    @keyword("Bot", "Sound")
    def bot_should_send_audio_on_time(
        self,
        *,
        ahead: timedelta = timedelta(milliseconds=200),
        gap: timedelta = timedelta(milliseconds=60),
        call: str = "",
    ) -> None:
        """Checks that the bot's audio so far came neither in bursts nor with gaps that a phone would lose. Soft.

        Asterisk passes on every frame at once, and a phone holds about 200 ms: what comes faster is lost.

        Args:
            ahead: How much the bot may be ahead of real time.
            gap: How long its audio may pause in the middle of speech.
            call: Alias of the call; the current one unless given.

        Example:
        ```robotframework
        Place Call
        Bot Should Greet Within    2 s
        Bot Should Send Audio On Time
        ```
        """
        step = BotShouldSendAudioOnTime(ahead=ahead.total_seconds(), gap=gap.total_seconds(), call=call)
        SESSION.do(step)

    @keyword("Bot", "Sound")
    def bot_should_play_tone(
        self,
        tone: Tone,
        *,
        keys: str = "",
        within: timedelta | None = None,
        turn: int | None = None,
        call: str = "",
    ) -> None:
        """Checks that a tone, or keys as sound, are heard in this turn; waits for them. Hard.

        Args:
            tone: `beep` is any single steady tone; `ringback` and `busy` those of Europe and of North America;
                `dtmf` keys in band.
            keys: Which keys, in this order; any unless given. `star` and `hash` stand for themselves.
            within: Until when it must have begun, from the caller's last word; `turn_timeout` unless given.
            turn: In which turn; the last unless given, 0 is the greeting.
            call: Alias of the call; the current one unless given.

        Example:
        ```robotframework
        Start Reference Bot    calibration=yes
        Place Call    greets=no
        Play    winter_tyres
        Bot Should Play Tone    beep    within=2 s
        ```
        """
        if keys and tone != "dtmf":
            raise UsageError(f"Keys belong to dtmf, not to {tone}: write Bot Should Play Tone    dtmf    keys={keys}")
        seconds = None if within is None else within.total_seconds()
        pressed = _KEYS.get(keys.lower(), keys.upper())
        SESSION.do(BotShouldPlayTone(tone=tone, keys=pressed, within=seconds, turn=turn, call=call))

    @keyword("Bot", "Sound", "Stress")
    def bot_should_echo(self, *, within: timedelta = timedelta(seconds=2), call: str = "") -> None:
        """Checks that what the caller said last comes back, byte for byte; waits for it. Hard.

        For an echo, as a dialplan has one or `Start Reference Bot    echo=yes` is one: it shows that nothing between
        both ends changes, loses or repeats sound. How the echo cuts it into frames does not matter.

        Args:
            within: Until when all of it must have come, from the caller's last voiced sample.
            call: Alias of the call; the current one unless given.

        Example:
        ```robotframework
        Start Reference Bot    echo=yes
        Place Call    greets=no
        Play    yes
        Bot Should Echo
        ```
        """
        SESSION.do(BotShouldEcho(within=within.total_seconds(), call=call))
