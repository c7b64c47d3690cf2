"""From what people write to an engine: `prompts`, `script:FILE.yaml`, `wyoming://host:port` and so on."""

from __future__ import annotations

from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from ..files import nearest
from ..phrase_recogniser import PhraseRecogniser
from ..phrases import load_phrase_book
from ..prompt_recogniser import PromptRecogniser
from ..recogniser import RecogniserError
from .command import CommandRecogniser
from .http import HttpRecogniser
from .packages import open_vosk, open_whisper
from .script import ScriptRecogniser
from .wyoming import WyomingRecogniser

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..recogniser import Recogniser

ENTRY_POINTS: Final = "audiosocket.recognisers"
"""An entry point of this group is called with what follows the colon in `name:…`, and returns a `Recogniser`."""


def open_recogniser(engine: str) -> Recogniser:
    """Opens an engine by its name or address.

    Args:
        engine: `phrases` or `prompts` (recordings of the package's phrase book, or of `phrases:FILE.yaml`),
            `script:FILE.yaml`, `wyoming://host:port`, `http://host:port/v1`, `command:whisper {wav}`,
            `vosk:FOLDER`, `faster-whisper:MODEL`, or the name of an entry point.

    Raises:
        RecogniserError: there is no such engine, or it cannot be had here; the text says what to do.
        PhraseBookError: the phrase book of the engine cannot be used.
    """
    scheme, _, rest = engine.strip().partition(":")
    maker = _BUILT_IN.get(scheme)
    if maker:
        return maker(engine.strip() if rest.startswith("//") else rest)
    for entry_point in entry_points(group=ENTRY_POINTS, name=scheme):
        return _enter(entry_point.load(), scheme, rest)
    raise RecogniserError(_unknown(engine))


def check_engine(engine: str) -> None:
    """Refuses what `open_recogniser` cannot open, where that can be told without loading recordings or a model.

    Raises:
        RecogniserError: there is no such engine, or its address or file is wrong.
    """
    scheme, _, rest = engine.strip().partition(":")
    if scheme in _LOADS or entry_points(group=ENTRY_POINTS, name=scheme):
        return
    maker = _BUILT_IN.get(scheme)
    if not maker:
        raise RecogniserError(_unknown(engine))
    maker(engine.strip() if rest.startswith("//") else rest)


def _enter(maker: Callable[[str], Recogniser], name: str, rest: str) -> Recogniser:
    recogniser = maker(rest)
    if not callable(getattr(recogniser, "recognise", None)):
        raise RecogniserError(f"The engine '{name}' is no recogniser: what its entry point returns cannot 'recognise'")
    return recogniser


def _unknown(engine: str) -> str:
    plugins = sorted({point.name for point in entry_points(group=ENTRY_POINTS)})
    packages = [name for name, module in _PACKAGES.items() if find_spec(module)]
    near = nearest(engine.partition(":")[0], [*_BUILT_IN, *plugins])
    hint = f". Did you mean '{near[0]}'?" if near else ""
    return f"no engine '{engine}'. Installed: {', '.join([*_WRITTEN, *packages, *plugins])}{hint}"


_BUILT_IN: Final[dict[str, Callable[[str], Recogniser]]] = {
    "phrases": lambda path: PhraseRecogniser(load_phrase_book(path or None).phrases),
    "prompts": lambda path: PromptRecogniser(load_phrase_book(path or None).prompts),
    "script": ScriptRecogniser.from_file,
    "wyoming": WyomingRecogniser,
    "http": HttpRecogniser,
    "https": HttpRecogniser,
    "command": CommandRecogniser,
    "vosk": open_vosk,
    "faster-whisper": open_whisper,
}
_LOADS: Final = {"phrases", "prompts", "vosk", "faster-whisper"}
_WRITTEN: Final = (
    "phrases",
    "prompts",
    "script:FILE.yaml",
    "wyoming://host:port",
    "http://host:port/v1",
    "command:whisper {wav}",
)
_PACKAGES: Final = {"vosk": "vosk", "faster-whisper": "faster_whisper"}
