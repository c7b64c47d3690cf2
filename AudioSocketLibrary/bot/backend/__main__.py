"""The backend alone: ``python -m AudioSocketLibrary.bot.backend``; its address and passwords on the first lines."""

from __future__ import annotations

import signal
import sys
import threading
from dataclasses import replace
from pathlib import Path

import click

from ...records import UsageError
from .backend import Backend
from .settings import BackendSettings


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0: the system chooses.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--database", help="memory, a file or a URL; better in AUDIOSOCKET_BACKEND_DATABASE: it has a password.")
@click.option("--events", type=click.Path(dir_okay=False, path_type=Path), help="Append events to this file.")
def main(port: int, host: str, database: str | None, events: Path | None) -> None:
    """Run the backend of the reference bot until it is interrupted or terminated."""
    # What is left at the end is tidied up either way.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        settings = BackendSettings.from_environment(base=BackendSettings(host=host, port=port, events_file=events))
        if database:
            settings = replace(settings, database=database)
        with Backend(settings) as backend:
            click.echo(f"listening on {backend.address}")
            for name, password in backend.take_credentials().items():
                click.echo(f"{name} {password}")
            sys.stdout.flush()
            threading.Event().wait()
    except UsageError as error:
        raise click.ClickException(str(error)) from None
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
