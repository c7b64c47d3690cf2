"""``audiosocket phrases``: what callers say, and whether it is recorded, synthesised, or still to be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import click
from rich.console import Console
from rich.table import Table

from ..media import Phrase, PhraseBook
from ..media.files import PHONE_FORMATS
from ..media.new_prompts import accept_prompt, reject_prompt, shelf
from ..media.saying import Wanted, find_book, find_phrase, label, open_book
from ..media.synthesis import USUAL_VOICE, Synthesis, synthesised_folder
from ..media.voices import VoiceError
from ..records import UsageError
from ..report.prompts_page import write_prompts_page

State = Literal["recorded", "synthesised", "missing"]


@dataclass(frozen=True, slots=True)
class _Row:
    phrase: Phrase
    state: State
    files: tuple[str, ...]
    synthesis: Synthesis


class _ListUnlessTold(click.Group):
    """Without a verb, the book is listed."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or args[0] not in (*self.commands, *ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group("phrases", cls=_ListUnlessTold)
def phrases() -> None:
    """A phrase book: list its texts; accept or reject what 'Save Prompt' kept of the bot.

    \b
    Example:
      audiosocket phrases audio/phrases.yaml --missing
      audiosocket phrases accept greeting
    """


@phrases.command("list")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--language", default="", metavar="LANGUAGE", help="Only phrases of this language, like en.")
@click.option(
    "--voice",
    default=USUAL_VOICE,
    show_default=True,
    metavar="ENGINE",
    help="What synthesises: espeak, http://host:port/v1, wyoming://host:port, or command:...",
)
@click.option("--synthesise", is_flag=True, help="Synthesise now what has no recording, and keep it.")
@click.option("--missing", is_flag=True, help="Only what is neither recorded nor synthesised.")
@click.pass_context
def list_phrases(
    context: click.Context, file: Path | None, language: str, voice: str, synthesise: bool, missing: bool
) -> None:
    """List the texts of a phrase book: which are recorded, which synthesised, and which are missing.

    FILE is a phrase book; else phrases.yaml or audio/phrases.yaml in this folder or above; else the library's own.
    Exits with 1 where something is missing.

    \b
    Example:
      audiosocket phrases audio/phrases.yaml --missing
      audiosocket phrases audio/phrases.yaml --synthesise --voice http://127.0.0.1:8000/v1
    """
    place = file or find_book(Path.cwd())
    book = open_book(place)
    folder = synthesised_folder(place)
    console = Console(highlight=False)
    rows = [_row(book, one, voice, folder) for one in book.phrases if language in ("", one.language)]
    if synthesise:
        for row in [row for row in rows if row.state == "missing"]:
            _make(row.synthesis, folder)
        rows = [_row(book, row.phrase, voice, folder) for row in rows]
    console.print(_table([row for row in rows if not missing or row.state == "missing"]))
    console.print(_total(book, rows, folder), soft_wrap=True)
    for path in sorted(book.path.parent.rglob("*")):
        if path.suffix.lower() in PHONE_FORMATS:
            told = path.relative_to(book.path.parent)
            console.print(f"{told} is not read: ffmpeg -i {told} {told.with_suffix('.wav')}", soft_wrap=True)
    context.exit(int(any(row.state == "missing" for row in rows)))


_BOOK = click.option("--book", type=click.Path(path_type=Path), metavar="FILE", help="The phrase book; as for list.")
_ALL = click.option("--all", "all_new", is_flag=True, help="All that is new.")
_NAMES = click.argument("names", nargs=-1, metavar="[NAME]...")


@phrases.command("accept")
@_NAMES
@_ALL
@_BOOK
def accept(names: tuple[str, ...], all_new: bool, book: Path | None) -> None:
    """Make what 'Save Prompt' kept the known recording of a prompt.

    Listen before: prompts/index.html beside the phrase book.
    """
    place = _book_in_use(book)
    with _writing(place):
        for name in _named(place, names, all_new):
            click.echo(f"'{name}' is known now: {accept_prompt(place, name)}")
        write_prompts_page(place)


@phrases.command("reject")
@_NAMES
@_ALL
@_BOOK
def reject(names: tuple[str, ...], all_new: bool, book: Path | None) -> None:
    """Remove what 'Save Prompt' kept; a known recording stays."""
    place = _book_in_use(book)
    with _writing(place):
        for name in _named(place, names, all_new):
            reject_prompt(place, name)
            click.echo(f"The new recording of '{name}' is removed")
        write_prompts_page(place)


def _book_in_use(given: Path | None) -> Path:
    book = given or find_book(Path.cwd())
    if book is None:
        raise UsageError("There is no phrase book in this folder or above: name it with --book FILE")
    return book


@contextmanager
def _writing(book: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(f"{book.parent / 'prompts'} could not be changed: {error}") from None


def _named(book: Path, names: tuple[str, ...], all_new: bool) -> list[str]:
    if bool(names) == all_new:
        raise UsageError("Name the prompts, or take all that is new: --all")
    return [one.name for one in shelf(book) if one.new] if all_new else list(names)


def _row(book: PhraseBook, phrase: Phrase, voice: str, folder: Path) -> _Row:
    synthesis = Synthesis(phrase.text, phrase.language or book.language, engine=voice)
    if phrase.recordings:
        return _Row(phrase, "recorded", tuple(label(path) for path in phrase.recordings), synthesis)
    ours = find_phrase(open_book(None), Wanted(phrase.text, language=phrase.language))
    if voice == USUAL_VOICE and ours and ours.recordings:
        return _Row(phrase, "recorded", (f"{ours.recordings[0].name} of the library",), synthesis)
    if (folder / synthesis.name).is_file():
        return _Row(phrase, "synthesised", (f"{folder.name}/{synthesis.name}",), synthesis)
    return _Row(phrase, "missing", (), synthesis)


def _make(synthesis: Synthesis, folder: Path) -> None:
    try:
        synthesis.file(folder)
    except VoiceError as error:
        raise VoiceError(f"'{synthesis.text}' could not be synthesised: {error}") from None


def _table(rows: list[_Row]) -> Table:
    table = Table.grid(padding=(0, 2))
    for row in rows:
        style = "red" if row.state == "missing" else ""
        table.add_row(row.phrase.language, row.state, row.phrase.text, ", ".join(row.files), style=style)
    return table


def _total(book: PhraseBook, rows: list[_Row], folder: Path) -> str:
    counts = {state: sum(row.state == state for row in rows) for state in ("recorded", "synthesised", "missing")}
    told = ", ".join(f"{count} {state}" for state, count in counts.items())
    hint = f" Synthesise them: audiosocket phrases {book.path} --synthesise" if counts["missing"] else ""
    where = f" Synthesised ones are in {folder}." if counts["synthesised"] else ""
    return f"{book.path}: {len(rows)} phrases, {told}.{where}{hint}"
