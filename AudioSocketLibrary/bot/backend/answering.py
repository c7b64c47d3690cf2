"""What the bot answers to a text: its intent, how sure it is, where the answer is from; unsure, it asks a human."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from .events import NO_CALL, CallRef
from .grams import PhraseIndex
from .humans import Humans
from .knowledge import KnowledgeBase
from .services import Services
from .words import order_in, season_in, size_in

INTENTS: Final[dict[str, tuple[str, ...]]] = {
    "tyre_search": (
        "потрібні зимові шини", "шукаю літні шини", "які є шини", "підберіть шини на шістнадцять",
        "I need winter tyres", "looking for summer tyres", "which tyres do you have",
    ),
    "order_status": (
        "де моє замовлення", "який статус замовлення", "що з моїм замовленням", "статус замовлення номер",
        "where is my order", "what is the status of my order", "order status",
    ),
    "place_order": (
        "замовляю чотири", "оформіть замовлення", "беру ці шини", "I order four", "I will take them", "place an order",
    ),
    "fitting": (
        "записатися на шиномонтаж", "запишіть мене на завтра", "хочу переобутися", "запис на монтаж шин",
        "book a tyre fitting", "make an appointment", "change my tyres tomorrow",
    ),
    "delivery_tracking": ("коли приїде доставка", "де моя посилка", "track my delivery", "where is my parcel"),
    "refund": ("поверніть гроші", "повернення коштів", "I want a refund", "give me my money back"),
    "product_inquiry": ("розкажіть про цей товар", "які характеристики шини", "tell me about this product",
                        "product details"),
    "operator": (
        "з'єднайте з оператором", "покличте людину", "оператор", "talk to a human", "put me through to an operator",
    ),
    "goodbye": ("до побачення", "дякую бувайте", "goodbye", "bye"),
}  # fmt: skip
_SAID: Final = {
    "place_order": ("Скільки шин ви замовляєте?", "How many tyres would you like?"),
    "fitting": ("На який день вас записати?", "Which day suits you?"),
    "delivery_tracking": ("Назвіть, будь ласка, номер замовлення.", "What is the number of your order?"),
    "order_status": ("Назвіть, будь ласка, номер замовлення.", "What is the number of your order?"),
    "refund": ("Назвіть номер замовлення, і ми повернемо гроші.", "What is the number of the order to refund?"),
    "product_inquiry": ("Про які шини вам розповісти?", "Which tyres would you like to know about?"),
    "tyre_search": ("На який сезон і розмір?", "For which season, and of what size?"),
    "operator": ("З'єдную з оператором.", "I am putting you through to an operator."),
    "goodbye": ("Дякуємо. До побачення!", "Thank you. Goodbye!"),
}
_UNSURE: Final = ("Хвилинку, я уточню в оператора.", "One moment, I will ask an operator.")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer and how it came about."""

    answer: str
    intent: str
    confidence: float
    """0 to 1: the likeness to what was known; below the limit a human is asked."""
    sources: tuple[dict[str, Any], ...] = ()
    human_request: int | None = None


class Answering:
    """Answers texts. Every method may be called from any thread.

    Args:
        at_least: confidence below which a human is asked.
    """

    def __init__(self, knowledge: KnowledgeBase, services: Services, humans: Humans, *, at_least: float = 0.6) -> None:
        self._knowledge = knowledge
        self._services = services
        self._humans = humans
        self._at_least = at_least
        self._names = list(INTENTS)
        self._index = PhraseIndex()
        for key, name in enumerate(self._names):
            for phrase in INTENTS[name]:
                self._index.add(key, phrase)
        self._index.nearest("warm", 1)  # from here on it is only read

    def intent(self, text: str) -> tuple[str, float]:
        """The likest intent and its likeness; ``unknown`` where nothing is alike."""
        best = self._index.nearest(text, 1)
        return (self._names[best[0][0]], best[0][1]) if best and best[0][1] > 0 else ("unknown", 0.0)

    def answer(self, text: str, *, language: str = "uk", about: CallRef = NO_CALL) -> Answer:
        """Answer a text; an unsure answer has asked a human already."""
        english = language.lower().startswith("en")
        found = self._knowledge.search(text, most=3, at_least=self._at_least)
        intent, sure = self._intent_with_slots(text)
        sources = tuple({"id": each.id, "title": each.title, "similarity": each.similarity} for each in found)
        if found and found[0].similarity >= sure:
            return Answer(found[0].spoken, found[0].category or "knowledge", found[0].similarity, sources)
        if sure >= self._at_least:
            return Answer(self._say(intent, text, english, about), intent, sure, sources)
        confidence = max(sure, found[0].similarity if found else 0.0)
        request = self._humans.ask(text, confidence, about)
        return Answer(_UNSURE[english], intent, confidence, sources, request["id"])

    def _intent_with_slots(self, text: str) -> tuple[str, float]:
        intent, sure = self.intent(text)
        # Words that only this business has say more than likeness does.
        if season_in(text) and size_in(text):
            return "tyre_search", max(0.9, sure if intent == "tyre_search" else 0.0)
        if order_in(text) and ("замовл" in text.lower() or "order" in text.lower()):
            return "order_status", max(0.9, sure if intent == "order_status" else 0.0)
        return intent, sure

    def _say(self, intent: str, text: str, english: bool, about: CallRef) -> str:
        tools: dict[str, Callable[[], str | None]] = {
            "tyre_search": lambda: self._tyres(text, english, about),
            "order_status": lambda: self._order(text, english, about),
            "delivery_tracking": lambda: self._order(text, english, about),
        }
        said = tools[intent]() if intent in tools else None
        return said or _SAID[intent][english]

    def _tyres(self, text: str, english: bool, about: CallRef) -> str | None:
        season, size = season_in(text), size_in(text)
        if season is None or size is None:
            return None
        found = self._services.call("search_tyres", {"season": season, "size": size[1] or size[0]}, about)
        if not found["count"]:
            return "There are none of that size, sorry." if english else "На жаль, таких шин немає."
        names = ", ".join(found["brands"])
        if english:
            return f"There are {found['count']}: {names}, from {found['cheapest']} hryvnias."
        return f"Є {found['count']}: {names}, від {found['cheapest']} гривень."

    def _order(self, text: str, english: bool, about: CallRef) -> str | None:
        number = order_in(text)
        if number is None:
            return None
        order = self._services.call("order_status", {"number": number}, about)
        if not order["found"]:
            return f"There is no order {number}." if english else f"Замовлення {number} немає."
        return f"Order {number}: {order['status']}." if english else f"Замовлення {number}: {_STATUS[order['status']]}."


_STATUS: Final = {"accepted": "прийнято", "packed": "зібрано", "sent": "відправлено", "delivered": "доставлено"}
