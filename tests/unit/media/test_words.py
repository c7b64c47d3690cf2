import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from AudioSocketLibrary.media.words import find_pattern, find_words, normalise, words_of

pytestmark = pytest.mark.unit

REPLY = "Так, є чотири зимові шини на шістнадцять. Бажаєте замовити?"
UNITS = ["нуль", "один", "два", "три", "чотири", "п'ять", "шість", "сім", "вісім", "дев'ять"]
TEENS = [
    "десять",
    "одинадцять",
    "дванадцять",
    "тринадцять",
    "чотирнадцять",
    "п'ятнадцять",
    "шістнадцять",
    "сімнадцять",
    "вісімнадцять",
    "дев'ятнадцять",
]
TENS = ["-", "-", "двадцять", "тридцять", "сорок", "п'ятдесят", "шістдесят", "сімдесят", "вісімдесят", "дев'яносто"]
HUNDREDS = ["-", "сто", "двісті", "триста", "чотириста", "п'ятсот", "шістсот", "сімсот", "вісімсот", "дев'ятсот"]
EN_UNITS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
]
EN_UNITS += ["sixteen", "seventeen", "eighteen", "nineteen"]
EN_TENS = ["-", "-", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def ukrainian(number):
    thousands, rest = divmod(number, 1000)
    hundreds, rest = divmod(rest, 100)
    said = [] if not thousands else ["тисяча"] if thousands == 1 else [UNITS[thousands], "тисячі"]
    said += [HUNDREDS[hundreds]] if hundreds else []
    if rest >= 20:
        said.append(TENS[rest // 10])
        rest %= 10
    if rest or not said:
        said.append((UNITS + TEENS)[rest])
    return " ".join(said)


def english(number):
    thousands, rest = divmod(number, 1000)
    hundreds, rest = divmod(rest, 100)
    said = [EN_UNITS[thousands], "thousand"] if thousands else []
    said += [EN_UNITS[hundreds], "hundred"] if hundreds else []
    if said and rest:
        said.append("and")
    if rest >= 20:
        said.append(EN_TENS[rest // 10])
        rest %= 10
    if rest or not said:
        said.append(EN_UNITS[rest])
    return " ".join(said)


@given(st.integers(0, 9999))
def test_every_number_in_words_is_the_number(number):
    assert normalise(ukrainian(number), "uk") == str(number)
    assert normalise(english(number), "en") == str(number)


@pytest.mark.parametrize(
    ("text", "language", "plain"),
    [
        ("О десятій, будь-ласка!", "uk", "о 10 будь ласка"),
        ("о 10:00", "uk", "о 10"),
        ("шістнадцятих шістнадцяти шістнадцята 16-та 16", "uk", "16 16 16 16 16"),
        ("третього; п’ятьох; сьомого; дев’яностих; сорокова", "uk", "3 5 7 90 40"),
        ("десята тридцять", "uk", "10 30"),
        ("двадцять сьоме", "uk", "27"),
        ("тисяча дев'ятсот дев'яносто дев'ятого року", "uk", "1999 року"),
        ("дві тисячі двадцять шостий", "uk", "2026"),
        ("п'яти тисяч", "uk", "5000"),
        ("з’єднати зʼєднати З'ЄДНАТИ", "uk", "зєднати зєднати зєднати"),
        ("ши\u0301ни й їжа", "uk", "шини й їжа"),
        ("10 %", "uk", "10 відсотків"),
        ("nineteen ninety nine, twenty twenty-six", "en", "1999 2026"),
        ("a hundred and one", "en", "101"),
        ("two and three", "en", "2 and 3"),
        ("one hundred and the rest", "en", "100 and the rest"),
        ("the 16th, 1,000 items, ten percent", "en", "the 16 1000 items 10 percent"),
        ("007", "en", "7"),
        ("0445551122", "uk", "0445551122"),
        ("sixteen", "ko", "sixteen"),
        ("", "uk", ""),
    ],
)
def test_normalised(text, language, plain):
    assert normalise(text, language) == plain


@pytest.mark.parametrize(
    ("expected", "where"),
    [
        ("зимові шини", "зимові шини"),
        ("ЗИМОВІ  ШИНИ!", "зимові шини"),
        ("4 зимові шини", "чотири зимові шини"),
        ("зимові шини 16", "зимові шини на шістнадцять"),
        ("шини на 16", "шини на шістнадцять"),
        ("Бажаєте замовити", "Бажаєте замовити"),
        ("бажаете замовити", "Бажаєте замовити"),
    ],
)
def test_found(expected, where):
    match = find_words(expected, REPLY)
    assert match.found
    assert match.nearest == where == REPLY[slice(*match.where)]


@pytest.mark.parametrize(
    ("expected", "nearest"),
    [
        ("літні шини", "зимові шини"),
        ("зимові шини на 17", "зимові шини на шістнадцять"),
        ("бажаєте скасувати", "Бажаєте замовити"),
        ("шини зимові", "зимові"),
        ("не бажаєте", "Бажаєте"),
    ],
)
def test_not_found_says_what_is_nearest(expected, nearest):
    match = find_words(expected, REPLY)
    assert not match.found
    assert nearest in match.nearest
    assert 0 <= match.score < 1


def test_a_wrong_number_is_never_tolerated():
    long = "замовлення прийнято його номер сорок два чекайте на дзвінок"
    assert find_words(long, long).score == 1
    assert not find_words(long.replace("два", "три"), long, tolerance=0.5).found
    assert find_words(long.replace("чекайте", "чекай"), long).found


def test_tolerance_is_the_share_of_wrong_words():
    heard = "one two blue four five six seven eight nine ten"
    wanted = "one two red four five six seven eight nine ten"
    assert find_words(wanted, heard, tolerance=0.1, language="ko").found
    assert not find_words(wanted, heard, tolerance=0.09, language="ko").found
    assert find_words(wanted, heard, language="ko").score == pytest.approx(0.9)


def test_nothing_heard_and_nothing_expected():
    nothing = find_words("шини", "")
    assert (nothing.found, nothing.score, nothing.nearest) == (False, 0.0, "")
    with pytest.raises(ValueError, match="no word in '…'"):
        find_words("…", REPLY)
    with pytest.raises(ValueError, match="a share from 0 to 1, not 20"):
        find_words("шини", REPLY, tolerance=20)


WORDS = st.lists(
    st.sampled_from(
        ["шини", "зимові", "замовити", "оператор", "так", "16", "сорок", "номер", "день", "the", "7", "ок"]
    ),
    min_size=1,
)


@given(WORDS, WORDS, WORDS)
def test_what_was_said_is_always_found(before, wanted, after):
    match = find_words(" ".join(wanted), " ".join([*before, *wanted, *after]), tolerance=0, language="ko")
    assert match.found
    assert match.score == 1


@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from(["uk", "en", "ko"]))
def test_any_texts(expected, heard, language):
    if not words_of(expected, language):
        return
    match = find_words(expected, heard, language=language)
    assert 0 <= match.score <= 1
    assert heard[slice(*match.where)] == match.nearest
    assert find_words(expected, expected, tolerance=0, language=language).found


@given(
    st.lists(st.sampled_from(["зимові", "шини", "на", "складі", "є", "чотири"]), min_size=2, max_size=8, unique=True)
)
def test_more_tolerance_never_finds_less(words):
    heard = words.copy()
    random.Random(1).shuffle(heard)
    found = [find_words(" ".join(words), " ".join(heard), tolerance=share / 10).found for share in range(11)]
    assert found == sorted(found)


def test_patterns():
    match = find_pattern(r"Номер (?P<number>\d+)(?P<rest> років)?", "Його НОМЕР — сорок два. Чи потрібна допомога?")
    assert match
    assert (match.text, match.groups) == ("номер 42", {"number": "42"})
    assert "Його НОМЕР — сорок два."[slice(*match.where)] == "НОМЕР — сорок два"
    assert find_pattern("з’єдную", "З'єдную вас")
    assert find_pattern(r"^\d+$", "сорок") is not None
    assert find_pattern("немає", REPLY) is None
    with pytest.raises(ValueError, match=r"'\(' is no regular expression"):
        find_pattern("(", REPLY)
