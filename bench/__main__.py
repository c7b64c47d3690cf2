"""``python -m bench [all|error|pacing|codec|bot|load|prompts] [--quick]``."""

from __future__ import annotations

import argparse
import json
import resource
import signal
import sys
import time
from types import ModuleType

from AudioSocketLibrary.records.media_path import stale_media_path

from . import bot, codec, error, load, pacing, pair, prompts
from .children import BenchError
from .machine import facts

PARTS: dict[str, ModuleType] = {
    "error": error,
    "pacing": pacing,
    "codec": codec,
    "bot": bot,
    "load": load,
    "prompts": prompts,
}
ALONE = ("load", "prompts")
"""Only by name: they take a quarter of an hour each; `prompts` needs `espeak-ng`, and depends on no machine."""
RUNS = 3
NO_COMPILER, NOT_MEASURED, STOPPED = 2, 1, 130


def main() -> int:
    """Measure, print, and keep the figures in bench/build/bench.json."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("part", nargs="?", default="all", choices=("all", *PARTS), help="what to measure")
    parser.add_argument("--quick", action="store_true", help="one short run instead of three: an indication, no more")
    options = parser.parse_args()
    if pair.compiler() is None:
        print("The bench compares with a C program and needs a C compiler: install gcc or clang.")
        return NO_COMPILER
    if stale := stale_media_path():
        print(stale)
        return NOT_MEASURED
    # A thousand calls are more open files than many a shell allows.
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(STOPPED))
    try:
        _measure(
            [part for part in PARTS if part not in ALONE] if options.part == "all" else [options.part],
            quick=options.quick,
        )
    except BenchError as failure:
        print(f"\nNot measured: {failure}")
        return NOT_MEASURED
    except KeyboardInterrupt:
        print("\nstopped")
        return STOPPED
    return 0


def _measure(parts: list[str], *, quick: bool) -> None:
    pair.build()
    machine = facts()
    runs = 1 if quick else RUNS
    for name, value in machine.items():
        print(f"{name:8}{', '.join(map(str, value)) if isinstance(value, list) else value}")
    print("figures one short run: an indication, no more" if quick else f"figures the median of {RUNS} runs")
    result = {"machine": machine, "quick": quick, "runs": runs}
    for name in parts:
        began = time.monotonic()
        rows = PARTS[name].measure(runs=runs, quick=quick)
        PARTS[name].show(rows)
        print(f"  ({time.monotonic() - began:.0f} s)", flush=True)
        result[name] = rows
    file = pair.BUILD / "bench.json"
    file.write_text(json.dumps(result, indent=1), encoding="utf-8")
    print(f"\nAll runs: {file}")


if __name__ == "__main__":
    sys.exit(main())
