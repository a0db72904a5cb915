"""The finding files that something was done with lately, as they are remembered from run to run. Reads no disk."""

from __future__ import annotations

import os
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Final, Self
from urllib.parse import quote_from_bytes, unquote_to_bytes

from msgspec import Struct

MOST: Final = 50
"""Files that are remembered."""


class Use(StrEnum):
    """What was done with a file last."""

    OPENED = "opened"
    VALIDATED = "validated"
    PLANNED = "submission planned"


class RecentFile(Struct, frozen=True):
    """A finding file, and what was done with it last."""

    name: str
    """Its path, in the characters of an address: a path may hold bytes that are no text."""
    use: Use

    @classmethod
    def of(cls, path: Path, use: Use) -> Self:
        """A file, wherever we are now."""
        return cls(written(path.absolute()), use)

    @property
    def path(self) -> Path:
        """Where it is, or was."""
        return read(self.name)


def written(path: Path) -> str:
    """A path as it is remembered."""
    return quote_from_bytes(os.fsencode(path))


def read(name: str) -> Path:
    """The path that was remembered. No path has a NUL in it: what has was not written by us, and leads nowhere."""
    return Path(os.fsdecode(unquote_to_bytes(name).replace(b"\0", b"?")))


def with_recent(files: Iterable[RecentFile], newest: RecentFile) -> tuple[RecentFile, ...]:
    """The files with another one before them, each once, and not too many."""
    return (newest, *(one for one in files if one.name != newest.name))[:MOST]
