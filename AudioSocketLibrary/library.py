"""The Robot library ``AudioSocketLibrary``."""

from __future__ import annotations

from robotlibcore import DynamicCore

from .keywords.bot import BotKeywords
from .keywords.bot_events import BotEventKeywords
from .keywords.call_log import CallLog
from .keywords.caller import CallerKeywords
from .keywords.caller_voice import CallerVoiceKeywords
from .keywords.calls import CallKeywords
from .keywords.compliance import ComplianceKeywords
from .keywords.converters import CONVERTERS
from .keywords.preparing import PreparingKeywords
from .keywords.prompts import PromptKeywords
from .keywords.repeating import RepeatingKeywords
from .keywords.sound import SoundKeywords
from .keywords.ukrainian import UKRAINIAN
from .keywords.whole_call import WholeCallKeywords
from .keywords.words import WordKeywords
from .version import __version__


class AudioSocketLibrary(DynamicCore):  # type: ignore[misc]
    """Calls a voice bot as Asterisk would, and judges what it does.

    A test places a call, speaks, presses keys, and says what it expects. Each call is measured to the sample and
    recorded; the log shows it above the test's keywords: a line, the dialogue, a picture that opens the call's page.

    ```robotframework
    *** Settings ***
    Library    AudioSocketLibrary

    *** Variables ***
    ${BOT}    127.0.0.1:9092

    *** Test Cases ***
    Bot Replies In Time
        Place Call
        Bot Should Greet Within    2 s
        Play    winter_tyres
        Bot Should Reply Within    2 s
    ```

    ## The rules of the language

    - What *we* do is an imperative: [Place Call], [Play], [Send DTMF], [Stay Silent], [Hang Up]. What is *expected*
      begins with `Bot Should` (words, time, sound) or `Call` (the call as a whole).
    - A **turn** begins when the caller starts to speak or presses keys, and ends when the caller starts the next. The
      **reply** is all that the bot says in it, in one or more parts; the **greeting** is the reply of turn 0. The tail
      of speech that the caller interrupted is no reply.
    - **Response time**: the caller's last voiced sample to the reply's first; negative where the bot interrupted.
    - The caller is **polite** unless told otherwise: it waits until the bot has replied and been quiet for
      `reply_pause` (800 ms). `at=` says otherwise: `900 ms after bot starts`, `bot pauses`, `bot stops`,
      `caller stops`, `call starts`, counted in the current turn.
    - **Assertions wait** for what they assert, and a limit judges but does not cut: the message gives the true figure.
    - Limits on figures are **soft**: the call goes on, and all that was broken is told at the end of the test. No
      greeting, no reply, no hangup, a broken rule of Asterisk are **hard**.
    - Every keyword takes `call=` for a call by its alias. A call opened in a test ends with it; one opened in a suite
      set-up, with the suite.
    - The caller is **strict**: it drops the call where the Asterisk version of [Set Call Defaults] would have.

    Times are written `800 ms`, `2 s`, `1 min 30 s` or `1:30`, also `2 с`, `800 мс`; a bare number is seconds.
    """

    ROBOT_LIBRARY_SCOPE = "GLOBAL"
    ROBOT_LIBRARY_VERSION = __version__
    ROBOT_LIBRARY_DOC_FORMAT = "MARKDOWN"
    ROBOT_LIBRARY_CONVERTERS = CONVERTERS

    def __init__(self) -> None:
        super().__init__(components())


class uk(DynamicCore):  # type: ignore[misc]  # noqa: N801 - as users import it
    """Ті самі ключові слова українською: `Library    AudioSocketLibrary.uk`.

    Тести й ресурси можуть брати обидві бібліотеки: дзвінки в них спільні. Пояснення до кожного ключового слова —
    англійською, як в `AudioSocketLibrary`; час можна писати й українською: `2 с`, `800 мс`, `5 хв`.

    ```robotframework
    *** Settings ***
    Library    AudioSocketLibrary.uk

    *** Test Cases ***
    Клієнт чує привітання
        Дано Зателефонувати
        Тоді Бот має привітатися за    2 с
    ```
    """

    ROBOT_LIBRARY_SCOPE = "GLOBAL"
    ROBOT_LIBRARY_VERSION = __version__
    ROBOT_LIBRARY_DOC_FORMAT = "MARKDOWN"
    ROBOT_LIBRARY_CONVERTERS = CONVERTERS

    def __init__(self) -> None:
        super().__init__(components(), {method: {"name": name} for method, name in UKRAINIAN.items()})


def components() -> list[object]:
    """The groups of keywords, and the listener. Their state is the process's, not theirs."""
    return [
        CallKeywords(),
        PreparingKeywords(),
        CallerKeywords(),
        CallerVoiceKeywords(),
        BotKeywords(),
        BotEventKeywords(),
        WordKeywords(),
        PromptKeywords(),
        SoundKeywords(),
        WholeCallKeywords(),
        RepeatingKeywords(),
        ComplianceKeywords(),
        CallLog(),
    ]
