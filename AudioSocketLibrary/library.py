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

    - What *we* do is an imperative: [Place Call], [Say], [Send DTMF], [Stay Silent], [Hang Up]. What is *expected*
      begins with `Bot Should` (words, time, sound) or `Call` (the call as a whole).
    - A **turn** begins when the caller starts to speak or presses keys, and ends when the caller starts the next. The
      **reply** is all that the bot says in it, in one or more parts; the **greeting** is the reply of turn 0. The tail
      of speech that the caller interrupted is no reply.
    - **Response time**: the caller's last voiced sample to the reply's first; negative where the bot interrupted.
    - The caller is **polite** unless told otherwise: it waits until the bot has replied and been quiet for
      `reply_pause` (800 ms). `at=` says otherwise: `900 ms after bot starts`, `bot pauses`, `bot stops`,
      `caller stops`, `call starts`, counted in the current turn.
    - **Assertions wait** for what they assert, and a limit judges but does not cut: the message gives the true figure.
    - Limits on figures and sound are **soft**: the call goes on, and all that was broken is told at the end of the
      test. No greeting, no reply, no hangup, words that were not said, a broken rule of Asterisk are **hard**.
    - **Remembered**: the current call (placed or switched to last), its last turn. Every keyword takes `call=` for a
      call by its alias, assertions on a reply `turn=`. A call opened in a test ends with it; one opened in a suite
      set-up, with the suite.
    - The caller is **strict**: it drops the call where the Asterisk version of [Set Call Defaults] would have.
    - **State is the process's, not the import's**: import the library without arguments, anywhere. Settings are made
      with [Set Call Defaults] and the `Use …` keywords, for a test, a suite or the run, and with `${BOT}`.

    ## Words, prompts, voices, lines

    - [Bot Should Say] compares **words**, whatever their case, punctuation and way to write numbers, and needs a
      recogniser that understands the bot. The usual one knows the prompts of the phrase book, so it understands the
      reference bot with nothing installed; for a bot that synthesises its replies set one with [Use Recogniser].
    - [Bot Should Play Prompt] compares **recordings**, for bots that play files.
    - [Say] takes a text: its recording from the **phrase book** (`audio/phrases.yaml` beside the suite or above it, or
      [Use Phrase Book]), else one of the library's own, else synthesised by the **voice** of [Use Voice]. [Play] takes
      a file.
    - [Set Line] sets how the caller sounds: noise, loss, a muffled voice. [Make Sound] lets a cough be heard, which is
      no turn.
    - `{name}` in a text is a field of [Use Call Data]; [Say One Of] draws one text of several, the same at each run.

    ```robotframework
    *** Test Cases ***
    Bot Finds Winter Tyres In The Street
        Set Line    street
        Place Call
        Say    Добрий день, потрібні зимові шини на шістнадцять
        Bot Should Say    зимові шини    within=6 s
    ```

    ## Inside the bot, and beside it

    A bot that writes a line of JSON for what happens in it can be asked about it: [Listen For Bot Events], then
    [Wait For Bot Event] and [Bot Should Have Understood]. [Announce Call] tells its backend about a call before it is
    placed. All UUIDs of a run begin alike ([Get Run Id]), so that a suite finds and removes what is its own.
    [Scenario Should Succeed] repeats a call of a bot that is not deterministic.

    ## Keywords by tag

    | tag | keywords |
    |---|---|
    | `Calls` | place, announce, switch, end; defaults and records |
    | `Caller`, `Voice` | what the caller does, and how it sounds |
    | `Bot` | what is expected of the bot: `Time`, `Words`, `Prompts`, `Sound`, `Inside`; `Waiting` is rarely needed |
    | `Call`, `Figures` | the call as a whole |
    | `Data` | recognisers, rows of data |
    | `Compliance` | what Asterisk asks of every bot |

    Siblings: `AudioSocketLibrary.uk` (the same in Ukrainian), `AudioSocketLibrary.ReferenceBot` (a bot to call),
    `AudioSocketLibrary.Server` (a dialplan is tested), `AudioSocketLibrary.Wire` (bytes).

    Times are written `800 ms`, `2 s`, `1 min 30 s` or `1:30`, also `2 с`, `800 мс`; a bare number is seconds. Shares
    have a percent sign (`5 %`), levels their unit (`-20 dBFS`). Other types: the data types below.
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
    Language: uk

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
