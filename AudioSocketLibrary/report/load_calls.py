"""The calls to look at and to listen to, with what was kept of each: its page, its recording, the logs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

import numpy as np
import soundfile

from ..load.environment import is_secret
from ..records import FailureKind, Judgement
from .load_model import CallRow
from .run_details import slowest_reply
from .run_reading import RunRead

MOST: Final = 30
"""Rows: more would be neither looked at nor listened to."""
_BINS: Final = 160
"""Columns of a waveform."""


def call_rows(run: RunRead) -> tuple[CallRow, ...]:
    """The slowest calls, the slowest first, then failed ones; each of them once."""
    seen: set[str] = set()
    rows = []
    for row in (*(slow.row for slow in run.details.worst), *run.details.failed):
        name = str(row.get("call", ""))
        if name in seen:
            continue
        seen.add(name)
        rows.append(_row(run, row))
    return tuple(rows[:MOST])


def bot_log(template: str, uuid: str) -> str:
    """The address of the bot's own log of a call; empty where it is no address of the web.

    User, password and parameters that look like secrets are left out: a report is passed around.
    """
    parts = urlsplit(template)
    if parts.scheme not in ("http", "https") or not parts.netloc or "{uuid}" not in template:
        return ""
    query = "&".join(
        f"{quote(name, safe='{}')}={quote(value, safe='{}')}"
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if not is_secret(name)
    )
    host = parts.netloc.rpartition("@")[2]
    made = urlunsplit((parts.scheme, host, parts.path, query, parts.fragment))
    return made.replace("{uuid}", quote(uuid, safe="-"))


def _row(run: RunRead, row: Mapping[str, Any]) -> CallRow:
    name = str(row.get("call", ""))
    turn, said = _slowest_turn(row)
    told = next((Judgement(0.0, "", str(each.get("text", ""))).what for each in row.get("judgements", ())), "")
    recording = _file(run.folder, str(row.get("recording") or ""))
    return CallRow(
        call=name,
        uuid=str(row.get("uuid", "")),
        scenario=str(row.get("scenario", "")),
        begun=row.get("start"),
        length=row.get("length", 0.0),
        outcome=row.get("outcome") or ("failed" if row.get("judgements") else "passed"),
        failure=str(row.get("failure", "")) or next((each["kind"] for each in row.get("judgements", ())), ""),
        greeting=row.get("figures", {}).get("greeting_time"),
        slowest=slowest_reply(row),
        slowest_turn=f"turn {turn}{f' {said!r}' if said else ''}" if turn else "",
        what=told,
        bot=str(row.get("target", "")),
        worker=str(row.get("worker", "")),
        page=_file(run.folder, f"calls/{name}.html") if name else "",
        recording=recording,
        log=_log(run, name),
        bot_log=bot_log(run.info.log_url, str(row.get("uuid", ""))),
        spans=tuple(_spans(row)),
        wave=_wave(run.folder / recording) if recording else (),
    )


def _slowest_turn(row: Mapping[str, Any]) -> tuple[int, str]:
    times = [
        (turn["response_time"], turn.get("number", 0), turn.get("said", ""))
        for turn in row.get("turns", ())
        if turn.get("response_time") is not None
    ]
    said = {turn.get("number"): turn.get("said", "") for turn in row.get("turns", ())}
    times += [
        (told["value"], told.get("turn") or 0, said.get(told.get("turn"), ""))
        for told in row.get("judgements", ())
        if told.get("kind") == FailureKind.NO_REPLY and told.get("value") is not None
    ]
    _, number, phrase = max(times, default=(0.0, 0, ""))
    return number, phrase


def _file(folder: Path, name: str) -> str:
    """A file of the run, if it is there and within its folder."""
    if not name or Path(name).is_absolute() or ".." in Path(name).parts:
        return ""
    return name if (folder / name).is_file() else ""


def _log(run: RunRead, call: str) -> str:
    anchor = run.anchors.get(call, "")
    log = run.log or _file(run.folder, "log.html")
    return f"{log}#{anchor}" if log and anchor else log


def _spans(row: Mapping[str, Any]) -> Iterator[tuple[float, float, str]]:
    for turn in row.get("turns", ()):
        if turn.get("start") is not None and turn.get("end") is not None:
            yield turn["start"], turn["end"], "caller"
        for part in turn.get("parts", ()):
            yield part["start"], part["end"], "bot"


def _wave(recording: Path) -> tuple[tuple[int, ...], ...]:
    """How loud caller and bot were, from 0 to 100, in equal stretches of the call; empty of no recording."""
    try:
        samples, _ = soundfile.read(str(recording), dtype="int16", always_2d=True)
    except (soundfile.LibsndfileError, OSError):
        return ()
    if len(samples) < _BINS:
        return ()
    cut = np.abs(samples[: len(samples) // _BINS * _BINS].astype(np.int32)).reshape(_BINS, -1, samples.shape[1])
    peaks = np.minimum(100, cut.max(axis=1) * 100 // 32767)
    return tuple(tuple(int(peak) for peak in channel) for channel in peaks.T[:2])
