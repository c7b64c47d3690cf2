"""Every example in the documentation runs: those of all keywords and libraries, README, tutorial and cookbook."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from robot.libdocpkg import LibraryDocumentation

from tests.helpers.inner_run import read_tests, run_robot, run_robots

pytestmark = [pytest.mark.integration, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
LIBRARIES = (
    "AudioSocketLibrary",
    "AudioSocketLibrary.Load",
    "AudioSocketLibrary.ReferenceBot",
    "AudioSocketLibrary.Server",
    "AudioSocketLibrary.Wire",
    "AudioSocketLibrary.uk",
)
BOTS = """\
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
LOADS = BOTS.replace(
    "Library          OperatingSystem", "Library          OperatingSystem\nLibrary          AudioSocketLibrary.Load"
)
NO_BOT = """\
*** Settings ***
Library    AudioSocketLibrary
Library    AudioSocketLibrary.Server
Library    AudioSocketLibrary.Wire
"""
SETTINGS = {
    "AudioSocketLibrary": BOTS,
    "AudioSocketLibrary.Load": LOADS,
    "AudioSocketLibrary.ReferenceBot": BOTS,
    "AudioSocketLibrary.Server": NO_BOT,
    "AudioSocketLibrary.Wire": NO_BOT,
}


def documented(library: str) -> dict:
    return LibraryDocumentation(library).to_dictionary()


def blocks(markdown: str) -> str:
    """All that Robot would run of a text: its ``robotframework`` blocks, one after the other."""
    return "\n".join(re.findall(r"```robotframework\n(.*?)```", markdown, re.DOTALL))


@pytest.mark.timeout(400)
@pytest.mark.parametrize("library", SETTINGS)  # those of uk are the same keywords
def test_examples_of_keywords_run(library, tmp_path):
    keywords = documented(library)["keywords"]
    tests = []
    for keyword in keywords:
        body = "".join(f"    {line}\n" for line in blocks(keyword["doc"]).splitlines())
        assert body, f"{keyword['name']} has no example"
        tests.append(f"{keyword['name']}\n{body}")
    run = run_robots(tmp_path, "\n\n".join(tests), settings=SETTINGS[library], at_once=1 + len(tests) // 10)
    wrong = {name: test.message for name, test in run.tests.items() if not test.passed}
    # An example shows how a keyword is written; that this machine is busy is told as it should be.
    assert {name: text for name, text in wrong.items() if not text.startswith("INVALID")} == {}
    assert len(run.tests) == len(keywords)


@pytest.mark.parametrize("library", LIBRARIES)
def test_keywords_are_documented(library):
    for keyword in documented(library)["keywords"]:
        assert keyword["tags"], f"{keyword['name']} has no tag"
        effect = keyword["shortdoc"]
        assert effect.endswith("."), f"{keyword['name']}: '{effect}' is no sentence"


@pytest.mark.timeout(300)
@pytest.mark.parametrize("library", LIBRARIES)
def test_introductions_of_libraries_run(library, tmp_path):
    options = ["--dryrun"] if library.endswith(".Server") else []  # it waits for the call of a PBX
    settings, tests = blocks(documented(library)["doc"]).split("*** Test Cases ***\n", 1)
    if library in ("AudioSocketLibrary", "AudioSocketLibrary.uk"):  # they are about the reader's bot
        tests += BOTS.replace("promotions,tyres_found", "tyres_found")
    run = run_robot(tmp_path, tests, *options, settings=settings)
    assert run.code == 0, run.console


def run_page(page: str, folder: Path) -> int:
    """Robot runs the ``robotframework`` blocks of a Markdown file; returns how many tests passed."""
    done = subprocess.run(
        [sys.executable, "-m", "robot", "--outputdir", str(folder / "out"), str(ROOT / page)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=250,
        cwd=folder,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return len(read_tests(folder / "out" / "output.xml"))


def test_readme_runs(tmp_path):
    assert run_page("README.md", tmp_path) == 2


@pytest.mark.timeout(300)
def test_cookbook_runs(tmp_path):
    assert run_page("docs/cookbook.md", tmp_path) > 10
