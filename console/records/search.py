"""Finding the records of a file that a query means, at the speed at which most of them can be passed over.

Whatever is passed over can't match: either its bytes lack a text that every match holds, or the few attributes that
decide were decoded and do not match. What seems to match is decoded whole before it counts, because a record that can't
be decoded matches nothing.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

from console.limits import Limits
from console.records.decode import BadRecord, decode
from console.records.fields import Finding
from console.records.model import Fault, Record
from console.records.query import Query, Undecided
from console.records.query.plain import plain
from console.records.reading import Reading
from console.records.slices import records_in
from console.records.stretch import Stretch, attributes


def _places() -> array[int]:
    return array("q")


@dataclass(slots=True)
class Hits:
    """The records of a file, or of a part of it, that match. Each has its place in all three arrays."""

    indexes: array[int] = field(default_factory=_places)
    offsets: array[int] = field(default_factory=_places)
    """Bytes from the start of the (unpacked) file."""
    lengths: array[int] = field(default_factory=_places)
    """Bytes of each record."""
    undecided: int = 0
    """Records for which it hangs on a regular expression that took too long. They are not among the others."""
    faults: int = 0
    """Places where the file itself is broken, and that were not searched."""

    def __len__(self) -> int:
        return len(self.indexes)

    def add(self, index: int, offset: int, length: int) -> None:
        """One more record."""
        self.indexes.append(index)
        self.offsets.append(offset)
        self.lengths.append(length)


@dataclass(frozen=True, slots=True)
class Search:
    """A look for the records that match a query; see `console.records.sweep`."""

    query: Query

    @property
    def counts_lines(self) -> bool:
        """No: hits have none."""
        return False

    def finder(self, reading: Reading) -> Searching:
        """A finder for one part of a file."""
        return Searching(self.query, reading.limits)


class Searching:
    """Searches the records of a part as they come."""

    def __init__(self, query: Query, limits: Limits) -> None:
        self._query = query
        self._limits = limits
        self._patience = query.patience()
        keys = query.keys
        self._whole = keys is None
        self._decoders = attributes(frozenset() if keys is None else keys)
        self._hits = Hits()

    def result(self) -> Hits:
        """What matched so far."""
        return self._hits

    def add(self, piece: Record | Fault) -> None:
        """Search one record, or count a place that holds none."""
        if isinstance(piece, Fault):
            self._hits.faults += 1
        else:
            self._look(piece.span.index, piece.span.offset, piece.raw, plain(piece.raw))

    def take(self, stretch: Stretch) -> int:
        """Search many records at once; how many there were. 0 where they must be searched one by one."""
        records = stretch.decode(self._decoders)
        if records is None:
            return 0
        if self._whole:
            self._search_bytes(stretch)
        else:
            self._search_attributes(stretch, records)
        return len(records)

    def _search_bytes(self, stretch: Stretch) -> None:
        """Search records of which everything may decide."""
        text = plain(stretch.data)
        if text is not None and not self._query.possible(text):
            return
        before = stretch.offset - stretch.data.find(b"{")
        for index, offset, view in records_in(stretch) or ():
            raw, start = bytes(view), offset - before
            self._look(index, offset, raw, plain(raw) if text is None else text[start : start + len(raw)])

    def _search_attributes(self, stretch: Stretch, records: list[Finding]) -> None:
        """Search records of which some attributes, which *records* have, decide."""
        matching = [self._matches(record) for record in records]
        if not any(matching):
            return
        for (index, offset, raw), matches in zip(records_in(stretch) or (), matching, strict=True):
            if matches and self._decoded(bytes(raw)) is not None:
                self._hits.add(index, offset, len(raw))

    def _look(self, index: int, offset: int, raw: bytes, text: bytes | None) -> None:
        """Search one record; *text* is its plain bytes, if it has any."""
        if text is not None and not self._query.possible(text):
            return
        record = self._decoded(raw)
        if record is not None and self._matches(record):
            self._hits.add(index, offset, len(raw))

    def _decoded(self, raw: bytes) -> Finding | None:
        """The record in *raw*; None where there is none."""
        try:
            return decode(raw, self._limits)
        except BadRecord:
            return None

    def _matches(self, record: Finding) -> bool:
        """Whether a record, or the attributes of it that decide, match for sure."""
        try:
            return self._query.matches(record, self._patience)
        except Undecided:
            self._hits.undecided += 1
            return False
