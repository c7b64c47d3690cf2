"""The table of faults, how they are written, the control channel, and the page that lists them."""

import json
from pathlib import Path

import pytest

from AudioSocketLibrary.bot.actions import ACTIONS
from AudioSocketLibrary.bot.control import ANSWER, obey
from AudioSocketLibrary.bot.fault_kinds import BACKEND, BOT, DIALOGUE, FAULTS, faults_table, parameters_text
from AudioSocketLibrary.bot.faults import Faults, read_fault, split_fault
from AudioSocketLibrary.cli import run
from AudioSocketLibrary.records import UsageError

pytestmark = pytest.mark.unit

PAGE = Path(__file__).resolve().parents[3] / "docs" / "misbehaviour.md"
KINDS = {kind.name: kind for kind in FAULTS}


def test_names_are_unique_and_actions_exist():
    assert len(KINDS) == len(FAULTS)
    assert all(kind.notice and kind.needs in (BOT, DIALOGUE, BACKEND) for kind in FAULTS)
    assert {kind.does for kind in FAULTS} - {""} <= set(ACTIONS)


def test_the_page_lists_every_fault_as_it_is():
    rows = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `")]
    assert rows == [f"| `{kind.name}` | {parameters_text(kind)} | {kind.notice} | {kind.needs} |" for kind in FAULTS]


def test_the_command_lists_them(capsys):
    assert run(["bot", "--list-faults"]) == 0
    listed = capsys.readouterr().out
    assert listed.strip() == faults_table().strip()
    assert all(f"  {name}" in listed for name in KINDS)
    assert run(["bot", "--help"]) == 0
    assert "never stops talking" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "name", "given"),
    [
        ("mute", "mute", {}),
        ("slow recogniser: by=2 s, share=20 %", "slow recogniser", {"by": "2 s", "share": "20 %"}),
        ("knee:above=3,by=50 ms", "knee", {"above": "3", "by": "50 ms"}),
    ],
)
def test_a_fault_in_one_text(text, name, given):
    assert split_fault(text) == (name, given)
    assert read_fault(KINDS[name], given)["share"] == (0.2 if "share" in given else 1.0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("slow speech: 2 s", "'2 s' of the fault 'slow speech: 2 s' says nothing: write it like 'slow speech: by=2 s'"),
        ("slow speach: by=2 s", "There is no fault 'slow speach'; did you mean 'slow speech'?"),
        ("slow speech", "The fault 'slow speech' needs 'by': how long"),
        ("slow speech: by=-1", "'-1' is no time"),
        ("wrong type: type=0x30", "'0x30' is no type of audio: write 0x10 to 0x18"),
        ("wrong rate: rate=11", "'11' is no rate: 4000 to 192000 Hz, a multiple of 50"),
        ("gaps: every=10 ms", "'10 ms' is too short: at least 100 ms"),
        ("busy cpu: in=cloud", "'cloud' is neither 'process' nor 'thread'"),
        ("refusing: above=some", "'some' is no whole number from 0 on"),
        ("mute: seed=x", "'x' is no whole number"),
        ("slow database: by=1 s", "The fault 'slow database' needs a backend, and there is none here"),
    ],
)
def test_says_in_one_sentence_what_is_wrong(text, message, capsys):
    assert run(["bot", "--fault", text]) == 2
    assert message in capsys.readouterr().err


def test_the_control_channel_sets_clears_and_tells():
    faults = Faults(lacks={BACKEND})

    def ask(request):
        answer = obey(faults, request if isinstance(request, str) else json.dumps(request))
        return json.loads(answer.removeprefix(ANSWER))

    assert ask({"set": "slow speech", "how": {"by": "2 s"}}) == {}
    assert faults.current("slow speech").how["by"] == 2.0
    assert ask({"clear": "slow speech"}) == {}
    assert faults.current("slow speech") is None
    assert ask({"set": "mute"}) == {}
    assert ask({"clear": ""}) == {}
    assert faults.current("mute") is None
    assert "no fault 'rain'" in ask({"set": "rain"})["error"]
    assert "needs a backend" in ask({"set": "failing database"})["error"]
    assert "is no JSON" in ask("{")["error"]
    assert ask([1])["error"].startswith('Write {"set"')


def test_changes_are_told_until_forgotten():
    faults, told = Faults(), []
    forget = faults.on_change(lambda: told.append(1))
    faults.set("mute")
    faults.clear()
    forget()
    faults.set("mute")
    assert len(told) == 2


def test_a_seed_of_its_own_draws_otherwise():
    def struck(seed):
        faults = Faults()
        faults.set("mute", {"share": 0.5, "seed": seed})
        return [faults.strikes("mute", key=call) is not None for call in range(200)]

    assert struck(1) == struck(1) != struck(2)
    with pytest.raises(UsageError, match="no share"):
        Faults().set("mute", {"share": 2})
