"""The recordings that travel with the package: prompts of the reference bot and utterances of its callers."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from .files import SoundError, nearest


@cache
def recordings_dir() -> Path:
    """Returns the folder of the recordings: inside the installed package, else at the top of the checkout.

    SoundError where there is neither.
    """
    package = Path(__file__).resolve().parents[1]
    for place in (package / "audio", package.parent / "audio"):
        if (place / "prompts").is_dir():
            return place
    raise SoundError(f"The recordings are missing: there is no folder 'audio' in {package} or {package.parent}")


def prompt_path(name: str) -> Path:
    """Returns the recording of a prompt of the reference bot, such as "greeting"; SoundError if none."""
    return _find("prompts", "prompt", name)


def utterance_path(name: str) -> Path:
    """Returns the recording of an utterance of a caller, such as "order_four"; SoundError if none."""
    return _find("callers", "utterance", name)


def find_recording(recording: Path, folder: Path | None = None) -> Path:
    """Returns the file that somebody means by a path: in `folder`, else from the working folder, else one of ours.

    Ours are utterances by their bare name, such as "winter_tyres". Where there is nothing, the path as it was given.
    """
    beside = folder / recording if folder else recording
    for path in (beside, recording):
        if path.exists():
            return path
    ours = _recordings("callers").get(str(recording))
    return ours or recording


def _find(folder: str, kind: str, name: str) -> Path:
    found = _recordings(folder)
    if name in found:
        return found[name]
    names = sorted(found)
    near = nearest(name, names, 3)
    hint = f"did you mean {_list(near)}?" if near else f"there are {', '.join(names)}"
    raise SoundError(f"There is no {kind} '{name}': {hint}")


def _recordings(folder: str) -> dict[str, Path]:
    return {path.stem: path for path in (recordings_dir() / folder).iterdir() if path.suffix in {".wav", ".flac"}}


def _list(names: list[str]) -> str:
    return " or ".join(f"'{name}'" for name in names)
