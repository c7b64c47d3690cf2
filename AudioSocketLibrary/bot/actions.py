"""What the bot can do, well or badly: each action with its parameters and with what a caller should notice."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .parameters import Parameter, audio_type, hexadecimal, recordings, seconds, speed, switch, whole

if TYPE_CHECKING:
    from .agenda import Cause
    from .session import Session

    Run = Callable[[Session, dict[str, Any], Cause], None]


@dataclass(frozen=True, slots=True)
class Action:
    """An action; the first of its parameters may stand right after its name: ``do: play menu``."""

    name: str
    run: Run
    notice: str
    """What a caller should notice."""
    parameters: tuple[Parameter, ...] = ()
    talks: bool = False
    """It makes the bot speak: it is planned ahead, and ``stop`` drops it while it waits."""


CONVERSE: Final = "converse"
_RECORDING: Final = Parameter("recording", recordings, "a prompt's name or a file; a list is taken in turn")


def _play(session: Session, how: dict[str, Any], cause: Cause) -> None:
    session.play(how["recording"], cause, speed=1.0)


def _burst(session: Session, how: dict[str, Any], cause: Cause) -> None:
    session.play(how["recording"], cause, speed=how["speed"])


def _tone(session: Session, how: dict[str, Any], cause: Cause) -> None:
    session.play_tone(how["for"], how["frequency"], cause)


def _converse(session: Session, _: dict[str, Any], cause: Cause) -> None:
    session.converse(cause)


def _half_header(session: Session, how: dict[str, Any], _: Cause) -> None:
    session.mouth.send_half_header(how["for"])


def _late_payload(session: Session, how: dict[str, Any], _: Cause) -> None:
    session.mouth.delay_payload(how["by"])


def _frames_of(session: Session, how: dict[str, Any], _: Cause) -> None:
    session.mouth.cut_into(how["bytes"])


def _frames_as(session: Session, how: dict[str, Any], _: Cause) -> None:
    session.mouth.send_as(how["type"])


def _echo(session: Session, how: dict[str, Any], _: Cause) -> None:
    session.echo(how["echo"])


ACTIONS: Final = {
    action.name: action
    for action in (
        Action("play", _play, "the recording, at 20 ms a frame", (_RECORDING,), talks=True),
        Action(
            "tone",
            _tone,
            "a tone that begins at its exact sample, between two ticks of the bot",
            (
                Parameter("for", seconds, "how long", 0.3),
                Parameter("frequency", whole, "in Hz", 1000),
            ),
            talks=True,
        ),
        Action(
            "burst",
            _burst,
            "a recording faster than real time: a phone's buffer keeps only 200 ms of what is ahead",
            (_RECORDING, Parameter("speed", speed, "'at once', or how many times real time", math.inf)),
            talks=True,
        ),
        Action(CONVERSE, _converse, "what the dialogue answers; only for a bot that has one", talks=True),
        Action("stop", lambda session, _, __: session.stop_talking(), "the bot stops in the middle of a word"),
        Action("hang up", lambda session, _, __: session.hang_up(), "the call ends: the bot closed"),
        Action(
            "hang up with frame",
            lambda session, _, __: session.hang_up(with_frame=True),
            "the call ends: the bot sent 0x00, then closed",
        ),
        Action("reset", lambda session, _, __: session.reset(), "the call breaks: RST instead of an end"),
        Action(
            "echo",
            _echo,
            "the caller's own audio comes back, bit by bit, as it arrived",
            (Parameter("echo", switch, "on or off", True),),
        ),
        Action(
            "send",
            lambda session, how, _: session.mouth.send_raw(how["data"]),
            "these very bytes; '02 00 00' ends the call behind Asterisk since 22.4",
            (Parameter("data", hexadecimal, "in hexadecimal, like '02 00 00'"),),
        ),
        Action("mute", lambda session, _, __: session.mute(), "nothing at all any more, not even silence"),
        Action(
            "pause",
            lambda session, how, _: session.mouth.pause(how["for"]),
            "a gap: nothing arrives for so long, then the bot goes on where it was",
            (Parameter("for", seconds, "how long"),),
        ),
        Action(
            "stop reading",
            lambda session, _, __: session.stop_reading(),
            "the caller's writes fill the buffers; Asterisk drops the call at the first unfinished one",
        ),
        Action(
            "half header",
            _half_header,
            "two bytes of a header, then nothing: Asterisk 22.9 and newer stands still, older ones drop the call",
            (Parameter("for", seconds, "then the rest comes; default: it never does", math.inf),),
        ),
        Action(
            "late payload",
            _late_payload,
            "one frame in two pieces; more than 5 ms apart drop the call",
            (Parameter("by", seconds, "time between header and payload"),),
        ),
        Action(
            "frames of",
            _frames_of,
            "audio in frames of another size from now on, at the same pace",
            (Parameter("bytes", whole, "payload of each frame; a 16-bit sample has 2"),),
        ),
        Action(
            "frames as",
            _frames_as,
            "audio frames of another type from now on: Asterisk does not take them",
            (Parameter("type", audio_type, "0x10 to 0x18"),),
        ),
    )
}
