"""The command ``audiosocket``: a group of verbs, and the one place where errors become a sentence and an exit code.

| code | meaning                                                   |
|------|-----------------------------------------------------------|
| 0    | done                                                      |
| 1    | done, and what was called or measured did not pass        |
| 2    | it could not be done as asked; standard error says why    |
| 3    | measured, but not to be believed: this machine was late   |
| 4    | interrupted by Ctrl-C                                     |
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

import click

from .media import PhraseBookError, SoundError
from .media.voices import VoiceError
from .records import CallFailure, UsageError
from .records.media_path import media_path
from .version import __version__

FAILED, MISUSED, INTERRUPTED = 1, 2, 4
_COMMANDS = {
    "init": ".commands.init",
    "check": ".commands.check",
    "call": ".commands.call",
    "phrases": ".commands.phrases",
    "bot": ".commands.bot",
    "doctor": ".commands.doctor",
    "load": ".commands.load",
    "report": ".commands.report",
    "profiles": ".commands.profiles",
    "compare": ".commands.compare",
    "baseline": ".commands.baseline",
    "history": ".commands.history",
    "verify-report": ".commands.verify_report",
    "calls-needed": ".commands.calls_needed",
    "http-basic": ".commands.http_basic",
}


class _Verbs(click.Group):
    """Commands that are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's interface
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = getattr(import_module(_COMMANDS[cmd_name], __package__), cmd_name.replace("-", "_"))
        return command


@click.command(
    cls=_Verbs,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
    epilog="Tests stay with 'robot' and 'pabot': Library    AudioSocketLibrary",
)
@click.version_option(f"{__version__} (media path: {media_path()})", prog_name="audiosocket")
def audiosocket() -> None:
    """Call voice bots as Asterisk would, and measure them."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit code."""
    try:
        code = audiosocket.main(arguments, prog_name="audiosocket", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return 0
    except click.ClickException as error:
        return _tell(error.format_message(), error.exit_code)
    except (UsageError, SoundError, PhraseBookError, VoiceError) as error:
        return _tell(str(error), MISUSED)
    except CallFailure as error:
        return _tell(str(error), FAILED)
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    return code if isinstance(code, int) else 0


def main() -> None:
    """The entry point of the command."""
    sys.exit(run())


def _tell(sentence: str, code: int) -> int:
    click.echo(sentence, err=True)
    return code
