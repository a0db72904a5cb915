"""What a folder holds that matters here: folders and finding files. Reads the disk, knows no widget."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from heapq import nsmallest
from pathlib import Path
from typing import Final, NamedTuple

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


class Found(NamedTuple):
    """What stands in a folder: less than an `Entry`, since there may be a hundred thousand of them."""

    name: str
    kind: Kind
    is_link: bool


def list_folder(folder: Path) -> Listing:
    """Read one folder, nothing below it. Raises `BadInput` when that is not allowed, or it is no folder."""
    counts: Counter[bool] = Counter()

    def ours() -> Iterator[Found]:
        for one in entries_of(folder):
            counts[one is not None] += 1
            if one is not None:
                yield one

    try:
        shown = nsmallest(_SHOWN, ours(), lambda one: (one.kind is Kind.FILE, one.name.lower(), one.name))
    except OSError as error:
        raise BadInput(f"This folder can't be read: {error.strerror}.") from error
    entries = tuple(Entry(folder / one.name, one.kind, one.is_link) for one in shown)
    return Listing(entries, counts[False], counts[True] - len(entries))


def entries_of(folder: Path | str) -> Iterator[Found | None]:
    """What a folder holds, in the order of the disk; None for each file that is none of ours. Raises `OSError`."""
    with os.scandir(folder) as entries:
        yield from map(_found, entries)


def _found(one: os.DirEntry[str]) -> Found | None:
    """The entry, if it is one that is shown. One that vanished in the meantime, or is barred to us, is not."""
    try:
        if one.is_dir(follow_symlinks=False):
            return Found(one.name, Kind.FOLDER, is_link=False)
        if one.is_symlink() and one.is_dir():
            return Found(one.name, Kind.LINK, is_link=True)
        if one.name.lower().endswith(SUFFIXES) and one.is_file():
            return Found(one.name, Kind.FILE, one.is_symlink())
    except OSError:
        return None
    return None
