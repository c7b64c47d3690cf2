"""Profiles read from files: every key, every mistake with its line, no secret told."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from AudioSocketLibrary.load import Cost, load_profile, profiles_here
from AudioSocketLibrary.load.environment import Filled, fill_environment, masked
from AudioSocketLibrary.load.keys import KEYS, SHAPES, shape_keys
from AudioSocketLibrary.load.profile import Keep, Watch
from AudioSocketLibrary.load.reading import read_profile
from AudioSocketLibrary.load.shapes import Hold, Stages, Steps
from AudioSocketLibrary.protocol import AudioFormat
from AudioSocketLibrary.records import UsageError
from AudioSocketLibrary.transport import Address

pytestmark = pytest.mark.unit

DOCS = (Path(__file__).parents[3] / "docs" / "profiles.md").read_text("utf-8")
EXAMPLE = next(block for block in re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL) if "about: Sale weekend" in block)
HOLD = "load: {hold: {calls: 5, for: 30 s}}\n"


@pytest.fixture
def read(tmp_path):
    def reads(text, environment=None, name="sale.yaml"):
        place = tmp_path / name
        place.write_text(text, "utf-8")
        return load_profile(str(place), environment=environment or {})

    return reads


def test_the_example_with_every_part(read):
    profile = read(EXAMPLE, {"CRM": "https://crm.example/api"})
    assert profile.name == "sale"
    assert profile.bot.address == Address("127.0.0.1", 9092)
    assert str(profile.bot.asterisk) == "22.10"
    assert profile.bot.watch == Watch("pid", "4711")
    assert [round(one.weight, 2) for one in profile.scenarios] == [0.6, 0.3, 0.1]
    assert profile.scenarios[2].arguments == ("будь ласка",)
    assert profile.callers.before_call.url == "https://crm.example/api/calls"
    assert profile.callers.before_call.body == {"uuid": "{uuid}", "phone": "{phone}"}
    assert profile.callers.lines == {"clean": 0.8, "street": 0.15, "bad_mobile": 0.05}
    assert profile.callers.pause == (0.3, 1.2)
    assert profile.shape == Hold(50, 900.0, 180.0)
    assert [str(one) for one in profile.thresholds][3] == "calls per minute > 40"
    assert [str(one) for one in profile.abort_when] == ["error rate > 30 % for 20 s"]
    assert profile.limits.talk_time == 40 * 3600
    assert profile.keep == Keep(recordings=1.0, failed_only=True)
    assert (profile.baseline, profile.seed, profile.workers) == ("main", 42, None)
    json.dumps(profile.to_dict())


def test_what_is_not_written_has_its_default(read):
    profile = read(HOLD)
    assert profile.bot.address is None
    assert profile.bot.format is AudioFormat.slin
    assert [(one.kind, one.name) for one in profile.scenarios] == [("built_in", "Hello")]
    assert profile.keep == Keep()
    assert profile.keep.recordings == 0.01
    assert profile.seed is None


def test_values_are_text_until_they_are_read(read):
    """YAML itself would make 22.1 of 22.10, 90 of 1:30, False of no."""
    text = "bot: {asterisk: 22.10}\nload: {hold: {calls: 10, for: 1:30}}\nkeep: {rows: no}\nwarm_up: 1:10\n"
    profile = read(text)
    assert str(profile.bot.asterisk) == "22.10"
    assert profile.shape == Hold(10, 90.0)
    assert profile.keep.rows is False
    assert profile.schedule().phase_at(60.0).name == "warm-up"


def test_json_is_read_too(read):
    text = '{\n\t"about": "ніч \\u0457",\n\t"load": {"hold": {"calls": 20, "for": "30 min", "ramp_up": "5 min"}}\n}'
    profile = read(text, name="night.json")
    assert profile.shape == Hold(20, 1800.0, 300.0)
    assert profile.about == "ніч ї"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "about: x\nload:\n  hold:\n    calls: 5\n    rampup: 3 s\n    for: 9 s\n",
            "sale.yaml line 5: no key 'rampup' here; nearest: ramp_up",
        ),
        (
            HOLD + "thresholds:\n  - error rate < 1 %\n  - p95 respons time < 2 s\n",
            "line 4: no figure 'respons time'; nearest: response time",
        ),
        (
            HOLD + "thresholds:\n  - p95 response time < 5 %\n",
            "line 3: '5 %' is no limit of response time: write a time, like '2 s'",
        ),
        (
            HOLD + "thresholds:\n  - p95 response time in step 3 < 5 s\n",
            "line 3: 'p95 response time in step 3 < 5 s': no phase 'step 3'. There are: hold",
        ),
        (HOLD + 'thresholds:\n  - p95 response time of "Helo" < 5 s\n', "no scenario 'Helo'; nearest: Hello"),
        (HOLD + "thresholds:\n  - p95 response time <= 110 % of baseline\n", "needs a baseline: add 'baseline: main'"),
        (
            HOLD + "abort_when:\n  - error rate < 1 % for 99 % of seconds\n",
            "line 3: 'error rate < 1 % for 99 % of seconds' is no reason to abort",
        ),
        ("about: x\n", "line 1: 'load' is missing: write one shape, like 'load: {hold: {calls: 10, for: 2 min}}'"),
        (
            "load: {hold: {calls: 5, for: 9 s}, wave: {high: 3, waves: 1, each: 9 s}}\n",
            "exactly one shape, not hold and wave",
        ),
        ("load: {hod: {calls: 5}}\n", "no key 'hod' here; nearest: hold"),
        ("load: {hold: {calls: 5}}\n", "'for' is missing here"),
        ("load: {hold: {calls: 0, for: 9 s}}\n", "'calls' is 0: nobody would call"),
        ("load: {hold: {calls: five, for: 9 s}}\n", "calls: 'five' is no number of something: write a whole one"),
        ("load: {hold: {calls: [5], for: 9 s}}\n", "'calls' is one value, not a list or a mapping"),
        ("load: {rate: {calls: 20, for: 9 s}}\n", "a rate is a number and a unit, like '20/min'"),
        (
            "load: {rate: {calls: 20/min, for: 9 s, arrivals: random}}\n",
            "arrivals: there is no 'random'. There are: even, poisson",
        ),
        ("load: {hold: {calls: 5, for: 900}}\n", "for: 900 means 900 seconds; for milliseconds write '900 ms'"),
        (
            "load: {steps: {from: 5, to: 20/min, by: 5, each: 9 s}}\n",
            "are all calls at once (50), or all rates (20/min)",
        ),
        ("load: {spike: {base: 9, peak: 5, after: 9 s, for: 9 s}}\n", "the lower load (9) is above the higher one (5)"),
        ("load: {capacity: {from: 50, to: 5}}\n", "a search goes up"),
        ("load:\n  stages:\n    - {to: 5}\n", "line 3: a stage takes time: write 'over'"),
        ("load:\n  stages:\n    - {over: 5 s}\n", "'over' needs a 'to'"),
        (
            "load:\n  stages:\n    - {to: 5, for: 5 s}\n    - {to: 5/min, for: 5 s}\n",
            "the stages mix calls at once and rates",
        ),
        ("load:\n  stages:\n    - {for: 5 s}\n", "no stage has a load"),
        ("load: {stages: 5}\n", "'stages' is a list, each row like '- {to: …}'"),
        (HOLD + "bot: {address: http://x}\n", "line 2: address: 'http://x' is no address of a bot: write host:port"),
        (HOLD + "bot: {asterisk: 13}\n", "asterisk: Asterisk 13 has no AudioSocket (first: 18)"),
        (HOLD + "bot: {format: slim16}\n", "format: there is no 'slim16'; nearest: slin16"),
        (HOLD + "bot: {watch: pid mine}\n", "names no process: write 'pid 4711', 'port 9092'"),
        (HOLD + "scenarios:\n  - {test: A}\n", "line 3: 'test: A' does not say where it is: add 'from: tests/'"),
        (
            HOLD + "scenarios:\n  - {test: A, keyword: B, from: x}\n",
            "exactly one of test, tag, keyword, built_in, not test and keyword",
        ),
        (
            HOLD + "scenarios:\n  - {test: A, from: x, weight: 60 %}\n  - {test: B, from: x, weight: 30 %}\n",
            "sum up to 90 %, not to 100 %",
        ),
        (
            HOLD + "scenarios:\n  - {test: A, from: x, weight: 60 %}\n  - {test: B, from: x}\n",
            "line 4: weights are all shares (60 %), or none is",
        ),
        (HOLD + "scenarios:\n  - {test: A, from: x, weight: 0}\n", "is no weight: write a share like '60 %'"),
        (HOLD + "scenarios:\n  - {built_in: Bye}\n", "there is no built-in scenario 'Bye': there is Hello"),
        (HOLD + "scenarios:\n  - {test: A, from: x, arguments: [1]}\n", "only a keyword has arguments"),
        (HOLD + "callers: {lines: {strt: 100 %}}\n", "There is no line 'strt'; nearest: street"),
        (HOLD + "callers: {lines: {clean: 80 %}}\n", "the shares of the lines sum up to 80 %, not to 100 %"),
        (HOLD + "callers: {pause: 2 s .. 1 s}\n", "write the shorter time first, like '300 ms .. 1.2 s'"),
        (HOLD + "callers: {before_call: {method: SEND, url: http://x}}\n", "method: there is no 'SEND'"),
        (HOLD + "callers: {before_call: {method: GET}}\n", "'url' is missing here"),
        (
            HOLD + 'callers: {before_call: {url: "${CRM}/calls"}}\n',
            "the environment has no CRM: set it (export CRM=…), or write a default, like ${CRM:-value}",
        ),
        (HOLD + "keep: {recordings: some}\n", "keeps nothing we know: write all, failed, none, or a share like '1 %'"),
        (HOLD + "keep: {reports: [pdf]}\n", "there is no report 'pdf'. There are: html, markdown, junit, json, csv"),
        (HOLD + "workers: 0\n", "write 'auto', or a number from 1 to 1000"),
        (HOLD + "seed: -3\n", "seed: '-3' is no number of something"),
        (HOLD + "about: x\nabout: y\n", "line 3: 'about' is there twice"),
        (HOLD + "limits: 5\n", "'limits' has keys of its own below it"),
        ("load: [\n", "is not YAML"),
        ("- 5\n", "sale.yaml holds no profile: it has no 'load:'"),
        (HOLD + "thresholds:\n  - {from: nowhere.yaml}\n", "There is no file of requirements"),
    ],
)
def test_mistakes_are_named_with_their_line(read, text, message):
    with pytest.raises(UsageError, match=re.escape(message)):
        read(text)


def test_the_environment_in_both_ways_of_writing(read):
    text = HOLD + "bot: {address: '${BOT:-127.0.0.1:9092}', environment: '%{WHERE=staging}'}\n"
    assert str(read(text).bot.address) == "127.0.0.1:9092"
    profile = read(text, {"BOT": "10.0.0.5:9000", "WHERE": "lab"})
    assert (str(profile.bot.address), profile.bot.environment) == ("10.0.0.5:9000", "lab")
    assert fill_environment("a ${X} %{Y} {uuid} $5", {"X": "1", "Y": "2"}) == "a 1 2 {uuid} $5"


SECRETS = ["s3cr3t-of-env", "s3cr3t-literal", "s3cr3t-user", "s3cr3t-query", "s3cr3t-default", "s3cr3t-body"]


def test_no_secret_is_told(read):
    profile = read(
        HOLD
        + """
bot:
  start: python -m tyrebot --api-key s3cr3t-literal --token=${TOKEN} --llm-key ${NONE:-s3cr3t-default} --port 9092
  events: http://op:s3cr3t-user@127.0.0.1:9099/events?access=s3cr3t-query
callers:
  before_call:
    url: https://op:s3cr3t-user@crm/calls?key=s3cr3t-query
    headers: {Authorization: "Bearer ${TOKEN}", X-Api-Key: s3cr3t-literal, Content-Type: application/json}
    body: {password: s3cr3t-body, note: "token=s3cr3t-literal", phone: "{phone}", deep: {api_key: "${TOKEN}"}}
log_url: https://logs/{uuid}?key=s3cr3t-query
scenarios:
  - {keyword: Log In, from: x.resource, arguments: ["${TOKEN}"]}
""",
        {"TOKEN": "s3cr3t-of-env"},
    )
    before = profile.callers.before_call
    assert before.headers["Authorization"] == "Bearer s3cr3t-of-env"
    assert profile.bot.start.endswith("--llm-key s3cr3t-default --port 9092")
    told = json.dumps(profile.to_dict()) + str(profile) + repr(profile) + profile.hash
    assert not [secret for secret in SECRETS if secret in told]
    assert "--token=${TOKEN}" in told, "what comes from the environment is shown as it is written"
    assert "application/json" in told
    assert "Bearer ${TOKEN}" in told


def test_a_wrong_value_from_the_environment_is_told_without_its_password(read):
    with pytest.raises(UsageError, match="'http://bot:9092' is no address of a bot") as caught:
        read(HOLD + "bot: {address: '${BOT}'}\n", {"BOT": "http://op:s3cr3t-of-env@bot:9092?key=s3cr3t-of-env"})
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("bot --port 9092 --verbose", "bot --port 9092 --verbose"),
        ("bot --api-key 'a b' -x", "bot --api-key *** -x"),
        ("API_KEY=abc bot", "API_KEY=*** bot"),
        ("curl -H 'Authorization: Bearer abcdefgh'", "curl -H 'Authorization: Bearer ***'"),
        ("wss://u:p@host:1/path?x=1#y", "wss://host:1/path"),
    ],
)
def test_what_looks_like_a_secret_is_masked(text, shown):
    assert masked(text) == shown
    assert Filled(text).shown == shown


def test_the_hash_is_of_what_is_asked_of_the_bot(read):
    usual = read(HOLD).hash
    same = HOLD + "about: other\nbot: {address: 10.0.0.5:1, environment: lab}\nseed: 5\nkeep: {recordings: all}\n"
    assert read(same).hash == usual
    for other in (
        "load: {hold: {calls: 6, for: 30 s}}",
        HOLD + "callers: {lines: {car: 100 %}}",
        HOLD + "bot: {format: slin16}",
    ):
        assert read(other).hash != usual
    assert read(HOLD).quick().hash == usual, "a load that is quick already stays what it is"
    assert (
        read("load: {hold: {calls: 50, for: 9 min}}").quick().hash != read("load: {hold: {calls: 50, for: 9 min}}").hash
    )


def test_scenarios_are_drawn_by_weight_the_same_for_the_same_seed(read):
    profile = read(HOLD + "scenarios:\n- {test: A, from: x, weight: 75 %}\n- {test: B, from: x, weight: 25 %}\n")
    drawn = [profile.scenario_of(call, 7).name for call in range(4000)]
    assert drawn == [profile.scenario_of(call, 7).name for call in range(4000)]
    assert drawn != [profile.scenario_of(call, 8).name for call in range(4000)]
    # Five standard deviations of a binomial of 4000 and 0.75.
    assert drawn.count("A") == pytest.approx(3000, abs=137)


def test_workers(read):
    assert read(HOLD).workers_on(8, 99) == 1
    assert read(HOLD).workers_on(8, 100) == 8
    assert read(HOLD + "workers: 3\n").workers_on(8, 5) == 3


@pytest.mark.parametrize("found", profiles_here(Path("no such folder")), ids=lambda found: found.name)
def test_shipped_profiles(found):
    profile = read_profile(found.place, {})
    assert found.about == profile.about
    assert profile.about.endswith((".", "?"))
    assert profile.thresholds, "a load that judges nothing passes whatever happens"
    assert not Cost.of(profile.schedule(), 60.0).beyond(profile.limits) or profile.name in (
        "capacity",
        "soak",
        "normal",
    )
    assert not Cost.of(profile.schedule(), 15.0).beyond(profile.limits)
    quick = profile.quick()
    assert type(quick.shape) is type(profile.shape)
    schedule = quick.schedule()
    assert schedule.duration < 45 or schedule.calls(12.0) <= 60
    assert schedule.calls_at_once(1.0) <= 10
    assert [phase.name for phase in schedule.phases] == [
        phase.name for phase in profile.schedule().phases
    ] or profile.name == "capacity"
    assert f"| {profile.name} | " in DOCS


def test_the_example_of_the_project():
    profile = read_profile(Path(__file__).parents[3] / "profiles" / "example.yaml", {})
    assert profile.schedule().calls_at_once(20.0) == 30


def test_the_numbers_of_the_sources():
    shapes = {
        found.name: load_profile(found.name, folder=Path("no such folder")).shape
        for found in profiles_here(Path("no such folder"))
    }
    minute = 60.0
    assert shapes["normal"] == Hold(20, 30 * minute, 5 * minute)
    assert shapes["peak"] == Hold(50, 15 * minute, 3 * minute)
    assert isinstance(shapes["stress"], Steps)
    assert shapes["stress"].schedule().duration == 10 * minute
    assert shapes["stress"].to >= 100
    sources = {
        "smoke": (5, 0.5),
        "light": (10, 1),
        "platform-normal": (50, 5),
        "heavy": (100, 10),
        "platform-stress": (200, 5),
        "soak": (30, 60),
    }
    for name, (calls, minutes) in sources.items():
        assert (shapes[name].calls, shapes[name].lasting) == (calls, minutes * minute), name
    assert (shapes["spike"].peak, shapes["spike"].lasting) == (150, 2 * minute)
    assert (shapes["wave"].high, shapes["wave"].waves, shapes["wave"].each) == (10, 3, 10.0)
    assert shapes["burst"].schedule().arrivals[9].at == pytest.approx(0.5)
    assert (shapes["burst"].calls, shapes["burst"].times, shapes["burst"].rest) == (10, 3, 5.0)
    assert (shapes["stability"].base, shapes["stability"].peak, shapes["stability"].lasting) == (3, 10, 5 * minute)
    assert (shapes["batches"].to, shapes["batches"].by) == (10, 2)
    assert shapes["throughput"].calls == 3


def test_quick_scales_rates_with_the_load(read):
    quick = read(
        "load: {hold: {calls: 50, ramp_up: 3 min, for: 15 min}}\n"
        "thresholds: [calls per minute > 40, p95 response time < 2 s]\n"
    ).quick()
    assert quick.shape.calls == 10
    assert [str(one) for one in quick.thresholds] == ["calls per minute > 8", "p95 response time < 2 s"]
    assert (quick.name, quick.scale) == ("sale (quick)", 0.2)


def test_names_and_paths(tmp_path):
    (tmp_path / "sale.yaml").write_text(HOLD, "utf-8")
    (tmp_path / "peak.yaml").write_text("about: mine\n" + HOLD, "utf-8")
    assert load_profile("sale", folder=tmp_path, environment={}).shape == Hold(5, 30.0)
    assert load_profile("peak", folder=tmp_path, environment={}).about == "mine", "one's own goes first"
    with pytest.raises(UsageError, match=r"There is no profile 'peek'; nearest: peak\. There are: "):
        load_profile("peek", folder=tmp_path)
    with pytest.raises(UsageError, match=r"There is no profile nothing\.yaml\. 'audiosocket profiles' lists those"):
        load_profile("nothing.yaml")


def test_every_key_is_in_the_docs_and_no_other():
    documented = set(re.findall(r"^\| `([\w.]+)` \| (.+) \|$", DOCS, re.MULTILINE))
    parts = {**KEYS, **{f"load.{name}": shape_keys(shape) for name, shape in SHAPES.items()}}
    expected = {
        (f"{part}.{key}" if part else key, about) for part, keys in parts.items() for key, about in keys.items()
    }
    assert documented == expected
    for name, shape in SHAPES.items():
        assert f"| {name} | {shape.about} | " in DOCS


def test_the_yaml_in_the_docs_is_read(read):
    for block in re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL):
        if "load:" in block:
            read(block, {"CRM": "http://127.0.0.1:1", "KEY": "k"})


def test_stages_are_read(read):
    profile = read("load:\n  stages:\n  - {to: 20/min, over: 60 s}\n  - {for: 5 min}\n")
    assert isinstance(profile.shape, Stages)
    assert profile.to_dict()["load"] == {
        "stages": [{"to": "20/min", "over": 60.0, "for": 0.0}, {"to": None, "over": 0.0, "for": 300.0}]
    }
    assert len(profile.schedule().arrivals) == 10 + 100
