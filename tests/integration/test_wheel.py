"""The wheel alone, in an empty virtual environment and an empty folder: what a user with pip has."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

pytestmark = [pytest.mark.integration, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, cwd=cwd, timeout=280, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.timeout(300)
def test_a_user_with_pip(tmp_path: Path):
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path / "dist", ROOT, cwd=tmp_path)
    [wheel] = (tmp_path / "dist").glob("*.whl")
    assert wheel.stat().st_size < 13_000_000

    home = tmp_path / "venv"
    venv.create(home, with_pip=True)
    scripts = home / ("Scripts" if os.name == "nt" else "bin")
    run(scripts / "python", "-m", "pip", "install", "--quiet", wheel, cwd=tmp_path)

    empty = tmp_path / "empty"
    empty.mkdir()
    with subprocess.Popen(
        [str(scripts / "audiosocket"), "bot", "--stop-with-stdin"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=empty,
    ) as bot:
        assert bot.stdout
        assert bot.stdin
        address = bot.stdout.readline().removeprefix("listening on ").strip()
        told = run(scripts / "audiosocket", "call", address, "--play", "winter_tyres", cwd=empty)
        bot.stdin.close()
        bot.wait(60)
    assert "response time" in told
    assert sorted(path.name for path in empty.iterdir()) == ["results"]

    # The README's first path: its suite, with nothing but the wheel.
    suite = (ROOT / "README.md").read_text(encoding="utf-8").split("```robotframework\n")[1].split("```")[0]
    (empty / "first_call.robot").write_text(suite, encoding="utf-8")
    run(scripts / "robot", "--outputdir", "results", "first_call.robot", cwd=empty)
    assert "uvloop" not in run(scripts / "python", "-m", "pip", "list", cwd=empty)
