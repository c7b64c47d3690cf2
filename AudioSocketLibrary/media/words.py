"""Texts compared as people would: what was expected, looked for in what a recogniser wrote down.

Letter case, punctuation, apostrophes, stress marks and hyphens do not matter. Numbers are compared as numbers, in
digits or in words, whatever their case, cardinal or ordinal, 0 to 9999, in Ukrainian and English; so are "10:00" and
"10", "16th" and "16-та", "%" and its word. Not understood: fractions, "half past ten", digits read out one by one.
Other words may differ by some letters, and some words may be wrong, missing or too many: `tolerance` says how much.
Numbers may not. The order of the words matters. Little words such as "на" and "the" count half.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from .numerals import read_number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TOLERANCE: Final = 0.2
"""Share of the expected words that may be wrong."""
SAME_WORD: Final = 0.4
"""Words that differ in more than this share of their letters are two words; others cost that share of a word."""
SMALL: Final = {
    "uk": frozenset(
        ["а", "в", "до", "з", "за", "зі", "і", "й", "на", "о", "об", "по", "про", "та", "у", "це", "ці", "що"]
    ),
    "en": frozenset(["a", "an", "and", "at", "for", "in", "is", "of", "on", "that", "the", "to"]),
}
"""Words that cost half where they are missing or too many."""
APOSTROPHES: Final = "'’ʼ`´‘ʹ"
PERCENT: Final = {"uk": "відсотків", "en": "percent"}

_TOKEN: Final = re.compile(
    rf"(?P<time>\b\d{{1,2}}:00\b)"
    rf"|(?P<grouped>\b\d{{1,3}}(?:[,\u00a0\u202f]\d{{3}})+\b)"
    rf"|(?P<ordinal>\b\d+(?:st|nd|rd|th|-(?:го|му|ма|ий|ої|та|те|ти|ту|ша|га|тя|й|а|е|у|х|ї))\b)"
    rf"|(?P<percent>%)"
    rf"|(?P<word>[^\W_]+(?:[{APOSTROPHES}\u0301][^\W_]+)*)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it is compared, and where it stands in the text: `text[start:end]`."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class WordsMatch:
    """The stretch of what was heard that is nearest to what was expected."""

    found: bool
    """Whether it is near enough."""
    score: float
    """1 less the word error rate: 1 where all words are the same, 0 where there is nothing of them."""
    where: tuple[int, int]
    """The stretch is `heard[where[0]:where[1]]`; empty where nothing was heard."""
    nearest: str
    """The stretch itself, as it was heard."""


@dataclass(frozen=True, slots=True)
class PatternMatch:
    """Where a regular expression matches what was heard."""

    text: str
    """What it matches in the normalised text."""
    where: tuple[int, int]
    """The words of it, as they were heard, are `heard[where[0]:where[1]]`."""
    groups: Mapping[str, str]
    """The named groups that took part."""


def find_words(expected: str, heard: str, *, tolerance: float = TOLERANCE, language: str = "uk") -> WordsMatch:
    """Looks for a text within another, as one stretch of words.

    Args:
        expected: One word or more.
        heard: What a recogniser wrote down.
        tolerance: The word error rate up to which it counts as found, 0 to 1: wrong, missing and additional words
            within the stretch, by the number of expected words. A word that is almost right counts in part.
        language: Of the number words, "uk" or "en"; in others only digits are numbers.

    Returns:
        The nearest stretch, also where it is not near enough.

    Raises:
        ValueError: there is no word in what is expected, or the tolerance is none.
    """
    if not 0 <= tolerance <= 1:
        raise ValueError(f"A tolerance is a share from 0 to 1, not {tolerance:g}: 0.2 lets 1 word of 5 be wrong")
    wanted = words_of(expected, language)
    if not wanted:
        raise ValueError(f"There is no word in '{expected}' that could be heard: write what shall be said")
    said = words_of(heard, language)
    errors, first, last = _nearest_stretch([one.text for one in wanted], [one.text for one in said], language)
    stretch = said[first:last]
    rate = errors / len(wanted)
    where = (stretch[0].start, stretch[-1].end) if stretch else (0, 0)
    # The rounding of sums of letters must not decide.
    found = rate <= tolerance + 1e-9 and not _numbers(wanted) - _numbers(stretch)
    return WordsMatch(found, max(0.0, 1 - rate), where, heard[where[0] : where[1]])


def find_pattern(pattern: str, heard: str, *, language: str = "uk") -> PatternMatch | None:
    r"""Looks for a regular expression in the normalised text, such as `номер (?P<number>\d+)`; None where it is not.

    Normalised is lower case, numbers in digits, one space between words, no punctuation and no apostrophes; letter
    case and apostrophes of the pattern do not matter.

    Raises:
        ValueError: the pattern is no regular expression.
    """
    bare = "".join(letter for letter in pattern if letter not in APOSTROPHES)
    try:
        compiled = re.compile(bare, re.IGNORECASE)
    except re.error as error:
        raise ValueError(f"'{pattern}' is no regular expression: {error}") from None
    words = words_of(heard, language)
    match = compiled.search(" ".join(word.text for word in words))
    if not match:
        return None
    groups = {name: text for name, text in match.groupdict().items() if text is not None}
    return PatternMatch(match.group(), _span(words, match.start(), match.end()), groups)


def normalise(text: str, language: str = "uk") -> str:
    """Returns a text as it is compared: "О десятій, будь-ласка!" is "о 10 будь ласка"."""
    return " ".join(word.text for word in words_of(text, language))


def words_of(text: str, language: str = "uk") -> list[Word]:
    """Returns the words of a text as they are compared, numbers in digits, each with its place in the text."""
    return _with_numbers([_word(token, language) for token in _TOKEN.finditer(text)], language)


def _word(token: re.Match[str], language: str) -> Word:
    text = token.group()
    match token.lastgroup:
        case "time":
            text = str(int(text.split(":")[0]))
        case "grouped":
            text = re.sub(r"\D", "", text)
        case "ordinal":
            text = re.match(r"\d+", text)[0].lstrip("0") or "0"  # type: ignore[index]
        case "percent":
            text = PERCENT.get(language[:2], "%")
        case _:
            text = "".join(letter for letter in text if letter not in APOSTROPHES)
            # Composed first: й and ї are letters with a mark, and only the stress is to go.
            text = unicodedata.normalize("NFC", text).replace("\u0301", "").casefold()
            text = text.lstrip("0") or "0" if text.isdecimal() and len(text) < 5 else text
    return Word(text, token.start(), token.end())


def _with_numbers(words: list[Word], language: str) -> list[Word]:
    texts = [word.text for word in words]
    found = []
    at = 0
    while at < len(words):
        number, count = read_number(texts[at : at + 12], language)
        if count:
            found.append(Word(str(number), words[at].start, words[at + count - 1].end))
        elif texts[at] == "a" and at + 1 < len(words) and texts[at + 1] in ("hundred", "thousand"):
            pass  # "a hundred" is 100
        else:
            found.append(words[at])
        at += max(count, 1)
    return found


def _numbers(words: Sequence[Word]) -> Counter[str]:
    return Counter(word.text for word in words if word.text.isdecimal())


def _nearest_stretch(wanted: Sequence[str], said: Sequence[str], language: str) -> tuple[float, int, int]:
    """The least errors, and first and last (exclusive) of the words that have them; the first such, and longest."""
    small = SMALL.get(language[:2], frozenset())
    # Each cell: errors, and where in `said` the stretch began. To begin anywhere costs nothing.
    row = [(0.0, at) for at in range(len(said) + 1)]
    for word in wanted:
        missing = 0.5 if word in small else 1.0
        above, row = row, [(row[0][0] + missing, 0)]
        for at, other in enumerate(said):
            additional = 0.5 if other in small else 1.0
            row.append(
                min(
                    (above[at][0] + _difference(word, other), above[at][1]),
                    (above[at + 1][0] + missing, above[at + 1][1]),
                    (row[at][0] + additional, row[at][1]),
                )
            )
    last = min(range(len(row)), key=lambda at: (row[at], -at))
    return row[last][0], row[last][1], last


@lru_cache(maxsize=65536)
def _difference(word: str, other: str) -> float:
    """How much of a word is wrong: 0 to `SAME_WORD`, or 1."""
    if word == other:
        return 0.0
    if word.isdecimal() or other.isdecimal():
        return 1.0
    row = list(range(len(other) + 1))
    for number, letter in enumerate(word, 1):
        above, row = row, [number]
        for at, another in enumerate(other):
            row.append(min(above[at] + (letter != another), above[at + 1] + 1, row[at] + 1))
    share = row[-1] / max(len(word), len(other))
    return share if share <= SAME_WORD else 1.0


def _span(words: Sequence[Word], first: int, last: int) -> tuple[int, int]:
    """From indices in the normalised text to those in the text that was heard."""
    begin = 0
    touched = []
    for word in words:
        end = begin + len(word.text)
        if begin < max(last, first + 1) and end > first:
            touched.append(word)
        begin = end + 1
    return (touched[0].start, touched[-1].end) if touched else (0, 0)
