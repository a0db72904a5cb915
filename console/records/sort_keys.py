"""What the records of a file are sorted by: a short key for each, read at the speed of a search.

As in `console.records.fields`, nothing here raises for what a record holds, and keys of text are foreign.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Final

from console.records.decode import BadRecord, decode
from console.records.fields import Finding, Row
from console.records.model import Fault, Record
from console.records.reading import Reading
from console.records.rows import row_of
from console.records.slices import records_in
from console.records.stretch import Stretch, attributes

_LONGEST: Final = 64
"""Characters of a text that decide. More are never seen side by side."""
_EPOCH: Final = datetime(1, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_GRADES: Final = ("Informational", "Low", "Medium", "High", "Critical", "Fatal")
_GRAVITY: Final[Mapping[str, int]] = {caption: gravity for gravity, caption in enumerate(_GRADES, 1)}
"""How grave a severity is. What has no grade is below them all."""
_FORMATS: Final = frozenset(
    ("class_uid", "events", "SchemaVersion", "ProductArn", "AwsAccountId", "detection_findings", "category_uid")
)
"""The attributes by which `row_of` tells formats apart."""


class Column(StrEnum):
    """What a list of records can be sorted by, beside their order in the file."""

    SEVERITY = "severity"
    STATUS = "status"
    TITLE = "title"
    RESOURCE = "resource"
    ACCOUNT = "account"
    TIME = "time"


_ATTRIBUTES: Final[Mapping[Column, tuple[str, ...]]] = {
    Column.SEVERITY: ("severity", "severity_id", "Severity", "FindingProviderFields"),
    Column.STATUS: ("status_code", "status", "Compliance", "Workflow"),
    Column.TITLE: ("finding_info", "finding", "message", "Title"),
    Column.RESOURCE: ("resources", "resource", "Resources"),
    Column.ACCOUNT: ("cloud", "unmapped"),
    Column.TIME: ("time", "UpdatedAt"),
}
"""The attributes that `row_of` takes each from."""


def _severity(row: Row) -> str:
    return str(_GRAVITY.get(row.severity, 0)) if row.severity else ""


def _time(row: Row) -> str:
    return "" if row.time is None else f"{(row.time - _EPOCH) // _MILLISECOND:015}"


_KEYS: Final[Mapping[Column, Callable[[Row], str]]] = {
    Column.SEVERITY: _severity,
    Column.STATUS: lambda row: row.status[:_LONGEST].casefold(),
    Column.TITLE: lambda row: row.title[:_LONGEST].casefold(),
    Column.RESOURCE: lambda row: row.resource[:_LONGEST].casefold(),
    Column.ACCOUNT: lambda row: row.account[:_LONGEST].casefold(),
    Column.TIME: _time,
}


def _numbers() -> array[int]:
    return array("q")


@dataclass(slots=True)
class Keys:
    """The keys of some records, in their order. Equal keys are kept once."""

    indexes: array[int] = field(default_factory=_numbers)
    offsets: array[int] = field(default_factory=_numbers)
    """Bytes from the start of the (unpacked) file."""
    lengths: array[int] = field(default_factory=_numbers)
    """Bytes of each record."""
    codes: array[int] = field(default_factory=_numbers)
    """Which of the keys each record has."""
    numbered: dict[str, int] = field(default_factory=dict)
    """The keys, numbered as they came. They are compared as texts; the empty one is that of records without a value."""

    def add(self, index: int, offset: int, length: int, key: str) -> None:
        """Add the key of the next record."""
        self.indexes.append(index)
        self.offsets.append(offset)
        self.lengths.append(length)
        self.codes.append(self.numbered.setdefault(key, len(self.numbered)))


@dataclass(frozen=True, slots=True)
class Keying:
    """A look for the keys of all records; see `console.records.sweep`."""

    counts_lines: ClassVar[bool] = False
    column: Column

    def finder(self, reading: Reading) -> _KeyFinder:
        """What reads the keys of one part."""
        return _KeyFinder(self.column, reading)


class _KeyFinder:
    """Reads the keys of a part. Places that hold no record have none."""

    def __init__(self, column: Column, reading: Reading) -> None:
        self._limits = reading.limits
        self._decoders = attributes(_FORMATS.union(_ATTRIBUTES[column]))
        self._key = _KEYS[column]
        self._keys = Keys()

    def take(self, stretch: Stretch) -> int:
        """Read many keys at once; how many there were. 0 where they must be read one by one."""
        records = stretch.decode(self._decoders)
        if records is None:
            return 0
        for (index, offset, raw), record in zip(records_in(stretch) or (), records, strict=True):
            self._keys.add(index, offset, len(raw), self._key_of(record))
        return len(records)

    def add(self, piece: Record | Fault) -> None:
        """Read one key. A record that can't be decoded has no value to be sorted by."""
        if isinstance(piece, Fault):
            return
        try:
            key = self._key_of(decode(piece.raw, self._limits))
        except BadRecord:
            key = ""
        self._keys.add(piece.span.index, piece.span.offset, piece.span.length, key)

    def result(self) -> Keys:
        """The keys so far."""
        return self._keys

    def _key_of(self, record: Finding) -> str:
        return self._key(row_of(record))
