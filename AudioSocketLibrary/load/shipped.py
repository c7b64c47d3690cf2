"""Profiles that travel with the package, and finding one by its name."""

from __future__ import annotations

import os
from collections.abc import Mapping as Values
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..records import UsageError
from ..records.names import nearest_name
from ..records.yaml_lines import read_yaml
from .foreign import foreign_profile, is_foreign
from .profile import Profile
from .reading import profile_of

FOLDER: Final = Path(__file__).parent / "profiles"
OWN_FOLDER: Final = Path("profiles")
"""Where a project keeps its own, relative to the working folder."""
_SUFFIXES: Final = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class Found:
    """A profile that there is."""

    name: str
    place: Path
    shipped: bool

    @property
    def about(self) -> str:
        """One line about it.

        Raises:
            UsageError: the file cannot be read.
        """
        content = read_yaml(self.place, "profile", "load:")
        if is_foreign(content):
            return f"a file with the profiles {', '.join(content['profiles'])}"
        return content.text("about")


def profiles_here(folder: Path | None = None) -> list[Found]:
    """All profiles by name: those of the project's folder, and the shipped ones that it does not replace."""
    found: dict[str, Found] = {}
    for place, shipped in ((FOLDER, True), (folder or OWN_FOLDER, False)):
        if place.is_dir():
            files = sorted(file for file in place.iterdir() if file.suffix in _SUFFIXES)
            found |= {file.stem: Found(file.stem, file, shipped) for file in files}
    return sorted(found.values(), key=lambda one: (not one.shipped, one.name))


def find_profile(name: str, folder: Path | None = None) -> Path:
    """The file of a profile: a path, a name in the project's folder, or one of ours.

    Raises:
        UsageError: there is none; the text has the nearest.
    """
    path = Path(name)
    if path.suffix in _SUFFIXES or len(path.parts) > 1:
        if path.is_file():
            return path
        raise UsageError(f"There is no profile {path}. 'audiosocket profiles' lists those that there are")
    return _named(name, {one.name: one.place for one in profiles_here(folder)})


def find_shipped(name: str) -> Path:
    """The file of one of ours.

    Raises:
        UsageError: there is none; the text has the nearest.
    """
    return _named(name, {file.stem: file for file in sorted(FOLDER.glob("*.yaml"))})


def load_profile(
    name: str, *, part: str = "", environment: Values[str, str] | None = None, folder: Path | None = None
) -> Profile:
    """Read a profile.

    Args:
        name: ``peak``, or a path.
        part: which profile of a file that has several, as API load suites write them.
        environment: what `${ENV}` means; unless given, the environment of this process.
        folder: the project's profiles; unless given, ``profiles/``.

    Raises:
        UsageError: there is none, or something in it is wrong.
    """
    place = find_profile(name, folder)
    values = os.environ if environment is None else environment
    content = read_yaml(place, "profile", "load:")
    if is_foreign(content):
        return foreign_profile(content, place, values, part)
    if part:
        raise UsageError(f"{place.name} is one profile; there is no '{part}' in it")
    return profile_of(content, place, values)


def _named(name: str, places: Values[str, Path]) -> Path:
    if name not in places:
        near = nearest_name(name, places)
        hint = f"; nearest: {near}" if near else ""
        raise UsageError(f"There is no profile '{name}'{hint}. There are: {', '.join(places)}")
    return places[name]
