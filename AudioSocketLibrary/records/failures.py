"""Why a call failed: a fixed list of kinds, and the one exception that carries them to people."""

from __future__ import annotations

from enum import StrEnum

from .call import Judgement


class FailureKind(StrEnum):
    """Why a call failed. The list is fixed: reports count by it."""

    REFUSED = "refused"
    CONNECT_TIMEOUT = "connect time-out"
    NO_GREETING = "no greeting"
    LATE_GREETING = "late greeting"
    NO_REPLY = "no reply"
    LATE_REPLY = "late reply"
    LATE_WORDS = "late words"
    WRONG_WORDS = "wrong words"
    WRONG_PROMPT = "wrong prompt"
    WRONG_KEYS = "wrong keys"
    WRONG_ECHO = "wrong echo"
    WRONG_FORMAT = "wrong format"
    NOT_STOPPED = "did not stop talking"
    STOPPED = "stopped talking"
    TALKED = "talked"
    NO_HANGUP = "no hangup"
    WRONG_END = "wrong end"
    POOR_SOUND = "poor sound"
    FINDING = "finding"
    LIMIT = "limit broken"
    CUT_BY_BOT = "cut by the bot"
    CUT_BY_CALLER = "cut by the caller"
    CUT_BY_NETWORK = "cut by the network"
    DROPPED = "dropped by Asterisk's rule"
    TOO_LONG = "call too long"
    MISSED_MOMENT = "missed moment"
    NO_EVENT = "no event"
    MISUNDERSTOOD = "misunderstood"
    NOT_ANNOUNCED = "not announced"
    BACKEND = "wrong in the backend"
    NOT_PLACED = "not placed"
    NO_CALL = "no call"


class CallFailure(AssertionError):
    """A call did not do what was expected of it. Its text is one sentence for people.

    Soft failures let the call go on (Robot's own continuable failures); hard ones end the test or the call's plan.
    """

    ROBOT_SUPPRESS_NAME = True

    def __init__(
        self,
        kind: FailureKind,
        text: str,
        *,
        at: float = 0.0,
        soft: bool = False,
        turn: int | None = None,
        figure: str | None = None,
        value: float | None = None,
        limit: float | None = None,
    ) -> None:
        super().__init__(text)
        self.kind = kind
        self.soft = soft
        self.judgement = Judgement(at, str(kind), text, turn, figure, value, limit)

    @property
    def ROBOT_CONTINUE_ON_FAILURE(self) -> bool:  # noqa: N802 - the name is Robot's
        """Whether Robot goes on with the test and reports the failure at its end."""
        return self.soft


class UsageError(ValueError):
    """Something was asked for that cannot be done as asked; the text says what to do instead."""

    ROBOT_SUPPRESS_NAME = True
