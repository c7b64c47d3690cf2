"""How whoever started a bot sets its faults without a backend: JSON lines in, one answer each."""

from __future__ import annotations

import json
from typing import Any, Final

from ..records import UsageError
from .faults import Faults

ANSWER: Final = "answer "
"""What a line of answer begins with: others stand on the same output."""


def obey(faults: Faults, line: str) -> str:
    """Do what a line says, and say whether it was done.

    Args:
        faults: of the bot.
        line: ``{"set": "slow speech", "how": {"by": "2 s"}}``, ``{"clear": "slow speech"}``, or ``{"clear": ""}``
            for all.

    Returns:
        ``answer {}``, or ``answer {"error": "…"}``.
    """
    try:
        _do(faults, json.loads(line))
    except json.JSONDecodeError:
        return _answer(error=f"'{line.strip()[:80]}' is no JSON")
    except UsageError as error:
        return _answer(error=str(error))
    return _answer()


def _do(faults: Faults, request: Any) -> None:
    if not isinstance(request, dict):
        request = {}
    name, how = request.get("set", request.get("clear")), request.get("how", {})
    if not isinstance(name, str) or not isinstance(how, dict):
        raise UsageError('Write {"set": "a fault", "how": {…}} or {"clear": "a fault"}')
    if "set" in request:
        faults.set(name, how)
    else:
        faults.clear(name or None)


def _answer(**content: str) -> str:
    return ANSWER + json.dumps(content, ensure_ascii=False)
