"""Compressed finding files: unpacked once, within the limit, and read as far as they are sound."""

from __future__ import annotations

import gzip
import random
import subprocess
import sys
import tempfile
import tracemalloc
from contextlib import closing
from pathlib import Path

import pytest

from console.errors import UnreadableFile
from console.limits import Limits
from console.records.model import Record
from console.records.packed import GzipSource
from console.records.reader import FindingFile
from tests.records.support import codes, faults, read_file, values

_DATA = b'[{"a":1},\n{"a":2}]'


def _long(count: int) -> bytes:
    """An array that hardly compresses."""
    numbers = random.Random(1)
    return b"[" + b",".join(b'{"a":"%x"}' % numbers.getrandbits(2000) for _ in range(count)) + b"]"


def test_members_that_follow_one_another_are_one_stream(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(gzip.compress(_DATA[:7]) + gzip.compress(_DATA[7:]) + b"\0" * 100)
    found = read_file(path)
    assert values(found) == [{"a": 1}, {"a": 2}]
    assert not faults(found)


def test_a_truncated_file_yields_what_was_unpacked_and_says_how_much(tmp_path: Path) -> None:
    path = tmp_path / "a"
    packed = gzip.compress(_DATA)
    path.write_bytes(packed[:-9])
    (*_, fault) = found = read_file(path)
    assert {"a": 1} in values(found)
    assert codes(found)[-1] == "gzip_truncated"
    assert fault == faults(found)[-1]


def test_a_file_without_its_checksum_is_truncated_though_all_records_are_there(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(gzip.compress(_DATA)[:-8])
    found = read_file(path)
    assert values(found) == [{"a": 1}, {"a": 2}]
    (fault,) = faults(found)
    assert (fault.code, fault.index, fault.offset, fault.line) == ("gzip_truncated", None, len(_DATA), 2)
    assert fault.message == "The gzip data ends early, after 18 unpacked bytes."


def test_a_wrong_checksum_is_a_fault_after_all_records(tmp_path: Path) -> None:
    path = tmp_path / "a"
    packed = bytearray(gzip.compress(_DATA))
    packed[-6] ^= 1
    path.write_bytes(packed)
    found = read_file(path)
    assert values(found) == [{"a": 1}, {"a": 2}]
    assert codes(found) == ["gzip_corrupt"]


def test_garbage_after_the_last_member_is_a_fault_after_all_records(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(gzip.compress(_DATA) + b"garbage")
    found = read_file(path)
    assert values(found) == [{"a": 1}, {"a": 2}]
    assert codes(found) == ["gzip_corrupt"]


def test_damage_in_the_middle_leaves_what_is_before_it(tmp_path: Path) -> None:
    path = tmp_path / "a"
    data = _long(2000)
    packed = bytearray(gzip.compress(data))
    middle = len(packed) // 2
    packed[middle : middle + 64] = b"\xff" * 64
    path.write_bytes(packed)
    found = read_file(path)
    assert codes(found)[-1] == "gzip_corrupt"
    whole = [piece for piece in found if isinstance(piece, Record)]
    assert 600 < len(whole) < 1400
    # The checksum is only known at the end, so the last records before the damage may be wrong in their text.
    assert all(data.startswith(piece.raw, piece.span.offset) for piece in whole[:600])


def test_a_bomb_stops_at_the_limit_with_memory_flat(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with gzip.open(path, "wb") as packed:
        packed.write(b'[{"a":1},{"a":"')
        for _ in range(64):
            packed.write(b"x" * 1024**2)
    limits = Limits(decompressed_bytes=32 * 1024**2, record_bytes=1024**2)
    tracemalloc.start()
    found = read_file(path, limits)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert values(found) == [{"a": 1}]
    assert codes(found) == ["truncated", "unpacked_too_large"]
    assert faults(found)[-1].message == "The file unpacks to more than 32 MiB, the limit for compressed files."
    assert peak < 8 * 1024**2


def test_a_file_of_exactly_the_limit_is_no_bomb(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(gzip.compress(_DATA))
    assert not faults(read_file(path, Limits(decompressed_bytes=len(_DATA))))
    assert codes(read_file(path, Limits(decompressed_bytes=len(_DATA) - 1))) == ["not_closed", "unpacked_too_large"]


def test_a_file_is_unpacked_no_further_than_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(gzip.compress(_long(2000))[:-8])
    with path.open("rb") as packed, closing(GzipSource(packed.fileno(), "a", Limits())) as source:
        assert source.read(0, 10) == b'[{"a":"' + source.read(7, 3)
        assert source.damage is None
        source.read(0, 10_000_000)
        assert source.damage is not None


def test_what_is_unpacked_has_no_name_that_could_be_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(spool))
    path = tmp_path / "a"
    path.write_bytes(gzip.compress(_DATA))
    with FindingFile.open(path) as file:
        assert len(list(file.records())) == 2
        assert not list(spool.iterdir())


def test_no_room_to_unpack_is_said_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    path = tmp_path / "a"
    path.write_bytes(gzip.compress(_DATA))
    with pytest.raises(UnreadableFile, match=r"can't be unpacked into .*none: No such file") as caught:
        FindingFile.open(path)
    assert "TMPDIR" in caught.value.hint


def test_an_altered_member_is_told_with_its_place_and_the_records_are_not_called_sound(tmp_path: Path) -> None:
    path = tmp_path / "a"
    first = gzip.compress(b'[{"a":1},', mtime=0)
    second = gzip.compress(b'{"a":2}]', compresslevel=0, mtime=0)
    path.write_bytes(first + second.replace(b'"a":2', b'"a":3'))
    found = read_file(path)
    assert values(found) == [{"a": 1}, {"a": 3}]
    (fault,) = faults(found)
    assert fault.message == (
        "The checksum of the gzip data is wrong: anything from unpacked byte 9 to 17 may have been altered."
    )


def test_members_without_content_do_not_keep_anybody_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.records.packed._MOST_MEMBERS", 50)
    path = tmp_path / "a"
    empty = gzip.compress(b"", mtime=0)
    path.write_bytes(gzip.compress(_DATA, mtime=0) + empty * 40)
    assert not faults(read_file(path))
    path.write_bytes(gzip.compress(_DATA, mtime=0) + empty * 100)
    assert codes(read_file(path)) == ["gzip_corrupt"]


NO_ROOM = """
import resource, sys
from pathlib import Path
from console.errors import UnreadableFile
from console.records.reader import FindingFile
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, resource.RLIM_INFINITY))
with FindingFile.open(Path(sys.argv[1])) as file:
    for room in (2_000_000, resource.RLIM_INFINITY):
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
        try:
            list(file.records())
        except UnreadableFile as error:
            print(error.message)
"""


def test_a_disk_that_gets_full_while_unpacking_is_an_error_and_stays_one(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(gzip.compress(_long(20_000)))
    told = subprocess.run([sys.executable, "-c", NO_ROOM, str(path)], check=True, capture_output=True, text=True)
    first, second = told.stdout.splitlines()
    assert first == second
    assert "can't be unpacked" in first
    assert told.stderr == ""
