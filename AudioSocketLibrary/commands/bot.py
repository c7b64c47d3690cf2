"""``audiosocket bot``: the reference bot as a process."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from ..bot import ACTIONS, EVENTS, Bot, BotSettings, load_script, rows_of
from ..bot.parameters import Parameter
from ..protocol import AudioFormat
from ..records import UsageError
from ..transport import new_event_loop, use_fine_timers
from .options import Time

_USUAL = BotSettings()
# A script that does not build on the usual behaviour would ignore these.
_OF_BEHAVIOUR = {
    "replies": "--reply",
    **{
        name: f"--{name.replace('_', '-')}"
        for name in (
            *("greeting", "no_greeting", "greeting_after", "reply_after", "yields_after"),
            *("hang_up_after_turn", "silence_after", "echo", "no_keys"),
        )
    },
}


def _tables() -> str:
    """Events and actions, for the help."""

    def said(parameters: tuple[Parameter, ...]) -> str:
        return "".join(f" {parameter.name}=" for parameter in parameters)

    events = [f"  {kind.name}{said(kind.parameters)}: {kind.about}" for kind in EVENTS.values()]
    actions = [f"  {action.name}{said(action.parameters)}: {action.notice}" for action in ACTIONS.values()]
    return (
        "\n".join(["\b", "Events ('on', and 'after' is counted from there):", *events])
        + "\n\n"
        + "\n".join(["\b", "Actions ('do'), and what a caller notices:", *actions])
    )


_EPILOG = f"""\b
Examples:
  audiosocket bot --port 9092
  audiosocket bot --port 9092 --reply mine/yes.wav --reply-after 1.2s --hang-up-after-turn 2
  audiosocket bot --reply-after 600ms --reply-after 1500ms --yields-after never
  audiosocket bot --script faults.yaml

\b
A script is a list of rows, in YAML or JSON:
  base: usual          # on top of the usual behaviour; without it the rows are all that the bot does
  rows:
    - {{on: uuid, do: play menu, after: 300 ms}}
    - {{on: caller speaks, turn: 2, do: late payload, by: 6 ms}}
    - {{on: key 9, do: hang up}}
Rows that name the turn or the key take the place of those that do not.

{_tables()}"""


@click.command(epilog=_EPILOG)
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", default=0, show_default=True, type=click.IntRange(0, 65535), help="0: the system chooses.")
@click.option("--greeting", metavar="RECORDING", help="A prompt's name or a file.  [default: greeting]")
@click.option("--no-greeting", is_flag=True, help="The caller speaks first.")
@click.option("--greeting-after", type=Time(), default="0s", show_default=True, help="From the UUID.")
@click.option(
    "--reply",
    "replies",
    multiple=True,
    metavar="RECORDING",
    default=_USUAL.replies,
    show_default=True,
    help="A prompt's name or a file; several are taken in turn, the last is repeated.",
)
@click.option(
    "--reply-after",
    type=Time(),
    multiple=True,
    default=("600ms",),
    show_default=True,
    help="From the caller's last voiced sample to the reply's first; several are taken in turn, again and again.",
)
@click.option(
    "--yields-after",
    type=Time(never=True),
    default="200ms",
    show_default=True,
    help="Stops once it has been spoken over for so long.",
)
@click.option(
    "--hang-up-after-turn", type=click.IntRange(0), metavar="N", help="After its last word of turn N; 0: the greeting."
)
@click.option(
    "--silence-after", type=Time(never=True), default="5s", show_default=True, help="Asks 'are you still there?'."
)
@click.option("--no-keys", is_flag=True, help="Does not answer keys.")
@click.option(
    "--endpoint", type=Time(), default="500ms", show_default=True, help="Silence that ends the caller's utterance."
)
@click.option("--echo", is_flag=True, help="Sends back what it hears, and says nothing.")
@click.option(
    "--calibration",
    is_flag=True,
    help="Replies with tones at their exact sample, one silent media frame after the caller's tone.",
)
@click.option("--script", type=click.Path(path_type=Path), metavar="FILE", help="What to do on what, see below.")
@click.option(
    "--fill",
    type=click.Choice(["silence", "nothing"]),
    default="silence",
    show_default=True,
    help="Between utterances.",
)
@click.option(
    "--format",
    "audio",
    type=click.Choice([each.name for each in AudioFormat]),
    default="slin",
    show_default=True,
    metavar="FORMAT",
    help="What it sends, and expects in 0x10: slin, slin12 ... slin192, ulaw, alaw, slin16_in_0x10.",
)
@click.option("--seed", type=int, help="Draws among several --reply-after instead of taking them in turn.")
@click.option(
    "--truth", type=click.Path(path_type=Path), metavar="FILE", help="Writes when each reply was due, and sent."
)
@click.option("--log-calls", is_flag=True, help="Prints a line for everything that happens in a call.")
@click.option("--stop-with-stdin", is_flag=True, help="Stops when its standard input is closed.")
@click.pass_context
def bot(
    context: click.Context,
    /,
    *,
    host: str,
    port: int,
    script: Path | None,
    truth: Path | None,
    log_calls: bool,
    stop_with_stdin: bool,
    **settings: Any,
) -> None:
    """Run the reference bot, a tyre shop to call.

    It is there while there is no other bot, and to compare one's own with.

    It greets, notices when the caller has stopped, replies with recordings after a programmed delay, stops when it is
    spoken over, answers keys, asks after silence, hangs up; or does what a script says. It understands nothing: any
    utterance gets the next reply.

    The first line it prints is 'listening on HOST:PORT'. Ctrl-C or SIGTERM stops it and hangs up its calls.
    """
    usual = _settings(settings)
    rows = None
    if script is not None:
        rows = load_script(script, usual=rows_of(usual))
        ignored = [] if rows.usual else [name for name in _OF_BEHAVIOUR if _was_given(context, name)]
        if ignored:
            raise UsageError(
                f"{script} says all that the bot does, so {_OF_BEHAVIOUR[ignored[0]]} has no effect: "
                "write 'base: usual' into it, or leave the option out"
            )
    _run(Bot(usual, rows, truth=truth, log=_print if log_calls else None), host, port, stop_with_stdin=stop_with_stdin)


def _was_given(context: click.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _settings(options: dict[str, Any]) -> BotSettings:
    values = dict(options)
    values["format"] = AudioFormat[values.pop("audio")]
    values["on_keys"] = not values.pop("no_keys")
    no_greeting, greeting = values.pop("no_greeting"), values.pop("greeting")
    if no_greeting and greeting:
        raise UsageError("Give either --greeting or --no-greeting")
    if no_greeting or greeting:
        values["greeting"] = greeting
    return replace(_USUAL, **values)


def _run(bot: Bot, host: str, port: int, *, stop_with_stdin: bool) -> None:
    use_fine_timers()
    with suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(_serve(bot, host, port, stop_with_stdin=stop_with_stdin))


async def _serve(bot: Bot, host: str, port: int, *, stop_with_stdin: bool) -> None:
    stop = asyncio.Event()
    _on_signals(stop.set)
    if stop_with_stdin:
        _on_closed_stdin(asyncio.get_running_loop(), stop.set)
    address = await bot.start(host, port)
    _print(f"listening on {address}")
    try:
        await stop.wait()
    finally:
        await bot.stop()


def _on_signals(stop: Callable[[], object]) -> None:
    loop = asyncio.get_running_loop()
    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is None:
            continue
        try:
            loop.add_signal_handler(number, stop)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))


def _on_closed_stdin(loop: asyncio.AbstractEventLoop, stop: Callable[[], object]) -> None:
    def wait() -> None:
        # Not by sys.stdin: its lock, held here, would stop Python from exiting.
        with suppress(OSError):
            while os.read(0, 4096):
                pass
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(stop)

    threading.Thread(target=wait, daemon=True).start()


def _print(text: str) -> None:
    # Whoever read the first line may have gone.
    with suppress(BrokenPipeError):
        print(text, flush=True)  # noqa: T201 - a command prints
