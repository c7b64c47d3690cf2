"""The figures of a call, and its record."""

from __future__ import annotations

from enum import Enum
from itertools import pairwise
from typing import TYPE_CHECKING

from ..media.phrases import plain
from ..protocol import Party, ViolationKind
from ..records import CallRecord, Finding, Span, Turn, time_text
from .hearing import Stretch
from .steady import GAP, PHONE_BUFFER

if TYPE_CHECKING:
    from .call import Call
    from .turns import LiveTurn


class Figure(Enum):
    """A measured figure of a call or of one of its turns; in seconds unless told otherwise.

    | Figure | What it is |
    | --- | --- |
    | greeting time | UUID sent to the bot's first voiced sample |
    | response time | the caller's last voiced sample to the reply's first; of a turn, or the call's longest |
    | words time | the caller's last voiced sample to the words that the test expects; likewise |
    | barge in time | the caller starts to speak over the bot, to the bot's last voiced sample; likewise |
    | dead air | the longest time in which neither side spoke |
    | longest gap | the longest time without audio in the middle of the bot's speech |
    | missed turns | how many turns of the caller got no reply |
    | repeated replies | how many replies said the same words as the one before |
    | talk share | the bot's part of all speech, 0 to 1 |
    | call length | connect to close |
    | ahead of real time | how much of its audio the bot had sent before it could be played |
    | our lateness | p99 of how late we sent a media frame |

    Where we are the bot (`AudioSocketLibrary.Server`), the sides change places in response time, barge in time, longest
    gap and ahead of real time: they are the caller's. Greeting time is then not measured: the greeting is ours.
    """

    greeting_time = "greeting_time"
    response_time = "response_time"
    words_time = "words_time"
    barge_in_time = "barge_in_time"
    dead_air = "dead_air"
    longest_gap = "longest_gap"
    missed_turns = "missed_turns"
    repeated_replies = "repeated_replies"
    talk_share = "talk_share"
    call_length = "call_length"
    ahead_of_real_time = "ahead_of_real_time"
    our_lateness = "our_lateness"

    def __str__(self) -> str:
        return self.value.replace("_", " ")


SPOKE = 1.0
"""Seconds that we must have spoken before it is one-way audio that nothing was heard of the other side ..."""
TO_ANSWER = 2.0
"""... and that it had for an answer."""
FINDING_KINDS = (
    *(str(kind) for kind in ViolationKind),
    *("burst", "gap", "misread audio", "one-way audio"),
    *("too quiet", "too loud", "clipping", "dropout", "noise", "offset", "hum"),
)
"""What may be found in a call."""

COUNTS = (Figure.missed_turns, Figure.repeated_replies)
"""Figures that are numbers of something, not times."""

OF_A_TURN = (Figure.response_time, Figure.words_time, Figure.barge_in_time)
"""Figures that each turn has; the call's is the longest."""


def figure_of(call: Call, figure: Figure, turn: int | None = None) -> float | None:
    """A figure of the call so far, in seconds (talk share: 0 to 1); None: not measured.

    Args:
        call: the call.
        figure: which.
        turn: of which turn; None: of the call.
    """
    if figure is Figure.words_time:
        return call.words_time.get(turn) if turn is not None else max(call.words_time.values(), default=None)
    if figure in OF_A_TURN:
        turns = call.turns if turn is None else [call.turns[turn]]
        values = [value for each in turns if (value := getattr(each, figure.value)) is not None]
        return max(values, default=None)
    return figures_of(call).get(figure.value)


def figures_of(call: Call) -> dict[str, float]:
    """All figures of the call so far, by name; what was not measured is missing."""
    timeline, hearing = call.timeline, call.timeline.hearing
    until = call.until
    ours = [(u.start, u.end or until) for u in timeline.utterances if u.start is not None and u.kind != "keys"]
    theirs = [(stretch.start, min(stretch.end, until)) for stretch in hearing.heard if stretch.start < until]
    talk = _total(ours) + _total(theirs)
    bot_talk = _total(theirs if call.role is Party.CALLER else ours)
    found: dict[str, float | None] = {
        "greeting_time": call.greeting_time,
        "response_time": figure_of(call, Figure.response_time),
        "words_time": figure_of(call, Figure.words_time),
        "barge_in_time": figure_of(call, Figure.barge_in_time),
        "dead_air": _longest_silence([*ours, *theirs], call.line.uuid_at or call.began, until),
        "longest_gap": hearing.longest_gap,
        "missed_turns": _missed_turns(call),
        "repeated_replies": _repeated_replies(call),
        "talk_share": bot_talk / talk if talk else None,
        "call_length": until - call.began,
        "ahead_of_real_time": hearing.ahead,
        "lost_by_phone": hearing.lost,
        "our_lateness": timeline.lateness.percentile(99),
        "our_lateness_max": timeline.lateness.most,
        "loop_lag": call.loop_lag.percentile(99),
        f"{call.other}_frame_gap_p50": timeline.hearing.cadence.percentile(50),
        f"{call.other}_frame_gap_p99": timeline.hearing.cadence.percentile(99),
        "frames_sent": timeline.frames_sent,
        "frames_received": hearing.frames,
        "skipped": call.line.skipped,
    }
    return {name: value for name, value in found.items() if value is not None}


def record_of(
    call: Call, *, recording: str | None = None, sha256: str | None = None, arrived: str | None = None
) -> CallRecord:
    """The record of the call so far.

    Args:
        call: the call.
        recording: its path relative to the run's folder, once written.
        sha256: of the recording.
        arrived: path of the bot's side as it arrived, where that differs.
    """
    timeline = call.timeline
    ending = timeline.ending
    at = call.seconds
    turns = tuple(
        Turn(
            turn.number,
            turn.kind,
            turn.said,
            None if turn.number == 0 else at(turn.start),
            None if turn.end is None else at(turn.end),
            tuple(_span(call, part) for part in turn.parts),
            turn.response_time,
            turn.barge_in_time,
            tuple(call.words[part.start].text if part.start in call.words else "" for part in turn.parts)
            if call.words
            else (),
            call.words_time.get(turn.number),
            turn.voice,
            _silent_frames(call, turn),
        )
        for turn in call.turns
    )
    sounds = tuple(
        (Span(at(u.start), at(u.end or call.until)), u.said)
        for u in timeline.utterances
        if u.kind == "sound" and u.start is not None
    )
    return CallRecord(
        call=call.id,
        uuid=str(call.uuid),
        bot=str(call.bot),
        role=call.role.value,
        alias=call.alias,
        format=call.settings.format.name,
        asterisk=str(call.settings.asterisk),
        rules=call.settings.rules,
        line=" then ".join(call.outgoing.lines),
        started=call.began_at.isoformat(timespec="milliseconds"),
        length=call.until - call.began,
        ended_by=ending.by if ending else None,
        reason=ending.reason if ending else "",
        figures=figures_of(call),
        turns=turns,
        keys=tuple((at(time), key) for time, key in call.keys),
        sounds=sounds,
        findings=tuple(sorted([*timeline.findings, *sound_findings(call)], key=lambda finding: finding.at)),
        judgements=tuple(call.judgements),
        marks=tuple(sorted((*call.marks, *call.asked), key=lambda mark: mark.at)) if call.asked else call.marks,
        recording=recording,
        recording_sha256=sha256,
        arrived=arrived,
    )


def _silent_frames(call: Call, turn: LiveTurn) -> float | None:
    """Silence that the bot sent before it spoke: only of a bot that sends nothing while it is silent."""
    if turn.end is None or not turn.parts:
        return None
    began = [at for at in call.timeline.hearing.resumed if turn.end < at <= turn.parts[0].start]
    return turn.parts[0].start - began[-1] if began else None


def sound_findings(call: Call) -> list[Finding]:
    """What a phone would have stumbled over: bursts that it lost, gaps that it could not hide."""
    hearing = call.timeline.hearing
    bursts = [
        Finding(
            call.seconds(at),
            "burst",
            f"the {call.other} sent faster than real time: a phone that holds {PHONE_BUFFER * 1000:.0f} ms lost "
            f"{time_text(lost)} of it. Send one frame of 20 ms every 20 ms",
        )
        for at, lost in hearing.lost_at
    ]
    gaps = [
        Finding(
            call.seconds(at),
            "gap",
            f"the {call.other}'s audio paused for {time_text(gap)} in the middle of speech "
            f"(more than {GAP * 1000:.0f} ms is heard)",
        )
        for at, gap in hearing.gaps
    ]
    misread = []
    # Of a caller it is no mistake: Dial without c() carries the phone's G.711 in 0x10.
    if hearing.misread_at is not None and call.role is Party.CALLER:
        misread.append(
            Finding(
                call.seconds(hearing.misread_at),
                "misread audio",
                f"the bot sent {call.settings.format.name} in 0x10, which Asterisk takes for slin at 8 kHz: the phone "
                "hears noise, or half the speed. Answer in slin, or in a type of its own (0x11-0x18)",
            )
        )
    return bursts + gaps + misread + _one_way(call)


def _one_way(call: Call) -> list[Finding]:
    """The other side was never heard, though we spoke and gave it time. Noise of up to -40 dBFS is not heard either."""
    timeline = call.timeline
    ours = [(u.start, u.end) for u in timeline.utterances if u.kind == "speech" and u.start is not None and u.end]
    talk = _total(ours)
    if not call.over or timeline.hearing.spans or talk < SPOKE or call.until - ours[0][1] < TO_ANSWER:
        return []
    frames = timeline.hearing.frames
    came = f"its {frames} media frames are silent" if frames else "it sent no audio at all"
    return [
        Finding(
            call.seconds(ours[0][0]),
            "one-way audio",
            f"the {call.role} spoke for {time_text(talk)}, but nothing was heard of the {call.other}: {came}. "
            f"Look whether its audio is muted, or goes to another call",
        )
    ]


def _missed_turns(call: Call) -> int:
    """Turns that are over and got no reply; the last one may still get one while its time-out runs."""
    turns = call.turns
    last = turns[-1]
    waits = not call.over and (last.end is None or call.until < last.end + call.settings.turn_timeout)
    return sum(not turn.parts and not (turn is last and waits) for turn in turns[1:])


def _repeated_replies(call: Call) -> int | None:
    """None where no words were understood."""
    said = []
    for turn in call.turns:
        words = [known.text for part in turn.parts if (known := call.words.get(part.start))]
        if reply := plain(" ".join(words)):
            said.append(reply)
    return sum(one == other for one, other in pairwise(said)) if said else None


def _span(call: Call, stretch: Stretch) -> Span:
    return Span(call.seconds(stretch.start), call.seconds(stretch.end))


def _total(stretches: list[tuple[float, float]]) -> float:
    return sum(max(0.0, end - start) for start, end in stretches)


def _longest_silence(stretches: list[tuple[float, float]], start: float, end: float) -> float:
    longest, quiet_since = 0.0, start
    for begin, stop in sorted(stretches):
        longest = max(longest, begin - quiet_since)
        quiet_since = max(quiet_since, stop)
    return max(longest, end - quiet_since)
