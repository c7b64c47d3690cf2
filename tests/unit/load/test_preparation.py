"""Before a run begins: whom it may call, what it costs, its folder."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from types import SimpleNamespace

import pytest

from AudioSocketLibrary.load.capacity import Capacity
from AudioSocketLibrary.load.limits import Cost, Limits
from AudioSocketLibrary.load.preparation import (
    Permission,
    bots_of,
    check_target,
    cost_of,
    estimated_length,
    make_folder,
    mark_latest,
    prepare,
    recordings_text,
    with_long_enough_plateaus,
)
from AudioSocketLibrary.load.profile import Callers, Keep, Target
from AudioSocketLibrary.load.shapes import Hold
from AudioSocketLibrary.protocol import AudioFormat
from AudioSocketLibrary.records import Threshold, UsageError
from AudioSocketLibrary.records.run_info import RunInfo
from AudioSocketLibrary.scenario import Say, SendDTMF, StaySilent
from AudioSocketLibrary.transport import Address
from tests.helpers.loads import plan, profile, short

pytestmark = pytest.mark.unit

HERE, THERE = Address("127.0.0.1", 9092), Address("10.0.0.5", 9092)


def targeting(address=None, environment=""):
    return replace(profile(Hold(2, 10.0)), bot=Target(address, environment))


def test_bots_are_those_that_were_given_else_that_of_the_profile():
    assert bots_of(targeting()) == {}
    assert bots_of(targeting(HERE)) == {"bot": HERE}
    assert bots_of(targeting(HERE), ["10.0.0.5:9092"]) == {"bot": THERE}
    assert bots_of(targeting(), ["new=127.0.0.1:9092", "base=10.0.0.5:9092"]) == {"new": HERE, "base": THERE}
    for given in (["127.0.0.1:1", "127.0.0.1:2"], ["a=127.0.0.1:1", "a=127.0.0.1:2"]):
        with pytest.raises(
            UsageError, match=r"Several bots need names of their own: --bot new=127\.0\.0\.1:9093 --bot"
        ):
            bots_of(targeting(), given)
    with pytest.raises(UsageError, match="nonsense"):
        bots_of(targeting(), ["nonsense"])


def test_what_recordings_take_is_told_before_the_start(tmp_path, monkeypatch):
    cost = Cost(calls_at_once=10, calls=600, talk_time=36_000.0, duration=3600.0, call_length=60.0)

    def told(*, audio=AudioFormat.slin, **keep):
        of = replace(profile(Hold(2, 10.0), keep=Keep(**keep, directory=str(tmp_path / "not there yet"))))
        return recordings_text(replace(of, bot=Target(HERE, format=audio)), cost)

    assert told(recordings=0.0) == "records nothing"
    assert told() == "records 1 % of the calls, about 11.52 MB, 1 GB at most"
    assert told(audio=AudioFormat.slin16) == "records 1 % of the calls, about 23.04 MB, 1 GB at most"
    assert told(recordings=1.0, disk=2_000_000_000) == "records all calls, about 1.152 GB, 2 GB at most"
    assert told(recordings=1.0) == (
        "records all calls, about 1.152 GB, of which 1 GB is kept and no sound after that ('keep: {disk: …}' of the "
        "profile is the limit)"
    )
    assert told(recordings=1.0, failed_only=True) == (
        "keeps recordings of calls that fail, 1.92 MB a minute of them, 1 GB at most"
    )
    monkeypatch.setattr("AudioSocketLibrary.load.preparation.disk_usage", lambda _: SimpleNamespace(free=5_000_000))
    assert told() == (
        f"records 1 % of the calls, about 11.52 MB, 1 GB at most; but 5 MB are free in {tmp_path / 'not there yet'}"
    )
    assert told(recordings=0.0) == "records nothing"


def test_another_machine_and_production_are_refused_until_somebody_says_so():
    check_target(targeting(), {"bot": HERE}, Permission())
    with pytest.raises(UsageError) as refused:
        check_target(targeting(), {"bot": THERE}, Permission())
    assert str(refused.value) == (
        "10.0.0.5:9092 is another machine, and nobody said which: a load could cost somebody money. Add to the profile "
        "'bot: {environment: staging}', or give --environment staging"
    )
    check_target(targeting(environment="staging"), {"bot": THERE}, Permission())
    check_target(targeting(), {"bot": THERE}, Permission("staging"))
    # Of several, each is looked at; production needs its word wherever it is.
    with pytest.raises(UsageError, match=r"^10\.0\.0\.5:9092 is another machine"):
        check_target(targeting(), {"a": HERE, "b": THERE}, Permission())
    with pytest.raises(UsageError, match=r"is marked production\. Add --allow-production if you mean it"):
        check_target(targeting(environment="production"), {"bot": HERE}, Permission())
    check_target(targeting(environment="production"), {"bot": HERE}, Permission(allow_production=True))


def test_the_length_of_a_call_is_guessed_by_its_turns():
    assert estimated_length([[short(5.0)]], [1.0]) == pytest.approx(8.0)
    talk = plan(Say(texts=("а",)), SendDTMF(keys="1"), StaySilent(least=1.0, most=3.0))
    assert estimated_length([[talk]], [1.0]) == pytest.approx(3 + 6 + 6 + 2)
    assert estimated_length([[short(5.0)], [talk, short(5.0)]], [3.0, 1.0]) == pytest.approx(0.75 * 8 + 0.25 * 12.5)


def test_what_it_costs_is_within_limits_or_refused_with_the_line_to_add():
    assert cost_of(profile(Hold(2, 10.0)), [[short(2.0)]], 0).calls == 4
    with pytest.raises(UsageError) as refused:
        cost_of(profile(Hold(20, 60.0), limits=Limits(calls=9, talk_time=60.0)), [[short(2.0)]], 0)
    assert str(refused.value) == (
        "test would be about 240 calls of 5 s in 60 s, up to 20 at once, 20 min of talk. "
        "240 calls are planned, the limit is 9: if that is meant, add 'limits: {calls: 240}' to the profile, or give "
        "--limit 'calls=240'. "
        "20 min of talk are planned, the limit is 60 s: if that is meant, add 'limits: {talk_time: 20 min}' to the "
        "profile, or give --limit 'talk_time=20 min'."
    )


def test_plateaus_are_long_enough_for_a_call():
    search = profile(Capacity(1, 8, each=2.0, confirm=3.0))
    longer = with_long_enough_plateaus(search, [[short(9.0)]])
    assert longer.shape.each >= 12.0
    assert longer.shape.confirm >= 12.0
    assert longer.notes == ("a call lasts about 12 s: no plateau is shorter",)
    enough = profile(Capacity(1, 8, each=60.0, confirm=60.0))
    assert with_long_enough_plateaus(enough, [[short(9.0)]]) == enough
    assert with_long_enough_plateaus(profile(Hold(1, 1.0)), [[short(9.0)]]).notes == ()


def test_a_run_says_all_about_itself_before_it_begins(tmp_path, monkeypatch):
    monkeypatch.setenv("AUDIOSOCKET_RUN", "0b5e0001")
    of = replace(profile(Hold(2, 10.0, 3.0)), thresholds=(Threshold.parse("p95 response time < 2 s"),), seed=42)
    job, info = prepare(of, [[short(2.0)]], {"bot": HERE}, tmp_path, workers=2)
    assert (job.run, job.seed, job.conductor) == ("0b5e0001", 42, os.getpid())
    assert prepare(of, [[short(2.0)]], {"bot": HERE}, tmp_path, workers=2, conducted=False)[0].conductor == 0
    told = json.loads(json.dumps(info.to_json()))
    assert RunInfo.from_json(told) == info
    assert told["state"] == "running"
    assert told["rows"] == ["rows/worker-0.jsonl", "rows/worker-1.jsonl"]
    assert told["bots"] == {"bot": "127.0.0.1:9092"}
    assert told["thresholds"] == ["p95 response time < 2 s"]
    assert [phase["name"] for phase in told["phases"]] == ["ramp up", "hold"]
    assert (told["seed"], told["workers"], told["held"], told["calls_at_once"]) == (42, 2, True, 2)
    assert told["plans"] == {"Short": ["PlaceCall", "StaySilent", "HangUp"]}
    assert told["host"]["cores"] >= 1
    assert told["versions"]["robotframework"]
    assert told["versions"]["media path"] in ("Python", "compiled")
    drawn = {prepare(replace(of, seed=None), [[short(2.0)]], {"bot": HERE}, tmp_path, workers=1)[0].seed for _ in "abc"}
    assert len(drawn) > 1


def test_data_that_would_run_out_are_refused_before_anybody_is_called(tmp_path):
    (tmp_path / "few.csv").write_text("phone\n1\n", encoding="utf-8")
    of = replace(profile(Hold(2, 60.0)), callers=Callers(str(tmp_path / "few.csv"), "unique"))
    with pytest.raises(UsageError, match=r"few\.csv has 1 rows, and each is for one call only; about 24 calls are"):
        prepare(of, [[short(2.0)]], {"bot": HERE}, tmp_path, workers=1)


def test_each_run_has_a_folder_of_its_own_and_the_latest_is_found(tmp_path):
    one, two = make_folder(tmp_path, "Підбір шин: peak/2"), make_folder(tmp_path, "Підбір шин: peak/2")
    assert one != two
    assert one.name.endswith("_Підбір-шин--peak-2")
    for folder in (one, two):
        mark_latest(folder)
        assert (tmp_path / "latest").resolve() == folder.resolve()
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match=r"Runs cannot be kept in .*: Not a directory"):
        make_folder(tmp_path / "file", "x")


def test_what_somebody_calls_latest_is_left_alone(tmp_path):
    (tmp_path / "run").mkdir()
    for text in ("my notes", ""):
        (tmp_path / "latest").write_text(text, encoding="utf-8")
        mark_latest(tmp_path / "run")
        assert (tmp_path / "latest").read_text("utf-8") == text
    (tmp_path / "latest").write_text("run\n", encoding="utf-8")  # ours, where there are no links
    mark_latest(tmp_path / "run")
    assert (tmp_path / "latest").resolve() == (tmp_path / "run").resolve()
