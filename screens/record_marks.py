"""Which records of a file are marked. It takes a byte for each record up to the last that is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


class RecordMarks:
    """A set of records, by their indexes."""

    def __init__(self) -> None:
        self._marks = bytearray()

    def __len__(self) -> int:
        return self._marks.count(1)

    def __contains__(self, record: int | None) -> bool:
        return record is not None and record < len(self._marks) and self._marks[record] == 1

    def __iter__(self) -> Iterator[int]:
        """The marked records, in the order of the file."""
        record = self._marks.find(1)
        while record >= 0:
            yield record
            record = self._marks.find(1, record + 1)

    def toggle(self, records: Iterable[int]) -> None:
        """Mark those of some records that are not marked, and the others no longer."""
        for record in records:
            self._reach(record)
            self._marks[record] ^= 1

    def add(self, records: Iterable[int]) -> None:
        """Mark some records."""
        for record in records:
            self._reach(record)
            self._marks[record] = 1

    def clear(self) -> None:
        """Mark nothing."""
        self._marks = bytearray()

    def _reach(self, record: int) -> None:
        if record >= len(self._marks):
            self._marks.extend(bytes(record + 1 - len(self._marks)))
