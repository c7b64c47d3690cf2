"""Where a broken limit of a call is to be shown: at the reply that it is about, or by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..records import CallRecord, Judgement, Span, Turn

RESPONSE, BARGE_IN, GREETING = "response time", "barge in time", "greeting time"


def figure_name(name: str) -> str:
    """The name of a figure as people write it: ``response_time`` is ``response time``."""
    return name.replace("_", " ").replace("-", " ").strip()


def figure(record: CallRecord, name: str) -> float | None:
    """A figure of the call by its name as people write it; None where it was not measured."""
    return next((value for key, value in record.figures.items() if figure_name(key) == name), None)


def broken_limit(record: CallRecord, turn: int, name: str) -> Judgement | None:
    """The limit on this figure of this turn that was broken, if any. The greeting is the reply of turn 0."""
    for judgement in record.judgements:
        if judgement.limit is None or judgement.figure is None or judgement.value is None:
            continue
        broken = figure_name(judgement.figure)
        if broken == name and (judgement.turn == turn or (broken == GREETING and turn == 0)):
            return judgement
    return None


def listen_from(one: Judgement) -> float:
    """Where to begin to listen: of what came late, at the beginning of the wait for it."""
    waited = figure_name(one.figure or "") in (RESPONSE, GREETING) and one.limit is not None
    return one.at - max(one.value or 0.0, 0.0) if waited else one.at


def by_itself(record: CallRecord, *, drawn: bool = False) -> list[Judgement]:
    """The judgements that have no place at a reply, and need a row or a mark of their own.

    Args:
        record: The call.
        drawn: For the picture, which also shows barge-in times of turns whose speech was no part of a reply.
    """
    placed: list[Judgement | None] = []
    for turn in record.turns:
        if turn.parts and (turn.number == 0 or turn.response_time is not None):
            placed.append(broken_limit(record, turn.number, GREETING if turn.number == 0 else RESPONSE))
        if turn.barge_in_time is not None and (drawn or interrupted(record, turn) is not None):
            placed.append(broken_limit(record, turn.number, BARGE_IN))
    return [one for one in record.judgements if not any(one is other for other in placed)]


def interrupted(record: CallRecord, turn: Turn) -> Span | None:
    """The part of an earlier reply that the caller spoke over when this turn began."""
    if turn.start is None or turn.barge_in_time is None:
        return None
    earlier = [part for one in record.turns if one.number < turn.number for part in one.parts]
    return next((part for part in reversed(earlier) if part.start <= turn.start), None)
