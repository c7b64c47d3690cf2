"""What requests carry. Texts that people may read in a page are made safe: no tags, special characters as entities."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import nh3
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from .access import storable


def _clean(text: str) -> str:
    return nh3.clean(text, tags=set()).strip()


def _not_empty(text: str) -> str:
    if not text:
        raise ValueError("nothing is left of it without its tags")
    return text


Name = Annotated[
    str,
    StringConstraints(max_length=150),
    AfterValidator(storable),
    AfterValidator(_clean),
    AfterValidator(_not_empty),
]
Words = Annotated[
    str,
    StringConstraints(max_length=5000),
    AfterValidator(storable),
    AfterValidator(_clean),
    AfterValidator(_not_empty),
]
Optional = Annotated[str, StringConstraints(max_length=150), AfterValidator(storable), AfterValidator(_clean)]
Exact = Annotated[str, StringConstraints(max_length=100), AfterValidator(storable)]


class Body(BaseModel):
    """A request's body: what it does not know, it refuses."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class OfCallBody(Body):
    """What may belong to a call."""

    uuid: Exact = ""
    run: Exact = ""


class Login(Body):
    """Name and password; a shorter life of the token, in seconds, where a test wants one that expires."""

    username: Exact
    password: Annotated[str, StringConstraints(max_length=200, strip_whitespace=False)] = Field(repr=False)
    expires_in: float | None = Field(None, ge=0, le=31_536_000, allow_inf_nan=False)


class NewKnowledge(OfCallBody):
    """A question and its answer; other ways to ask it in ``keywords``, separated by semicolons."""

    title: Name
    content: Words
    category: Name = "general"
    source: Optional = ""
    keywords: Annotated[str, StringConstraints(max_length=2000), AfterValidator(storable), AfterValidator(_clean)] = ""


class NewAgent(Body):
    """A bot or an operator."""

    name: Name
    kind: Literal["bot", "operator"] = "bot"
    language: Annotated[str, StringConstraints(pattern="^[a-z]{2}(-[A-Za-z]{2})?$")] = "uk"
    active: bool = True


class NewOrder(OfCallBody):
    """An order."""

    product: int = Field(ge=1, le=2**31 - 1)
    quantity: int = Field(4, ge=1, le=100)
    customer: Optional = ""
    phone: Optional = ""


class NewBooking(OfCallBody):
    """An hour of the fitting bay."""

    day: date
    time: Annotated[str, StringConstraints(pattern=r"^\d\d:00$")]
    customer: Optional = ""
    phone: Optional = ""
    car: Optional = ""
    service: Optional = "fitting"


class Query(OfCallBody):
    """A text to be answered; the call it belongs to, if any."""

    text: Name
    language: Annotated[str, StringConstraints(pattern="^[a-z]{2}(-[A-Za-z]{2})?$")] = "uk"
    call: int = Field(0, ge=0, le=2**31 - 1)


class HumanReply(Body):
    """An operator's answer."""

    answer: Words


class Extract(Body):
    """Under which title and category an answer becomes knowledge; default: under its question."""

    title: Name | None = None
    category: Name = "from operators"
