"""Keywords: how the caller sounds: what it says, its voice, its line."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from ..call import AFTER_THE_REPLY, Moment
from ..media.engines.speaking import open_voice
from ..media.line import CLEAN, Line, line_named
from ..media.saying import open_book
from ..media.sounds import SOUNDS
from ..records import UsageError
from ..scenario import MakeSound, Say, SetLine
from .converters import Decibel, Percent
from .robot import find_file, keyword
from .session import SESSION, Scope
from .varargs import refuse_options


class CallerVoiceKeywords:
    """Words, sounds, the line."""

    @keyword("Caller", "Voice")
    def say(
        self, text: str, *, at: Moment = AFTER_THE_REPLY, voice: str = "", language: str = "", call: str = ""
    ) -> None:
        """Says a phrase, and begins a turn: its recording from the phrase book, else synthesised.

        Looks the text up in the phrase book ([Use Phrase Book]; else `phrases.yaml` or `audio/phrases.yaml` beside the
        suite or above it; else the library's own), whatever its case and punctuation. What has no recording is
        synthesised ([Use Voice]) and kept in `synthesised/` beside the phrase book, which can be committed. Waits
        politely as [Play] does, and returns at the last voiced sample.

        Args:
            text: What to say, or a phrase's name; `{name}` in it is a field of [Use Call Data].
            at: When its first voiced sample shall be heard, like `900 ms after bot starts`.
            voice: Whose recording (`oksana` for `oksana/yes.ogg` or `oksana_yes.ogg`), or a voice of the synthesiser.
                Where several have recorded it, one is drawn for the test, and stays the same in it.
            language: Only a phrase of this language, like `en`; also what a synthesiser speaks.
            call: Alias of the call; the current one unless given.

        Example:
        ```robotframework
        Place Call
        Say    Добрий день, потрібні зимові шини на шістнадцять
        Say    Стоп, досить    at=300 ms after bot starts    voice=f3
        ```
        """
        SESSION.do(self._saying((text,), at, voice, language, call))

    @keyword("Caller", "Voice")
    def say_one_of(
        self, *texts: str, at: Moment = AFTER_THE_REPLY, voice: str = "", language: str = "", call: str = ""
    ) -> str:
        r"""Says one of the phrases, and begins a turn. Which one is drawn by the test's name.

        The same test says the same at each run; under load each caller draws its own.

        Args:
            *texts: As for [Say]. In a text, write an equals sign after a word as `\=`.
            at: When its first voiced sample shall be heard.
            voice: Whose recording, or a voice of the synthesiser.
            language: Only phrases of this language.
            call: Alias of the call; the current one unless given.

        Returns:
            The text that was said.

        Example:
        ```robotframework
        Place Call
        ${said}    Say One Of    Добрий день    Алло, ви мене чуєте?
        ```
        """
        if not texts:
            raise UsageError("Nothing to say: give at least one text")
        refuse_options(texts, ("at", "voice", "language", "call"))
        said: str = SESSION.do(self._saying(texts, at, voice, language, call))
        return said

    @keyword("Caller", "Voice")
    def make_sound(
        self, sound: str, *, at: Moment = AFTER_THE_REPLY, level: Decibel | None = None, call: str = ""
    ) -> None:
        """Lets a cough, a horn or other sound be heard. It is no turn: no reply is expected.

        Args:
            sound: `cough`, `uh-huh`, `breath`, `door`, `horn`, or a sound file.
            at: When it shall begin, like `900 ms after bot starts`.
            level: RMS level, like `-30 dBFS`; unless given, as loud as speech (-20 dBFS), or as the file is.
            call: Alias of the call; the current one unless given.

        Example:
        ```robotframework
        Place Call
        Make Sound    cough    at=300 ms after bot starts
        Make Sound    door    level=-30 dBFS
        ```
        """
        found = sound if sound in SOUNDS else find_file(Path(sound))
        if isinstance(found, Path) and not found.is_file() and not found.suffix:
            found = sound
        SESSION.do(MakeSound(sound=found, at=at, level=level, call=call))

    @keyword("Caller", "Voice")
    def set_line(
        self,
        preset: str = "",
        *,
        noise: str = "",
        snr: Decibel | None = None,
        level: Decibel | None = None,
        loss: Percent | None = None,
        muffled: bool | None = None,
        speed: float | None = None,
        echo: Decibel | None = None,
        echo_delay: timedelta | None = None,
        seed: int | None = None,
        call: str = "",
    ) -> None:
        """Sets how the caller sounds from now on. In a call: in that call; else in the next calls of this test.

        In a suite set-up without a call it holds for the suite's calls. Each use starts from the preset (`clean`, where
        none is given), and changes in it what is named. Noise is sent from the beginning of the call to its end, under
        words and silence alike; it moves no mark: the last voiced sample is that of the clean recording.

        | preset | |
        |---|---|
        | `clean` | the recording as it is |
        | `street` | traffic 15 dB below the words |
        | `car` | road and engine 15 dB below the words |
        | `bad_mobile` | a muffled voice, hiss at 20 dB, 3 % of the frames lost |
        | `far_from_phone` | a quiet (-32 dBFS), muffled voice in an office, 15 dB above it |

        Args:
            preset: One of these lines.
            noise: `white`, `pink`, `street`, `car`, `office`, `babble`, a sound file, or `none`.
            snr: How far the words are above the noise, like `10 dB`: their active level to its RMS.
            level: Active level that speech is brought to, like `-30 dBFS`; unless given as recorded, or -20 dBFS where
                there is noise.
            loss: Share of the frames that never arrive, like `3 %`: at their time nothing is sent.
            muffled: As through a hand or a mask.
            speed: Pace of the words at the same pitch: 1.2 is a fifth faster.
            echo: The bot's own voice comes back to it, so much quieter, like `25 dB`.
            echo_delay: ... so much later (150 ms).
            seed: Another seed is another piece of the same noise, and other losses.
            call: Alias of the call; the current one unless given.

        Example:
        ```robotframework
        Set Line    street
        Place Call
        Say    Добрий день, потрібні зимові шини на шістнадцять
        Set Line    noise=babble    snr=12 dB    loss=2 %
        Say    Так, замовляю чотири
        ```
        """
        line = _line(preset).but(
            noise=_noise(noise),
            snr=snr,
            level=level,
            loss=loss,
            muffled=muffled,
            speed=speed,
            echo=None if echo is None else abs(echo),
            echo_delay=None if echo_delay is None else echo_delay.total_seconds(),
            seed=seed,
        )
        if call or SESSION.in_call:
            SESSION.do(SetLine(line=line, call=call))
        else:
            SESSION.defaults.change(SESSION.owner(), {"line": line})

    @keyword("Caller", "Voice")
    def use_phrase_book(self, file: Path, *, scope: Scope = "suite") -> None:
        """Takes the texts and recordings of phrases and prompts from a file.

        Args:
            file: YAML; `docs/recordings.md` shows one. Found beside the suite, else from the working folder.
            scope: How long it holds.

        Example:
        ```robotframework
        ${book}    Set Variable    ${OUTPUT DIR}/phrases.yaml
        Create File    ${book}    language: uk\\nphrases:\\n${SPACE * 2}- text: "Добрий день"
        Use Phrase Book    ${book}    scope=test
        ```
        """
        place = find_file(file).resolve()
        open_book(place)
        SESSION.defaults.change(SESSION.owner(scope), {"phrase_book": place})

    @keyword("Caller", "Voice")
    def use_voice(self, engine: str, *, scope: Scope = "suite") -> None:
        """Sets what synthesises phrases that have no recording.

        | engine | |
        |---|---|
        | `espeak` | espeak-ng, from `pip install 'robotframework-audiosocketlibrary[tts]'` (default) |
        | `http://host:port/v1` | a service of the OpenAI shape; `?model=...&voice=...` |
        | `wyoming://host:port` | a service for Home Assistant, such as Piper |
        | `command:espeak-ng -v {language} -w {wav} {text}` | a program that writes a WAV file |

        Args:
            engine: One of these, or the name of an entry point.
            scope: How long it holds.

        Example:
        ```robotframework
        Use Voice    http://127.0.0.1:8000/v1?voice=alloy    scope=test
        ```
        """
        open_voice(engine)
        SESSION.defaults.change(SESSION.owner(scope), {"voice_engine": engine})

    def _saying(self, texts: tuple[str, ...], at: Moment, voice: str, language: str, call: str) -> Say:
        values = SESSION.defaults.values()
        return Say(
            texts=texts,
            at=at,
            book=SESSION.phrase_book,
            engine=values.get("voice_engine", ""),
            voice=voice,
            language=language,
            usual=values.get("language", ""),
            call=call,
        )


def _line(name: str) -> Line:
    return line_named(name) if name else CLEAN


def _noise(noise: str) -> str | None:
    if not noise:
        return None
    if noise.lower() == "none":
        return ""
    file = find_file(Path(noise))
    return str(file.resolve()) if file.is_file() else noise
