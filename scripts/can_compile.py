#!/usr/bin/env python3
"""Says what is missing to compile the media path here (docs/compiled.md), in one sentence; exit code 2, else 0.

make compiled
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import sysconfig
from pathlib import Path


def missing() -> str:
    """What is missing, and what to do; empty: nothing."""
    if sys.platform == "win32":
        return ""  # setuptools itself looks for Visual Studio, and says where to get it
    compiler = next(iter(shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")))
    if shutil.which(compiler) is None:
        return (
            f"Compiling the media path takes a C compiler, and there is no '{compiler}' here: install gcc or clang, "
            "or name yours (CC=...); without one all works as well, in Python"
        )
    header = Path(sysconfig.get_path("include"), "Python.h")
    if not header.is_file():
        return (
            f"Compiling the media path takes Python's headers, and there is no {header}: install them (python3-dev or "
            "python3-devel)"
        )
    return ""


if __name__ == "__main__":
    sentence = missing()
    if sentence:
        print(sentence, file=sys.stderr)
    sys.exit(2 if sentence else 0)
