"""Loads from Python and in CI, really run: all of them at once, for calls mostly wait.

On a busy machine a run may be invalid (3). That is a right answer, too; what must hold is that everything agrees.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar
from urllib.parse import parse_qs
from xml.etree import ElementTree

import pytest
import yaml

from AudioSocketLibrary.api import Hold, Profile, Report, UsageError, run, run_async
from AudioSocketLibrary.cli import run as command

pytestmark = pytest.mark.integration

DOCS = Path(__file__).resolve().parents[2] / "docs"
GITHUB = yaml.safe_load((DOCS / "ci" / "github-actions.yml").read_text("utf-8"))
GITLAB = yaml.safe_load((DOCS / "ci" / "gitlab-ci.yml").read_text("utf-8"))
RIGHT = (0, 3)
BASH = shutil.which("bash")


@dataclass
class Done:
    """What a run left behind."""

    folder: Path
    code: int
    told: str

    @property
    def run(self) -> Path:
        return self.folder / "results" / "voice"


def step(name: str) -> str:
    [found] = [each["run"] for each in GITHUB["jobs"]["load"]["steps"] if each.get("name") == name]
    return found


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def shell(folder: Path, script: str, **environment: str) -> Done:
    """Run a script as a pipeline does."""
    folder.mkdir(exist_ok=True)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [BASH, "-eo", "pipefail", "-c", script], cwd=folder, capture_output=True, text=True, encoding="utf-8",
        env={**os.environ, "PATH": path, **environment}, timeout=250, check=False,
    )  # fmt: skip
    return Done(folder, done.returncode, done.stdout + done.stderr)


def short(script: str) -> str:
    """The same with a bot that there is, a port that is free, and a load of seconds."""
    assert "python -m your_bot" in script
    script = script.replace("python -m your_bot", "audiosocket bot --reply-after 300ms")
    return script.replace("9092", str(free_port())).replace("load smoke", "load smoke --calls 2 --for 9s --ramp-up 0s")


@contextmanager
def a_bot() -> Iterator[str]:
    options = [sys.executable, "-m", "AudioSocketLibrary", "bot", "--stop-with-stdin", "--reply-after", "300ms"]
    with subprocess.Popen(options, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as bot:
        assert bot.stdout
        assert bot.stdin
        yield bot.stdout.readline().removeprefix("listening on ").strip()
        bot.stdin.close()
        bot.wait(60)


def python_example(folder: Path, address: str) -> Done:
    """The first example of docs/python-api.md, as it stands there."""
    [first, *_] = re.findall(r"```python\n(.*?)```", (DOCS / "python-api.md").read_text("utf-8"), re.DOTALL)
    folder.mkdir()
    (folder / "mine.py").write_text(first.replace("127.0.0.1:9092", address), "utf-8")
    done = subprocess.run(
        [sys.executable, "mine.py"], cwd=folder, capture_output=True, text=True, encoding="utf-8", timeout=250,
        check=False,
    )  # fmt: skip
    return Done(folder, done.returncode, done.stdout + done.stderr)


async def two_runs(folder: Path, new: str, base: str) -> Report:
    """A run that calls two bots in turns, and one beside it that is cancelled when its first call is up."""
    both = Profile("both", Hold(calls=4, lasting=1.0))
    turns = asyncio.create_task(run_async(both, bot={"new": new, "base": base}, workers=0, output=folder / "both"))
    cut = asyncio.create_task(
        run_async(Profile("cut", Hold(calls=1, lasting=60.0)), bot=new, workers=0, output=folder / "cut")
    )
    rows = folder / "cut" / "rows" / "worker-0.jsonl"
    for _ in range(500):
        if rows.is_file() and '"up":1' in rows.read_text("utf-8"):
            break
        await asyncio.sleep(0.2)
    cut.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cut
    return await turns


@pytest.fixture(scope="module")
def done(tmp_path_factory) -> dict[str, Any]:
    """All of it at once."""
    if BASH is None:
        pytest.skip("the shell parts of the pipelines need bash")
    folder = tmp_path_factory.mktemp("ci")
    with a_bot() as address, a_bot() as other, ThreadPoolExecutor(5) as pool:
        both = pool.submit(lambda: asyncio.run(two_runs(folder, address, other)))
        github = pool.submit(shell, folder / "github", short(step("Load")))
        gitlab = pool.submit(shell, folder / "gitlab", short("\n".join(GITLAB["voice"]["script"])))
        example = pool.submit(python_example, folder / "python", address)
        found: dict[str, Any] = {"github": github.result(), "gitlab": gitlab.result(), "python": example.result()}
        return {**found, "both": both.result(), "cut": folder / "cut"}


# -- pipelines --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", ["github", "gitlab"])
def test_a_pipeline_calls_its_bot_and_leaves_its_report(name, done):
    found = done[name]
    assert found.code in RIGHT, found.told
    assert re.search(r"^(PASS|INVALID)\b.* calls", found.told, re.MULTILINE), found.told
    for file in ("load-report.html", "load-report.md", "load-report.junit.xml", "load-report.json", "log.html"):
        assert (found.run / file).is_file()
    cases = ElementTree.parse(found.run / "load-report.junit.xml").getroot()
    assert int(cases.get("tests")) >= 4
    assert (int(cases.get("errors")) > 0) == (found.code == 3)
    assert cases.get("failures") == "0"
    assert not (found.folder / "results" / "index.html").exists()  # what lies beside --output is not ours


@pytest.mark.slow
def test_the_summary_and_the_comment_on_github(done, tmp_path):
    folder = done["github"].folder
    told = shell(folder, step("Summary"), GITHUB_STEP_SUMMARY=str(tmp_path / "summary.md"))
    assert told.code == 0
    report = (done["github"].run / "load-report.md").read_text("utf-8")
    assert (tmp_path / "summary.md").read_text("utf-8") == report
    # The first comment of a pull request cannot be an edit of the last one.
    (tmp_path / "gh").write_text(
        '#!/bin/sh\nfor word in "$@"; do [ "$word" != --edit-last ] || exit 1; done\nprintf "%s|" "$@"; cat "$5"\n'
    )
    (tmp_path / "gh").chmod(0o755)
    comment = f'PATH="{tmp_path}:$PATH"\n{step("Comment")}'
    told = shell(folder, comment, PULL_REQUEST="12")
    assert told.code == 0
    assert told.told.startswith(f"pr|comment|12|--body-file|results/voice/load-report.md|{report[:40]}")


class _Comments(BaseHTTPRequestHandler):
    met: ClassVar[list[tuple[str, str, str]]] = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.met.append((self.path, self.headers["PRIVATE-TOKEN"], parse_qs(body)["body"][0]))
        self.send_response(201)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="GitLab's comment is sent by curl")
def test_the_comment_on_gitlab(done):
    [script] = GITLAB["voice"]["after_script"]
    with HTTPServer(("127.0.0.1", 0), _Comments) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        project = {"CI_API_V4_URL": f"http://127.0.0.1:{server.server_port}/api/v4", "CI_PROJECT_ID": "7"}
        assert shell(done["gitlab"].folder, script, **project).code == 0
        assert _Comments.met == []  # no token, no merge request
        told = shell(done["gitlab"].folder, script, **project, VOICE_TOKEN="glpat-1", CI_MERGE_REQUEST_IID="3")
        server.shutdown()
    assert (told.code, told.told) == (0, "")
    report = (done["gitlab"].run / "load-report.md").read_text("utf-8")
    assert _Comments.met == [("/api/v4/projects/7/merge_requests/3/notes", "glpat-1", report)]


@pytest.mark.parametrize("script", [step("Load"), "\n".join(GITLAB["voice"]["script"])], ids=["github", "gitlab"])
@pytest.mark.parametrize(("codes", "code", "tries"), [("0", 0, 1), ("1", 1, 1), ("2", 2, 1), ("3 0", 0, 2),
                                                      ("3 3", 3, 2), ("3 1", 1, 2)])  # fmt: skip
def test_only_an_invalid_run_is_tried_again(script, codes, code, tries, tmp_path):
    if BASH is None:
        pytest.skip("needs bash")
    (tmp_path / "codes").write_text("\n".join(codes.split()) + "\n")
    fake = f"""audiosocket() {{
        mkdir results/voice || exit 9
        echo x >> tries
        n=$(sed -n "$(wc -l < tries)p" codes)
        return "$n"
    }}
    mkdir results
    {script}"""
    assert shell(tmp_path, fake).code == code
    assert len((tmp_path / "tries").read_text().split()) == tries


def test_what_a_pipeline_publishes_is_what_a_run_writes():
    assert GITLAB["voice"]["artifacts"]["reports"]["junit"] == "results/voice/load-report.junit.xml"
    assert GITLAB["voice"]["artifacts"]["paths"] == ["results/voice"]
    uses = {
        each["uses"].partition("@")[0]: each.get("with", {})
        for each in GITHUB["jobs"]["load"]["steps"]
        if "uses" in each
    }
    assert uses["actions/upload-artifact"]["path"] == "results/voice"
    assert uses["mikepenz/action-junit-report"]["report_paths"] == "results/voice/load-report.junit.xml"


# -- Python -----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_example_in_the_documentation(done):
    found = done["python"]
    assert found.code in RIGHT, found.told
    verdict, figure = found.told.splitlines()
    assert re.match(r"(PASS 2 calls, 0 failed|INVALID: )", verdict)
    assert re.fullmatch(r"p95 response time: \d\.\d+", figure)
    told = json.loads((found.folder / "out" / "load-report.json").read_text("utf-8"))
    assert told["verdict"]["sentence"] == verdict
    assert (found.folder / "out" / "load-report.md").is_file()
    assert "two-callers" in (found.folder / "results" / "index.html").read_text("utf-8")


@pytest.mark.slow
def test_a_run_is_read_back_as_it_was(done):
    found = done["github"]
    report = Report.read(found.run)
    assert report.exit_code == found.code
    assert report.passed == (found.code == 0)
    assert " ".join(report.sentence.split(": ")[0].split()) in " ".join(found.told.split())
    assert report.info.name == "smoke"
    assert report.facts.due == 2
    assert 0.2 < report.figure("p95 response time") < 5
    assert report.figure("max barge in time") is None
    assert report.comparison is None
    stricter = Report.read(found.run, ["p95 response time < 1 ms"])
    assert not stricter.passed
    assert [str(one.threshold) for one in stricter.verdict.thresholds][-1] == "p95 response time < 1 ms"
    with pytest.raises(UsageError, match="nearest: response time"):
        report.figure("p95 responce time")


@pytest.mark.slow
def test_a_real_report_is_verified(done, capsys):
    assert command(["verify-report", str(done["gitlab"].run)]) == 0, capsys.readouterr().out
    assert "0 wrong" in capsys.readouterr().out


@pytest.mark.slow
def test_two_bots_in_turns(done):
    report: Report = done["both"]
    assert sorted(report.facts.targets) == ["base", "new"]
    assert report.info.bots.keys() == {"base", "new"}
    comparison = report.comparison
    assert comparison.regression is None
    assert "Too few calls to compare with bot base: 2 callers called both" in comparison.sentence or (
        "cannot be compared: INVALID" in comparison.sentence
    )


@pytest.mark.slow
def test_a_run_that_is_cancelled_hangs_up_and_ends(done):
    told = json.loads((done["cut"] / "run.json").read_text("utf-8"))
    assert (told["state"], told["reason"]) == ("interrupted", "interrupted by Ctrl-C")
    assert told["duration"] < 50
    assert not Report.read(done["cut"]).passed


def test_what_cannot_be_done_is_said(tmp_path):
    with pytest.raises(UsageError, match="There is no profile 'smoek'; nearest: smoke"):
        run("smoek")
    with pytest.raises(UsageError, match="nothing listens there"):
        run("smoke", bot=f"127.0.0.1:{free_port()}", output=tmp_path / "run")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(UsageError, match="a run needs a folder of its own"):
        run("smoke", output=tmp_path / "full")
    with pytest.raises(UsageError, match="is no threshold"):
        run("smoke", thresholds=["fast"])
    with pytest.raises(UsageError, match="is another machine, and nobody said which"):
        run("smoke", bot="10.0.0.5:9092")
