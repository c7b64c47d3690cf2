"""One phrase by espeak-ng: `python -I espeak_worker.py LIBRARY DATA VOICE SPEED`, text in, `rate\\n` and PCM out.

A process for each phrase: espeak-ng is under the GPL, and what it says second in a process depends on what it said
first. The standard library only, and none of ours: this file is run, never imported.
"""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path
from typing import Any

RETRIEVAL = 1
DONT_EXIT = 0x8000
UTF_8 = 1
RATE_PARAMETER = 1


class _Voice(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p), ("languages", ctypes.c_char_p), ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte), ("age", ctypes.c_ubyte), ("variant", ctypes.c_ubyte), ("xx1", ctypes.c_ubyte),
        ("score", ctypes.c_int), ("spare", ctypes.c_void_p),
    )  # fmt: skip


def speak(library: str, data: str, voice: str, speed: int, text: str) -> tuple[int, bytes]:
    """Returns the rate and the 16-bit samples of a text; ValueError where there is no such voice."""
    espeak = ctypes.CDLL(library)
    spoken = bytearray()

    def take(samples: Any, count: int, _events: Any) -> int:
        if samples and count > 0:
            spoken.extend(ctypes.string_at(samples, 2 * count))
        return 0

    rate = espeak.espeak_Initialize(RETRIEVAL, 0, data.encode(), DONT_EXIT)
    if rate <= 0:
        raise ValueError("espeak-ng does not start")
    listener = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)(take)
    espeak.espeak_SetSynthCallback(listener)
    variant = voice.partition("+")[2]
    # espeak-ng takes a variant that it does not know for none.
    known = not variant or Path(data, "voices", "!v", variant).is_file()
    if not known or not _choose(espeak, voice):
        raise ValueError(f"espeak-ng has no voice '{voice}': write a language (uk), or uk+f3")
    espeak.espeak_SetParameter(RATE_PARAMETER, speed, 0)
    encoded = text.encode()
    espeak.espeak_Synth(encoded, len(encoded) + 1, 0, 1, 0, UTF_8, None, None)
    espeak.espeak_Synchronize()
    return rate, bytes(spoken)


def _choose(espeak: Any, voice: str) -> bool:
    if espeak.espeak_SetVoiceByName(voice.encode()) == 0:
        return True
    # "en-gb" is a language, and no name: it is found by what the voices say of themselves.
    language, plus, variant = voice.partition("+")
    wanted = _Voice(languages=language.encode())
    if espeak.espeak_SetVoiceByProperties(ctypes.byref(wanted)) != 0:
        return False
    espeak.espeak_GetCurrentVoice.restype = ctypes.POINTER(_Voice)
    found = espeak.espeak_GetCurrentVoice().contents
    # Without a match, espeak-ng takes any voice.
    if language.split("-")[0].encode() not in found.languages:
        return False
    return not plus or espeak.espeak_SetVoiceByName(found.identifier + b"+" + variant.encode()) == 0


def main() -> None:
    """Speak what comes in."""
    library, data, voice, speed = sys.argv[1:]
    try:
        rate, samples = speak(library, data, voice, int(speed), sys.stdin.buffer.read().decode())
    except (ValueError, OSError) as error:
        sys.exit(str(error))
    sys.stdout.buffer.write(f"{rate}\n".encode() + samples)


if __name__ == "__main__":
    main()
