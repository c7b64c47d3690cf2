"""What of a test can be recorded: our steps and settings, and keywords that only compute. All else is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

OURS: Final = "AudioSocketLibrary"
_AFTER: Final = "tell the bot's backend about each call with 'Announce Call', or look after the load"
_BEFORE: Final = "do it before the load, outside the scenario"
_JUDGE: Final = "a call is judged by 'Bot Should ...' and 'Call ...', and goes on by itself after soft failures"
_DRAWN: Final = (
    "it is drawn once, and would be the same in every call: use 'Say One Of', 'Stay Silent' with two times, "
    "or a field {name} of 'Use Call Data'"
)
_ACTS: Final = re.compile(
    r"\b(?:requests|httpx|aiohttp|urllib|urlopen|socket|subprocess|popen|sqlite3|open|sleep|os\.(?:system|remove|mkdir))\b",
    re.IGNORECASE,
)
_CHANCE: Final = re.compile(r"\b(?:random|secrets|randint|choices?|shuffle|uuid[14]?)\b", re.IGNORECASE)

TRY: Final = f"TRY would catch what a call did wrong, which is not known while the scenario is recorded: {_JUDGE}"
WHILE: Final = "WHILE is not recorded, for how often it turns may differ from call to call: write FOR"
COMPUTE: Final = {"String", "Collections", "DateTime", "XML", "Easter"}
"""Libraries that do nothing but compute; but for what draws."""
COMPUTES: Final[Mapping[str, frozenset[str]]] = {
    "BuiltIn": frozenset(
        {
            "catenate", "comment", "convert to binary", "convert to boolean", "convert to bytes", "convert to hex",
            "convert to integer", "convert to number", "convert to octal", "convert to string", "create dictionary",
            "create list", "evaluate", "fail", "fatal error", "get count", "get length", "get library instance",
            "get time", "get variable value", "get variables", "import library", "import resource",
            "import variables", "keyword should exist", "length should be", "log", "log many", "log to console",
            "log variables", "no operation", "pass execution", "pass execution if", "regexp escape", "remove tags",
            "replace variables", "return from keyword", "return from keyword if", "run keyword", "run keywords",
            "set global variable", "set library search order", "set local variable", "set log level",
            "set suite documentation", "set suite metadata", "set suite variable", "set tags", "set task variable",
            "set test documentation", "set test message", "set test metadata", "set test variable", "set variable",
            "set variable if", "skip", "skip if", "variable should exist", "variable should not exist",
            "continue for loop", "continue for loop if", "exit for loop", "exit for loop if",
        }
    ),
    "OperatingSystem": frozenset(
        {
            "environment variable should be set", "file should exist", "get binary file", "get environment variable",
            "get file", "join path", "join paths", "normalize path", "split extension", "split path",
        }
    ),
}  # fmt: skip
INSTEAD: Final[Mapping[str, str]] = {
    "sleep": "a caller who waits stays silent: write 'Stay Silent    2 s'",
    "generate random string": _DRAWN,
    "wait until keyword succeeds": "assertions on a call wait by themselves; what is elsewhere can be checked after "
    "the load",
    "run keyword if": "write IF, which is recorded where its condition is known",
    "run keyword unless": "write IF, which is recorded where its condition is known",
    "repeat keyword": "write FOR, whose rounds are recorded",
    "call method": "write what it returns into a variable file",
    "create session": _AFTER,
}
"""Ways out that are not their library's."""
INSTEAD_OF: Final[Mapping[str, str]] = {
    "BuiltIn": _JUDGE,
    "OperatingSystem": _BEFORE,
    "Process": "the load's profile starts a bot and stops it (bot: start:), and watches it",
    "RequestsLibrary": _AFTER,
    "DatabaseLibrary": "look into the database after the load",
    "Dialogs": "nobody can answer for every call",
    f"{OURS}.Server": "a load plays callers, not the bot",
    f"{OURS}.Load": "a scenario is one call of a load",
    f"{OURS}.ReferenceBot": "set up the bot before the load",
}
ALLOWED: Final[Mapping[str, frozenset[str]]] = {
    f"{OURS}.ReferenceBot": frozenset(
        {
            "start_reference_bot",
            "stop_reference_bot",
            "create_call_data",
            "create_transcript_data",
            "create_knowledge_data",
        }
    ),
    f"{OURS}.Server": frozenset(),
    f"{OURS}.Load": frozenset(),
}
"""By method; of our other libraries all can be recorded that are not refused here:"""
NOT_OURS: Final[Mapping[str, str]] = {
    "scenario_should_succeed": "the load makes the call many times by itself: name the scenario's keyword",
    "save_prompt": "save it from a single call, before the load",
    "bot_should_pass": "check the bot before the load: audiosocket check",
}


def refusal_of(library: str, name: str, method: str, arguments: Iterable[Any]) -> str:
    """Why a library's keyword cannot be recorded, and what to do instead; empty: it can.

    Args:
        library: its name, as it is imported.
        name: of the keyword.
        method: of ours in Python, which is the same in every language; empty for others.
        arguments: as they are written.
    """
    plain = name.replace("_", " ").lower()
    objection = objection_to_code(arguments, code=plain in ("evaluate", "set variable if"))
    if objection:
        return objection
    if library.partition(".")[0] == OURS:
        allowed = ALLOWED.get(library)
        if method in NOT_OURS:
            return f"'{name}' is no step of a call: {NOT_OURS[method]}"
        if allowed is None or method in allowed:
            return ""
        return f"'{name}' is no step of a call: {INSTEAD_OF[library]}"
    computes = COMPUTES.get(library, frozenset())
    asserts = library == "BuiltIn" and plain.startswith("should ")
    if plain not in INSTEAD and (library in COMPUTE or plain in computes or asserts):
        return ""
    way_out = INSTEAD.get(plain) or INSTEAD_OF.get(
        library, f"{_AFTER}; what it computes can be put into a variable file"
    )
    return f"'{name}' ({library}) is no step of a call, and would be done once, not in each call: {way_out}"


def objection_to_code(texts: Iterable[Any], *, code: bool = False) -> str:
    """Why code that draws by chance, or plainly does something, cannot be recorded; empty: it seems to compute only.

    Args:
        texts: as they are written; code in them stands in ``${{...}}``.
        code: they are code all through.
    """
    for text in texts:
        if not isinstance(text, str):
            continue
        inner = text if code else " ".join(re.findall(r"\$\{\{.*?\}\}", text))
        if _CHANCE.search(inner):
            return f"'{text}' draws by chance: {_DRAWN}"
        if _ACTS.search(inner):
            return f"'{text}' does more than compute, once, not in each call: {_AFTER}"
    return ""
