"""The `finding_info.uid` of each record of a file, to find those that stand twice."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Final, TypeAlias
from zlib import adler32, crc32

from console.ocsf import codes
from console.ocsf.issues import Issue

FINDING_UID: Final = "finding_info.uid"
MOST_REMEMBERED: Final = 250_000
"""Different uids that are remembered, so that memory has an end. Later ones are compared with these."""

Marks: TypeAlias = "array[int]"
"""One number for each record, equal for equal uids and 0 for none: what is left of uids between processes."""


def marks_of(uids: Sequence[str | None]) -> Marks:
    """The marks of the records that have these uids. They are the same in every process."""
    return array("Q", map(_mark, uids))


def marks_here(uids: Sequence[str | None]) -> Sequence[int]:
    """Marks that are made quicker, and compare with none that another process made."""
    return [hash(uid) if uid else 0 for uid in uids]


def _mark(uid: str | None) -> int:
    if not uid:
        return 0
    # Two quick checksums in place of a slow one: nothing but a warning hangs on it.
    text = uid.encode()
    return crc32(text) << 32 | adler32(text)


class FindingUids:
    """The uids that a file had so far."""

    def __init__(self) -> None:
        self._first: dict[int, int] = {}

    def add(self, first: int, marks: Sequence[int]) -> Sequence[tuple[int, int]]:
        """Take in the marks of the records from index *first* on.

        Returns, for each record whose uid an earlier one has, its index and that of the earliest.
        """
        known, repeated = self._first, []
        for index, mark in enumerate(marks, first):
            earlier = known.get(mark)
            if earlier is not None:
                repeated.append((index, earlier))
            elif mark and len(known) < MOST_REMEMBERED:
                known[mark] = index
        return repeated


def duplicate_uid(earlier: int) -> Issue:
    """The issue of a record whose uid that of the record at *earlier* is."""
    return codes.DUPLICATE_FINDING_UID.at(FINDING_UID, f"Record {earlier} has the same finding_info.uid.")
