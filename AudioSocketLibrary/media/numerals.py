"""Numbers in words, as digits: Ukrainian and English, 0 to 9999, in any case, cardinal or ordinal."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ADJECTIVE: Final = ["ий", "а", "е", "ого", "ої", "ому", "ій", "у", "им", "ою", "і", "их", "ими", "ім"]
_CARDINAL: Final = ["ь", "и", "ьох", "ьом", "ьма", "ьома"]
_UKRAINIAN: Final = {
    0: "нуль нуля нулю нулем нулі",
    1: "один одна одне одну одного одної одному одній одним одною",
    2: "два дві двох двом двома",
    3: "три трьох трьом трьома третій третя третє третього третьої третьому третю третім третьою третіх",
    4: "чотири чотирьох чотирьом чотирма",
    5: "пять пяти пятьох пятьом пятьма",
    6: "шість шести шістьох шістьом шістьма",
    7: "сім семи сімох сімом сімома",
    8: "вісім восьми вісьмох вісьмом вісьма",
    9: "девять девяти девятьох девятьом девятьма",
    10: "десять десяти десятьох десятьом десятьма",
    40: "сорок сорока",
    50: "пятдесят пятдесяти пятдесятьох",
    60: "шістдесят шістдесяти шістдесятьох",
    70: "сімдесят сімдесяти сімдесятьох",
    80: "вісімдесят вісімдесяти вісімдесятьох",
    90: "девяносто девяноста",
    100: "сто ста",
    200: "двісті двохсот двомстам",
    300: "триста трьохсот трьомстам",
    400: "чотириста чотирьохсот чотирьомстам",
    500: "пятсот пятисот пятистам",
    600: "шістсот шестисот шестистам",
    700: "сімсот семисот семистам",
    800: "вісімсот восьмисот восьмистам",
    900: "девятсот девятисот девятистам",
    1000: "тисяча тисячі тисяч тисячу тисячею тисячам",
}
_UKRAINIAN_ORDINALS: Final = {
    0: "нульов", 1: "перш", 2: "друг", 4: "четверт", 5: "пят", 6: "шост", 7: "сьом", 8: "восьм", 9: "девят",
    10: "десят", 40: "сороков", 50: "пятдесят", 60: "шістдесят", 70: "сімдесят", 80: "вісімдесят", 90: "девяност",
    100: "сот", 1000: "тисячн",
}  # fmt: skip
_UKRAINIAN_TEENS: Final = {
    11: "одинадцят", 12: "дванадцят", 13: "тринадцят", 14: "чотирнадцят", 15: "пятнадцят", 16: "шістнадцят",
    17: "сімнадцят", 18: "вісімнадцят", 19: "девятнадцят", 20: "двадцят", 30: "тридцят",
}  # fmt: skip
_ENGLISH: Final = {
    0: "zero zeroth", 1: "one first", 2: "two second", 3: "three third", 4: "four fourth", 5: "five fifth",
    6: "six sixth", 7: "seven seventh", 8: "eight eighth", 9: "nine ninth", 10: "ten tenth", 11: "eleven eleventh",
    12: "twelve twelfth", 13: "thirteen thirteenth", 14: "fourteen fourteenth", 15: "fifteen fifteenth",
    16: "sixteen sixteenth", 17: "seventeen seventeenth", 18: "eighteen eighteenth", 19: "nineteen nineteenth",
    20: "twenty twentieth", 30: "thirty thirtieth", 40: "forty fortieth", 50: "fifty fiftieth", 60: "sixty sixtieth",
    70: "seventy seventieth", 80: "eighty eightieth", 90: "ninety ninetieth", 100: "hundred hundredth hundreds",
    1000: "thousand thousandth thousands",
}  # fmt: skip


@lru_cache(maxsize=4)
def numerals(language: str) -> Mapping[str, int]:
    """Returns the value of each number word of a language, apostrophes left out; none for an unknown language."""
    if language.startswith("en"):
        return {word: value for value, words in _ENGLISH.items() for word in words.split()}
    if not language.startswith("uk"):
        return {}
    found = {word: value for value, words in _UKRAINIAN.items() for word in words.split()}
    for value, stem in _UKRAINIAN_ORDINALS.items():
        found |= {stem + ending: value for ending in _ADJECTIVE if stem + ending not in found}
    for value, stem in _UKRAINIAN_TEENS.items():
        found |= {stem + ending: value for ending in [*_ADJECTIVE, *_CARDINAL]}
    return found


def read_number(words: Sequence[str], language: str) -> tuple[int, int]:
    """Returns the number that the first words say, and how many words say it; 0 words where they say none.

    "сто двадцять три" is one number, "десята тридцять" are two. In English an "and" may stand within a number, and
    "nineteen ninety nine" and "twenty twenty six" are years.
    """
    values = numerals(language)
    if not words or words[0] not in values:
        return 0, 0
    return _Reader([values.get(word, -1) for word in words], words, english=language.startswith("en")).number()


class _Reader:
    """Reads from the left. Each method returns a value, and the index behind it: the same index where there is none."""

    def __init__(self, values: Sequence[int], words: Sequence[str], *, english: bool) -> None:
        self._values = values
        self._words = words
        self._english = english

    def number(self) -> tuple[int, int]:
        if self._at(0) == 0:
            return 0, 1
        units = self._at(0) if self._at(0) < 10 and self._at(1) == 1000 else 0
        if units or self._at(0) == 1000:
            thousands = (units or 1) * 1000
            behind = 2 if units else 1
            rest, end = self._below_thousand(self._behind_and(behind))
            return (thousands + rest, end) if rest else (thousands, behind)
        value, end = self._below_thousand(0)
        if self._english and end == 1 and 11 <= value <= 20:
            rest, end_of_year = self._below_hundred(1)
            if rest >= 10:
                return 100 * value + rest, end_of_year
        return value, end

    def _below_thousand(self, at: int) -> tuple[int, int]:
        value = self._at(at)
        if self._english and 0 < value < 10 and self._at(at + 1) == 100:
            hundreds, behind = 100 * value, at + 2
        elif 100 <= value < 1000:
            hundreds, behind = value, at + 1
        else:
            return self._below_hundred(at)
        rest, end = self._below_hundred(self._behind_and(behind))
        return (hundreds + rest, end) if rest else (hundreds, behind)

    def _below_hundred(self, at: int) -> tuple[int, int]:
        value, following = self._at(at), self._at(at + 1)
        if 20 <= value < 100 and 0 < following < 10:
            return value + following, at + 2
        return (value, at + 1) if 0 < value < 100 else (0, at)

    def _behind_and(self, at: int) -> int:
        return at + 1 if self._english and at < len(self._words) and self._words[at] == "and" else at

    def _at(self, index: int) -> int:
        return self._values[index] if index < len(self._values) else -1
