"""Loads in a suite: what the keywords of AudioSocketLibrary.Load do, and what they say where they cannot."""

from __future__ import annotations

import json

import pytest

from tests.helpers.inner_run import run_robot

pytestmark = pytest.mark.integration

SETTINGS = """\
*** Settings ***
Library    AudioSocketLibrary
Library    AudioSocketLibrary.Load
Library    AudioSocketLibrary.ReferenceBot
Suite Setup    Start Reference Bot    greeting=day_friday    replies=day_monday    reply_after=200 ms
"""
TESTS = """\
Before Any Load
    Load Should Meet    error rate = 0 %

Ten Words
    Run Calls    3    Says Hello    Добрий день    over=500 ms
    Load Should Meet    error rate = 0 %    calls = 3    p50 response time < 20 s
    ${calls}    Get Load Figure    calls
    Should Be Equal As Numbers    ${calls}    3
    ${time}    Get Load Figure    p50 response time
    Should Be True    0.1 < ${time} < 20
    ${wait}    Get Load Figure    mean caller's wait of "Says Hello"
    Should Be True    ${wait} >= 0

Broken
    Load Should Meet    p95 response time < 1 ms    calls > 99    calls = 3

Nothing Measured
    Get Load Figure    p95 barge in time

No Such Figure
    Get Load Figure    p95 respose time

No Search
    Capacity Should Be At Least    5

No Threshold
    Load Should Meet

Nobody Calls
    Run Calls    0    Says Hello    x

Valid Or Not
    TRY
        Load Should Be Valid
    EXCEPT    INVALID*    type=GLOB
        Log    a busy machine
    END

From A Profile
    Run Load    good.yaml

A Profile That Is Not Met
    Run Load    bad.yaml

Another Machine
    Run Load    good.yaml    bot=10.0.0.5:9092

Of Another Suite
    Run Calls    2    No Such Keyword

*** Keywords ***
Says Hello
    [Arguments]    ${words}
    Place Call
    Bot Should Greet Within    9 s
    Say    ${words}
    Bot Should Reply Within    9 s
    Hang Up
"""
SCENARIO = """\
*** Settings ***
Library    AudioSocketLibrary

*** Test Cases ***
Short
    Place Call
    Stay Silent    500 ms
    Hang Up
"""
PROFILE = """\
scenarios: [{{test: Short, from: short.robot}}]
load: {{burst: {{calls: 2, rest: 2 s}}}}
thresholds: [{thresholds}]
"""


@pytest.fixture(scope="module")
def inner(tmp_path_factory):
    folder = tmp_path_factory.mktemp("load")
    (folder / "short.robot").write_text(SCENARIO, encoding="utf-8")
    for name, thresholds in (("good", "error rate < 1 %"), ("bad", "error rate < 1 %, p50 call length < 1 ms")):
        (folder / f"{name}.yaml").write_text(PROFILE.format(thresholds=thresholds), encoding="utf-8")
    here = pytest.MonkeyPatch()
    here.chdir(folder)
    yield run_robot(folder, TESTS, settings=SETTINGS)
    here.undo()


def test_the_same_keyword_as_three_calls(inner):
    assert inner.status("Ten Words") == "PASS", inner.message("Ten Words")
    told = inner.metadata("Ten Words")
    assert told["Load"].startswith(("PASS 3 calls, 0 failed. ", "INVALID: "))
    record = json.loads(told["Load record"])
    assert (record["v"], record["calls"], record["failed"]) == (1, 3, 0)
    folder = inner.folder / "loads" / record["run"]
    info = json.loads((folder / "run.json").read_text("utf-8"))
    assert (info["name"], info["state"], info["workers"]) == ("Says Hello", "finished", 1)
    assert info["plans"]["Says Hello"][2] == "Say    Добрий день"


@pytest.mark.parametrize(
    ("test", "message"),
    [
        ("Before Any Load", "No load was run yet. Use 'Run Load' or 'Run Calls' first"),
        ("Nothing Measured", "No p95 barge in time was measured in Says Hello"),
        ("No Such Figure", "no figure 'respose time'; nearest: response time. "),
        ("No Search", "The last load (Says Hello) was no search for a capacity: Run Load    capacity"),
        ("No Threshold", "Which thresholds? Write sentences, like 'p95 response time < 2 s'"),
        ("Nobody Calls", "0 calls: nobody would call"),
        (
            "Another Machine",
            "10.0.0.5:9092 is another machine, and nobody said which: a load could cost",
        ),
    ],
)
def test_what_cannot_be_done_says_so_in_a_sentence(inner, test, message):
    assert inner.status(test) == "FAIL"
    assert inner.message(test).startswith(message)


def test_all_thresholds_that_are_broken_are_told_at_once(inner):
    assert inner.status("Broken") == "FAIL"
    message = inner.message("Broken")
    assert "p95 response time " in message
    assert "limit 1 ms: over by " in message
    assert "; calls 3, at least 99: short by 96" in message
    assert message.count(";") <= 3


def test_validity_is_a_pass_or_a_sentence_that_begins_with_invalid(inner):
    assert inner.status("Valid Or Not") == "PASS"


def test_a_profile_is_played_and_judged(inner):
    good, bad = inner.message("From A Profile"), inner.message("A Profile That Is Not Met")
    assert inner.status("From A Profile") == "PASS" or good.startswith("INVALID: ")
    assert inner.status("A Profile That Is Not Met") == "FAIL"
    assert bad.startswith(("p50 call length ", "INVALID: "))
    if not bad.startswith("INVALID"):
        assert "limit 1 ms: over by " in bad
        assert "FAIL 2 calls, 0 failed, 1 threshold broken. " in bad
    told = inner.metadata("A Profile That Is Not Met")
    assert told["Load threshold 1"].startswith("ok: error rate 0 %")
    assert told["Load threshold 2"].startswith("FAILED: p50 call length ")


def test_a_keyword_that_there_is_none_is_told(inner):
    assert inner.status("Of Another Suite") == "FAIL"
    assert "No Such Keyword" in inner.message("Of Another Suite")
