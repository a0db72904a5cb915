"""What the screens remember between runs: where one was, and how one likes to look at things. Never what a file holds.

It is a convenience: where it can't be read it is empty, and where it can't be written the console goes on. Several
consoles may share it: each writes what it changed itself, and learns what the others did.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from functools import reduce
from pathlib import Path
from typing import Final

import msgspec
from msgspec import structs

from console.errors import StateError
from console.paths import write_whole
from screens.recent import RecentFile, with_recent

NAME: Final = "screens.json"
"""The file in the state folder."""
MOST_FILTERS: Final = 100
"""Expressions that are remembered."""
_LOG: Final = logging.getLogger(__name__)
_MOST_BYTES: Final = 1_000_000
"""A larger file is none of ours."""


class Remembered(msgspec.Struct, frozen=True):
    """All that is remembered. A new field needs a default: older files lack it."""

    folder: str = ""
    """Where the Files screen was, as `recent.written` writes it."""
    theme: str = ""
    """The theme that was chosen in the palette; none while it is that of the configuration."""
    theme_instead_of: str = ""
    """The theme of the configuration when it was chosen: when that changes, the choice is over."""
    target: str = ""
    """The target that was chosen last; none while none was."""
    recent: tuple[RecentFile, ...] = ()
    """The finding files that something was done with, the latest first."""
    columns: tuple[str, ...] = ()
    """The columns of the list of records, in their order; none while they were never chosen."""
    record_beside: bool | None = None
    """Whether the record is beside the list, and not below it; None where the width decides."""
    job_order: str = ""
    """The column that jobs were sorted by last, behind a dash where the largest came first; none while none was."""
    jobs_on_page: int = 0
    """How many jobs a page had last; none while that was never changed."""
    filters: tuple[str, ...] = ()
    """The expressions that records were filtered by, the newest last."""
    saved_filters: dict[str, str] = {}
    """Expressions that were saved, by the names that they were given."""


class Memory:
    """What is remembered, and the file that it is kept in."""

    def __init__(self, path: Path | None) -> None:
        """Nothing is remembered yet. Without a *path* nothing is kept either."""
        self.now = Remembered()
        """What is remembered now."""
        self._path = path
        self._kept = self.now
        """What the file had in it when it was last read or written here."""

    @classmethod
    def of(cls, folder: Path) -> Memory:
        """What was kept in the state *folder*; nothing where that can't be read."""
        memory = cls(folder / NAME)
        memory.now = memory._kept = _read(folder / NAME) or Remembered()
        return memory

    def keep(self) -> None:
        """Write it down. Waits for the disk. What goes wrong is logged."""
        self._take(self.now, _written(self._path, self._kept, self.now))

    async def keep_meanwhile(self) -> None:
        """Write it down in a thread, as `keep` does. It may change while it is written."""
        mine = self.now
        self._take(mine, await asyncio.to_thread(_written, self._path, self._kept, mine))

    def _take(self, mine: Remembered, whole: Remembered | None) -> None:
        """Know what the file has in it, which became of *mine*."""
        if whole is not None:
            self.now = merged(mine, self.now, whole)
            self._kept = whole


def merged(before: Remembered, mine: Remembered, theirs: Remembered) -> Remembered:
    """What two consoles made of what was there *before*.

    Both are in lists and names; of what is one value, and both changed, *mine* counts.
    """
    changes: dict[str, object] = {
        name: value for name, value in structs.asdict(mine).items() if value != getattr(before, name)
    }
    if "recent" in changes:
        changes["recent"] = reduce(with_recent, reversed(mine.recent), theirs.recent)
    if "filters" in changes:
        changes["filters"] = reduce(with_newest, mine.filters, theirs.filters)
    changes["saved_filters"] = _merged_names(before.saved_filters, mine.saved_filters, theirs.saved_filters)
    return structs.replace(theirs, **changes)


def _merged_names(before: dict[str, str], mine: dict[str, str], theirs: dict[str, str]) -> dict[str, str]:
    """What is saved by name: what either one added, changed or took away."""
    stays = {name: text for name, text in theirs.items() if name in mine or name not in before}
    return stays | {name: text for name, text in mine.items() if text != before.get(name)}


def with_newest(entries: Sequence[str], entry: str) -> tuple[str, ...]:
    """The expressions of before, and another one as the newest. No more are kept than anybody goes back to."""
    return (*(one for one in entries if one != entry), entry)[-MOST_FILTERS:]


def _read(path: Path) -> Remembered | None:
    """What is in the file. None where there is none, or nothing of ours in it."""
    try:
        with path.open("rb") as file:
            return msgspec.json.decode(file.read(_MOST_BYTES), type=Remembered)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        _LOG.warning("What the screens remembered can't be read, and is forgotten: %s", error)
        return None


def _written(path: Path | None, before: Remembered, mine: Remembered) -> Remembered | None:
    """Write down *mine*, with what others wrote since *before*; what is in the file then.

    None where it can't be written, which is logged.
    """
    if path is None:
        return None
    theirs = _read(path)
    whole = mine if theirs is None else merged(before, mine, theirs)
    try:
        write_whole(path, msgspec.json.encode(whole))
    except StateError as error:
        _LOG.warning("What the screens remember can't be kept: %s", error)
        return None
    return whole
