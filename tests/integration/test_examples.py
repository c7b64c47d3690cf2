"""Every example in the documentation runs: those of the keywords, and the README's."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from robot.libdocpkg import LibraryDocumentation

from tests.helpers.inner_run import read_tests, run_robot

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = """\
*** Settings ***
Library          AudioSocketLibrary
Library          AudioSocketLibrary.ReferenceBot
Library          OperatingSystem
Suite Setup      Start Two Bots

*** Keywords ***
Start Two Bots
    ${address}    Start Reference Bot    hang_up_after_turn=1
    VAR    ${BOT_THAT_HANGS_UP}    ${address}    scope=SUITE
    Start Reference Bot    replies=promotions,tyres_found
"""


def examples() -> list[str]:
    """One test for each keyword's example, in its own indentation."""
    tests = []
    for library in ("AudioSocketLibrary", "AudioSocketLibrary.ReferenceBot"):
        for keyword in LibraryDocumentation(library).to_dictionary()["keywords"]:
            block = re.search(r"```robotframework\n(.*?)```", keyword["doc"], re.DOTALL)
            body = "".join(f"    {line}\n" for line in block[1].splitlines())
            tests.append(f"{keyword['name']}\n{body}")
    return tests


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_examples_of_keywords_run(tmp_path):
    tests = examples()
    run = run_robot(tmp_path, "\n".join(tests), settings=SETTINGS)
    failed = {name: test.message for name, test in run.tests.items() if not test.passed}
    assert not failed
    assert len(run.tests) == len(tests) > 20


def test_readme_runs(tmp_path):
    """Robot runs the ``robotframework`` blocks of a Markdown file."""
    done = subprocess.run(
        [sys.executable, "-m", "robot", "--outputdir", str(tmp_path / "out"), str(ROOT / "README.md")],
        capture_output=True,
        text=True,
        timeout=100,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(read_tests(tmp_path / "out" / "output.xml")) == 2
