"""Values of a profile that come from the environment, and what of them may be shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

_REFERENCE: Final = re.compile(
    r"\$\{(?P<name>[A-Za-z_]\w*)(?P<default>:-(?P<value>[^{}]*))?\}"
    r"|%\{(?P<robot>[A-Za-z_]\w*)(?P<robot_default>=(?P<robot_value>[^{}]*))?\}"
)
_NO_SHOW: Final = r"[\w-]*(?:key|token|secret|passw|auth|credential|cookie)[\w-]*"
_OPTION: Final = re.compile(rf"(?i)(\B-{{1,2}}{_NO_SHOW}(?:[= ]\s*)|\b{_NO_SHOW}=)(\"[^\"]*\"|'[^']*'|\S+)")
_BEARER: Final = re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}")
_URL: Final = re.compile(r"\b[a-zA-Z][\w+.-]*://[^\s\"'<>]+")
_ONLY_REFERENCES: Final = re.compile(r"(?:[$%]\{\w+\}|\s)*")
_OPEN_HEADERS: Final = ("content-type", "accept", "accept-language", "user-agent")
HIDDEN: Final = "***"


class Filled(str):
    """A text whose `${ENV}` are filled in. What may be shown of it is `written`: how it stands in the file."""

    __slots__ = ("written",)
    written: str

    def __new__(cls, text: str, written: str | None = None) -> Filled:
        filled = super().__new__(cls, text)
        filled.written = text if written is None else written
        return filled

    def __repr__(self) -> str:
        return repr(self.shown)

    @property
    def shown(self) -> str:
        """For people and reports: as it was written, without what looks like a secret even there."""
        return masked(self.written)


def fill_environment(text: str, environment: Mapping[str, str]) -> Filled:
    """Put the environment in the place of ``${NAME}``, ``${NAME:-default}``, ``%{NAME}`` and ``%{NAME=default}``.

    Raises:
        ValueError: a variable is not set and has no default.
    """

    def value(match: re.Match[str]) -> str:
        name = match["name"] or match["robot"]
        found = environment.get(name)
        if found:
            return found
        if match["default"] is not None or match["robot_default"] is not None:
            return str(match["value"] if match["default"] is not None else match["robot_value"])
        if found is None:
            raise ValueError(
                f"the environment has no {name}: set it (export {name}=…), or write a default, like ${{{name}:-value}}"
            )
        return found

    return Filled(_REFERENCE.sub(value, text), text)


def masked(text: str) -> str:
    """A text without secrets: those of options and headers, and user, password and query of URLs."""
    text = _URL.sub(lambda match: _shown_url(match[0]), text)
    text = _BEARER.sub(lambda match: f"{match[1]} {HIDDEN}", text)
    return _OPTION.sub(lambda match: match[0] if _ONLY_REFERENCES.fullmatch(match[2]) else match[1] + HIDDEN, text)


def is_secret(name: str) -> bool:
    """Whether the value under such a name is nobody's business."""
    return re.fullmatch(_NO_SHOW, name, re.IGNORECASE) is not None


def hide_secrets(values: Mapping[str, object]) -> dict[str, object]:
    """Values by name, as they may be shown: secrets only where they come from the environment."""
    return {name: _hidden(name, value) for name, value in values.items()}


def shown_header(name: str, value: Filled) -> str:
    """A header as it may be shown: what lets one in hides under any name, so only a few are shown as they are."""
    if name.casefold() in _OPEN_HEADERS:
        return value.shown
    secret = re.sub(r"(?i)^\s*(bearer|basic|token)\s", "", value.written)
    return value.written if _ONLY_REFERENCES.fullmatch(secret) else HIDDEN


def _hidden(name: str, value: object) -> object:
    if isinstance(value, Mapping):
        return hide_secrets(value)
    if isinstance(value, list | tuple):
        return [_hidden(name, one) for one in value]
    if not isinstance(value, str):
        return value
    written = value.written if isinstance(value, Filled) else value
    if is_secret(name) and not _ONLY_REFERENCES.fullmatch(written):
        return HIDDEN
    return masked(written)


def _shown_url(url: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}" if parts.netloc else url
