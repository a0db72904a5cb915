"""The `finding_info.uid` of each record of a file, to find those that stand twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from console.ocsf import codes
from console.ocsf.issues import Issue
from console.records.uids import UidMarks

FINDING_UID: Final = "finding_info.uid"
MOST_REMEMBERED: Final = 250_000
"""Different uids that are remembered, with their records, so that memory has an end. Later uids are compared to these.

`console.records.uids.Repeats` remembers many more, as it need not say which record is repeated.
"""


class FindingUids:
    """The uids that a file had so far, by their marks."""

    def __init__(self) -> None:
        self._first: dict[int, int] = {}

    def add(self, first: int, marks: UidMarks) -> Sequence[tuple[int, int]]:
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
