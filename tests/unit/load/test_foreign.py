"""Load files of other suites, and files of requirements."""

from __future__ import annotations

import re

import pytest

from AudioSocketLibrary.load import Limits, load_profile, read_nfr, target_refused
from AudioSocketLibrary.load.limits import Cost
from AudioSocketLibrary.load.shapes import Hold
from AudioSocketLibrary.records import UsageError
from AudioSocketLibrary.transport import Address

pytestmark = pytest.mark.unit

BUILDER = """\
target:
  base_url: http://127.0.0.1:8000/api
  api_key: ${BE_API_KEY}
  organization_id: ${BE_ORG_ID}
profiles:
  smoke: {concurrent_users: 5, requests_per_second: 10, duration_seconds: 30}
  normal:
    concurrent_users: 50
    requests_per_second: 200
    duration_seconds: 300
thresholds:
  max_avg: 500
  max_p95: 1000
  max_p99: 2000
  max_error_rate: 0.01
  min_rps: 50
output:
  directory: out
  formats: [json, html, markdown]
"""


@pytest.fixture
def builder(tmp_path):
    def reads(text=BUILDER, part="normal"):
        place = tmp_path / "load.yaml"
        place.write_text(text, "utf-8")
        return load_profile(str(place), part=part, environment={"BE_API_KEY": "s3cr3t", "BE_ORG_ID": "7"})

    return reads


def test_users_are_calls_at_once_and_requests_are_not_driven(builder):
    profile = builder()
    assert profile.name == "normal"
    assert profile.shape == Hold(50, 300.0)
    assert profile.bot.address == Address("127.0.0.1", 9092)
    assert [str(one) for one in profile.thresholds] == [
        "mean response time <= 500 ms",
        "p95 response time <= 1 s",
        "p99 response time <= 2 s",
        "error rate <= 1 %",
    ]
    assert (profile.keep.directory, profile.keep.reports) == ("out", ("json", "html", "markdown"))
    told = " ".join(profile.notes)
    assert "50 concurrent users are 50 calls at once" in told
    assert "requests_per_second: 200 is kept, and not driven: there is no API workload yet" in told
    assert "min_rps: 50 is kept, and not driven" in told
    assert "max_p95: 1000 is judged as 'p95 response time <= 1 s', of the calls" in told
    assert "s3cr3t" not in repr(profile) + str(profile.to_dict())


def test_of_several_profiles_one_is_said(builder):
    with pytest.raises(UsageError, match=r"several profiles; say which: --profile smoke\. It has: smoke, normal"):
        builder(part="")
    with pytest.raises(UsageError, match="has no profile 'soak'"):
        builder(part="soak")
    assert builder("profiles: {only: {users: 3, duration: 60s}}\n", part="").shape == Hold(3, 60.0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("profiles: {a: {concurent_users: 3}}\n", "line 1: no key 'concurent_users' here; nearest: concurrent_users"),
        ("profiles: {a: {users: 3}}\n", "'duration' is missing here"),
        ("profiles: {a: {users: 0, duration: 5}}\n", "users and seconds are above 0"),
        (BUILDER.replace("max_p95", "max_p96"), "line 13: no threshold 'max_p96' here: max_avg, max_p95"),
        (BUILDER.replace("0.01", "little"), "line 15: max_error_rate: 'little' is no number"),
        (BUILDER.replace("output:", "outputs:"), "no key 'outputs' here; nearest: output"),
    ],
)
def test_mistakes_in_it(builder, text, message):
    with pytest.raises(UsageError, match=re.escape(message)):
        builder(text, part="" if "{a:" in text else "normal")


def test_of_a_profile_of_ours_there_is_no_part(tmp_path):
    (tmp_path / "a.yaml").write_text("load: {hold: {calls: 5, for: 30 s}}\n", "utf-8")
    with pytest.raises(UsageError, match="is one profile; there is no 'peak' in it"):
        load_profile(str(tmp_path / "a.yaml"), part="peak", environment={})


NFR = """\
title: What the call centre promises
version: 2
normal:
  response time: {p95: 2 s, p99: "< 3 s"}
  error_rate: 0 %
  throughput: 40
peak:
  - id: NFR-7
    about: Nobody waits long on a busy day
    threshold: p95 response time < 3 s
  - error rate < 5 %
"""


@pytest.fixture
def nfr(tmp_path):
    place = tmp_path / "nfr.yaml"
    place.write_text(NFR, "utf-8")
    return place


def test_requirements_become_thresholds(nfr):
    assert [str(one) for one in read_nfr(nfr, "normal")] == [
        "p95 response time <= 2 s",
        "p99 response time < 3 s",
        "error rate <= 0 %",
        "calls per minute >= 40",
    ]
    assert [str(one) for one in read_nfr(nfr, "peak")] == ["p95 response time < 3 s", "error rate < 5 %"]
    assert len(read_nfr(nfr)) == 6


def test_a_profile_takes_them_over(nfr):
    profile = nfr.with_name("p.yaml")
    profile.write_text(
        "load: {hold: {calls: 5, for: 30 s}}\n"
        "thresholds:\n  - {from: nfr.yaml, section: peak}\n  - p99 greeting time < 3 s\n", "utf-8"
    )  # fmt: skip
    thresholds = load_profile(str(profile), environment={}).thresholds
    assert [str(one) for one in thresholds] == [
        "p95 response time < 3 s",
        "error rate < 5 %",
        "p99 greeting time < 3 s",
    ]


@pytest.mark.parametrize(
    ("text", "section", "message"),
    [
        (NFR, "peek", "no section 'peek' here; nearest: peak"),
        (
            NFR.replace("error_rate: 0 %", "error_rat: 0 %"),
            "normal",
            "line 5: no figure 'error_rat'; nearest: error rate",
        ),
        (NFR.replace("{p95: 2 s,", "{p94: 2 s,"), "normal", "line 4: no percentile 'p94' here: p50"),
        (NFR.replace("- error rate < 5 %", "- error rate < 5 s"), "peak", "line 11: '5 s' is no limit of error rate"),
        (
            NFR.replace("throughput: 40", "throughput: [40, 50]"),
            "normal",
            "'throughput' has one limit, or one for each",
        ),
        ("title: nothing\n", "", "no requirement here that we can measure"),
    ],
)
def test_mistakes_in_requirements(nfr, text, section, message):
    nfr.write_text(text, "utf-8")
    with pytest.raises(UsageError, match=re.escape(message)):
        read_nfr(nfr, section)


@pytest.mark.parametrize(
    ("address", "environment", "allowed", "why"),
    [
        ("127.0.0.1:9092", "", False, ""),
        ("localhost:9092", "", False, ""),
        ("[::1]:9092", "", False, ""),
        ("[::ffff:127.0.0.1]:9092", "", False, ""),
        ("10.0.0.5:9092", "staging", False, ""),
        ("10.0.0.5:9092", "", False, "Add to the profile 'bot: {environment: staging}'"),
        ("bot.example:9092", "", True, "Add to the profile"),
        ("bot.example:9092", "production", False, "marked production. Add --allow-production if you mean it"),
        ("127.0.0.1:9092", "Production", False, "marked Production"),
        ("bot.example:9092", "prod", True, ""),
    ],
)
def test_whom_a_load_may_call(address, environment, allowed, why):
    refused = target_refused(Address.parse(address), environment, allow_production=allowed)
    assert why in refused
    assert bool(refused) is bool(why)


def test_our_own_bot_may_always_be_called():
    assert target_refused(None, "") == ""


def test_a_load_beyond_its_limits_says_what_to_add():
    cost = Cost.of(Hold(600, 3 * 3600.0).schedule(), 60.0)
    assert str(cost) == "about 108,000 calls of 60 s in 3 h, up to 600 at once, 1800 h of talk"
    assert cost.beyond(Limits()) == [
        (
            "600 calls at once are planned, the limit is 500: if that is meant, add 'limits: {calls_at_once: 600}' "
            "to the profile, or give --limit 'calls_at_once=600'"
        ),
        (
            "108,000 calls are planned, the limit is 20,000: if that is meant, add 'limits: {calls: 108000}' "
            "to the profile, or give --limit 'calls=108000'"
        ),
        (
            "1800 h of talk are planned, the limit is 100 h: if that is meant, add 'limits: {talk_time: 1800 h}' "
            "to the profile, or give --limit 'talk_time=1800 h'"
        ),
        (
            "3 h are planned, the limit is 2 h: if that is meant, add 'limits: {duration: 3 h}' "
            "to the profile, or give --limit 'duration=3 h'"
        ),
    ]
    assert cost.beyond(Limits(600, 108_000, 1800 * 3600.0, 3 * 3600.0)) == []
