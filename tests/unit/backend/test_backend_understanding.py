"""Likeness of sentences, words of the shop, intents, knowledge."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from AudioSocketLibrary.bot.backend.answering import INTENTS, Answering
from AudioSocketLibrary.bot.backend.database import Database
from AudioSocketLibrary.bot.backend.grams import PhraseIndex
from AudioSocketLibrary.bot.backend.knowledge import KnowledgeBase
from AudioSocketLibrary.bot.backend.seed import seed_demo_data
from AudioSocketLibrary.bot.backend.words import order_in, season_in, size_in
from AudioSocketLibrary.media.phrases import load_phrase_book, plain

pytestmark = pytest.mark.unit

# Said otherwise than what is stored; the answer's category, or None where there is no answer.
PARAPHRASES = [
    ("Підкажіть, будь ласка, до котрої ви працюєте?", "hours"),
    ("Який графік роботи?", "hours"),
    ("Скажіть вашу адресу", "address"),
    ("Скільки коштує доставка шин?", "delivery"),
    ("Хочу повернути шини", "refund"),
    ("Які зараз акції та знижки?", "promotions"),
    ("Скільки коштує зберігання?", "storage"),
    ("When do you open?", "hours"),
    ("What are the opening hours?", "hours"),
    ("How much does delivery cost?", "delivery"),
    ("I want a refund", "refund"),
    ("Do you have any discounts?", "promotions"),
    ("Is there any warranty?", "warranty"),
    ("Хочу купити літак", None),
    ("Котра година в Токіо?", None),
    ("What is the capital of France?", None),
    ("Play some jazz", None),
]


@pytest.fixture
def knowledge():
    database = Database("memory")
    seed_demo_data(database)
    base = KnowledgeBase(database)
    base.load()
    yield base
    database.close()


@pytest.mark.parametrize("language", ["", "en_"])
def test_what_callers_ask_is_known_as_the_bot_says_it_but_for_what_a_human_shall_answer(knowledge, language):
    book = load_phrase_book()
    for topic in ("opening_hours", "address", "warranty", "fitting_price"):
        found = knowledge.search(book.phrase(language + topic).text, most=1)
        assert [plain(each.spoken) for each in found] == [plain(book.prompt(f"{language}answer_{topic}").text)]
    assert knowledge.search(book.phrase(f"{language}storage").text, at_least=0.6) == []


@given(st.lists(st.text(max_size=30), min_size=1, max_size=8), st.text(max_size=30))
def test_likeness_is_between_0_and_1_and_a_phrase_is_most_like_itself(phrases, text):
    index = PhraseIndex()
    for key, phrase in enumerate(phrases):
        index.add(key, phrase)
    found = index.nearest(text, 100)
    assert all(0 <= alike <= 1 for _, alike in found)
    assert found == index.nearest(text, 100)
    for key, phrase in enumerate(phrases):
        own = dict(index.nearest(phrase, 100))
        assert not own or own[key] == pytest.approx(1, abs=1e-5)


def test_a_likeness_does_not_change_when_others_come_and_go():
    index = PhraseIndex()
    index.add(1, "скільки коштує доставка")
    before = index.nearest("ціна доставки", 1)
    index.add(2, "доставка безкоштовна")
    assert dict(index.nearest("ціна доставки", 5))[1] == before[0][1]
    index.remove(2)
    assert index.nearest("ціна доставки", 5) == before


def test_paraphrases_are_found_and_what_is_not_known_is_not(knowledge):
    got = [(found[0].category if (found := knowledge.search(text, most=1)) else None) for text, _ in PARAPHRASES]
    wrong = [(text, category) for (text, expected), category in zip(PARAPHRASES, got, strict=True)
             if category not in (expected, None)]  # fmt: skip
    assert not wrong, "a wrong answer is worse than none"
    missed = [text for (text, expected), category in zip(PARAPHRASES, got, strict=True) if expected and not category]
    assert len(missed) <= 3, missed


def test_top_k_and_threshold(knowledge):
    many = knowledge.search("скільки коштує", most=3, at_least=0.1)
    assert len(many) == 3
    assert [each.similarity for each in many] == sorted((each.similarity for each in many), reverse=True)
    assert all(each.similarity >= 0.7 for each in knowledge.search("скільки коштує", most=50))
    assert knowledge.search("ъъъ") == []


def test_what_was_learned_is_found_and_what_was_removed_is_not(knowledge):
    entry = knowledge.create(title="Чи є у вас кава?", content="Так &amp; чай", keywords="Можна випити кави?")
    found = knowledge.search("кава є?")
    assert [(each.id, each.spoken) for each in found] == [(entry["id"], "Так & чай")]
    assert knowledge.delete(entry["id"])
    assert not knowledge.delete(entry["id"])
    assert knowledge.search("кава є?") == []


@pytest.mark.parametrize(
    ("text", "season", "size"),
    [
        ("Добрий день, потрібні зимові шини на шістнадцять", "winter", (16, None)),
        ("Hello, I need winter tyres, sixteen inch", "winter", (16, None)),
        ("літні 205/55 R16", "summer", (16, "205/55 R16")),
        ("всесезонні R17", "all-season", (17, None)),
        ("шини на п’ятнадцять", None, (15, None)),
        ("добрий день", None, None),
    ],
)
def test_words_of_the_shop(text, season, size):
    assert (season_in(text), size_in(text)) == (season, size)


def test_numbers_of_orders():
    assert order_in("замовлення № 1001, будь ласка") == "1001"
    assert order_in("чотири шини 16") is None


@pytest.mark.parametrize(
    ("text", "intent"),
    [(phrase, name) for name, phrases in INTENTS.items() for phrase in phrases]
    + [
        ("Where is my delivery, please?", "delivery_tracking"),
        ("Please give me my money back", "refund"),
        ("Tell me about the product", "product_inquiry"),
        ("З'єднайте мене з оператором", "operator"),
    ],
)
def test_intents(knowledge, text, intent):
    assert Answering(knowledge, None, None).intent(text)[0] == intent
