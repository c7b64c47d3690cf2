"""``audiosocket calls-needed``: the operator's arithmetic, from calls an hour to calls at once and lines."""

from __future__ import annotations

import click

from ..records import UsageError, read_percent
from ..records.erlang import calls_needed as compute
from .options import Parsed, Time


@click.command("calls-needed")
@click.option("--per-hour", required=True, type=float, metavar="CALLS", help="Calls in the busiest hour.")
@click.option("--length", required=True, type=Time(), metavar="TIME", help="How long a call lasts, like 3min or 3:00.")
@click.option(
    "--loss",
    type=Parsed("share", read_percent),
    default="1 %",
    show_default=True,
    metavar="SHARE",
    help="Of callers who may find all lines busy, and of time in which the peak may be passed.",
)
def calls_needed(per_hour: float, length: float, loss: float) -> None:
    """How many calls at once do so many callers an hour make, and how many lines do they need?

    Callers come at random (Poisson). Lines are by Erlang's B formula: who finds all of them busy goes away. Plan for
    the busiest hour, not for the average one.

    \b
    Example:
      audiosocket calls-needed --per-hour 1200 --length 3min
    """
    try:
        click.echo(compute(per_hour, length, loss))
    except ValueError as error:
        raise UsageError(str(error)) from None
