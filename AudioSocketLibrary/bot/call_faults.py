"""The faults that strike one call: looked up where they matter, and those that are actions of a script, done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from weakref import proxy

from ..media import Sound
from ..protocol import AudioFormat
from ..transport import now
from .actions import ACTIONS
from .agenda import Cause
from .faults import Fault, Faults
from .script import row
from .spoiling import spoiled

if TYPE_CHECKING:
    from .session import Session

ONE_MOMENT: Final = "one_moment"
"""The prompt that fills the time until a late answer."""
_FIRST_GAP: Final = 0.3
"""Seconds into speech: short prompts shall have one too."""
_LEAST_SPEECH: Final = 0.1
"""Seconds between two gaps."""
_UNDO: Final[dict[str, Callable[[Session], object]]] = {
    "mute": lambda session: session.mouth.unmute(),
    "odd frames": lambda session: session.mouth.cut_into(0),
    "wrong type": lambda session: session.mouth.send_as(None),
}
_LEAKS: Final = ("leaking memory", "leaking sockets")


class CallFaults:
    """Which faults strike this call. Whether one does is drawn once, by the call's number.

    Args:
        faults: which are set.
        session: the call.
    """

    def __init__(self, faults: Faults, session: Session) -> None:
        self._faults = faults
        self._session: Session = proxy(session)
        self._drawn: dict[str, tuple[Fault, str, Fault | None]] = {}
        self._active: dict[str, Fault] = {}
        self._gaps_run = False

    def get(self, name: str) -> Mapping[str, Any] | None:
        """The parameters of a fault that strikes this call; None: it does not."""
        fault = self._struck(name)
        return None if fault is None else fault.how

    def changed(self) -> None:
        """The call began, its UUID arrived, or faults were set or cleared."""
        for name, kind in self._faults.kinds.items():
            if not kind.does and name not in _LEAKS:
                continue
            fault, was = self._struck(name), self._active.get(name)
            if fault is was:
                continue
            if was is not None:
                del self._active[name]
                _UNDO.get(name, _nothing)(self._session)
            if fault is not None:
                self._active[name] = fault
                self._begin(fault)

    def delay(self, turn: int) -> float:
        """Seconds by which what is said in a turn comes late."""
        late = 0.0
        for name in ("slow speech", *(("late greeting",) if turn == 0 else ())):
            if how := self.get(name):
                late += how["by"]
        if turn and (how := self.get("knee")):
            late += how["by"] * max(0, self._session.calls_at_once - how["above"])
        return late

    def spoiled(self, sound: Sound, audio: AudioFormat) -> Sound:
        """A recording as it sounds in this call."""
        clipped, quiet, noisy = self.get("clipped audio"), self.get("quiet audio"), self.get("noisy audio")
        rate = self.get("wrong rate")
        if not (clipped or quiet or noisy or rate):
            return sound
        return spoiled(
            sound,
            audio.rate,
            rate["rate"] if rate else audio.rate,
            (clipped["by"] if clipped else 0.0) - (quiet["by"] if quiet else 0.0),
            noisy["level"] if noisy else None,
        )

    def began_to_speak(self) -> None:
        """The bot's first voiced sample of a recording was sent."""
        session = self._session
        if (how := self.get("hang up mid prompt")) is not None:
            session.later(how["after"], partial(self._if_still, "hang up mid prompt", session.hang_up))
        if not self._gaps_run and (self.get("gaps") or self.get("underruns")):
            self._gaps_run = True
            session.later(_FIRST_GAP, self._gap)

    # -- inside -------------------------------------------------------------------------------------------------------

    def _struck(self, name: str) -> Fault | None:
        fault = self._faults.current(name)
        if fault is None:
            return None
        session, drawn = self._session, self._drawn.get(name)
        # Anew when the UUID has come: it may be the one that was meant.
        if drawn is None or drawn[0] is not fault or (drawn[2] is None and drawn[1] != session.uuid):
            drawn = (fault, session.uuid, self._faults.strikes(name, session.uuid, key=session.number))
            self._drawn[name] = drawn
        return drawn[2]

    def _begin(self, fault: Fault) -> None:
        name, how = fault.kind.name, fault.how
        if name == "leaking memory":
            self._session.burdens.leak_memory(how["mb"])
        elif name == "leaking sockets":
            self._session.burdens.leak_sockets(how["count"])
        else:
            names = {parameter.name for parameter in ACTIONS[fault.kind.does].parameters}
            own = {key: value for key, value in how.items() if key in names}
            misdeed = row("connected", fault.kind.does, **fault.kind.how, **own)
            do = partial(self._session.do, misdeed, Cause("connected", now(), 0, 0.0))
            if how["after"]:
                self._session.later(how["after"], partial(self._if_active, fault, do))
            else:
                do()

    def _if_active(self, fault: Fault, do: Callable[[], object]) -> None:
        if self._active.get(fault.kind.name) is fault:
            do()

    def _if_still(self, name: str, do: Callable[[], object]) -> None:
        if self.get(name) is not None:
            do()

    def _gap(self) -> None:
        gaps, underruns = self.get("gaps"), self.get("underruns")
        how = gaps or underruns
        mouth = self._session.mouth
        if how is None or mouth.talking_since is None:
            self._gaps_run = False
            return
        mouth.pause(how["for"], catch_up=gaps is None)
        self._session.later(max(how["every"], how["for"] + _LEAST_SPEECH), self._gap)


def _nothing(_: Session) -> None:
    """What was done cannot be undone."""
