"""Scenarios are recorded in a Robot of their own: what comes of it, what is refused, and that nothing is sent."""

import asyncio
import json
import re
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from AudioSocketLibrary.bot import Bot, BotSettings
from AudioSocketLibrary.keywords.recording import Wanted, record
from AudioSocketLibrary.records import UsageError
from AudioSocketLibrary.scenario import Calls, Judge, play_plan
from AudioSocketLibrary.transport import Address
from tests.helpers.inner_run import run_robot

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
BOT = Address("127.0.0.1", 9092)
SETTINGS = """\
*** Settings ***
Library    AudioSocketLibrary
Library    AudioSocketLibrary.ReferenceBot
Library    Collections
Library    OperatingSystem
Library    Process
Library    RequestsLibrary
Library    String
"""

EACH = """
import json, sys
from robot.api import TestSuite
from AudioSocketLibrary.keywords.recording_child import record_one
from AudioSocketLibrary.keywords.recording_request import Request, Wanted
from AudioSocketLibrary.records import UsageError
from AudioSocketLibrary.transport import Address

told = {}
for file in sys.argv[1:]:
    for test in TestSuite.from_file_system(file).all_tests:
        wanted = Wanted("test", test.full_name, file)
        request = Request((wanted,), Address("127.0.0.1", 9092), {"BACKEND": ""}, {})
        try:
            (plan,) = record_one(wanted, request)
            told[test.name] = [step.text for step in plan.steps]
        except UsageError as error:
            told[test.name] = str(error)
print("TOLD" + json.dumps(told))
"""


def record_each(*files):
    """What comes of recording each test of the files: the texts of its steps, or why it is refused."""
    done = subprocess.run(
        [sys.executable, "-c", EACH, *map(str, files)],
        capture_output=True, text=True, timeout=120, check=True, cwd=ROOT,
    )  # fmt: skip
    return json.loads(done.stdout.rpartition("TOLD")[2])


def suite(folder, tests, settings=SETTINGS, name="t.robot"):
    file = folder / name
    file.write_text(f"{settings}\n*** Test Cases ***\n{tests}", encoding="utf-8")
    return file


def recorded(file, name, **options):
    ((plan,),) = record([Wanted("test", name, str(file))], bot=BOT, **options)
    return plan


# -- what is recorded --------------------------------------------------------------------------------------------------

WHOLE = """\
Caller Finds Tyres
    [Setup]    Set Call Defaults    turn_timeout=7 s    scope=test
    Place Call
    VAR    @{sizes}    16    17
    FOR    ${size}    IN    @{sizes}
        GROUP    One size
            Asks For    ${size}
        END
    END
    IF    len($sizes) == 2    Say    Дякую
    IF    $sizes == []    Sleep    1 s
    Log    ${sizes}[0]
    ${uuid}    Bot Should Say    шини
    Stay Silent    1 s    3 s
    [Teardown]    Run Keywords    Log    over    AND    Hang Up

*** Keywords ***
Asks For
    [Arguments]    ${size}
    &{how}    Create Dictionary    language=uk
    Say    Шини на ${size}, {name}    &{how}    at=${EMPTY}500 ms after bot starts
"""


def test_a_test_is_recorded_with_set_up_teardown_loops_conditions_and_keywords(tmp_path):
    file = suite(tmp_path, WHOLE)
    plan = recorded(file, "Caller Finds Tyres")
    assert [step.text for step in plan.steps] == [
        "Place Call",
        "Say    Шини на 16, {name}    language=uk    at=500 ms after bot starts",
        "Say    Шини на 17, {name}    language=uk    at=500 ms after bot starts",
        "Say    Дякую",
        "Bot Should Say    шини",
        "Stay Silent    1 s    3 s",
        "Hang Up",
    ]
    assert [step.teardown for step in plan.steps] == [False] * 6 + [True]
    lines = file.read_text("utf-8").splitlines()
    for step in plan.steps[:-1]:
        where, _, line = step.source.rpartition(":")
        assert Path(where) == file
        assert step.text.split("    ")[0] in lines[int(line) - 1]
    assert plan.steps[0].step.settings.turn_timeout == 7
    assert plan.steps[0].step.bot == BOT
    assert (plan.name, plan.source) == ("Caller Finds Tyres", f"{file}:11")
    assert plan.hears


def test_what_the_suite_sets_up_travels_with_the_plan(tmp_path):
    (tmp_path / "callers.csv").write_text("name,phone\nОксана,2001\n", encoding="utf-8")
    (tmp_path / "phrases.yaml").write_text('phrases:\n  - {name: hi, text: "Вітаю"}\n', encoding="utf-8")
    settings = f"""{SETTINGS}
Suite Setup       Run Keywords
...               Start Reference Bot    reply_after=800 ms
...               AND    Use Call Data    callers.csv    order=unique
...               AND    Use Recogniser    http://127.0.0.1:9/v1
...               AND    Listen For Bot Events    ws://127.0.0.1:9/ws
...               AND    Set Line    street
Suite Teardown    Remove File    callers.csv
"""
    plan = recorded(suite(tmp_path, "One\n    Place Call\n    Say    Я {name}\n", settings), "One")
    assert plan.data is not None
    assert (plan.data.rows, plan.data.order) == (({"name": "Оксана", "phone": "2001"},), "unique")
    assert plan.recogniser == "http://127.0.0.1:9/v1"
    assert plan.book == tmp_path / "phrases.yaml"
    assert [each.source for each in plan.events] == ["ws://127.0.0.1:9/ws"]
    assert plan.steps[0].step.settings.line.name == "street"
    assert plan.steps[1].step.book == plan.book
    (note,) = plan.notes
    assert re.search(r"t\.robot:\d+: 'Start Reference Bot' is left out: the load calls 127.0.0.1:9092", note)


def test_keywords_of_resources_and_suites_tags_and_built_in_scenarios_are_recorded(tmp_path):
    resource = tmp_path / "shop.resource"
    resource.write_text(
        "*** Settings ***\nLibrary    AudioSocketLibrary\n\n*** Keywords ***\n"
        "Find Tyres\n    [Arguments]    ${size}    ${voice}=f3\n    Place Call\n"
        "    Say    На ${size}    voice=${voice}\n",
        encoding="utf-8",
    )
    tests = (
        "One\n    [Tags]    load\n    In A Call\n\nTwo\n    [Tags]    load\n    Place Call\n    Hang Up\n\n"
        "*** Keywords ***\nIn A Call\n    Place Call\n    Hang Up    at=bot stops\n"
    )
    file = suite(tmp_path, tests)
    of_resource, of_suite, of_tag, ours = record(
        [
            Wanted("keyword", "Find Tyres", str(resource), ("шістнадцять", "voice=m7")),
            Wanted("keyword", "In A Call", str(file)),
            Wanted("tag", "load", str(tmp_path)),
            Wanted("built_in", "Hello"),
        ],
        bot=BOT,
    )
    assert [step.text for step in of_resource[0].steps] == ["Place Call", "Say    На шістнадцять    voice=m7"]
    assert (of_resource[0].name, of_resource[0].steps[1].source) == ("Find Tyres", f"{resource}:8")
    assert [step.text for step in of_suite[0].steps] == ["Place Call", "Hang Up    at=bot stops"]
    assert [plan.name for plan in of_tag] == ["One", "Two"]
    assert ours[0].name == "Hello"


def test_variables_and_defaults_of_whoever_asks_reach_the_scenario(tmp_path):
    file = suite(tmp_path, "One\n    Place Call\n    Say    ${WORDS}[0] ${NAME}\n")
    plan = recorded(
        file, "One", variables={"WORDS": ["Так", "Ні"], "NAME": "Олена"}, defaults={"turn_timeout": 4.0}, set_up=False
    )
    assert plan.steps[1].text == "Say    Так Олена"
    assert plan.steps[0].step.settings.turn_timeout == 4.0


# -- what is refused ---------------------------------------------------------------------------------------------------

REFUSED = {
    "Sleep    2 s": "'Sleep' (BuiltIn) is no step of a call, and would be done once, not in each call: a caller who "
    "waits stays silent: write 'Stay Silent    2 s'",
    "GET    http://127.0.0.1:{port}/": "'GET' (RequestsLibrary) is no step of a call, and would be done once, not in "
    "each call: tell the bot's backend about each call with 'Announce Call', or look after the load",
    "Create Session    crm    http://127.0.0.1:{port}": "tell the bot's backend about each call with 'Announce Call'",
    "Create File    made.txt": "'Create File' (OperatingSystem) is no step of a call",
    "Run Process    touch    made.txt": "'Run Process' (Process) is no step of a call",
    "Set Bot Fault    reset": "'Set Bot Fault' is no step of a call: set up the bot before the load",
    "Save Prompt    greeting": "'Save Prompt' is no step of a call: save it from a single call, before the load",
    "Scenario Should Succeed    Place Call    at least 1 of 1 calls": "the load makes the call many times by itself",
    "Bot Should Pass": "'Bot Should Pass' is no step of a call: check the bot before the load: audiosocket check",
    "Run Keyword And Ignore Error    Hang Up": "a call is judged by 'Bot Should ...' and 'Call ...'",
    "Run Keyword And Return Status    Bot Should Say    так": "a call is judged by 'Bot Should ...' and 'Call ...'",
    "Wait Until Keyword Succeeds    3 s    1 s    Hang Up": "assertions on a call wait by themselves",
    "Run Keyword If    True    Hang Up": "write IF, which is recorded where its condition is known",
    "Repeat Keyword    3 times    Stay Silent    1 s": "write FOR, whose rounds are recorded",
    "TRY\n        Bot Should Say    так\n    EXCEPT\n        Hang Up\n    END": "TRY would catch what a call did wrong",
    "WHILE    True\n        Stay Silent    1 s\n    END": "WHILE is not recorded",
    "${words}    Get Bot Words\n    IF    $words == 'так'    Hang Up": "what 'Get Bot Words' returns is not known "
    "while the scenario is recorded, and differs from call to call: judge it with a keyword of the call",
    "${words}    Get Bot Words\n    IF    '${words}' == 'так'    Hang Up": "what 'Get Bot Words' returns is not known",
    "${words}    Get Bot Words\n    Say    Ви сказали ${words}": "what 'Get Bot Words' returns is not known",
    "${words}    Get Bot Words\n    VAR    ${text}    Ви сказали ${words}": "what 'Get Bot Words' returns is not known",
    "${words}    Get Bot Words\n    Log    ${words}": "what 'Get Bot Words' returns is not known",
    "${words}    Get Bot Words\n    Should Not Be Equal    ${words}    так": "what 'Get Bot Words' returns is not",
    "${said}    Bot Should Say Matching    (?P<n>.+)\n    Log    ${said}[n]": "what 'Bot Should Say Matching' returns",
    "${told}    Wait For Bot Event    order\n    Wait For Bot Event    paid    order=${told}": "of an earlier step is",
    "${uuid}    Place Call    alias=b\n    &{body}    Create Dictionary    id=${uuid}\n"
    "    Announce Call    POST    http://127.0.0.1:{port}    ${body}": "a value of an earlier step is not known",
    "${call}    Get Call": "what 'Get Call' returns is not known",
    "${run}    Get Run Id\n    Say    ${run}": "what 'Get Run Id' returns is not known",
    "${size}    Evaluate    random.choice([16, 17])": "draws by chance: it is drawn once, and would be the same in "
    "every call: use 'Say One Of', 'Stay Silent' with two times, or a field {{name}} of 'Use Call Data'",
    "IF    random.random() < 0.5    Hang Up": "'random.random() < 0.5' draws by chance: it is drawn once",
    "VAR    ${size}    ${{ random.randint(1, 9) }}": "draws by chance: it is drawn once",
    "${now}    Evaluate    urllib.request.urlopen('http://127.0.0.1:{port}').read()": "does more than compute, once",
    "${code}    Generate Random String": "it is drawn once, and would be the same in every call",
    "Place Call    127.0.0.1:{port}    alias=b": "it calls 127.0.0.1:{port}, and the load 127.0.0.1:9092: leave the "
    "address out, so that ${{BOT}} is called",
    "Place Call    alias=b    uuid=472d5355-0000-4000-8000-000000000000": "all calls of the load would have the same",
    "Use Recogniser    phrases\n    Hang Up": "call data, recogniser and phrase book are those of a whole scenario",
    "Cleans Up\n    Hang Up": "the teardown of a keyword is not recorded",
    "Skip    Not today": "is skipped here (Not today)",
    "No Such Keyword": "failed while it was recorded: No keyword with name 'No Such Keyword' found",
    "Should Be Equal    1    2": "failed while it was recorded: 1 != 2",
}  # fmt: skip


@pytest.fixture(scope="module")
def visitors():
    """Counts who connects: its port, and the list of those who came."""
    came = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept():
            while True:
                try:
                    came.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1], came


@pytest.fixture(scope="module")
def refusals(tmp_path_factory, visitors):
    folder = tmp_path_factory.mktemp("refused")
    bodies = [re.sub(r"\{port\}", str(visitors[0]), body) for body in REFUSED]
    blocks = [f"Test {number}\n    Place Call\n    {body}\n" for number, body in enumerate(bodies)]
    keywords = "\n*** Keywords ***\nCleans Up\n    Log    cleaned\n    [Teardown]    Hang Up\n"
    file = suite(folder, "\n".join(blocks) + keywords)
    return file, record_each(file)


@pytest.mark.parametrize("number", range(len(REFUSED)), ids=[line.split("\n")[0] for line in REFUSED])
def test_what_is_no_step_is_refused_with_file_line_and_way_out(refusals, visitors, number):
    file, told = refusals
    body, sentence = list(REFUSED.items())[number]
    message = told[f"Test {number}"]
    assert isinstance(message, str), f"recorded: {message}"
    assert sentence.format(port=visitors[0]) in message
    lines = file.read_text("utf-8").splitlines()
    first = lines.index(f"Test {number}") + 3
    where = re.match(r"(\S*t\.robot):(\d+)", message)
    assert where
    if body != "Cleans Up\n    Hang Up":
        assert first <= int(where[2]) <= first + body.count("\n")


def test_nothing_was_sent_and_nothing_made_while_all_that_was_recorded(refusals, visitors):
    assert visitors[1] == []
    assert sorted(path.name for path in refusals[0].parent.iterdir()) == ["t.robot"]
    assert not (ROOT / "made.txt").exists()


def test_a_suite_that_calls_in_its_set_up_is_refused(tmp_path):
    file = suite(tmp_path, "One\n    Hang Up\n", f"{SETTINGS}Suite Setup    Place Call\n")
    with pytest.raises(
        UsageError, match=r"t\.robot:\d+: a suite's set-up is not part of a call: place the call, and do"
    ):
        recorded(file, "One")


def test_a_scenario_without_a_call_and_one_that_does_not_exist_are_refused(tmp_path):
    file = suite(tmp_path, "Find Tyres\n    Log    nothing\n")
    with pytest.raises(
        UsageError, match=r"t\.robot:11: 'Find Tyres' places no call: a scenario begins with Place Call"
    ):
        recorded(file, "Find Tyres")
    with pytest.raises(UsageError, match=r"There is no test 'Find Tires' in .*t\.robot; nearest: 'Find Tyres'"):
        recorded(file, "Find Tires")
    with pytest.raises(UsageError, match=r"There is no .*gone\.robot, in which the test 'One' should be"):
        recorded(tmp_path / "gone.robot", "One")
    with pytest.raises(UsageError, match=r"There is no test with the tag 'load' in .*; there are none"):
        record([Wanted("tag", "load", str(file))], bot=BOT)
    with pytest.raises(UsageError, match=r"No keyword with name 'Sell Tyres' found"):
        record([Wanted("keyword", "Sell Tyres", str(file))], bot=BOT)


def test_all_that_is_refused_is_told_at_once(tmp_path):
    tests = "One\n    [Tags]    load\n    Place Call\n    Sleep    1 s\n\nTwo\n    [Tags]    load\n    Sleep    2 s\n"
    file = suite(tmp_path, tests)
    with pytest.raises(UsageError, match=rf"{file}:14: 'Sleep' .*\. Also refused: {file}:18$"):
        record([Wanted("tag", "load", str(file))], bot=BOT)


def test_a_test_that_goes_on_after_hard_failures_is_refused(tmp_path):
    file = suite(tmp_path, "One\n    [Tags]    robot:continue-on-failure\n    Place Call\n")
    with pytest.raises(UsageError, match=r"t\.robot:11: a test that goes on after hard failures is not recorded"):
        recorded(file, "One")


def test_nothing_is_left_behind(tmp_path, monkeypatch):
    temporary, folder = tmp_path / "tmp", tmp_path / "suite"
    temporary.mkdir()
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    recorded(suite(folder, "One\n    Place Call\n"), "One")
    assert list(temporary.iterdir()) == []
    assert [path.name for path in folder.iterdir()] == ["t.robot"]


# -- our own suites ----------------------------------------------------------------------------------------------------


def test_the_e2e_suites_are_scenarios_as_they_stand():
    told = record_each(*(ROOT / "suites/e2e" / f"{name}.robot" for name in ("menu", "orders", "ukrainian", "operator")))
    refused = {name: why for name, why in told.items() if isinstance(why, str)}
    assert "Сказати    Стоп, досить" in " ".join(told["Клієнт перебиває бота"])
    assert len(told) - len(refused) >= 12
    for name, why in refused.items():
        asks_the_shop = "Nobody said where the backend is" in why
        assert asks_the_shop or "what 'Get Call' returns is not known" in why, f"{name}: {why}"


def test_what_was_recorded_passes_when_it_is_played_as_the_test_does_live():
    names = ("Key Over The Greeting", "Star Reads The Menu")
    wanted = [Wanted("test", name, str(ROOT / "suites/e2e/menu.robot")) for name in names]
    wanted.append(Wanted("test", "Клієнт просить те, чого немає", str(ROOT / "suites/e2e/ukrainian.robot")))

    async def main():
        bot = Bot(BotSettings(dialogue="tyre_shop"))
        address = await bot.start()
        try:
            # Its process has ended before the first call begins: it disturbs no clock.
            plans = [plans[0] for plans in record(wanted, variables={"BACKEND": ""}, bot=Address.parse(str(address)))]
            return await asyncio.gather(*map(play, plans))
        finally:
            await bot.stop()

    async def play(plan):
        calls = Calls()
        calls.judge = Judge(plan.recogniser, plan.book)
        try:
            return await play_plan(plan, calls)
        finally:
            calls.judge.close()

    for result in asyncio.run(main()):
        assert [str(failure) for failure in result.failures] == []
        assert result.error == ""
        assert len(result.steps) >= 4


# -- Log Plan ----------------------------------------------------------------------------------------------------------


def test_log_plan_shows_the_steps_and_fails_where_many_could_not_play_it(tmp_path):
    tests = """\
Shown
    VAR    ${WHOM}    Оксана    scope=SUITE
    Set Call Defaults    turn_timeout=3 s
    Log Plan    Find Tyres    17 <${WHOM}>

Test Shown
    Log Plan    Whole

Whole
    Find Tyres    16
    Hang Up

Refused
    Log Plan    Waits

Without A Bot
    VAR    ${BOT}    ${EMPTY}    scope=TEST
    Log Plan    Find Tyres    17

*** Keywords ***
Find Tyres
    [Arguments]    ${size}
    Place Call
    Say    На ${size} для ${WHOM}

Waits
    Place Call
    Sleep    1 s
"""
    settings = "*** Settings ***\nLibrary    AudioSocketLibrary\nLibrary    AudioSocketLibrary.Load\n"
    inner = run_robot(
        tmp_path, tests, "-v", "BOT:127.0.0.1:9", "-v", "WHOM:Петро", "-t", "Shown", "-t",
        "Test Shown", "-t", "Refused", "-t", "Without A Bot", settings=settings,
    )  # fmt: skip
    assert inner.status("Shown") == "PASS", inner.message("Shown")
    (message,) = inner.tests["Shown"].body[2].messages
    assert message.html
    assert "<b>Find Tyres</b>" in message.message
    assert "Say    На 17 &lt;Оксана&gt; для Оксана" in message.message
    assert ": 2 steps" in message.message
    assert inner.status("Test Shown") == "PASS", inner.message("Test Shown")
    assert "<td>Hang Up</td>" in inner.tests["Test Shown"].body[0].messages[0].message
    assert re.search(
        r"inner\.robot:\d+: 'Sleep' \(BuiltIn\) is no step of a call.*a caller who waits stays silent",
        inner.message("Refused"),
    )
    assert inner.message("Without A Bot").startswith("No bot to call: set ${BOT}")
