"""The run id of this execution: one for all processes of a pabot run."""

from __future__ import annotations

import os
from pathlib import Path

from ..records import UsageError, check_run_id, new_run_id
from .robot import variable

VARIABLE = "AUDIOSOCKET_RUN"


def find_run_id() -> str:
    """The run id: from the environment, else agreed on with the other workers of pabot, else random.

    Raises:
        UsageError: the environment's is not one.
    """
    given = os.environ.get(VARIABLE)
    if given:
        try:
            return check_run_id(given)
        except ValueError as error:
            raise UsageError(f"{VARIABLE}: {error}") from None
    shared = _pabot_folder()
    return _agreed(shared / "audiosocket-run") if shared else new_run_id()


def _pabot_folder() -> Path | None:
    """Pabot's folder of this run: it is wiped at each start, so what lies in it is of this run."""
    output = variable("${OUTPUT DIR}")
    if not output:
        return None
    return next((each for each in (Path(output), *Path(output).parents) if each.name == "pabot_results"), None)


def _agreed(file: Path) -> str:
    """The id of the first worker to write one. A link appears whole or not at all."""
    mine = new_run_id()
    draft = file.with_name(f"{file.name}.{mine}")
    draft.write_text(mine, encoding="ascii")
    try:
        # Unlike a rename, a link never takes the place of an earlier one.
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return file.read_text(encoding="ascii")
