"""Announcements, call data, run ids, repeats: what a user reads, from Robot against real servers."""

from __future__ import annotations

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.helpers.inner_run import InnerRun, run_robot

pytestmark = pytest.mark.integration


class _Backend(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.path, json.loads(body), self.headers["Authorization"], self.headers["X-Tenant"]))
        status = 422 if "refuse" in self.path else 201
        self.send_response(status)
        answer = b'{"ticket": 7}' if status == 201 else b"no such\ntenant"
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def do_GET(self) -> None:
        """A call that is known at the second question."""
        asked = self.server.questions.setdefault(self.path, [])
        asked.append(self.path)
        self.send_response(200 if len(asked) > 1 else 404)
        answer = b'{"status": "active"}' if len(asked) > 1 else b"no such call"
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def backend():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Backend)
    server.asked, server.questions = [], {}
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def run(backend, tmp_path_factory) -> InnerRun:
    folder = tmp_path_factory.mktemp("preparing")
    (folder / "callers.csv").write_text("name,phone\nOksana,2001\n", encoding="utf-8")
    url = f"http://127.0.0.1:{backend.server_port}"
    tests = f"""\
Announced
    Start Reference Bot
    Use Call Data    callers.csv    scope=test
    VAR    &{{body}}    uuid={{uuid}}    phone={{phone}}
    VAR    &{{headers}}    X-Tenant={{name}}
    VAR    ${{token: Secret}}    %{{TEST_TOKEN}}
    ${{answer}}    Announce Call    POST    {url}/calls/{{uuid}}?key=hidden    ${{body}}
    ...    headers=${{headers}}    token=${{token}}
    Should Be Equal As Integers    ${{answer}}[ticket]    7
    ${{uuid}}    Place Call
    Log    called as ${{uuid}}
    ${{run}}    Get Run Id
    Should Start With    ${{uuid}}    ${{run}}
    ${{other}}    Place Call    alias=other
    Should Not Be Equal    ${{uuid}}    ${{other}}

Refused
    VAR    &{{body}}    uuid={{uuid}}
    Announce Call    POST    {url}/refuse?key=hidden    ${{body}}

Nobody There
    Announce Call    POST    http://127.0.0.1:1/calls

Not A Field
    Use Call Data    callers.csv    scope=test
    Announce Call    POST    {url}/{{phon}}

No Data
    Announce Call    POST    {url}/{{phone}}

No URL
    Announce Call    POST    127.0.0.1:80/calls

A Token With A Line Break
    VAR    ${{token: Secret}}    %{{BROKEN_TOKEN}}
    Announce Call    GET    {url}/status    token=${{token}}

A Header Of Other Letters
    VAR    &{{headers}}    X-Name=Олена
    Announce Call    GET    {url}/status    headers=${{headers}}

Asked About
    Start Reference Bot
    ${{uuid}}    Place Call
    ${{answer}}    Ask About Call    GET    {url}/status/{{uuid}}?key=hidden    expect=200    within=5 s
    Should Be Equal    ${{answer}}[status]    active

Not Known
    Start Reference Bot
    Place Call
    Ask About Call    GET    {url}/unknown/{{uuid}}    expect=200
"""
    return run_robot(folder, tests)


@pytest.fixture(autouse=True, scope="module")
def _token():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TEST_TOKEN", "s3cr3t-token")
        patch.setenv("BROKEN_TOKEN", "s3cr3t-token\n")
        yield


def test_the_backend_is_told_before_the_call(run, backend):
    assert run.status("Announced") == "PASS", run.message("Announced")
    path, body, token, tenant = backend.asked[0]
    uuid = json.loads(run.metadata("Announced")["Record"])["calls"][0]["uuid"]
    assert path == f"/calls/{uuid}?key=hidden"
    assert body == {"uuid": uuid, "phone": "2001"}
    assert token == "Bearer s3cr3t-token"
    assert tenant == "Oksana"


def test_the_backend_is_asked_about_a_call_until_it_knows_it(run, backend):
    assert run.status("Asked About") == "PASS", run.message("Asked About")
    record = json.loads(run.metadata("Asked About")["Record"])["calls"][0]
    assert len(backend.questions[f"/status/{record['uuid']}?key=hidden"]) == 2
    assert [mark["fields"]["status"] for mark in record["marks"]] == [404, 200]
    assert all(mark["fields"]["request_time"] > 0 for mark in record["marks"])
    assert "hidden" not in record["marks"][0]["name"]


def test_secrets_are_nowhere_in_the_output(run):
    for name in ("output.xml", "log.html"):
        assert "s3cr3t-token" not in (run.folder / name).read_text(encoding="utf-8")
    assert "key=hidden" not in run.console


@pytest.mark.parametrize(
    ("test", "message"),
    [
        (
            "Refused",
            r"The call could not be announced: http://127\.0\.0\.1:\d+/refuse answered 422 .*: no such tenant",
        ),
        (
            "Nobody There",
            r"The call .*: http://127\.0\.0\.1:1/calls cannot be asked \(.*refused\)\. Start it, or give another URL",
        ),
        ("Not A Field", r"There is no field '\{phon\}'; did you mean '\{phone\}'\?"),
        ("No Data", r"There is no field '\{phone\}': no call data are in use\. Use Call Data    FILE\.csv"),
        (
            "Not Known",
            r"The backend did not tell what was expected of the call: http://.*/unknown/.* answered 404 .*, not 200.*",
        ),
        ("A Token With A Line Break", r"The call could not be announced: .*/status cannot be asked: a header has a .*"),
        ("A Header Of Other Letters", r"The call could not be announced: .*/status cannot be asked: a header has a .*"),
        ("No URL", r"'127\.0\.0\.1:80/calls' is no URL: write http://host:port/path"),
    ],
)
def test_failures_say_what_to_do(run, test, message):
    assert re.fullmatch(message, run.message(test)), run.message(test)


def test_a_scenario_that_succeeds_often_enough(tmp_path):
    tests = """\
Often Enough
    Start Reference Bot
    ${share}    Scenario Should Succeed    Ask Quickly    at least 2 of 3 calls    1 s
    Should Be Equal As Numbers    ${share}    1

Too Seldom
    VAR    ${tries}    ${0}    scope=SUITE
    Start Reference Bot
    Scenario Should Succeed    Fail Now And Then    at least 4 of 4 calls

Never
    Scenario Should Succeed    Ask Quickly    at least 5 of 4 calls

*** Keywords ***
Ask Quickly
    [Arguments]    ${limit}
    Place Call
    Bot Should Greet Within    ${limit}

Fail Now And Then
    Place Call
    VAR    ${tries}    ${tries + 1}    scope=SUITE
    IF    ${tries} % 2 == 0
        Fail    the bot forgot its manners
    END
"""
    run = run_robot(tmp_path, tests)
    assert run.status("Often Enough") == "PASS", run.message("Often Enough")
    assert run.message("Too Seldom") == (
        "'Fail Now And Then' succeeded in 2 of 4 calls (50%; 95 % interval 15% to 85%), not in at least 4. "
        "Failed: call 2: the bot forgot its manners; call 4: the bot forgot its manners"
    )
    assert "can never be met" in run.message("Never")
    shown = [name for name in run.metadata("Too Seldom") if name.startswith("Dialogue")]
    assert shown == ["Dialogue 2", "Dialogue 4"]
    assert len(json.loads(run.metadata("Too Seldom")["Record"])["calls"]) == 4


def test_all_workers_of_pabot_share_the_run_id(tmp_path):
    from AudioSocketLibrary.keywords.run_id import _agreed  # noqa: PLC0415

    ids: list[str] = []
    threads = [threading.Thread(target=lambda: ids.append(_agreed(tmp_path / "audiosocket-run"))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 16
    assert len(set(ids)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["audiosocket-run"]
