"""The page to listen to a phrase book's prompts, known and new, in one file that opens without a network."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined

from ..media.new_prompts import accept_command, shelf

if TYPE_CHECKING:
    from pathlib import Path


def write_prompts_page(book: Path) -> Path:
    """Writes `prompts/index.html` beside a phrase book; returns its path.

    Raises:
        PhraseBookError: the book cannot be read.
        OSError: the page cannot be written.
    """
    page = book.parent / "prompts" / "index.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    rows = [
        {
            "name": one.name,
            "text": one.text if one.text != one.name else "",
            "known": _href(one.known, page),
            "new": _href(one.new, page),
            "command": accept_command(book, one.name) if one.new else "",
        }
        for one in sorted(shelf(book), key=lambda one: (one.new is None, one.name))
    ]
    environment = Environment(loader=PackageLoader(__package__), undefined=StrictUndefined, autoescape=True)
    text = environment.get_template("prompts.html.j2").render(book=book.name, rows=rows)
    page.write_text(text, encoding="utf-8")
    return page


def _href(recording: Path | None, page: Path) -> str:
    if recording is None:
        return ""
    return quote(os.path.relpath(recording, page.parent).replace(os.sep, "/"))
