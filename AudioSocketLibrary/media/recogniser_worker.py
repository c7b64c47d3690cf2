"""The child of a `RecogniserProcess`: `python -m AudioSocketLibrary.media.recogniser_worker ENGINE`.

It reads requests from its standard input and writes answers to its standard output: a line of JSON each, and after a
request's line the samples. It ends where its input ends, so it does not outlive its parent, however that one dies.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from .engines import open_recogniser
from .phrase_recogniser import PhraseRecogniser
from .prompt_recogniser import PromptRecogniser

if TYPE_CHECKING:
    from .recogniser import Recogniser


def main(engine: str, requests: IO[bytes], answers: IO[bytes]) -> None:
    """Opens the engine, says so, and answers until there are no more requests."""
    try:
        recogniser = open_recogniser(engine)
        if isinstance(recogniser, (PhraseRecogniser, PromptRecogniser)):
            recogniser.prepare()
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent shall say it
        _write(answers, {"error": str(error), "fatal": True})
        return
    _write(answers, {"ready": True})
    while line := requests.readline():
        request = json.loads(line)
        samples = np.frombuffer(requests.read(request.pop("bytes")), np.int16)
        _write(answers, _answer(recogniser, samples, request))


def _answer(recogniser: Recogniser, samples: np.ndarray[tuple[int], np.dtype[np.int16]], request: Any) -> Any:
    try:
        heard = recogniser.recognise(samples, **request)
    except ValueError as error:
        return {"error": str(error)}
    except Exception as error:  # noqa: BLE001 - one utterance that an engine chokes on must not end it
        return {"error": f"the engine failed: {type(error).__name__}: {error}"}
    parts = [asdict(part) for part in heard.parts]
    return {"text": heard.text, "confidence": heard.confidence, "phrase": heard.phrase, "parts": parts}


def _write(answers: IO[bytes], answer: dict[str, Any]) -> None:
    answers.write(json.dumps(answer).encode() + b"\n")
    answers.flush()


def _run() -> None:
    # Engines and their libraries print what they like: it must not come between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    if hasattr(os, "nice"):
        os.nice(5)
    main(sys.argv[1], sys.stdin.buffer, answers)


if __name__ == "__main__":
    _run()
