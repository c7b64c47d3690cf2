"""The demo data of the tyre shop: the same on every machine."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select

from .database import Database
from .tables import Agent, Knowledge, Order, Product

_PRICES: Final = {"Michelin": 5200, "Nokian": 4700, "Premiorri": 2600, "Rosava": 2300}
_SIZES: Final = ((14, "175/65 R14"), (15, "195/65 R15"), (16, "205/55 R16"), (17, "225/45 R17"), (18, "235/55 R18"))
_SEASONS: Final = ("winter", "summer", "all-season")

# Where the bot has a recording, both say the same. How to store tyres is left out on purpose: that question
# goes to a human, whose answer can be made knowledge.
_KNOWLEDGE: Final = (
    ("uk", "hours", "Коли ви працюєте?", "Ми працюємо щодня з восьмої ранку до восьмої вечора.",
     "О котрій ви працюєте?;Який у вас графік роботи?;До котрої години ви працюєте?;Чи працюєте ви у неділю?"),
    ("uk", "address", "Де ви знаходитесь?", "Ми на вулиці Хрещатик, двадцять два.",
     "Яка у вас адреса?;Як до вас доїхати?"),
    ("uk", "delivery", "Скільки коштує доставка?", "Доставка комплекту шин безкоштовна, однієї шини 150 гривень.",
     "Яка ціна доставки?;Чи є у вас доставка?"),
    ("uk", "storage", "Чи є у вас сезонне зберігання шин?", "Так, зберігання комплекту коштує 1200 гривень за сезон.",
     "Скільки коштує зберігання шин?;Можна залишити шини на зберігання?"),
    ("uk", "refund", "Як повернути шини?", "Шини без слідів монтажу повертаємо протягом чотирнадцяти днів.",
     "Повернення товару;Хочу повернути гроші;Чи можна повернути шини?"),
    ("uk", "promotions", "Які у вас акції?", "На комплект зимових шин знижка десять відсотків.",
     "Чи є знижки?;Акції та знижки"),
    ("uk", "fitting", "Скільки коштує шиномонтаж?", "Шиномонтаж чотирьох коліс коштує тисячу гривень.",
     "Яка ціна шиномонтажу?;Скільки коштує переобути колеса?"),
    ("uk", "warranty", "Яка гарантія на шини?", "Гарантія на шини два роки з дня покупки.",
     "Чи є гарантія?;Гарантійний термін"),
    ("en", "hours", "What are your opening hours?",
     "We are open every day from eight in the morning to eight in the evening.",
     "When are you open?;When do you close?"),
    ("en", "address", "Where are you located?", "We are at twenty two Khreshchatyk Street.",
     "What is your address?;How do I get to you?"),
    ("en", "delivery", "How much is delivery?", "A set of tyres is delivered for free, one tyre for 150 hryvnias.",
     "What does delivery cost?;Do you deliver?"),
    ("en", "refund", "How can I return tyres?", "Tyres that were never mounted are taken back within fourteen days.",
     "Refund;I want my money back;Can I return the tyres?"),
    ("en", "promotions", "Do you have any promotions?", "A set of winter tyres is ten per cent off.",
     "Are there any discounts?;Special offers"),
    ("en", "fitting", "How much does the fitting cost?", "Fitting four wheels costs one thousand hryvnias.",
     "What is the price of a tyre fitting?;Price of changing tyres"),
    ("en", "warranty", "What is the warranty on tyres?", "The warranty on tyres is two years from the day of purchase.",
     "Is there a warranty?;How long is the guarantee?"),
)  # fmt: skip
_OPERATORS: Final = (("Оксана", "uk"), ("Петро", "uk"), ("Alice", "en"))
_ORDERS: Final = (("1001", 1, 4, "sent"), ("1002", 5, 4, "packed"), ("1003", 9, 2, "delivered"))


def seed_demo_data(database: Database) -> None:
    """Fill the tables that are empty; what is there stays as it is."""
    with database.session(guarded=False) as session:
        if session.scalar(select(Product.id).limit(1)) is None:
            session.add_all(_tyres())
            session.flush()
            for number, product, quantity, status in _ORDERS:
                tyre = session.scalars(select(Product).order_by(Product.id).offset(product - 1).limit(1)).one()
                price = quantity * tyre.price
                session.add(Order(number=number, product_id=tyre.id, quantity=quantity, price=price, status=status))
        if session.scalar(select(Knowledge.id).limit(1)) is None:
            session.add_all(
                Knowledge(title=title, content=content, category=category, source=f"shop-{language}", keywords=also)
                for language, category, title, content, also in _KNOWLEDGE
            )
        if session.scalar(select(Agent.id).limit(1)) is None:
            session.add_all(Agent(name=name, kind="operator", language=language) for name, language in _OPERATORS)
            session.add(Agent(name="tyre shop", kind="bot", language="uk"))


def _tyres() -> list[Product]:
    return [
        Product(
            season=season,
            size=size,
            inches=inches,
            brand=brand,
            price=price + 300 * (inches - 14),
            # Rosava makes no winter tyres of 18 inches here: a search that finds few, and R19 one that finds none.
            stock=0 if (brand, season, inches) == ("Rosava", "winter", 18) else 4 + (inches + place) % 9 * 4,
        )
        for season in _SEASONS
        for inches, size in _SIZES
        for place, (brand, price) in enumerate(_PRICES.items())
    ]
