"""Indexes of finding files that were made before, kept for the next time.

An index belongs to a file by inode, size, time of change and a sample of its content, so that one is never taken for
a file that was restored with its old times. Where the cache can't be read or written there is none.
"""

from __future__ import annotations

import hashlib
from array import array
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Final

import msgspec

from console.errors import StateError
from console.limits import Limits
from console.paths import atomic_write, cache_dir, ensure_dir
from console.records.documents import Inside
from console.records.index import Marks, RecordIndex
from console.records.model import Format, Identity
from console.records.reader import FindingFile

_EDITION: Final = 2
"""Of what is stored. A change to how records are found, or to what a row is, makes it another."""
_MOST_KEPT: Final = 200
"""Indexes that are kept. Each takes a few bytes for each 100 KiB of its file."""
_LARGEST: Final = 256 * 1024**2
"""Bytes of an index that would be read. None that we write comes near."""


class _Stored(msgspec.Struct, frozen=True):
    """An index as it is stored."""

    edition: int
    identity: Identity
    limits: Limits
    sample: bytes
    """Of the file's content; see `sample_of`."""
    format: Format
    rows: int
    records: int
    faults: int
    end: int
    columns: tuple[bytes, bytes, bytes, bytes, bytes]
    """The columns of the marks."""
    arrays: list[Inside | None]


_decoder: Final = msgspec.msgpack.Decoder(_Stored)


def load(file: FindingFile, folder: Path | None = None) -> RecordIndex | None:
    """The index of *file* that was kept in *folder*, by default the user's cache; None where there is none for it.

    The file's format is then known for all of it. Raises `UnreadableFile` when the file can't be read.
    """
    path = _path(file, folder)
    try:
        if path.stat().st_size > _LARGEST:
            return None
        stored = _decoder.decode(path.read_bytes())
        index = _restored(stored)
    except (OSError, msgspec.MsgspecError, ValueError):
        return None
    known = (stored.edition, stored.identity, stored.limits)
    if known != (_EDITION, file.identity, file.limits) or stored.sample != sample_of(file):
        return None
    file.format = stored.format
    return index


def keep(file: FindingFile, index: RecordIndex, folder: Path | None = None) -> None:
    """Keep a complete *index* of *file*, and drop the oldest of too many. Raises `UnreadableFile`."""
    marks = index.marks
    stored = _Stored(
        edition=_EDITION,
        identity=file.identity,
        limits=file.limits,
        sample=sample_of(file),
        format=file.format,
        rows=index.rows,
        records=index.records,
        faults=index.faults,
        end=index.end,
        columns=(
            marks.rows.tobytes(),
            marks.indexes.tobytes(),
            marks.offsets.tobytes(),
            marks.lines.tobytes(),
            marks.insides.tobytes(),
        ),
        arrays=marks.arrays,
    )
    path = _path(file, folder)
    with suppress(StateError, OSError):
        ensure_dir(path.parent)
        with atomic_write(path) as out:
            out.write(msgspec.msgpack.encode(stored))
        _drop_oldest(path.parent)


def sample_of(file: FindingFile) -> bytes:
    """A digest of some of the bytes on disk. Making it costs the same for a file of any size.

    Raises `UnreadableFile`.
    """
    digest = hashlib.blake2b(digest_size=32)
    for piece in file.disk_samples():
        digest.update(piece)
    return digest.digest()


def _restored(stored: _Stored) -> RecordIndex:
    """The index. Raises `ValueError` when it makes no sense: then somebody else wrote it."""
    rows, indexes, offsets, lines, insides = columns = [_column(data) for data in stored.columns]
    sensible = (
        len({len(column) for column in columns}) == 1
        and rows[:1] == array("q", [0])
        and _rises(rows, stored.rows)
        and _rises(offsets, stored.end)
        and min(*indexes, *lines, stored.records, stored.faults) >= 0
        and set(insides) <= set(range(len(stored.arrays)))
    )
    if not sensible:
        raise ValueError("not an index")
    index = RecordIndex()
    index.marks = Marks(rows, indexes, offsets, lines, insides, stored.arrays)
    index.rows, index.records, index.faults, index.end = stored.rows, stored.records, stored.faults, stored.end
    index.complete = True
    return index


def _rises(numbers: array[int], end: int) -> bool:
    """Whether each number is higher than the one before, from 0 to *end*."""
    return numbers[0] >= 0 and numbers[-1] <= end and all(one < other for one, other in pairwise(numbers))


def _column(data: bytes) -> array[int]:
    column: array[int] = array("q")
    column.frombytes(data)
    return column


def _path(file: FindingFile, folder: Path | None) -> Path:
    """Where the index of a file is kept."""
    return (folder or cache_dir() / "indexes") / f"{file.identity.device:x}-{file.identity.inode:x}"


def _drop_oldest(folder: Path) -> None:
    """Keep no more than the newest."""
    found = sorted((path.stat().st_mtime_ns, path) for path in folder.iterdir())
    for _, path in found[:-_MOST_KEPT]:
        path.unlink(missing_ok=True)
