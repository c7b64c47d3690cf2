"""``audiosocket profiles``: which loads there are, and a file of one's own from any of them."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from ..load import profiles_here
from ..load.shipped import OWN_FOLDER, find_shipped
from ..records import UsageError

_HINTS = """
# The bot; another one for one run: BOT=10.0.0.5:9092 audiosocket load {name}
# bot: {{address: "${{BOT:-127.0.0.1:9092}}", environment: staging}}
# What is played; unless given, our own Hello. A test, as QA wrote it:
# scenarios:
#   - {{test: The name of a test, from: tests/}}
"""


@click.group("profiles", invoke_without_command=True)
@click.pass_context
def profiles(context: click.Context) -> None:
    """List the loads that there are: those of the folder profiles/, and the library's own.

    \b
    Example:
      audiosocket profiles
      audiosocket profiles copy peak        (makes profiles/peak.yaml, to be changed)
    """
    if context.invoked_subcommand is None:
        _list()


@profiles.command("copy")
@click.argument("name")
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=OWN_FOLDER,
    show_default=True,
    metavar="DIR",
    help="The folder that the file is made in.",
)
@click.option("--as", "new_name", default="", metavar="NAME", help="How it is called there; unless given, as here.")
def copy(name: str, output: Path, new_name: str) -> None:
    """Make a file of one of the library's loads, to be changed."""
    source = find_shipped(name)
    called = new_name or name
    if Path(called).name != called or called.startswith("."):
        raise UsageError(f"'{called}' is no name of a profile: write one without folders, like {name}")
    place = output / f"{called.removesuffix('.yaml')}.yaml"
    try:
        output.mkdir(parents=True, exist_ok=True)
        with place.open("x", encoding="utf-8") as file:
            file.write(source.read_text("utf-8") + _HINTS.format(name=place.stem))
    except FileExistsError:
        raise UsageError(f"There is a {place} already: give another name with --as") from None
    except OSError as error:
        raise UsageError(f"{place} cannot be written: {error.strerror or error}") from None
    click.echo(f"Made {place}. Change it, then: audiosocket load {place.stem}")


def _list() -> None:
    console = Console(highlight=False)
    table = Table.grid(padding=(0, 2))
    wrong = []
    for found in profiles_here():
        try:
            about = found.about
        except UsageError as error:
            about = "cannot be read"
            wrong.append(str(error))
        table.add_row(found.name, "" if found.shipped else "yours", about)
    console.print(table)
    for sentence in wrong:
        console.print(sentence, soft_wrap=True)
