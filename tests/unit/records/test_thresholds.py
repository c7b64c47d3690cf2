"""The threshold sentence: read, refused, written back."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from AudioSocketLibrary.records.load_figures import FIGURES, exact_text, load_figure, value_text
from AudioSocketLibrary.records.thresholds import AGGREGATES, Threshold

pytestmark = pytest.mark.unit

DOCS = (Path(__file__).parents[3] / "docs" / "thresholds.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("sentence", "written"),
    [
        ("p95 response time < 2 s", "p95 response time < 2 s"),
        ("P95  Response_Time<800ms", "p95 response time < 800 ms"),
        ("error rate = 0 %", "error rate = 0 %"),
        ("error rate == 0%", "error rate = 0 %"),
        ("calls per minute > 40", "calls per minute > 40"),
        ("p95 response time < 2 s for 99 % of seconds", "p95 response time < 2 s for 99 % of seconds"),
        ('p95 response time of "Замовлення шин" < 3 s', 'p95 response time of "Замовлення шин" < 3 s'),
        ("p95 response time of «Замовлення шин» < 3 s", 'p95 response time of "Замовлення шин" < 3 s'),
        ('mean greeting time of "A < B" in step 3 ≤ 1 s', 'mean greeting time of "A < B" in step 3 <= 1 s'),
        ("p95 response time <= 110 % of baseline", "p95 response time <= 110 % of baseline"),
        ("error rate > 30 % for 20 s", "error rate > 30 % for 20 s"),
        ("max caller’s wait < 1 min", "max caller's wait < 60 s"),
        ("max bot memory < 1 GB", "max bot memory < 1000 MB"),
        ("avg response time < 1 s", "mean response time < 1 s"),
        ("success rate >= 80 % in wave 1 peak", None),
        ("success rate in wave 1 peak >= 80 %", "success rate in wave 1 peak >= 80 %"),
    ],
)
def test_sentences(sentence, written):
    if written is None:
        with pytest.raises(ValueError, match="is no limit of success rate"):
            Threshold.parse(sentence)
        return
    threshold = Threshold.parse(sentence)
    assert str(threshold) == written
    assert Threshold.parse(written) == threshold


@pytest.mark.parametrize(
    ("sentence", "message"),
    [
        ("p95 respons time < 2 s", "no figure 'respons time'; nearest: response time. Figures: response time, words"),
        ("response time < 2 s", "does not say which response time: each of the replies has one. Write p50, p90, p95"),
        ("p95 response time < 5 %", "'5 %' is no limit of response time: write a time, like '2 s'"),
        ("p95 response time < 800", "800 means 800 seconds; for milliseconds write '800 ms'"),
        ("error rate < 1", "'1' is no limit of error rate: write a share, like '1 %'"),
        ("error rate < 1 s", "'1 s' is no limit of error rate: write a share, like '1 %'"),
        ("calls per minute > 40/min", "is no limit of calls per minute: write a number a minute, like '40'"),
        ("max bot memory < 5", "is no limit of bot memory: write a size, like '50 MB'"),
        ("error rate < 200 %", "always holds, or never: error rate is at most 100 %"),
        ("p95 error rate < 1 %", "error rate is one value of the run; leave 'p95' out"),
        ("pp95 response time < 1 s", "no percentile 'pp95'; nearest: p95"),
        ("p98 response time < 1 s", "no percentile 'p98'; nearest: p99. There are: p50, p90, p95, p99, max, mean"),
        ("p95 < 2 s", "'p95 < 2 s' names no figure after p95"),
        ("be quick", "'be quick' is no threshold: write it like 'p95 response time < 2 s' or 'error rate < 1 %'"),
        ("p95 response time < 2 s for 0 % of seconds", "a share of seconds is above 0 % and up to 100 %"),
        ("calls at once > 3 for 99 % of seconds", "there is no calls at once of each second"),
        ("p95 response time < nan", "is no limit of response time"),
        ("calls per minute > inf", "is no limit of calls per minute"),
        ("calls per minute > -3", "is no limit of calls per minute"),
    ],
)
def test_what_is_no_threshold(sentence, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        Threshold.parse(sentence)


LIMITS = {
    "time": st.integers(0, 10**7).map(lambda n: f"{n / 10:.1f} ms"),
    "share": st.integers(0, 1000).map(lambda n: f"{n / 10:.1f} %"),
    "rate": st.integers(0, 10**5).map(lambda n: f"{n / 10:.1f}"),
    "count": st.integers(0, 10**6).map(str),
    "size": st.integers(0, 10**6).map(lambda n: f"{n} kB"),
}
NAMES = st.text("abcЇж '.,<>=%0123-—", min_size=1, max_size=20)
PHASES = st.sampled_from(["hold", "step 3", "wave 1 peak", "base again", "ramp up", "for 5 s", "x < y"])


@st.composite
def sentences(draw):
    figure = draw(st.sampled_from(list(FIGURES.values())))
    words = [draw(st.sampled_from(AGGREGATES))] if figure.is_distribution else []
    words.append(figure.name)
    scenario = draw(st.none() | NAMES)
    if scenario is not None:
        words.append(f'of "{scenario}"')
    phase = draw(st.none() | PHASES)
    if phase is not None:
        words.append(f'in "{phase}"')
    words.append(draw(st.sampled_from(["<", "<=", "=", ">=", ">"])))
    if draw(st.booleans()):
        return " ".join([*words, draw(LIMITS["share"]), "of baseline"])
    words.append(draw(LIMITS[figure.unit]))
    if draw(st.booleans()) and figure.unit in ("time", "rate"):
        words.append("for 99 % of seconds")
    elif draw(st.booleans()):
        words.append("for 20 s")
    return " ".join(words)


@given(sentences())
def test_what_is_written_reads_back_as_the_same(sentence):
    threshold = Threshold.parse(sentence)
    again = Threshold.parse(str(threshold))
    assert again == threshold
    assert str(again) == str(threshold)


@given(st.text(max_size=60))
def test_any_other_text_is_refused_in_a_sentence(text):
    with suppress(ValueError):  # nothing else may come out of it
        assert Threshold.parse(str(Threshold.parse(text)))


def test_every_figure_is_found_by_its_name_and_explained():
    for name, figure in FIGURES.items():
        assert load_figure(name.upper()) is figure
        assert load_figure(name.replace(" ", "_")) is figure
        assert f"| {name} | " in DOCS, f"docs/thresholds.md does not explain {name}"
        assert figure.about in DOCS


def test_the_sentences_in_the_docs_can_be_read():
    blocks = re.findall(r"```text\n(.*?)```", DOCS, re.DOTALL)
    sentences = [line.partition("  #")[0].strip() for block in blocks for line in block.splitlines() if line.strip()]
    assert len(sentences) > 10
    for sentence in sentences:
        Threshold.parse(sentence)


def test_only_what_grows_with_the_load_is_scaled():
    assert str(Threshold.parse("calls per minute > 40").scaled(0.2)) == "calls per minute > 8"
    assert str(Threshold.parse("p95 response time < 2 s").scaled(0.2)) == "p95 response time < 2 s"
    assert str(Threshold.parse("calls per minute >= 90 % of baseline").scaled(0.2)).endswith("90 % of baseline")


def test_a_reason_to_abort_is_about_the_last_seconds():
    assert Threshold.parse("error rate > 30 %").as_reason_to_abort().lasting == 20.0
    assert Threshold.parse("error rate > 30 % for 5 s").as_reason_to_abort().lasting == 5.0
    with pytest.raises(ValueError, match="is no reason to abort: write it like 'error rate > 30 % for 20 s'"):
        Threshold.parse("p95 response time < 2 s for 99 % of seconds").as_reason_to_abort()


@pytest.mark.parametrize(
    ("unit", "value", "text", "exact"),
    [
        ("time", 0.8, "800 ms", "800 ms"),
        ("time", 90.5, "90.5 s", "90.5 s"),
        ("share", 0.0435, "4.35 %", "4.35 %"),
        ("size", 5e7, "50 MB", "50 MB"),
        ("size", 2.5e9, "2.5 GB", "2500 MB"),
        ("rate", 58.06451, "58.0645", "58.06451"),
    ],
)
def test_values_for_people(unit, value, text, exact):
    assert value_text(unit, value) == text
    assert exact_text(unit, value) == exact
