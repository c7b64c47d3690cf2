"""A recogniser that is told what it hears: for tests of all that comes after recognition."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import yaml

from ..files import missing, nearest
from ..recogniser import RecogniserError, Recognition

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

EVERY_OTHER: Final = "*"
KEYS: Final = {"answers", "calls", "repeat"}
ANSWER_KEYS: Final = {"text", "confidence", "phrase", "error", "after"}


class ScriptRecogniser:
    """Answers in the order of a list, whatever is said; or by key (the call's UUID), with an order for each.

    An answer is a text, or a mapping of `text`, `confidence`, `phrase`, `after` (seconds to wait), or of `error` (the
    engine fails so). Where a list is used up, recognition fails, unless the script shall `repeat`.
    """

    def __init__(
        self,
        answers: Sequence[str | Mapping[str, Any]] = (),
        by_key: Mapping[str, Sequence[str | Mapping[str, Any]]] | None = None,
        *,
        repeat: bool = False,
    ) -> None:
        self._answers = [_answer(answer) for answer in answers]
        self._by_key = {key: [_answer(one) for one in ones] for key, ones in (by_key or {}).items()}
        self._repeat = repeat
        self._given: Counter[str] = Counter()
        self._lock = Lock()
        self.calls: int = 0
        """Recognitions since the start or the last `reset`."""

    @classmethod
    def from_file(cls, path: str) -> ScriptRecogniser:
        """Reads a YAML file: a list of answers, or `answers:`, `calls:` (a list by key) and `repeat:`."""
        content = _read(Path(path)) if path else None
        if content is None:
            raise RecogniserError("A script has a file: write script:FILE.yaml")
        name = Path(path).name
        if isinstance(content, list):
            content = {"answers": content}
        if not isinstance(content, dict):
            raise RecogniserError(f"{name} is no script: write a list of what is understood, '- text' in each line")
        for key in content.keys() - KEYS:
            near = nearest(str(key), KEYS)
            hint = f"nearest: {near[0]}" if near else f"there are {', '.join(sorted(KEYS))}"
            raise RecogniserError(f"{name}: no key '{key}' here; {hint}")
        try:
            repeat = str(content.get("repeat", "no")).lower() in {"yes", "true", "on"}
            return cls(content.get("answers") or (), content.get("calls") or {}, repeat=repeat)
        except (RecogniserError, AttributeError, TypeError) as error:
            raise RecogniserError(f"{name}: {error}") from None

    def calls_of(self, key: str) -> int:
        """Recognitions under a key since the start or the last `reset`."""
        with self._lock:
            return self._given[key]

    def reset(self, answers: Sequence[str | Mapping[str, Any]] | None = None) -> None:
        """Counts from 0 and begins all lists again; with answers, these take the place of the list without a key."""
        with self._lock:
            if answers is not None:
                self._answers = [_answer(answer) for answer in answers]
            self._given.clear()
            self.calls = 0

    def recognise(
        self,
        samples: NDArray[np.int16],  # noqa: ARG002 - the script knows without listening
        rate: int,  # noqa: ARG002
        language: str,  # noqa: ARG002
        expected: Sequence[str] = (),  # noqa: ARG002
        key: str = "",
    ) -> Recognition:
        """Returns the next answer; RecogniserError where it is an error, or where there is none left."""
        answer = self._next(key)
        time.sleep(float(answer.get("after", 0)))
        if "error" in answer:
            raise RecogniserError(str(answer["error"]))
        text = str(answer.get("text", ""))
        return Recognition(text, float(answer.get("confidence", 1 if text else 0)), str(answer.get("phrase", "")))

    def _next(self, key: str) -> Mapping[str, Any]:
        with self._lock:
            self.calls += 1
            if key in self._by_key or EVERY_OTHER in self._by_key:
                answers, counted = self._by_key.get(key, self._by_key.get(EVERY_OTHER, [])), key
            else:
                answers, counted = self._answers, ""
            number = self._given[counted]
            self._given[counted] += 1
        if answers and self._repeat:
            number %= len(answers)
        if number >= len(answers):
            whose = f" for {key}" if counted and key else ""
            raise RecogniserError(f"The script has {len(answers)} answers{whose}, and this is recognition {number + 1}")
        return answers[number]


def _answer(answer: object) -> Mapping[str, Any]:
    if isinstance(answer, str):
        return {"text": answer}
    if not isinstance(answer, dict):
        raise RecogniserError(f"'{answer}' is no answer: write a text in quotes, or {{text: …, confidence: 0.4}}")
    for key in answer.keys() - ANSWER_KEYS:
        raise RecogniserError(f"an answer has no '{key}'; there are {', '.join(sorted(ANSWER_KEYS))}")
    for key in answer.keys() & {"confidence", "after"}:
        try:
            float(answer[key])
        except (TypeError, ValueError):
            raise RecogniserError(f"'{key}' is a number, not '{answer[key]}'") from None
    return answer


def _read(path: Path) -> object:
    try:
        # BaseLoader: "так", "no" and "10:00" are texts.
        return yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)  # noqa: S506
    except OSError as error:
        raise RecogniserError(missing(path, error)) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise RecogniserError(f"{path.name} is not YAML: {getattr(error, 'problem', error)}") from None
