"""What each version of Asterisk makes of what a bot sent: the same bytes, judged by every row's rules."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ..protocol import ROWS, Behaviour, FrameReader, FrameType, Party, RuleBook, Violation, ViolationKind
from ..transport.connection import LEAST_STALL
from .line import Line
from .probe import Reason

ENDINGS = frozenset({
    ViolationKind.CUT_MID_FRAME,
    ViolationKind.RESET,
    ViolationKind.UNNOTICED_CLOSE,
    ViolationKind.HANGUP_WITH_PAYLOAD,
    ViolationKind.AFTER_HANGUP,
})  # fmt: skip
"""Rules about how a bot ends a call."""


def broken_rules(line: Line, behaviour: Behaviour) -> list[Violation]:
    """The rules of one row that the bot broke on a line, in their order."""
    rules = RuleBook(Party.BOT, behaviour, audio=line.format)
    reader = FrameReader()
    found: list[Violation | None] = []
    hung_up = False
    for piece in line.pieces:
        if reader.inside:
            found.append(_stalled(reader, rules, piece.stalled))
        for frame in reader.feed(piece.data):
            found.append(rules.check(frame))
            hung_up |= frame.type == FrameType.HANGUP
    if hung_up:
        pass
    elif line.bot_ended == "reset":
        found.append(rules.reset())
    elif line.bot_ended == "close":
        inside = reader.inside
        found.append(rules.cut_mid_frame(reader.missing, inside) if inside else rules.closed())
    elif reader.inside:
        found.append(_stalled(reader, rules, line.stalled))
    return [violation for violation in found if violation]


def _stalled(reader: FrameReader, rules: RuleBook, seconds: float) -> Violation | None:
    if seconds < LEAST_STALL:
        return None
    return rules.half_header(seconds * 1000) if reader.header is None else rules.late_payload(seconds * 1000)


def reasons_of(lines: Iterable[Line], kinds: Collection[ViolationKind]) -> dict[str, Reason]:
    """Of each row whose rules were broken: by what. A fatal violation outranks the others."""
    reasons: dict[str, Reason] = {}
    kept = [line for line in lines if line.pieces or line.bot_ended]
    for row in ROWS:
        broken = [each for line in kept for each in broken_rules(line, row) if each.kind in kinds]
        if broken:
            worst = max(broken, key=lambda violation: violation.fatal)
            reasons[row.name] = Reason(worst.text.removeprefix("the bot "), ends_call=worst.fatal)
    return reasons
