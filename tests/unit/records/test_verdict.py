"""The verdict of a run: only what was measured, believed and met is a pass."""

import pytest

from AudioSocketLibrary.records import Histogram, Validity
from AudioSocketLibrary.records.run_facts import RunFacts
from AudioSocketLibrary.records.thresholds import Threshold
from AudioSocketLibrary.records.verdict import Word, run_validity, verdict_of

pytestmark = pytest.mark.unit

MET, BROKEN = Threshold.parse("p95 response time < 2 s"), Threshold.parse("error rate = 0 %")


def run(lateness=0.001, *, calls=30, failed=2, ended=True, dropped=0):
    facts = RunFacts()
    late = Histogram()
    late.add(lateness)
    facts.add({"row": "worker", "worker": 0})
    facts.add({"row": "pulse", "worker": 0, "at": 1.0, "lateness": late.to_json(), "loop_lag": late.to_json()})
    for number in range(calls):
        turns = [{"number": 1, "kind": "speech", "end": 1.0, "response_time": 0.5}]
        row = {"row": "call", "index": number, "intended": 0.0, "start": 0.0, "length": 5.0, "turns": turns}
        facts.add({**row, "outcome": "failed" if number < failed else "passed", "failure": "no reply"})
    for number in range(dropped):
        facts.add({"row": "call", "index": number, "intended": 0.0, "outcome": "dropped"})
    if ended:
        facts.add({"row": "end", "worker": 0, "reason": "finished"})
    return facts


@pytest.mark.parametrize(
    ("word", "facts", "thresholds", "state"),
    [
        (Word.PASSED, run(), [MET], "finished"),
        (Word.PASSED, run(), [], "finished"),
        (Word.FAILED, run(), [MET, BROKEN], "finished"),
        (Word.FAILED, run(), [MET], "aborted"),
        (Word.FAILED, run(), [MET], "failed"),
        (Word.FAILED, run(calls=0), [], "finished"),
        (Word.INTERRUPTED, run(), [MET], "interrupted"),
        (Word.INTERRUPTED, run(), [MET, BROKEN], "interrupted"),
        (Word.INVALID, run(0.050), [MET], "finished"),
        (Word.INVALID, run(0.050), [BROKEN], "interrupted"),
        (Word.INVALID, run(ended=False), [MET], "finished"),
        (Word.INVALID, run(dropped=10), [MET], "finished"),
    ],
)
def test_the_word(word, facts, thresholds, state):
    verdict = verdict_of(facts, thresholds, state=state)
    assert verdict.word is word
    assert verdict.sentence.startswith(word.value)
    assert verdict.passed is (word is Word.PASSED)
    assert (verdict.word.exit_code == 0) is (word is Word.PASSED)


def test_the_exit_codes_differ():
    assert {word: word.exit_code for word in Word} == {"PASS": 0, "FAIL": 1, "INVALID": 3, "INTERRUPTED": 4}


def test_the_sentence_has_the_calls_and_what_broke():
    told = verdict_of(run(), [MET, BROKEN], state="aborted", reason="stopped early: error rate 34 %").sentence
    assert told.startswith("FAIL 30 calls, 2 failed, 1 threshold broken, stopped early: error rate 34 %. valid: our ")


def test_an_invalid_run_says_nothing_about_the_bot():
    told = verdict_of(run(0.038), [BROKEN]).sentence
    assert told.startswith("INVALID: our lateness p99 38 ms (limit 10 ms, degraded up to 20 ms)")
    assert "nothing is said about the bot" in told
    assert told.endswith("(30 calls, 2 failed)")


def test_a_lost_worker_is_named():
    told = verdict_of(run(), [MET], workers=2).sentence
    assert told.startswith("INVALID: lost workers worker 1 (limit none): the figures of the lost calls are missing")


def test_without_a_call_nothing_was_shown():
    assert verdict_of(run(calls=0), []).sentence.startswith("FAIL no call was made")


def test_a_stretch_of_a_run_has_its_own_validity():
    facts = run(0.050)
    assert run_validity(facts, workers=1, windows=[(0.0, 1.0)]).validity is Validity.INVALID
    assert run_validity(facts, workers=3, over=False).lost_workers == ()


def test_a_search_that_found_nothing_has_failed_whatever_its_thresholds_say():
    facts = run(calls=5)
    thresholds = [Threshold.parse("error rate <= 100 %")]
    assert verdict_of(facts, thresholds).passed
    assert verdict_of(facts, thresholds, answered=False).word is Word.FAILED
