"""Faults planted in a bot: what QA reads in the log alone names the cause of each, and says where to listen."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.helpers.inner_run import InnerRun, run_robot

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(400)]

SCRIPTS = {
    "key.yaml": "base: usual\nrows:\n- {on: key, key: '1', do: hang up}\n",
    "unknown.yaml": "base: usual\nrows:\n- {on: time, at: 1 s, do: send, data: '05 00 00'}\n",
    "heard.yaml": "- Дайте пораду щодо зберігання шин\n",
    "silent.yaml": "rows:\n- {on: uuid, do: play greeting}\n",
}
TESTS = """\
Late Reply
    Start Reference Bot    reply_after=1.4 s
    Place Call
    Play    stop
    Bot Should Reply Within    900 ms

Wrong Words
    Start Reference Bot    replies=goodbye
    Set Call Defaults    turn_timeout=4 s    scope=test
    Place Call
    Play    stop
    Bot Should Say    зимові шини

Wrong Prompt
    Start Reference Bot    replies=goodbye
    Set Call Defaults    turn_timeout=4 s    scope=test
    Place Call
    Play    stop
    Bot Should Play Prompt    tyres_found

Transfer Instead Of An Answer
    Start Reference Bot    replies=transfer_to_operator    hang_up_after_turn=1
    Place Call
    Play    winter_tyres
    Bot Should Say    зимові шини

Cut Mid Prompt
    Start Reference Bot
    Set Bot Fault    hang up mid prompt    after=700 ms
    Place Call
    Play    stop

No Greeting
    Start Reference Bot    greeting=none
    Set Call Defaults    greeting_timeout=1 s    scope=test
    Place Call
    Bot Should Greet Within    1 s

Burst
    Start Reference Bot
    Set Bot Fault    burst
    Place Call
    Wait Until Bot Has Spoken
    Bot Should Send Audio On Time

Gaps
    Start Reference Bot
    Set Bot Fault    gaps    for=200 ms    every=300 ms
    Place Call
    Wait Until Bot Has Spoken
    Bot Should Send Audio On Time

Clipped
    Start Reference Bot
    Set Bot Fault    clipped audio
    Place Call
    Wait Until Bot Has Spoken
    Bot Should Sound Clean

Bot Interrupts
    Start Reference Bot    greeting=quantity_1    endpoint=100 ms    reply_after=150 ms    yields_after=never
    Place Call
    Play    winter_tyres
    Bot Should Not Interrupt Caller

Key Ends The Call
    Start Reference Bot    greeting=quantity_1    script=key.yaml
    Place Call
    Send DTMF    1
    Bot Should Reply Within    2 s

Unknown Frame Type
    Start Reference Bot    script=unknown.yaml
    Place Call
    Play    stop

Missed Barge In
    Start Reference Bot    yields_after=never
    Place Call
    Play    stop    at=500 ms after bot starts
    Bot Should Stop Talking Within    600 ms

Goes Mute
    Start Reference Bot
    Set Bot Fault    mute    after=3.2 s
    Set Call Defaults    turn_timeout=1500 ms    scope=test
    Place Call
    Play    stop
    Bot Should Reply Within    1 s

Silence Instead Of A Reply
    Start Reference Bot    script=silent.yaml
    Set Call Defaults    turn_timeout=1500 ms    scope=test
    Place Call
    Play    stop
    Bot Should Reply Within    1 s

Understood Wrongly
    Start Reference Bot    dialogue=tyre_shop    recogniser=script:heard.yaml    events=${OUTPUT DIR}/events.jsonl
    Listen For Bot Events    ${OUTPUT DIR}/events.jsonl
    Set Call Defaults    turn_timeout=4 s    scope=test
    Place Call
    Play    winter_tyres
    Bot Should Say    зимові шини
"""

CAUSES = {
    "Late Reply": (r"Bot replied after 1\.\d+ s to 'stop' \(turn 1, limit 900 ms\)", r"\*1\.\d+ s, over 0\.9 s"),
    "Wrong Words": (r"did not say 'зимові шини' .* It said: 'Дякуємо за дзвінок", r"\| bot \| Дякуємо за дзвінок"),
    "Wrong Prompt": (r"did not play 'tyres_found' .* It played 'goodbye'",),
    "Transfer Instead Of An Answer": (r"It said: 'З'єдную вас з оператором", r"\| bot \| hangs up"),
    "Cut Mid Prompt": (r"The bot hung up after \d+ ms \(closed the connection\)", r"s of speech, then the call ended"),
    "No Greeting": (r"Bot did not greet within 1 s: all it sent is silence",),
    "Burst": (r"ahead of real time .* a phone lost", r"⚠ finding \| the bot sent faster than real time"),
    "Gaps": (r"audio paused for \d+ ms in the middle of speech", r"\| gap(, and \d+ more until| \|)"),
    "Clipped": (r"clipping of \d+", r"⚠ finding \| .*clipping"),
    "Bot Interrupts": (
        r"Bot interrupted the caller, \d\.\d+ s before the end",
        r"\*-\d\.\d+ s, interrupted the caller\*",
    ),
    "Key Ends The Call": (r"The bot hung up after .* to the keys 1", r"presses 1", r"\| bot \| hangs up"),
    "Unknown Frame Type": (r"would have dropped this call .* unknown type 0x05", r"\*drops the call\*"),
    "Missed Barge In": (r"stopped talking \d\.\d+ s after the caller began to say 'stop'", r"over 0\.6 s"),
    "Goes Mute": (r"did not reply to 'stop' within 1\.5 s \(turn 1\): it has sent no audio frame since 3\.\d s",),
    "Silence Instead Of A Reply": (r"did not reply to 'stop' .*: all it sent is silence", r"no reply"),
    "Understood Wrongly": (r"did not say 'зимові шини'", r"the bot understood 'Дайте пораду"),
}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, InnerRun]:
    """A run for each fault, by its name: calls take their time, and little else."""

    place = tmp_path_factory.mktemp("planted")

    def run(test: str) -> tuple[str, InnerRun]:
        fault = test.partition("\n")[0]
        folder = place / fault.replace(" ", "_")
        folder.mkdir()
        for name, text in SCRIPTS.items():
            (folder / name).write_text(text, encoding="utf-8")
        return fault, run_robot(folder, test)

    with ThreadPoolExecutor(4) as pool:
        return dict(pool.map(run, TESTS.split("\n\n")))


@pytest.mark.parametrize("fault", CAUSES)
def test_the_log_names_the_cause(planted: dict[str, InnerRun], fault: str) -> None:
    assert planted[fault].status(fault) == "FAIL"
    metadata = planted[fault].metadata(fault)
    shown = "\n".join([planted[fault].message(fault), *(text for name, text in metadata.items() if name != "Record")])
    for cause in CAUSES[fault]:
        assert re.search(cause, shown), f"{cause} is not told:\n{shown}"


@pytest.mark.parametrize("fault", CAUSES)
def test_the_failure_leads_to_its_moment(planted: dict[str, InnerRun], fault: str) -> None:
    metadata = planted[fault].metadata(fault)
    page, at = re.findall(r"\[(calls/[0-9a-f]{8}\.html)#t=(\d+\.\d)\|", metadata["Listen"])[0]
    html = (planted[fault].folder / page).read_text(encoding="utf-8")
    moments = [float(moment) for moment in re.findall(r'data-at="([\d.]+)"', html)]
    assert min(abs(moment - float(at)) for moment in moments) < 0.06, "the page has this moment, too"


def test_all_planted_faults_are_here(planted: dict[str, InnerRun]) -> None:
    assert set(planted) == set(CAUSES)
