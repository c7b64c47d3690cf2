"""``audiosocket bot`` and the Robot library that runs it."""

import os
import signal
import socket
import subprocess
import sys
import time
from io import StringIO

import pytest
from robot.api import ExecutionResult
from robot.run import run as run_robot

from AudioSocketLibrary.bot.process import BotProcess
from AudioSocketLibrary.cli import run
from AudioSocketLibrary.records import UsageError

pytestmark = pytest.mark.integration

COMMAND = [sys.executable, "-m", "AudioSocketLibrary", "bot"]


def start(*arguments, **settings):
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True} | settings
    return subprocess.Popen([*COMMAND, *arguments], **pipes)


def port_of(line):
    assert line.startswith("listening on 127.0.0.1:")
    return int(line.rpartition(":")[2])


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stops_on_a_signal_and_hangs_up(number):
    with start("--log-calls") as bot:
        port = port_of(bot.stdout.readline())
        with socket.create_connection(("127.0.0.1", port)) as call:
            assert "call 1: connected" in bot.stdout.readline()
            bot.send_signal(number)
            assert bot.wait(60) == 0
            call.settimeout(5)
            while call.recv(65536):
                pass
        assert bot.stderr.read() == ""


def test_stops_when_its_standard_input_is_closed():
    with start("--stop-with-stdin", stdin=subprocess.PIPE) as bot:
        port_of(bot.stdout.readline())
        bot.stdin.close()
        assert bot.wait(60) == 0
        assert bot.stderr.read() == ""


@pytest.mark.skipif(sys.platform == "win32", reason="kills by a signal")
def test_does_not_outlive_its_parent():
    code = (
        "import os, signal; from AudioSocketLibrary.bot.process import BotProcess; bot = BotProcess(); "
        "print(bot.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    parent = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=False)
    assert gone(int(parent.stdout))


def gone(pid):
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


NO_PROMPT = (
    "The bot cannot play 'tyre_found': There is no prompt 'tyre_found': "
    "did you mean 'tyres_found' or 'en_tyres_found' or 'tyres_not_found'?"
)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--reply", "tyre_found"], NO_PROMPT),
        (["--greeting", "none/such.wav"],
         "The bot cannot play 'none/such.wav': There is no file none/such.wav: its folder does not exist"),
        (["--script", "none.yaml"], "There is no script none.yaml"),
        (["--reply-after", "600"],
         ("Invalid value for '--reply-after': 600 means 600 seconds; "
          "for milliseconds write '600 ms', for seconds '600 s'")),
        (["--yields-after", "always"],
         ("Invalid value for '--yields-after': 'always' is no time: "
          "write it like '800 ms', '2 s', '1 min 30 s' or '1:30', or 'never'")),
        (["--echo", "--calibration"], "A bot that echoes has nothing to calibrate: take either echo or calibration"),
        (["--greeting", "menu", "--no-greeting"], "Give either --greeting or --no-greeting"),
        (["--truth", "none/truth.jsonl"],
         "The truth cannot be written to none/truth.jsonl: No such file or directory"),
    ],
)  # fmt: skip
def test_says_in_one_sentence_what_is_wrong(arguments, message, capsys):
    assert run(["bot", *arguments]) == 2
    out, err = capsys.readouterr()
    assert (out, err) == ("", message + "\n")


def test_says_that_the_port_is_in_use(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run(["bot", "--port", str(port)]) == 2
    assert capsys.readouterr().err == (
        f"Cannot listen on 127.0.0.1:{port}: the port is in use. Stop what listens there, "
        "or take port 0 (the system chooses)\n"
    )


def test_says_that_a_script_makes_a_setting_useless(tmp_path, capsys):
    script = tmp_path / "s.yaml"
    script.write_text("[{on: uuid, do: reset}]", "utf-8")
    assert run(["bot", "--script", str(script), "--reply-after", "1s"]) == 2
    assert "so --reply-after has no effect: write 'base: usual' into it" in capsys.readouterr().err


def test_the_help_lists_events_and_actions(capsys):
    assert run(["bot", "--help"]) == 0
    help_text = capsys.readouterr().out
    assert "hang up with frame: the call ends" in help_text
    assert "caller speaks over lasting=" in help_text


def test_a_process_that_cannot_start_says_why():
    with pytest.raises(UsageError, match="did not start: The bot cannot play 'nothing'"):
        BotProcess(["--greeting", "nothing"])


def test_a_bot_takes_faults_by_its_control_channel_and_logs_without_filling_the_pipe():
    with BotProcess(["--log-calls", "--fault", "mute"]) as bot:
        bot.set_fault("refusing", {"above": 0})
        with socket.create_connection((bot.address.host, bot.address.port), timeout=5) as call:
            assert call.recv(100) == b""
        bot.clear_faults()
        with socket.create_connection((bot.address.host, bot.address.port), timeout=5) as call:
            assert call.recv(100)
        with pytest.raises(UsageError, match="There is no fault 'rain'"):
            bot.set_fault("rain")
        bot._child.kill()
        with pytest.raises(UsageError, match="The reference bot has ended"):
            bot.clear_faults()


SUITE = """
*** Settings ***
Library    AudioSocketLibrary.ReferenceBot
Library    Collections
Suite Setup    Start Reference Bot    {process}greeting=none    reply_after=700 ms    yields_after=never

*** Variables ***
${{BOT}}    10.0.0.5:9092
@{{PIDS}}

*** Test Cases ***
Bot Of The Suite
    Should Start With    ${{BOT}}    127.0.0.1:
    Set Suite Variable    ${{FIRST}}    ${{BOT}}

Forgotten Bot
    Start Reference Bot    {process}replies=menu, goodbye    hang_up_after_turn=2
    Should Not Be Equal    ${{BOT}}    ${{FIRST}}

Suite Bot Is Back
    Should Be Equal    ${{BOT}}    ${{FIRST}}

Stopped Bot
    Start Reference Bot    {process}echo=True    silence_after=2 s
    Stop Reference Bot
    Should Be Equal    ${{BOT}}    ${{FIRST}}
    Stop Reference Bot
    Should Be Equal    ${{BOT}}    10.0.0.5:9092
    Stop Reference Bot

Bad Time
    Start Reference Bot    yields_after=soon

Bad Prompt
    Start Reference Bot    {process}replies=tyre_found
"""


@pytest.mark.parametrize("process", ["own", "suite"])
def test_the_robot_library(process, tmp_path):
    suite = tmp_path / "bots.robot"
    suite.write_text(SUITE.format(process=f"process={process}    "), "utf-8")
    console = StringIO()
    run_robot(str(suite), outputdir=str(tmp_path), log=None, report=None, stdout=console, stderr=console)
    tests = {test.name: test for test in ExecutionResult(tmp_path / "output.xml").suite.tests}
    assert [test.status for test in tests.values()] == ["PASS"] * 4 + ["FAIL"] * 2, console.getvalue()
    assert "'soon' is no time" in tests["Bad Time"].message
    assert tests["Bad Prompt"].message.endswith(
        "The bot cannot play 'tyre_found': There is no prompt 'tyre_found': "
        "did you mean 'tyres_found' or 'en_tyres_found' or 'tyres_not_found'?"
    )
