"""``audiosocket init``: a project to begin with, whose first test holds for any bot."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click
from jinja2 import Environment, PackageLoader, StrictUndefined

from ..records import UsageError
from ..transport import Address
from .options import ADDRESS

_FILES: Final = {
    "tests/e2e/first_call.robot": "first_call.robot.j2",
    "tests/integration/asterisk.robot": "asterisk.robot.j2",
    "resources/bot.resource": "bot.resource.j2",
    "audio/phrases.yaml": "phrases.yaml.j2",
    "robot.args": "robot.args.j2",
    "README.md": "README.md.j2",
    ".gitignore": "gitignore.j2",
}
_CI: Final = {
    "github": {".github/workflows/voice.yml": "github.yml.j2"},
    "gitlab": {".gitlab-ci.yml": "gitlab.yml.j2"},
}
_WORDS: Final = {
    # All of these are recorded in the package: the first run needs no synthesiser.
    "uk": {
        "first": "Бот вітається і відповідає",
        "hello": "Алло, ви мене чуєте?",
        "asks": "Підбір зимових шин",
        "request": "Добрий день, потрібні зимові шини на шістнадцять",
        "answer": "зимові шини",
        "interrupts": "Клієнт перебиває бота",
        "coughs": "Кашель не перебиває",
        "long": "Розкажіть про акції",
        "stop": "Стоп, досить",
        "silence": "Бот помічає тишу",
        "still_there": "ви ще на лінії",
        "street": "Дзвінок з вулиці",
    },
    "en": {
        "first": "Bot Greets And Replies",
        "hello": "Hello, can you hear me?",
        "asks": "Winter Tyres Are Found",
        "request": "Hello, I need winter tyres, sixteen inch",
        "answer": "winter tyres",
        "interrupts": "Caller Interrupts The Bot",
        "coughs": "A Cough Does Not Interrupt",
        "long": "Tell me about your special offers",
        "stop": "Stop, that is enough",
        "silence": "Bot Notices Silence",
        "still_there": "are you still there",
        "street": "A Call From The Street",
    },
}


@click.command("init")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--bot", required=True, type=ADDRESS, metavar="HOST:PORT", help="Where the bot listens.")
@click.option(
    "--language",
    type=click.Choice(tuple(_WORDS)),
    default="uk",
    show_default=True,
    help="What caller and bot speak.",
)
@click.option("--ci", type=click.Choice(tuple(_CI)), help="Also a pipeline that runs the tests.")
def init(folder: Path, bot: Address, language: str, ci: str | None) -> None:
    """Write a project to begin with: a first test that holds for any bot, and next steps to take.

    DIR is a new folder, or an empty one. Nothing is called, and nothing overwritten.

    \b
    Example:
      audiosocket init tyre-tests --bot 10.0.0.5:9092 --language uk
    """
    files = _FILES | (_CI[ci] if ci else {})
    _refuse_full(folder)
    templates = Environment(
        loader=PackageLoader("AudioSocketLibrary", "templates/init"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - what is written is no HTML
    )
    values = {"bot": bot, "language": language, "words": _WORDS[language]}
    for name, template in files.items():
        _write(folder / name, templates.get_template(template).render(values))
    click.echo(f"Made {folder}:   {'  '.join(files)}")
    click.echo("Next:")
    if folder.resolve() != Path.cwd():
        click.echo(f'  cd "{folder}"' if " " in str(folder) else f"  cd {folder}")
    click.echo(f"  audiosocket check {bot}")
    click.echo("  robot -A robot.args tests")


def _refuse_full(folder: Path) -> None:
    try:
        there = sorted(path.name for path in folder.iterdir() if path.name != ".git") if folder.exists() else []
    except OSError as error:
        raise UsageError(f"No project can be made in {folder}: {error.strerror or error}") from None
    if there:
        raise UsageError(f"{folder} is not empty ({there[0]} is in it): give a new folder, or an empty one")


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}") from None
