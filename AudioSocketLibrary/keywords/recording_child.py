"""The process that a scenario is recorded in: ``python -m AudioSocketLibrary.keywords.recording_child REPLY``.

It is asked on its standard input and answers into the file; both are pickled, and none but its parent has them.
"""

from __future__ import annotations

import io
import pickle
import sys
from pathlib import Path
from typing import Final, cast

from ..records import UsageError
from ..scenario import Plan, built_in
from .engine import Engine
from .recorder import Recorder
from .recording_listener import NoEngine, RecordingListener
from .recording_request import Reply, Request, Wanted
from .recording_suites import suite_for
from .session import SESSION, Defaults

_SHOWN: Final = 5
"""So many places are told of what is wrong beside the first."""


def record_one(wanted: Wanted, request: Request) -> tuple[Plan, ...]:
    """Run the suite of one scenario with a recorder in the place of calls.

    Raises:
        UsageError: something in it cannot be recorded.
    """
    if wanted.kind == "built_in":
        return (built_in(wanted.name, request.bot),)
    recorder = Recorder(request.bot)
    SESSION.recorder = recorder
    SESSION.engine = cast("Engine", NoEngine(recorder))
    SESSION.defaults = Defaults()
    SESSION.defaults.change("", dict(request.defaults))
    texts = {name: value for name, value in request.variables.items() if isinstance(value, str)}
    others = {name: value for name, value in request.variables.items() if name not in texts}
    listener = RecordingListener(recorder, others)
    suite, languages = suite_for(wanted, set_up=request.set_up)
    told = io.StringIO()
    suite.run(
        variable=[f"{name}:{value}" for name, value in {**texts, "BOT": str(request.bot)}.items()],
        language=languages,
        listener=[listener],
        output=None,
        log=None,
        report=None,
        console="none",
        stdout=told,
        stderr=told,
    )
    wrong = recorder.refusals or listener.failures
    if wrong:
        raise UsageError(_told(wrong))
    return tuple(listener.plans)


def _told(wrong: list[str]) -> str:
    """The first in full, and where the others are."""
    places = [each.partition(": ")[0] for each in wrong[1:]]
    more = f" and {len(places) - _SHOWN} more" if len(places) > _SHOWN else ""
    return f"{wrong[0]}." + (f" Also refused: {', '.join(places[:_SHOWN])}{more}" if places else "")


def main(reply: Path) -> None:
    """Answer one request."""
    asked: Request = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our parent, over a pipe
    try:
        answer = Reply(tuple(record_one(wanted, asked) for wanted in asked.wanted))
    except UsageError as error:
        answer = Reply(error=str(error))
    reply.write_bytes(pickle.dumps(answer))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
