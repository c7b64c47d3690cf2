"""The step that judges an echo: what the caller said came back, byte for byte."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import Final

from ..call import Call
from ..call.timeline import Utterance
from ..records import CallFailure, FailureKind, UsageError, time_text
from ..transport import now
from .calls import Calls
from .step import Step

LOOK: Final = 0.020
"""Seconds between two looks at what came back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BotShouldEcho(Step):
    """What the caller said last, from its first voiced media frame to its last, comes back unchanged. Hard."""

    within: float
    """Seconds from the caller's last voiced sample."""

    @property
    def hears(self) -> bool:
        return True

    async def play(self, calls: Calls) -> None:
        call = calls.get(self.call)
        utterance = _last_said(call)
        begin, sent = _sent(call, utterance)

        def came_at() -> float:
            return 0.0 if sent in _arrived(call, begin) else now() + LOOK

        end = utterance.end
        assert end is not None, "Play returns when the last voiced sample was sent"
        if await call.wait_for(came_at, end + self.within):
            return
        if call.over:
            raise call.ended_early(f"all of '{utterance.said}' had come back")
        raise CallFailure(
            FailureKind.WRONG_ECHO,
            f"Bot did not send back '{utterance.said}' as it was said: {_difference(sent, _arrived(call, begin))} "
            f"(within {time_text(self.within)}).{call.listen_at(begin)}",
            at=call.seconds(begin), limit=self.within,
        )  # fmt: skip


def _last_said(call: Call) -> Utterance:
    for utterance in reversed(call.timeline.utterances):
        if utterance.playback is not None:
            return utterance
    raise UsageError("The caller has said nothing yet that could come back. Use 'Play' or 'Say' first")


def _sent(call: Call, utterance: Utterance) -> tuple[float, bytes]:
    """When the first voiced media frame of an utterance was sent; the payloads of that one to the last, as sent."""
    playback = utterance.playback
    assert playback
    first = max(0, utterance.first // playback.samples - playback.first)
    times = playback.times[first : playback.mark - playback.first + 1]
    if not times:
        raise call.ended_early(f"'{utterance.said}' could come back")
    frames = call.timeline.sent_frames
    begin, end = bisect_left(frames.times, times[0]), bisect_right(frames.times, times[-1])
    return times[0], b"".join(frame[3:] for _, frame in frames[begin:end])


def _arrived(call: Call, since: float) -> bytes:
    played = call.timeline.hearing.played
    return b"".join(row[-1] for row in played[bisect_left(played.times, since) :])


def _difference(sent: bytes, came: bytes) -> str:
    """Where what came back ceases to be what was sent, for people."""
    # A media frame of speech is its own mark: where it lies in what came back, the echo begins.
    mark = sent[: min(len(sent), 320)]
    start = came.find(mark)
    if start < 0:
        return f"nothing of its {len(sent):,} bytes is among the {len(came):,} bytes that came"
    back = came[start : start + len(sent)]
    same = next((index for index, (ours, theirs) in enumerate(zip(sent, back, strict=False)) if ours != theirs), None)
    if same is None:
        return f"of its {len(sent):,} bytes only {len(back):,} came"
    return f"byte {same + 1:,} of {len(sent):,} was 0x{sent[same]:02x}, and came back as 0x{back[same]:02x}"
