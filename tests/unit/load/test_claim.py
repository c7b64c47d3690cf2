"""The answer of a search, in words; of rows as workers write them."""

from __future__ import annotations

import pytest

from AudioSocketLibrary.load.capacity import Capacity
from AudioSocketLibrary.load.claim import PlateauFigures, claim_of, heads
from AudioSocketLibrary.records.phase import Phase
from AudioSocketLibrary.records.run_facts import RunFacts
from AudioSocketLibrary.records.run_info import Plateau
from AudioSocketLibrary.records.thresholds import Threshold

pytestmark = pytest.mark.unit

THRESHOLDS = [Threshold.parse("p95 response time < 2 s"), Threshold.parse("error rate < 1 %")]
SHAPE = Capacity(10, 300)


class Search:
    """Plateaus one after the other, with calls of 41 s in each."""

    def __init__(self) -> None:
        self.plateaus: list[Plateau] = []
        self.rows: list[dict] = []
        self.at = 0.0

    def plateau(self, calls, held, response, failed=0.0, seconds=60.0, confirms=False, why="", cpu=0.0) -> Search:
        start, number = self.at + 60.0, round(calls * seconds / 41)
        name = self.name(len(self.plateaus))
        for index in range(number):
            bad = index < round(number * failed)
            self.rows.append(
                {
                    "row": "call", "phase": name, "measured": True, "start": start + seconds * index / number - 40.99,
                    "length": 41.0, "outcome": "failed" if bad else "passed", "failure": "no reply" if bad else "",
                    "turns": [{"number": 1, "kind": "speech", "end": 40.0 - response, "response_time": response}],
                }
            )  # fmt: skip
        self.rows += [
            {"row": "sample", "who": "bot", "at": start + at, "cpu": cpu} for at in range(1, round(seconds)) if cpu
        ]
        self.plateaus.append(Plateau(calls, start, start + seconds, seconds, confirms, held, why))
        self.at = start + seconds
        return self

    def name(self, number: int) -> str:
        return f"{number + 1}: plateau"

    @property
    def facts(self) -> RunFacts:
        facts = RunFacts(Phase(self.name(n), each.start, each.end) for n, each in enumerate(self.plateaus))
        for row in self.rows:
            facts.add(row)
        return facts

    def claim(self, ending) -> str:
        return claim_of(self.plateaus, ending, self.facts, THRESHOLDS, SHAPE)


def found() -> Search:
    search = Search().plateau(80, True, 1.32, cpu=2.44).plateau(160, False, 4.9, failed=0.34, seconds=40)
    search.plateau(120, True, 1.71).plateau(140, False, 2.43).plateau(130, True, 1.94)
    return search.plateau(130, True, 1.97, seconds=600, confirms=True, failed=0.003)


def test_the_answer():
    assert found().claim("confirmed") == (
        "130 calls held for 10 min at p95 response time 1.97 s, 0.32 % errors; at 140 p95 response time broke 2 s "
        "(2.43 s). That is about 11,400 calls an hour of 41 s. With a fifth in reserve plan for 104 at once (9,100 an "
        "hour)."
    )


def test_more_was_not_asked_for():
    search = Search().plateau(300, True, 1.0, seconds=600, confirms=True)
    assert search.claim("confirmed").startswith(
        "300 calls held for 10 min at p95 response time 1 s, 0 % errors; more was not asked for. That is about 26,300 "
    )


def test_of_a_lower_confirmation_what_broke_is_the_longest_look():
    search = found()
    search.plateaus[-1] = Plateau(130, *_span(search.plateaus[-1]), 600.0, confirms=True, held=False)
    search.rows[-1]["turns"][0]["response_time"] = 3.0
    search.plateau(120, True, 1.6, seconds=600, confirms=True)
    assert "120 calls held for 10 min at p95 response time 1.6 s, 0 % errors; at 130 " in search.claim("confirmed")


def _span(plateau: Plateau) -> tuple[float, float]:
    return plateau.start, plateau.end


def test_not_even_the_first():
    search = Search().plateau(10, False, 2.5).plateau(10, False, 2.6, seconds=120)
    assert search.claim("too many") == "Not even 10 calls held; at 10 p95 response time broke 2 s (2.6 s)."


def test_a_machine_that_cannot():
    why = "INVALID: our lateness p99 38 ms (limit 10 ms): this machine could not keep time"
    search = Search().plateau(80, True, 1.3).plateau(160, None, 1.3, why=why).plateau(160, None, 1.3, why=why)
    assert search.claim("invalid") == (
        "This machine could not keep time with 160 calls at once, twice (our lateness p99 38 ms (limit 10 ms): this "
        "machine could not keep time). Of the bot it is known that 80 calls held for 60 s, not confirmed. Use more "
        "cores or another machine: 'audiosocket doctor' says what one can hold."
    )


def test_a_bot_that_gets_worse():
    search = Search().plateau(100, True, 1.3).plateau(130, True, 1.3)
    for calls in (130, 120, 110):
        search.plateau(calls, False, 2.2, seconds=600, confirms=True)
    assert search.claim("unconfirmed") == (
        "No number of calls was confirmed: 130, 120 and 110 did not hold for 10 min; at 110 p95 response time broke "
        "2 s (2.2 s). The bot gets worse with time; 100 calls held for 60 s, not confirmed."
    )


def test_an_interrupted_search_claims_what_it_knows():
    assert Search().claim("") == "Nothing was found out: no plateau was played to its end."
    search = Search().plateau(80, True, 1.3).plateau(160, False, 1.3, why="only 12 of 160 calls were up on average")
    assert search.claim("") == (
        "The search did not come to its end: 80 calls held for 60 s, not confirmed; at 160 it did not: only 12 of 160 "
        "calls were up on average."
    )
    assert Search().plateau(10, False, 2.5).claim("") == (
        "The search did not come to its end: no plateau held, not confirmed; at 10 p95 response time broke 2 s (2.5 s)."
    )


def test_the_table():
    search = found()
    search.plateaus[1] = Plateau(
        160, *_span(search.plateaus[1]), 60.0, held=False, why="stopped early: error rate 34 % (…)"
    )
    table = [PlateauFigures.of(plateau, search.facts, THRESHOLDS).cells for plateau in search.plateaus]
    assert heads(THRESHOLDS) == ["calls", "for", "p95 response time", "error rate", "bot CPU", "held?"]
    assert table[0] == ["80", "1:00", "1.32 s", "0 %", "244 %", "yes"]
    assert table[1] == ["160", "0:40", "4.9 s", "33.97 %", "", "no  stopped early: error rate 34 %"]
    assert table[-1] == ["130", "10:00", "1.97 s", "0.32 %", "", "yes, confirmed"]


@pytest.mark.parametrize(
    ("threshold", "words"),
    [
        ("p95 greeting time < 1 s", "nothing was measured that could meet 'p95 greeting time < 1 s'"),
        ("p95 response time < 2 s for 99 % of seconds", "p95 response time < 2 s held in 0 % of seconds, not in 99 %"),
        ("calls per minute > 1000", "calls per minute broke 1000 ("),
        ("success rate >= 99 %", "success rate broke 99 % (65.81 %)"),
    ],
)
def test_how_a_limit_broke(threshold, words):
    search = Search().plateau(80, True, 1.0).plateau(160, False, 4.9, failed=0.34)
    said = claim_of(search.plateaus, "", search.facts, [Threshold.parse(threshold)], SHAPE)
    assert words in said
