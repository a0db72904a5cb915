"""A submitted file as the intake sees it: whether it is a finding report at all, and what it holds, in order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from msgspec import Struct

from console.errors import UnreadableFile
from console.progress import Cancel
from console.records.faults import FaultCode
from console.records.model import Compression, Fault, Layout, Record
from console.records.reader import FindingFile
from console.records.stretch import STRETCH_BYTES, Decoders, Stretch, Take


class _Anything(Struct):
    """Any object: nothing in it is kept."""


_OBJECTS: Final = Decoders.of(_Anything)


def count_records(path: Path, cancel: Cancel | None = None) -> int:
    """How many records a report declares: the whole ones, and the places where one should be.

    Raises `UnreadableFile` unless it is a JSON array, empty or with at least one object in it, and `Cancelled`.
    """
    whole = broken = 0

    def take(stretch: Stretch) -> int:
        nonlocal whole
        objects = stretch.decode(_OBJECTS)
        if objects is None:
            return 0
        whole += len(objects)
        return len(objects)

    for element in records(path, take, cancel):
        if isinstance(element, Record):
            whole += 1
        elif element.index is not None:
            broken += 1
    if broken and not whole:
        raise UnreadableFile("The report is an array of something else than objects.")
    return whole + broken


def records(path: Path, take: Take | None = None, cancel: Cancel | None = None) -> Iterator[Record | Fault]:
    """The records of a report, and what is broken between them, without those that *take* takes many at a time.

    Raises `UnreadableFile` when it is no JSON array, and `Cancelled` when *cancel* asks for it.
    """
    if take is not None and _taken_whole(path, take):
        return
    with FindingFile.open(path) as file:
        if file.layout is not Layout.ARRAY or file.compression is not Compression.NONE:
            raise UnreadableFile("The report is not a JSON array.")
        for found in file.records(take=take, cancel=cancel):
            yield found
            if isinstance(found, Fault) and found.code == FaultCode.SECOND_DOCUMENT:
                # We could read on. A server that parses the report as one document could not.
                return


def _taken_whole(path: Path, take: Take) -> bool:
    """Offer all of a small file at once: finding out how its records start would take longer than checking them."""
    try:
        with path.open("rb") as file:
            data = file.read(STRETCH_BYTES + 1)
    except OSError:
        return False  # What opens it again says why.
    if len(data) > STRETCH_BYTES or not data.startswith(b"["):
        return False
    return bool(take(Stretch(0, data.find(b"{"), data, Layout.ARRAY, lambda offset: data.count(b"\n", 0, offset) + 1)))
