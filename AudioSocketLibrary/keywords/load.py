"""The library ``AudioSocketLibrary.Load``: the same scenario as many calls, and what is expected of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from robot.libraries.BuiltIn import BuiltIn
from robotlibcore import DynamicCore

from ..load import Profile, load_profile
from ..load.preparation import Permission
from ..load.profile import ScenarioChoice
from ..load.shapes import Burst
from ..records import CallFailure, FailureKind, Threshold, UsageError
from ..records.load_figures import value_text
from ..records.validity import Validity
from ..records.verdict import Word
from ..report.baselines import used_facts
from ..transport import Address
from ..version import __version__
from .calls import BOT
from .converters import CONVERTERS
from .load_baselines import BaselineKeywords
from .load_running import FinishedLoad, LoadOptions, WorkerHere, plan_load, run_load
from .performance import PerformanceKeywords
from .plans import PlanKeywords
from .recording import plan_of
from .robot import final_folder, keyword, logger, variable
from .session import SESSION
from .ukrainian import UKRAINIAN_LOAD


class _Told:
    """What shows a load in Robot's log: what is said; no row, and nothing on the console."""

    def add(self, row: Mapping[str, Any]) -> None:
        """Nothing is shown of a row."""

    def show(self, at: float) -> None:
        """Nothing is shown."""

    def say(self, sentence: str) -> None:
        """A line in the log."""
        logger.info(sentence)

    def row(self, heads: Sequence[str], cells: Sequence[str]) -> None:
        """A line in the log."""
        logger.info("   ".join(f"{head}: {cell}" for head, cell in zip(heads, cells, strict=False)))


class LoadKeywords:
    """Loads in a suite."""

    def __init__(self) -> None:
        self._last: FinishedLoad | None = None

    @keyword("Load")
    def run_load(
        self, profile: str, *, bot: Address = BOT, quick: bool = False, environment: str = "",
        allow_production: bool = False,
    ) -> str:  # fmt: skip
        """Plays a profile to its end; fails where one of its thresholds is broken, or where it is invalid.

        All calls are made by this process. For more than a few hundred at once, and for a live view, there is
        `audiosocket load`, which plays the same profiles with several processes.

        Args:
            profile: Its name (`audiosocket profiles` lists them) or file.
            bot: Where the bot listens; unless given, `${BOT}`, else the profile's, else our reference bot is started.
            quick: The same shape in under a minute, with at most ten calls at once.
            environment: What the bot is, like `staging`; needed unless it is on this machine.
            allow_production: Call a bot that is marked production.

        Returns:
            The folder of the run.

        Example:
        ```robotframework
        Create File    ${OUTPUT DIR}/two.yaml    load: {burst: {calls: 2}}
        Run Load    ${OUTPUT DIR}/two.yaml
        ```
        """
        found = load_profile(profile)
        given = variable("${BOT}") if bot is BOT else bot
        options = _options([str(given)] if given else [], environment, allow_production=allow_production)
        self._run(found.quick() if quick else found, options)
        self._judge()
        return str(self._done.folder)

    @keyword("Load")
    def run_calls(self, count: int, scenario: str, *arguments: Any, over: timedelta = timedelta()) -> str:
        """Makes the same user keyword, or test, as that many calls at once; or spread evenly over a time.

        It is recorded once, and then played by all calls: what can be recorded, `docs/scenarios.md` tells. Nothing is
        judged here: see [Load Should Meet].

        Args:
            count: How many calls.
            scenario: A user keyword that places a call and says what it expects, or a test of this suite.
            *arguments: Of the keyword.
            over: The time in which they begin.

        Returns:
            The folder of the run.

        Example:
        ```robotframework
        Run Calls    2    Place Call
        Load Should Be Valid
        ```
        """
        if count < 1:
            raise UsageError(f"{count} calls: nobody would call")
        plan = plan_of(scenario, arguments)
        shape = Burst(count, within=over.total_seconds())
        profile = Profile(
            name=scenario, shape=shape, about=f"{count} calls", scenarios=(ScenarioChoice("keyword", scenario),)
        )
        profile = replace(
            profile, limits=replace(profile.limits, calls_at_once=max(count, profile.limits.calls_at_once))
        )
        self._run(profile, _options([str(variable("${BOT}"))], "", plans=((plan,),)))
        return str(self._done.folder)

    @keyword("Load")
    def load_should_meet(self, *thresholds: Threshold) -> None:
        """Sentences such as `p95 response time < 2 s` hold for the last load. Soft: all that are broken are told.

        Of an invalid load nothing can be said: the message then begins with INVALID.

        Args:
            *thresholds: Each a figure and its limit (docs/thresholds.md).

        Example:
        ```robotframework
        Run Calls    2    Place Call
        Load Should Meet    error rate = 0 %    max loop lag < 500 ms
        ```
        """
        if not thresholds:
            raise UsageError("Which thresholds? Write sentences, like 'p95 response time < 2 s'")
        done = self._done
        before, name = used_facts(done.folder), done.info.baseline or "baseline"
        results = [done.facts.judge(threshold, before, name) for threshold in thresholds]
        for result in results:
            logger.info(f"{'ok' if result.ok else 'FAILED'}: {result.sentence}")
        self.load_should_be_valid()
        broken = [result.sentence for result in results if not result.ok]
        if broken:
            raise CallFailure(FailureKind.LIMIT, "; ".join(broken), soft=True)

    @keyword("Load")
    def load_should_be_valid(self) -> None:
        """Our own clock kept time in the last load: its figures are about the bot, not about this machine.

        Example:
        ```robotframework
        Run Calls    2    Place Call
        Load Should Be Valid
        ```
        """
        validity = self._done.verdict.validity
        if validity.validity is Validity.INVALID:
            raise AssertionError(validity.sentence)
        logger.info(validity.sentence)

    @keyword("Load")
    def capacity_should_be_at_least(self, calls: int) -> None:
        """The last load, a search for a capacity, found that the bot holds so many calls at once.

        Args:
            calls: The least that it must hold.

        Example:
        ```robotframework
        TRY
            Capacity Should Be At Least    100
        EXCEPT    No load was run yet*    type=GLOB
            Log    A search for a capacity has to be run first.
        END
        ```
        """
        info = self._done.info
        held = [plateau.calls for plateau in info.plateaus if plateau.confirms and plateau.held]
        if not info.plateaus:
            raise UsageError(f"The last load ({info.name}) was no search for a capacity: Run Load    capacity")
        if max(held, default=0) < calls:
            raise CallFailure(FailureKind.LIMIT, f"{info.claim} At least {calls} calls were expected")
        logger.info(info.claim)

    @keyword("Load")
    def get_load_figure(self, figure: str) -> float:
        """Returns a figure of the last load: seconds, a share from 0 to 1, a number, a number a minute, or bytes.

        Args:
            figure: As before the operator of a threshold: `p95 response time`, `error rate of "Order Tyres"`.

        Returns:
            Its value; fails where nothing was measured.

        Example:
        ```robotframework
        Run Calls    2    Place Call
        ${failed}    Get Load Figure    error rate
        Should Be Equal As Numbers    ${failed}    0
        ```
        """
        threshold = _threshold_of(figure)
        value = self._done.facts.value(threshold)
        if value is None:
            raise AssertionError(f"No {threshold.title} was measured in {self._done.info.name}")
        logger.info(f"{threshold.title}: {value_text(threshold.figure.unit, value)}")
        return value

    def last_load(self) -> FinishedLoad:
        """The last load of this process."""
        return self._done

    @property
    def _done(self) -> FinishedLoad:
        if self._last is None:
            raise UsageError("No load was run yet. Use 'Run Load' or 'Run Calls' first")
        return self._last

    def _run(self, profile: Profile, options: LoadOptions) -> None:
        planned = plan_load(replace(profile, workers=1), options)
        logger.info(f"{planned.cost}; {planned.recordings}")
        output = final_folder()
        folder = output / "loads" if output else Path(profile.keep.directory)
        named = replace(planned.profile, keep=replace(planned.profile.keep, directory=str(folder)))
        # The runs of suites go to Robot's output; baselines stay where those of the command are.
        options = replace(planned.options, directory=Path(profile.keep.directory))
        planned = replace(planned, profile=named, options=options)
        self._last = run_load(planned, WorkerHere(SESSION.engine), _Told())
        _show(self._last)

    def _judge(self) -> None:
        verdict = self._done.verdict
        told = [f"{'ok' if one.ok else 'FAILED'}: {one.sentence}" for one in verdict.thresholds]
        for sentence in told:
            logger.info(sentence)
        if verdict.passed:
            logger.info(verdict.sentence)
            return
        broken = "; ".join(one.sentence for one in verdict.thresholds if not one.ok)
        text = verdict.sentence if verdict.word is Word.INVALID or not broken else f"{broken}. {verdict.sentence}"
        raise AssertionError(text)


def _options(
    bots: Sequence[str], environment: str, *, allow_production: bool = False, plans: Any = None
) -> LoadOptions:
    return LoadOptions(bots=tuple(bots), workers=1, permission=Permission(environment, allow_production), plans=plans)


def _threshold_of(figure: str) -> Threshold:
    """A figure as the threshold that says nothing of it."""
    for unit in ("0 s", "0 %", "0 MB", "0"):
        try:
            return Threshold.parse(f"{figure} >= {unit}")
        except ValueError as error:
            reason = error
    raise UsageError(str(reason))


def _show(done: FinishedLoad) -> None:
    """Tell the log about a run: in its test's metadata, which survives every merge."""
    if variable("${TEST NAME}") is None:
        return
    builtin = BuiltIn()
    builtin.set_test_metadata("Load", done.verdict.sentence)
    summary = {"v": 1, "run": done.folder.name, "calls": len(done.facts), "failed": done.facts.failed}
    builtin.set_test_metadata("Load record", json.dumps(summary))
    for number, result in enumerate(done.verdict.thresholds, 1):
        builtin.set_test_metadata(f"Load threshold {number}", f"{'ok' if result.ok else 'FAILED'}: {result.sentence}")


class Load(DynamicCore):  # type: ignore[misc]
    """Many calls from the scenario of one: loads in a suite.

    A user keyword or test that makes one call, and says what it expects of it, is recorded once and played by as many
    calls as asked: the very same steps, each call judged as a single one would be, and all of them by thresholds.

    ```robotframework
    *** Settings ***
    Library           AudioSocketLibrary
    Library           AudioSocketLibrary.Load
    Library           AudioSocketLibrary.ReferenceBot
    Suite Setup       Start Reference Bot

    *** Test Cases ***
    Ten Callers
        Run Calls    10    Find Winter Tyres    over=5 s
        Load Should Meet    p95 response time < 2 s    error rate = 0 %

    *** Keywords ***
    Find Winter Tyres
        Place Call
        Bot Should Greet Within    2 s
        Play    winter_tyres
        Bot Should Reply Within    2 s
    ```

    Loads with several processes, with a report and an exit code: `audiosocket load`.
    """

    ROBOT_LIBRARY_SCOPE = "GLOBAL"
    ROBOT_LIBRARY_VERSION = __version__
    ROBOT_LIBRARY_DOC_FORMAT = "MARKDOWN"
    ROBOT_LIBRARY_CONVERTERS = {**CONVERTERS, Threshold: Threshold.parse}  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__(_components())


class ukLoad(DynamicCore):  # type: ignore[misc]  # noqa: N801 - as users import it, beside `uk`
    """Ті самі ключові слова навантаження українською: `Library    AudioSocketLibrary.ukLoad`.

    Пояснення до кожного ключового слова — англійською, як в `AudioSocketLibrary.Load`; останнє навантаження в них
    спільне.

    ```robotframework
    *** Settings ***
    Library    AudioSocketLibrary.uk
    Library    AudioSocketLibrary.ukLoad

    *** Test Cases ***
    Десять клієнтів
        Зробити дзвінки    10    Зателефонувати    over=5 с
        Навантаження має витримати    error rate = 0 %
    ```
    """

    ROBOT_LIBRARY_SCOPE = "GLOBAL"
    ROBOT_LIBRARY_VERSION = __version__
    ROBOT_LIBRARY_DOC_FORMAT = "MARKDOWN"
    ROBOT_LIBRARY_CONVERTERS = Load.ROBOT_LIBRARY_CONVERTERS

    def __init__(self) -> None:
        super().__init__(_components(), {method: {"name": name} for method, name in UKRAINIAN_LOAD.items()})


@cache
def _components() -> list[object]:
    """The groups of keywords, one for both languages: the last load is the process's, not the import's."""
    loads = LoadKeywords()
    return [loads, BaselineKeywords(loads.last_load), PlanKeywords(), PerformanceKeywords()]
