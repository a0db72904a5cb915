"""What a folder holds that matters here: folders and finding files. Reads the disk, knows no widget."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Final

from console.errors import BadInput
from console.records.model import SUFFIXES

_SHOWN: Final = 2_000
"""Entries of one folder that are shown."""


class Kind(Enum):
    """What an entry of a folder is."""

    FOLDER = auto()
    FILE = auto()
    LINK = auto()
    """A link to a folder. It is shown and not followed: links may lead in circles, or out of the tree."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A folder, or a finding file. Names are foreign text."""

    path: Path
    kind: Kind
    is_link: bool = False
    """Whether it is a link to a file somewhere else."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a folder holds: folders first, then files, each by name."""

    entries: tuple[Entry, ...]
    others: int
    """Files that are no finding files by their name, and are left out."""
    cut: int
    """Entries beyond those that are shown."""


def list_folder(folder: Path) -> Listing:
    """Read one folder, nothing below it. Raises `BadInput` when that is not allowed, or it is no folder."""
    found: list[Entry] = []
    others = 0
    try:
        for entry in entries_of(folder):
            if entry is None:
                others += 1
            else:
                found.append(entry)
    except OSError as error:
        raise BadInput(f"This folder can't be read: {error.strerror}.") from error
    found.sort(key=lambda entry: (entry.kind is Kind.FILE, entry.path.name.lower(), entry.path.name))
    return Listing(tuple(found[:_SHOWN]), others, max(len(found) - _SHOWN, 0))


def entries_of(folder: Path) -> Iterator[Entry | None]:
    """What a folder holds, in the order of the disk; None for each file that is none of ours. Raises `OSError`."""
    with os.scandir(folder) as entries:
        yield from map(_entry, entries)


def _entry(one: os.DirEntry[str]) -> Entry | None:
    """The entry, if it is one that is shown. One that vanished in the meantime, or is barred to us, is not."""
    path = Path(one.path)
    try:
        if one.is_dir(follow_symlinks=False):
            return Entry(path, Kind.FOLDER)
        if one.is_symlink() and one.is_dir():
            return Entry(path, Kind.LINK)
        if one.name.lower().endswith(SUFFIXES) and one.is_file():
            return Entry(path, Kind.FILE, is_link=one.is_symlink())
    except OSError:
        return None
    return None
