"""Keeping a call: its recording, picture and page, as files of a run's folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..call import Call, make_recording
from ..records import CallRecord
from .call_page import write_call_page
from .names import NO_NAMES, Names
from .overlays import record_picture


@dataclass(frozen=True, slots=True)
class KeptCall:
    """What was kept of a call; paths are relative to the folder."""

    record: CallRecord
    page: str
    picture: str


def keep_call(
    call: Call,
    folder: Path,
    *,
    recording: bool = True,
    test: str = "",
    log: str | None = None,
    names: Names = NO_NAMES,
) -> KeptCall:
    """Write the recording, the picture and the page of a call that is over.

    Args:
        call: the call; every frame of it was kept.
        folder: the run's folder; ``recordings/`` and ``calls/`` are made in it.
        recording: whether to keep the sound, too.
        test: the test that made the call, for the page.
        log: the log's name, to which the page leads back.
        names: what is said in the callers' recordings, and what the bot's prompts are called.

    Raises:
        OSError: the folder cannot be written to.
    """
    sound = make_recording(call.timeline, call.settings.format, call.until, call.role)
    wav: str | None = None
    arrived: str | None = None
    digest: str | None = None
    if recording:
        wav = f"recordings/{call.id}.wav"
        digest = sound.save(folder / wav)
        arrived = f"recordings/{call.id}.arrived.wav" if sound.arrived is not None else None
    record = call.record(recording=wav, sha256=digest, arrived=arrived)
    page, picture = f"calls/{call.id}.html", f"calls/{call.id}.svg"
    drawing = record_picture(record, sound.caller, sound.bot, sound.rate)
    write_call_page(
        folder / page,
        record,
        f"../{wav}" if wav else None,
        drawing,
        test=test,
        log_href=f"../{log}" if log else None,
        arrived_href=f"../{arrived}" if arrived else None,
        names=names,
    )
    (folder / picture).write_text(drawing, encoding="utf-8")
    return KeptCall(record, page, picture)
