"""Whether the work on finding files is shared with other processes, and with how many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from console.records import sweep
from console.records.reader import FindingFile
from console.records.sweep import PART_BYTES, WORTH_BYTES, is_worth_it
from console.records.workers import Workers, processors

SHARED_BYTES: Final = 2 * PART_BYTES
"""Smaller files have nothing to share."""


def helpers(*files: FindingFile, count: int | None = None) -> int:
    """How many worker processes are quicker with one of the files than this process; 0 where none are.

    One for each processor, if the machine has several and the file is large. Who asks for a *count* gets so many as
    soon as there is something to share.
    """
    wanted = processors() if count is None else count
    least = WORTH_BYTES if count is None else SHARED_BYTES
    return wanted if wanted > 1 and any(is_worth_it(file, least) for file in files) else 0


@contextmanager
def shared_workers(*files: FindingFile, preload: Sequence[str], count: int | None = None) -> Iterator[Workers | None]:
    """The workers to share the work on the files with; None where this process is quicker alone.

    *preload* names the modules of what is looked for, which are then loaded once for all. For *count* see `helpers`.
    """
    wanted = helpers(*files, count=count)
    if not wanted:
        yield None
        return
    with Workers(wanted, *preload, sweep.__name__) as workers:
        yield workers


@contextmanager
def spare_workers(
    *files: FindingFile, preload: Sequence[str], least_bytes: int = WORTH_BYTES
) -> Iterator[Workers | None]:
    """The workers to leave the work on the files to while this process answers keys; None where it is done at once.

    They have every processor but one, which is the screen's, and are one at least: a thread of this process would hold
    up each key. *least_bytes* is what one of the files must have: `SHARED_BYTES` for what takes long with a record.
    """
    if not any(is_worth_it(file, least_bytes) for file in files):
        yield None
        return
    with Workers(max(processors() - 1, 1), *preload, sweep.__name__) as workers:
        yield workers
