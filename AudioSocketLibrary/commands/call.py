"""``audiosocket call``: one call from the command line, seen as it happens."""

from __future__ import annotations

import asyncio
import os
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from ..call import Call, CallSettings
from ..media import find_recording, load_sound
from ..media.line import PRESETS, line_named
from ..media.saying import Saying, Wanted, find_book, say
from ..protocol import NEWEST, AsteriskVersion, AudioFormat
from ..records import CallFailure, CallRecord, FailureKind, UsageError, time_text
from ..report import Row, clock, dialogue_rows, figure_rows, keep_call
from ..transport import Address, new_event_loop, now, use_fine_timers
from .options import ADDRESS, UUID_TYPE, VERSION, Time


class _InOrder(click.Command):
    """Keeps in which order ``--say`` and ``--play`` were given: click itself sorts them by name."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.obj = [name for name in (word.partition("=")[0] for word in args) if name in ("--say", "--play")]
        return super().parse_args(ctx, args)


@click.command("call", cls=_InOrder)
@click.argument("bot", type=ADDRESS, metavar="HOST:PORT")
@click.option(
    "--say",
    "texts",
    multiple=True,
    metavar="TEXT",
    help="What the caller says: its recording from the phrase book, else synthesised; give it once for each turn.",
)
@click.option(
    "--play",
    "plays",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A file (WAV, FLAC, OGG, MP3) or one of our recordings, like winter_tyres; give it once for each turn.",
)
@click.option("--language", default="", metavar="LANGUAGE", help="Of what is said, like en.")
@click.option("--voice", default="", metavar="ENGINE", help="What synthesises, like espeak or http://host:port/v1.")
@click.option(
    "--phrase-book",
    "book",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Texts and recordings; else phrases.yaml or audio/phrases.yaml here or above.",
)
@click.option(
    "--line", default="clean", show_default=True, metavar="LINE", help=f"How it sounds: {', '.join(PRESETS)}."
)
@click.option("--uuid", type=UUID_TYPE, help="What the bot gets as the call's identity; random unless given.")
@click.option(
    "--greeting-within",
    type=Time(),
    default="5 s",
    show_default=True,
    metavar="TIME",
    help="How long to wait for the greeting before going on without one.",
)
@click.option(
    "--reply-within",
    type=Time(),
    default="10 s",
    show_default=True,
    metavar="TIME",
    help="How long to wait for a reply before giving up.",
)
@click.option(
    "--format",
    "audio",
    type=click.Choice([each.name for each in AudioFormat]),
    default="slin",
    show_default=True,
    help="What the caller sends.",
)
@click.option(
    "--asterisk", type=VERSION, default=NEWEST, show_default=True, metavar="VERSION", help="Whose rules hold."
)
@click.option("--lenient", is_flag=True, help="Go on where that Asterisk would have dropped the call.")
@click.option("--dtx", is_flag=True, help="Send nothing instead of silence.")
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default="results",
    show_default=True,
    metavar="DIR",
    help="Where the recording and the call's page go.",
)
@click.option("--quiet", "-q", is_flag=True, help="Only the result.")
@click.pass_context
def call(
    context: click.Context,
    bot: Address,
    texts: tuple[str, ...],
    plays: tuple[Path, ...],
    language: str,
    voice: str,
    book: Path | None,
    line: str,
    uuid: UUID | None,
    greeting_within: float,
    reply_within: float,
    audio: str,
    asterisk: AsteriskVersion,
    lenient: bool,
    dtx: bool,
    output: Path,
    quiet: bool,
) -> None:
    """Call a bot, say phrases or recordings to it, and see how it answers.

    Waits for the greeting, says one after the other, waits for each reply, hangs up. Prints the dialogue with its
    times, the figures, and where the recording is.

    \b
    Example:
      audiosocket bot --port 9092           (in another terminal)
      audiosocket call 127.0.0.1:9092 --say "Добрий день" --play order_four
    """
    settings = CallSettings(
        format=AudioFormat[audio],
        asterisk=asterisk,
        rules="lenient" if lenient else "strict",
        dtx=dtx,
        line=line_named(line),
        greets=False,
        turn_timeout=reply_within,
    )
    rate = settings.format.rate
    asked = Wanted("", book=book or find_book(Path.cwd()), engine=voice, language=language)
    said = {
        "--say": iter([say(replace(asked, text=text), rate) for text in texts]),
        "--play": iter([_recorded(path, rate) for path in plays]),
    }
    sayings = [next(said[option]) for option in context.obj]
    for saying in sayings:
        saying.sound.first_voiced  # noqa: B018 - a recording without speech is refused before the bot is called
    _check_folder(output)
    console = Console(highlight=False)
    use_fine_timers()
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        context.exit(runner.run(_talk(bot, settings, sayings, uuid, greeting_within, output, console, quiet=quiet)))


def _recorded(path: Path, rate: int) -> Saying:
    sound = load_sound(find_recording(path), rate)
    return Saying(sound.name, "", sound)


async def _talk(
    bot: Address,
    settings: CallSettings,
    sayings: list[Saying],
    uuid: UUID | None,
    greeting_within: float,
    output: Path,
    console: Console,
    *,
    quiet: bool,
) -> int:
    line = await Call.place(bot, settings, uuid=uuid)
    line.recording_name = str(output / str(line.recording_name))
    view = asyncio.create_task(_show(line, console)) if not quiet else None
    failure: CallFailure | None = None
    interrupted = False
    try:
        await _hear_greeting(line, greeting_within, console, needed=not sayings)
        for saying in sayings:
            await line.play(saying.sound, said=saying.text, voice=saying.voice)
        if sayings:
            await line.wait_until_replied()
        else:
            await line.wait_until_quiet()
        line.require_unbroken("the call was over")
    except CallFailure as error:
        failure = error
        line.judgements.append(error.judgement)
    except asyncio.CancelledError:
        # Ctrl-C: what was measured so far is kept.
        interrupted = True
    await line.hang_up()
    if view:
        await view
    if not quiet:
        console.print(_figures(line.record()))
    try:
        kept = keep_call(line, output)
    except OSError as error:
        raise UsageError(f"The call could not be kept in {output}: {error.strerror or error}") from None
    console.print(f"Recording: {output / str(kept.record.recording)}", soft_wrap=True)
    console.print(f"Page with picture and player: {output / kept.page}", soft_wrap=True)
    if failure:
        raise CallFailure(failure.kind, str(failure).replace("Place Call    rules=lenient", "--lenient")) from None
    return 4 if interrupted else 0


def _check_folder(folder: Path) -> None:
    """Refuse a folder that cannot be made or written to, before a call is spent on it."""
    there = next(place for place in (folder.resolve(), *folder.resolve().parents) if place.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise UsageError(
            f"Nothing can be kept in {folder}: {there} is no folder that can be written to. Give --output DIR"
        )


async def _hear_greeting(call: Call, within: float, console: Console, *, needed: bool) -> None:
    """Wait for the bot's first word; without one, go on if there is something else to see."""
    if await call.wait_for(lambda: 0.0 if call.turns[0].parts else float("inf"), now() + within) or call.over:
        return
    what = f"The bot did not greet within {time_text(within)}"
    if needed:
        raise CallFailure(FailureKind.NO_GREETING, f"{what}.", at=call.seconds(), turn=0, value=within)
    console.print(f"{what}; going on.", soft_wrap=True)


async def _show(call: Call, console: Console) -> None:
    """Show the dialogue until the call is over: redrawn on a terminal, else a line when it is known."""
    shown = 0
    live: Any = Live(console=console, auto_refresh=False) if console.is_terminal else nullcontext()
    with live:
        while True:
            over = call.over
            rows = dialogue_rows(call.record())
            if console.is_terminal:
                live.update(_dialogue(rows), refresh=True)
            else:
                # The last row may still grow while the call goes on.
                for row in rows[shown : len(rows) if over else len(rows) - 1]:
                    console.print(_line(row), soft_wrap=True)
                    shown += 1
            if over:
                return
            await asyncio.sleep(0.1)


def _dialogue(rows: list[Row]) -> Table:
    table = Table.grid(padding=(0, 2))
    for row in rows:
        note = _note(row)
        table.add_row(clock(row.at), row.who, Text(row.text), Text(note, style="red" if row.broken else ""))
    return table


def _line(row: Row) -> Text:
    return Text(f" {clock(row.at)}  {row.who:7} {row.text:45} {_note(row)}".rstrip())


def _note(row: Row) -> str:
    time = "" if row.response_time is None else f"after {time_text(row.response_time)}"
    return ", ".join(part for part in (time, row.note) if part)


def _figures(record: CallRecord) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2))
    # What the others mean is told on the call's page.
    for row in (row for row in figure_rows(record) if row.meaning or row.at is not None):
        table.add_row(row.name, row.value)
    return table
