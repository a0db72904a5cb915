"""What the screens remember between runs: where one was, and how one likes to look at things. Never what a file holds.

It is a convenience: where it can't be read it is empty, and where it can't be written the console goes on.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

import msgspec

from console.errors import StateError
from console.paths import write_whole
from screens.recent import RecentFile

NAME: Final = "screens.json"
"""The file in the state folder."""
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

    @classmethod
    def of(cls, folder: Path) -> Memory:
        """What was kept in the state *folder*; nothing where that can't be read."""
        memory = cls(folder / NAME)
        try:
            with (folder / NAME).open("rb") as file:
                memory.now = msgspec.json.decode(file.read(_MOST_BYTES), type=Remembered)
        except FileNotFoundError:
            pass
        except (OSError, msgspec.DecodeError) as error:
            _LOG.warning("What the screens remembered can't be read, and is forgotten: %s", error)
        return memory

    def keep(self) -> None:
        """Write it down. Waits for the disk. What goes wrong is logged."""
        if self._path is None:
            return
        try:
            write_whole(self._path, msgspec.json.encode(self.now))
        except StateError as error:
            _LOG.warning("What the screens remember can't be kept: %s", error)
