"""The suites of loads, the project's profiles, and the script that plays one."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from robot import running

from AudioSocketLibrary.commands.load import load
from AudioSocketLibrary.load import load_profile
from AudioSocketLibrary.load.shipped import profiles_here
from tests.helpers.inner_run import read_tests

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "run_load_test.sh"


def robot(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "robot", "--outputdir", folder, *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=200,
        check=False,
        cwd=ROOT,
    )


def test_there_is_a_load_for_each_of_the_usual_profiles():
    suite = running.TestSuite.from_file_system(ROOT / "suites/load/loads.robot")
    tests = {tag for test in suite.tests for tag in test.tags}
    assert tests == {"normal", "peak", "stress", "wave", "burst", "spike", "soak", "stability", "capacity"}
    assert tests <= {found.name for found in profiles_here(Path("no such folder"))}


def test_all_of_suites_load_is_loads_and_no_worker(tmp_path):
    """No test of suites/load/run belongs to those who run the folder: its suites are empty then."""
    done = robot(tmp_path, "--suite", "worker", "--suite", "verdict", "suites/load")
    assert "FAIL" not in done.stdout, done.stdout
    assert read_tests(tmp_path / "output.xml") == {}


@pytest.mark.slow
@pytest.mark.timeout(250)
def test_calls_from_a_list(tmp_path):
    done = robot(
        tmp_path,
        "--test",
        "Callers From A List",
        "-v",
        "CALLERS AT ONCE:3",
        "-v",
        "OVER:1 s",
        "suites/load/conversations.robot",
    )
    test = read_tests(tmp_path / "output.xml")["Callers From A List"]
    # That a busy machine is late is no fault of the suite.
    assert test.passed or test.message.startswith("INVALID"), done.stdout
    assert '"calls": 3, "failed": 0' in test.metadata["Load record"]


@pytest.mark.slow
@pytest.mark.timeout(250)
def test_the_suite_of_the_page_about_load_runs(tmp_path):
    done = robot(tmp_path, "docs/load.md")
    (test,) = read_tests(tmp_path / "output.xml").values()
    assert test.passed or test.message.startswith("INVALID"), done.stdout


def commands_of(page: str) -> list[str]:
    """Loads that stand in a page as they could be typed, without an address or a file of the reader's."""
    found = re.findall(r"`(audiosocket load [^`\n]+)`", (ROOT / "docs" / page).read_text("utf-8"))
    return [one for one in dict.fromkeys(found) if not re.search(r"…|load\.yaml| N$", one)]


@pytest.mark.slow
@pytest.mark.parametrize("page", ["load-commands.md", "before-production.md"])
def test_commands_of_the_pages_can_be_typed(page, monkeypatch):
    monkeypatch.chdir(ROOT)
    commands = commands_of(page)
    assert len(commands) > 1
    for command in commands:
        words = [word.replace("HOST:PORT", "127.0.0.1:9092") for word in shlex.split(command)[2:]]
        done = CliRunner().invoke(load, [*words, "--dry-run"], standalone_mode=False)
        assert (done.exit_code, done.exception) == (0, None), command


@pytest.mark.parametrize("name", ["example", "tyre_shop", "chaos"])
def test_profiles_of_the_project_can_be_played(name):
    """Their scenarios can be recorded, and they are within their limits."""
    done = subprocess.run(
        [sys.executable, "-m", "AudioSocketLibrary", "load", f"profiles/{name}.yaml", "--dry-run"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=100,
        check=False,
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("BOT")},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    profile = load_profile(str(ROOT / "profiles" / f"{name}.yaml"), environment={})
    assert done.stdout.startswith(f"{name}: {profile.about}")


@pytest.mark.skipif(shutil.which("bash") is None, reason="it is a script of bash")
class TestScript:
    def run(self, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        # Outside a checkout, so that it does not set one up: it takes the audiosocket of this very Python.
        place = folder / "scripts" / SCRIPT.name
        place.parent.mkdir()
        shutil.copy(SCRIPT, place)
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        return subprocess.run(
            ["bash", place, *arguments],
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=100,
            check=False,
            cwd=folder,
            env={**os.environ, "PATH": path},
        )

    def test_without_arguments_it_tells_its_usage(self, tmp_path):
        done = self.run(tmp_path)
        assert done.returncode == 2
        assert "scripts/run_load_test.sh PROFILE [OPTIONS]" in done.stderr
        assert done.stdout == ""

    def test_it_passes_options_on(self, tmp_path):
        done = self.run(tmp_path, "peak", "--dry-run", "--calls", "7")
        assert done.returncode == 0, done.stderr
        assert "up to 7 at once" in done.stdout

    def test_it_passes_the_exit_code_on(self, tmp_path):
        done = self.run(tmp_path, "smoke", "--bot", "192.0.2.1:9092")
        assert done.returncode == 2
        assert "--environment staging" in done.stderr
