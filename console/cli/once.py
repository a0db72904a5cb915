"""Files that are named more than once: by two spellings, through a link, or by themselves and in a folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from console.cli import output
from console.cli.parsing import STDIN
from console.display import safe_text

if TYPE_CHECKING:
    from console.cli.setup import Source

_SHOWN: Final = 10
"""Files of which it is told."""


def once(sources: Sequence[Source]) -> list[Source]:
    """Each file once, under the name that it has first. Tells of the others on stderr.

    Two names that the disk has for one content (hard links) are two files.
    """
    found: dict[object, Source] = {}
    again: list[tuple[Source, Source]] = []
    for source in sources:
        first = found.setdefault(STDIN if source.label == STDIN else _identity(source.path), source)
        if first is not source:
            again.append((source, first))
    for source, first in again[:_SHOWN]:
        output.say(
            f"{safe_text(source.label)} is named twice, and taken once."
            if source.label == first.label
            else f"{safe_text(source.label)} is the same file as {safe_text(first.label)}, and taken once."
        )
    if len(again) > _SHOWN:
        output.say(f"The same of {len(again) - _SHOWN:,} more.")
    return list(found.values())


def _identity(path: Path) -> object:
    """What tells the file from all others. Cheap where it has one name, as nearly all have."""
    try:
        status = path.stat()
    except OSError:
        return os.path.realpath(path)  # Opening it will say what is wrong.
    return (status.st_dev, status.st_ino) if status.st_nlink == 1 else os.path.realpath(path)
