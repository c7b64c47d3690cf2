"""Recording: any test, tag or user keyword of a suite becomes a plan, which any number of calls can play.

It is done in a Robot of its own, in a process of its own: the running Robot, if there is one, is not disturbed, and
nothing is sent to anybody.
"""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from robot.libraries.BuiltIn import BuiltIn

from ..records import UsageError
from ..scenario import Plan
from ..transport import Address
from .recording_request import Kind, Reply, Request, Wanted
from .recording_suites import has_test
from .robot import variable
from .session import SESSION

TIMEOUT: Final = 120.0
_NOT_PASSED: Final = ("SUITE ", "TEST ", "PREV ", "LOG ", "OUTPUT ", "REPORT ", "DEBUG ", "KEYWORD ", "OPTIONS")
"""Variables that Robot sets itself."""
_SYSLOG: Final = "ROBOT_SYSLOG_FILE"

__all__ = ["Wanted", "plan_of", "record"]


def record(
    wanted: Sequence[Wanted],
    *,
    variables: Mapping[str, Any] | None = None,
    defaults: Mapping[str, Any] | None = None,
    bot: Address,
    set_up: bool = True,
) -> list[list[Plan]]:
    """Record scenarios; nothing is sent to the bot or to anybody else.

    Args:
        wanted: tests, tags, keywords, built-in scenarios.
        variables: for their suites, without ``${}``; ``${BOT}`` is the bot.
        defaults: what calls assume (``SESSION.defaults.values()``).
        bot: whom the calls will call.
        set_up: whether the set-up of their suites is run.

    Returns:
        The plans of each: one, of a tag one for each test.

    Raises:
        UsageError: something cannot be recorded; the text has file, line and the way out.
    """
    request = Request(tuple(wanted), bot, dict(variables or {}), dict(defaults or {}), set_up)
    with TemporaryDirectory(prefix="audiosocket-") as folder:
        reply = Path(folder, "reply")
        told = _run_child(pickle.dumps(request), reply)
        if not reply.is_file():
            raise UsageError(f"The scenario could not be recorded: its process ended without an answer. {told}".strip())
        answer: Reply = pickle.loads(reply.read_bytes())  # noqa: S301 - in a folder that is ours alone
    if answer.error:
        raise UsageError(answer.error)
    return [list(plans) for plans in answer.plans]


def plan_of(scenario: str, arguments: Sequence[Any] = ()) -> Plan:
    """Record a user keyword or test of the running suite, with its variables and settings as they are now.

    Raises:
        UsageError: it cannot be recorded, or there is no bot to call.
    """
    source = Path(variable("${SUITE SOURCE}") or "")
    if source.is_dir():
        source = next(source.glob("__init__.*"), source)
    bot = variable("${BOT}")
    if not bot:
        raise UsageError("No bot to call: set ${BOT} (robot -v BOT:127.0.0.1:9092), or Start Reference Bot")
    kind: Kind = "test" if not arguments and has_test(source, scenario) else "keyword"
    wanted = Wanted(kind, scenario, str(source), tuple(_as_written(argument) for argument in arguments))
    ((plan,),) = record(
        [wanted],
        variables=_variables(),
        defaults=SESSION.defaults.values(),
        bot=bot if isinstance(bot, Address) else Address.parse(str(bot)),
        set_up=False,
    )
    return plan


def _run_child(packed: bytes, reply: Path) -> str:
    """Returns the last line that the process told."""
    surroundings = {name: value for name, value in os.environ.items() if name != _SYSLOG}
    surroundings["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    try:
        done = subprocess.run(  # noqa: S603 - ourselves
            [sys.executable, "-P", "-m", f"{__package__}.recording_child", str(reply)],
            input=packed, capture_output=True, timeout=TIMEOUT, check=False, env=surroundings,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise UsageError(
            f"The scenario could not be recorded within {TIMEOUT:g} s: something in its set-up or its libraries waits"
        ) from None
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else ""


def _variables() -> dict[str, Any]:
    """The variables of the running suite that are plain data, by bare name."""
    return {
        name: value
        for name, value in BuiltIn().get_variables(no_decoration=True).items()
        if name.strip("/:\n") and not name.upper().startswith(_NOT_PASSED) and _is_plain(value)
    }


def _is_plain(value: Any) -> bool:
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return False
    return True


def _as_written(value: Any) -> str:
    """A value as it would be written in a table."""
    text = str(value).replace("\\", "\\\\")
    for sigil in "$@&%":
        text = text.replace(f"{sigil}{{", f"\\{sigil}{{")
    return text
