"""What the shop's words mean: seasons, sizes, numbers of orders. Ukrainian and English."""

from __future__ import annotations

import re
from typing import Final

_SEASONS: Final = (
    ("all-season", ("всесезон", "all-season", "all season")),
    ("winter", ("зим", "winter")),
    ("summer", ("літ", "summer")),
)
_INCHES: Final = {
    "тринадцят": 13, "чотирнадцят": 14, "п'ятнадцят": 15, "пятнадцят": 15, "шістнадцят": 16, "сімнадцят": 17,
    "вісімнадцят": 18, "дев'ятнадцят": 19, "девятнадцят": 19, "двадцят": 20,
    "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
    "twenty": 20,
}  # fmt: skip
_WHOLE_SIZE: Final = re.compile(r"(\d{3})\s*/\s*(\d{2})\s*r?\s*(\d{2})\b", re.IGNORECASE)
_RIM: Final = re.compile(r"(?<!\d)r?\s?(1[2-9]|2[0-4])(?!\d)", re.IGNORECASE)
_ORDER: Final = re.compile(r"(?<!\d)\d{4,8}(?!\d)")


def season_in(text: str) -> str | None:
    """winter, summer or all-season, where the text names one."""
    lower = text.lower()
    return next((season for season, marks in _SEASONS if any(mark in lower for mark in marks)), None)


def size_in(text: str) -> tuple[int, str | None] | None:
    """The rim in inches, and the whole size where it is given: (16, '205/55 R16')."""
    whole = _WHOLE_SIZE.search(text)
    if whole:
        width, profile, inches = whole.groups()
        return int(inches), f"{width}/{profile} R{inches}"
    rim = _RIM.search(text)
    if rim:
        return int(rim[1]), None
    lower = text.lower().replace("’", "'")
    return next(((inches, None) for word, inches in _INCHES.items() if word in lower), None)


def order_in(text: str) -> str | None:
    """The number of an order: four to eight digits."""
    number = _ORDER.search(text)
    return number[0] if number else None
