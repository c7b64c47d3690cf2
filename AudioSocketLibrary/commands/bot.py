"""``audiosocket bot``: the reference bot as a process."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..bot import ACTIONS, EVENTS, Bot, BotSettings, load_script, rows_of
from ..bot.fault_kinds import faults_table
from ..bot.faults import split_fault
from ..bot.parameters import Parameter
from ..protocol import AudioFormat
from ..records import UsageError
from .options import Time
from .serving import run, tell

if TYPE_CHECKING:
    from ..bot.backend import Backend

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
        + "\n\n"
        + "\n".join(["\b", "Faults ('--fault'), and what a caller notices:", faults_table()])
    )


def _list_faults(context: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked:
        click.echo(faults_table())
        context.exit()


_EPILOG = f"""\b
Examples:
  audiosocket bot --port 9092
  audiosocket bot --port 9092 --reply mine/yes.wav --reply-after 1.2s --hang-up-after-turn 2
  audiosocket bot --reply-after 600ms --reply-after 1500ms --yields-after never
  audiosocket bot --script faults.yaml
  audiosocket bot --fault "slow speech: by=2 s, share=20 %" --fault "hang up mid prompt"
  audiosocket bot --dialogue tyre_shop --events events.jsonl
  audiosocket bot --dialogue mine.yaml --recogniser http://127.0.0.1:8000/v1 --backend-port 9099

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
@click.option(
    "--dialogue",
    metavar="NAME|FILE",
    help="Understands its callers and answers by it: tyre_shop, delivery_desk, a file.",
)
@click.option(
    "--recogniser",
    metavar="ENGINE",
    default=_USUAL.recogniser,
    show_default=True,
    help="phrases (recordings of the phrase book), script:FILE, wyoming://…, http://…/v1, command:…",
)
@click.option(
    "--events", type=click.Path(path_type=Path), metavar="FILE", help="Writes what happens in calls, as JSON."
)
@click.option("--run", default="", metavar="ID", help="Tags events and rows of the backend with it.")
@click.option("--backend", "with_backend", is_flag=True, help="Runs REST, WebSocket and a database beside it.")
@click.option("--backend-port", type=click.IntRange(0, 65535), metavar="N", help="Where; 0 or none: a free port.")
@click.option(
    "--database",
    metavar="URL",
    help="Of the backend: memory, a file or a URL; better in AUDIOSOCKET_BACKEND_DATABASE where it has a password.",
)
@click.option("--script", type=click.Path(path_type=Path), metavar="FILE", help="What to do on what, see below.")
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="FAULT",
    help="Misbehaves so, like 'slow speech: by=2 s, share=20 %'; repeat it for more.",
)
@click.option(
    "--list-faults",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_list_faults,
    help="Lists all faults, and what a caller notices, and ends.",
)
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
@click.option("--seed", type=int, help="Draws among several --reply-after instead of in turn, and the share of faults.")
@click.option(
    "--truth", type=click.Path(path_type=Path), metavar="FILE", help="Writes when each reply was due, and sent."
)
@click.option("--log-calls", is_flag=True, help="Prints a line for everything that happens in a call.")
@click.option("--stop-with-stdin", is_flag=True, help="Stops when its standard input is closed; its lines set faults.")
@click.pass_context
def bot(
    context: click.Context,
    /,
    *,
    host: str,
    port: int,
    script: Path | None,
    truth: Path | None,
    events: Path | None,
    with_backend: bool,
    backend_port: int | None,
    database: str | None,
    faults: tuple[str, ...],
    log_calls: bool,
    stop_with_stdin: bool,
    **settings: Any,
) -> None:
    """Run the reference bot, a tyre shop to call.

    It is there while there is no other bot, and to compare one's own with.

    It greets, notices when the caller has stopped, replies with recordings after a programmed delay, stops when it is
    spoken over, answers keys, asks after silence, hangs up; or does what a script says. It understands nothing, and
    gives any utterance the next reply, unless it has a dialogue.

    The first line it prints is 'listening on HOST:PORT'. Ctrl-C or SIGTERM stops it and hangs up its calls.
    """
    usual = _settings(settings)
    for name in ("replies", "greeting", "no_greeting") if usual.dialogue else ():
        if _was_given(context, name):
            raise UsageError(
                f"{_OF_BEHAVIOUR[name]} has no effect: the dialogue says what the bot says. Leave either out"
            )
    rows = None
    if script is not None:
        rows = load_script(script, usual=rows_of(usual))
        ignored = [] if rows.usual else [name for name in _OF_BEHAVIOUR if _was_given(context, name)]
        if ignored:
            raise UsageError(
                f"{script} says all that the bot does, so {_OF_BEHAVIOUR[ignored[0]]} has no effect: "
                "write 'base: usual' into it, or leave the option out"
            )
    if with_backend or backend_port is not None or database:
        backend = _backend(host, backend_port or 0, database, events)
        events = None
    else:
        backend = None
    the_bot = Bot(usual, rows, truth=truth, events=events, backend=backend, log=tell if log_calls else None)
    for text in faults:
        the_bot.faults.set(*split_fault(text))
    run(the_bot, host, port, backend=backend, stop_with_stdin=stop_with_stdin)


def _backend(host: str, port: int, database: str | None, events: Path | None) -> Backend:
    from ..bot.backend import Backend, BackendSettings  # noqa: PLC0415 - an extra, and slow to import

    settings = BackendSettings.from_environment(base=BackendSettings(host=host, port=port, events_file=events))
    return Backend(replace(settings, database=database) if database else settings)


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
    return replace(_USUAL, **{each.name: values[each.name] for each in fields(BotSettings) if each.name in values})
