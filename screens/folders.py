"""What a folder holds that matters here: folders and finding files. Reads the disk, knows no widget."""

from __future__ import annotations

import os
import stat
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from heapq import nsmallest
from pathlib import Path
from typing import Final, NamedTuple

from console.display import safe_text
from console.errors import BadInput
from console.records.model import SUFFIXES

_SHOWN: Final = 2_000
"""Entries of one folder that are shown."""


_NO_FILES: Final[Sequence[tuple[Callable[[int], bool], str]]] = (
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
_PIPE_IT: Final = "Write what comes from it into a file, and open that."


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
        shown = nsmallest(_SHOWN, ours(), lambda one: _order(one.name, one.kind))
    except OSError as error:
        raise BadInput(f"This folder can't be read: {error.strerror}.") from error
    entries = tuple(Entry(folder / one.name, one.kind, one.is_link) for one in shown)
    return Listing(entries, counts[False], counts[True] - len(entries))


def nearest(listing: Listing, name: str, kind: Kind) -> Entry | None:
    """The entry that came after one that has gone, else the one before it; None where the folder is empty."""
    if not listing.entries:
        return None
    place = bisect_left(listing.entries, _order(name, kind), key=lambda one: _order(one.path.name, one.kind))
    return listing.entries[min(place, len(listing.entries) - 1)]


def _order(name: str, kind: Kind) -> tuple[bool, str, str]:
    return kind is Kind.FILE, name.lower(), name


def why_not_listed(path: Path) -> BadInput | None:
    """Why a file is not shown in its folder; None where it is."""
    name = safe_text(path)
    try:
        mode = path.stat().st_mode
    except OSError as error:
        return BadInput(f"{name} can't be read: {error.strerror}.")
    if not stat.S_ISREG(mode):
        what = next((words for is_one, words in _NO_FILES if is_one(mode)), "no file")
        return BadInput(f"{name} is {what}: only files can be opened here.", hint=_PIPE_IT)
    if not path.name.lower().endswith(SUFFIXES):
        return BadInput(
            f"{name} is not shown: finding files have names that end in {' '.join(SUFFIXES)}.",
            hint="Rename it, or give it to a command: ocsf-console validate reads it whatever it is called.",
        )
    return None


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
