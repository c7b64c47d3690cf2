"""``audiosocket verify-report``: can every number of a report be believed?"""

from __future__ import annotations

from pathlib import Path

import click

from ..report.run_reading import DISCARDS
from ..report.verifying import verify_report as verify

_MOST = 50
"""So many wrong numbers are told one by one."""


@click.command("verify-report")
@click.argument("run", type=click.Path(path_type=Path), metavar="RUN_DIR")
def verify_report(run: Path) -> int:
    """Compute every number of load-report.json once more from the rows, and check the recordings' hashes.

    What decides is computed by another way than reports are made; all else is compared with a report made anew.

    \b
    Example:
      audiosocket verify-report results/latest

    \b
    Exit codes:
      0  all numbers and recordings are right
      1  something is not: each is named
      2  there is no report, or no run
    """
    found = verify(run)
    for sentence in found.wrong[:_MOST]:
        click.echo(f"WRONG  {sentence}")
    if len(found.wrong) > _MOST:
        click.echo(f"WRONG  and {len(found.wrong) - _MOST:,} more")
    for reason, count in found.discards.items():
        click.echo(f"left out: {count} call{'s' * (count != 1)}, {reason} ({DISCARDS[reason]})")
    if not found.discards:
        click.echo("left out: no call")
    click.echo(
        f"{'verified' if found.passed else 'NOT verified'}: {found.independent:,} numbers by another way, "
        f"{found.rebuilt:,} compared with a report made anew, {found.recordings} "
        f"recording{'s' * (found.recordings != 1)} by their hash; "
        f"{len(found.wrong)} wrong"
    )
    return 0 if found.passed else 1
