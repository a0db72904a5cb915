"""The words of a finding file: format, span, fault, record, value. No I/O here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeAlias

JsonValue: TypeAlias = bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"] | None
"""A decoded JSON value. Integers are exact, whatever their size."""

SUFFIXES: Final = (".json", ".jsonl", ".ndjson", ".ocsf", ".gz")
"""How the names of finding files end, in any case of letters: what a folder is searched for, as `CONTRACT` says.

Only a search goes by them. What a file is, is found by its content.
"""


class Format(StrEnum):
    """The shape of a finding file, found by its content. The values are those of `CONTRACT`."""

    ARRAY = "array"
    NDJSON = "ndjson"
    OBJECT = "object"
    BUNDLE = "bundle"
    BUNDLES = "bundles"
    ASFF = "asff"
    CISCO_CUSTOM = "cisco-custom"
    CONCATENATED = "concatenated"


class Layout(StrEnum):
    """How records stand in the bytes of a finding file, whatever they mean."""

    ARRAY = "array"
    """A JSON array, whose elements are the records. Other documents may follow it."""
    DOCUMENT = "document"
    """A JSON object, which is the record, or holds the array of them. Other documents may follow it."""
    LINES = "lines"
    """A JSON object on each line."""


class Compression(StrEnum):
    """How the bytes on disk are packed, found by content and not by name."""

    NONE = "none"
    GZIP = "gzip"


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells a file on disk from another one, and from itself after a change."""

    device: int
    inode: int
    size: int
    """Bytes on disk."""
    modified: int
    """When its content was last changed, in nanoseconds since 1970."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What another process opens to read the same content. It can be sent to it."""

    path: Path
    identity: Identity


@dataclass(frozen=True, slots=True)
class Span:
    """Where one record is."""

    index: int
    """0 for the first record of the file."""
    offset: int
    """Bytes from the start of the (unpacked) file to the record's first byte."""
    length: int
    """Bytes of the record."""
    line: int
    """The line that the record starts on; 1 for the first."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A place where the file itself is broken. What is whole before and after it is still yielded."""

    code: str
    """A stable word, such as `truncated` or `not_an_object`; see docs/validation.md."""
    message: str
    """One sentence, in our words. It may quote a little of the file, so it is foreign text."""
    index: int | None
    """The index that a record here would have had, or None where the whole file is meant."""
    offset: int | None
    line: int | None

    def moved(self, index: int, line: int) -> Fault:
        """The same fault with so much added to its index and to its line, where it has them."""
        return replace(
            self,
            index=None if self.index is None else self.index + index,
            line=None if self.line is None else self.line + line,
        )


@dataclass(frozen=True, slots=True)
class Record:
    """One top-level JSON object of a finding file, with its position."""

    span: Span
    raw: bytes
    """The exact bytes, as they stand in the (unpacked) file."""
