"""The record of one call: what happened, in seconds since the call began to connect.

Plain data, written as JSON lines and as test metadata. Version 1 of the schema; a reader refuses a newer one.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Self

VERSION = 1

Side = Literal["caller", "bot", "asterisk", "network"]
"""Who ended a call: ``asterisk`` where the bot broke one of its rules, ``network`` where the connection was lost."""

Clock = Literal["same", "wall", "arrival"]
"""What dates an event of the bot: the monotonic clock of ``same`` machine; the ``wall`` clock of another machine,
which is off by as much as the two differ; or its ``arrival`` here, where it told no time."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time: from ``start`` to ``end``, in seconds of the call."""

    start: float
    end: float

    @property
    def length(self) -> float:
        """The length in seconds."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn: what the caller did, and the bot's reply to it. Turn 0 is the greeting."""

    number: int
    kind: Literal["greeting", "speech", "keys"]
    said: str = ""
    """What the caller said: the text or the recording's name; the keys pressed; empty in turn 0."""
    start: float | None = None
    """The caller's first voiced sample (or first key); None in turn 0."""
    end: float | None = None
    """The caller's last voiced sample (or last key); None in turn 0 and while the caller still speaks."""
    parts: tuple[Span, ...] = ()
    """The reply, in parts as heard with no buffer: a part ends with ``reply_pause`` of silence."""
    response_time: float | None = None
    """From ``end`` to the reply's first voiced sample; negative where the bot interrupted. None: no reply."""
    barge_in_time: float | None = None
    """Where the caller spoke over the bot: from ``start`` to the bot's last voiced sample."""
    words: tuple[str, ...] = ()
    """What was said in each of the parts; empty where it was not understood, or nobody asked."""
    words_time: float | None = None
    """From ``end`` to the expected words, where any were expected."""
    voice: str = ""
    """Whose the caller's was: the recording's file, or the voice that it was synthesised with."""
    silent_frames: float | None = None
    """How long the reply's frames had come before its first voiced sample: silence that the bot sent. None where they
    came all the time, or there is no reply."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something noticed in a call that Asterisk or a phone would have stumbled over."""

    at: float
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that the bot told of its inside: an event."""

    at: float
    name: str
    fields: dict[str, Any] = field(default_factory=dict)
    clock: Clock = "same"


Outcome = Literal["", "passed", "failed", "not placed", "dropped", "interrupted"]
"""What became of a call of a load; empty: it was made live. ``not placed``: the limit of calls was full; ``dropped``:
we were too late to place it; ``interrupted``: the end of the run cut it, so it neither passed nor failed."""


@dataclass(frozen=True, slots=True)
class StepTime:
    """A step as it was played, in seconds of the call; before the connection they are negative."""

    name: str
    at: float
    end: float
    failed: str = ""
    """The failure kind; empty: it did not fail."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A limit that the call broke, as its message told it."""

    at: float
    kind: str
    """The failure kind."""
    text: str
    turn: int | None = None
    figure: str | None = None
    value: float | None = None
    limit: float | None = None

    @property
    def what(self) -> str:
        """The text without where to listen: for places that play the recording themselves."""
        return self.text.partition(" Listen: ")[0]


@dataclass(frozen=True, slots=True)
class CallRecord:
    """All that is kept of a call."""

    call: str
    """The call id: ours, unique."""
    uuid: str
    bot: str
    role: Literal["caller", "bot"] = "caller"
    """Which side we were; as the bot, ``turns`` begin with what we said, and their replies are the caller's."""
    alias: str = ""
    worker: str = ""
    scenario: str = ""
    target: str = ""
    """Which bot, where a run calls several."""
    index: int | None = None
    """The number of the call in the schedule of a load; None: it was made live."""
    phase: str = ""
    measured: bool = True
    """Whether it counts in verdicts: calls of a warm-up or a ramp do not."""
    intended: float | None = None
    """The planned start, in seconds of the run."""
    start: float | None = None
    """When it began to connect, in seconds of the run; None: it was never placed."""
    outcome: Outcome = ""
    failure: str = ""
    """Why it failed: the kind of its first hard failure, else of its first soft one."""
    format: str = "slin"
    asterisk: str = ""
    rules: Literal["strict", "lenient"] = "strict"
    line: str = "clean"
    """How the caller sounded; with ``then`` between, where that changed."""
    started: str = ""
    """Wall clock at the start, ISO 8601 with its zone."""
    length: float = 0.0
    ended_by: Side | None = None
    """None while the call lasts."""
    reason: str = ""
    figures: dict[str, float] = field(default_factory=dict)
    """Measured figures by name, in seconds unless the name says otherwise. What was not measured is missing."""
    turns: tuple[Turn, ...] = ()
    keys: tuple[tuple[float, str], ...] = ()
    sounds: tuple[tuple[Span, str], ...] = ()
    """What the caller let be heard that is no turn."""
    findings: tuple[Finding, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    steps: tuple[StepTime, ...] = ()
    """What was done, in the order of the plan; of live calls Robot's log has it."""
    marks: tuple[Mark, ...] = ()
    """What the bot told of its inside, as it happened."""
    recording: str | None = None
    """Path relative to the run's folder; left the caller, right the bot as a phone hears it."""
    recording_sha256: str | None = None
    arrived: str | None = None
    """The bot's side as it arrived, where that differs from what a phone hears."""
    v: int = VERSION

    def to_json(self) -> dict[str, Any]:
        """The record as JSON-ready data; times rounded to 0.1 ms, which is finer than any of them is known."""
        data: dict[str, Any] = _rounded(asdict(self))
        return data

    def to_row(self) -> dict[str, Any]:
        """The same without what is empty: a reader takes the defaults of the fields for it."""
        data: dict[str, Any] = _without_empty(self.to_json())
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read a record back.

        Raises:
            ValueError: the record was written by a newer version.
        """
        if data.get("v", VERSION) > VERSION:
            raise ValueError(f"The call record has version {data['v']}; this library reads up to {VERSION}. Update it.")
        known = dict(data)
        known["turns"] = tuple(
            Turn(
                **{
                    **turn,
                    "parts": tuple(Span(**part) for part in turn.get("parts", ())),
                    "words": tuple(turn.get("words", ())),
                }
            )
            for turn in data.get("turns", ())
        )
        known["keys"] = tuple((at, key) for at, key in data.get("keys", ()))
        known["sounds"] = tuple((Span(**span), name) for span, name in data.get("sounds", ()))
        known["findings"] = tuple(Finding(**finding) for finding in data.get("findings", ()))
        known["marks"] = tuple(Mark(**mark) for mark in data.get("marks", ()))
        known["steps"] = tuple(StepTime(**step) for step in data.get("steps", ()))
        known["judgements"] = tuple(Judgement(**judgement) for judgement in data.get("judgements", ()))
        return cls(**known)


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_empty(item) for key, item in value.items() if item not in (None, "", [], {})}
    if isinstance(value, list):
        return [_without_empty(item) for item in value]
    return value


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(float(value), 4)  # plain: of numpy's floats, comparisons are arrays
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return value
