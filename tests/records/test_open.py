"""Opening files that are no finding files: each is refused with the reason, and nothing waits."""

from __future__ import annotations

import gzip
import os
import socket
import sys
import tracemalloc
from pathlib import Path

import pytest

from console.errors import UnreadableFile
from console.records.model import Record
from console.records.reader import FindingFile
from tests.records.support import read_file


def _open_files() -> int:
    return sum(1 for _ in Path("/dev/fd").iterdir())


def _refusal(path: Path) -> str:
    with pytest.raises(UnreadableFile) as caught:
        FindingFile.open(path)
    return caught.value.message.removeprefix(f"{path} ")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty."),
        (b" \n\t\r\n", "is empty."),
        (b"\xef\xbb\xbf", "is empty."),
        (b" " * 2_000_000, "starts with 1 MiB of white space and nothing else."),
        (b"null", "holds null, and an array of objects is expected."),
        (b"42\n", "holds 42, and an array of objects is expected."),
        (b'"x"', 'holds "x", and an array of objects is expected.'),
        (b"severity,title\nHigh,x\n", "is not JSON: it starts with severity,title."),
        (b"[section]\nkey=1", "is not JSON: it starts with [section]."),
        (b"{{ template }}", "is not JSON: it starts with {{ template }}."),
        (b"\n<!DOCTYPE html><html>", "looks like an HTML page, not JSON."),
        (b"<HTML><body>", "looks like an HTML page, not JSON."),
        ("[{}]".encode("utf-16"), "is UTF-16 or UTF-32 text, not UTF-8."),
        ("[{}]".encode("utf-16-be"), "is UTF-16 or UTF-32 text, not UTF-8."),
        ("[{}]".encode("utf-16-le"), "is UTF-16 or UTF-32 text, not UTF-8."),
        ("[{}]".encode("utf-32-be"), "is UTF-16 or UTF-32 text, not UTF-8."),
        (b"PK\x03\x04rest", "is a zip archive, not JSON."),
        (b"PAR1rest", "is a Parquet file, not JSON."),
        (b"\x28\xb5\x2f\xfdrest", "is a zstd file, not JSON."),
        (b"a" * 257 + b"ustar", "is a tar archive, not JSON."),
        (b"\x7fELF\x02\x01\0\0\0", "is binary, not JSON: it starts with the bytes 7f 45 4c 46 02 01 00 00."),
        (gzip.compress(gzip.compress(b"[]", mtime=0), mtime=0), "is a gzip file inside a gzip file, not JSON."),
        (gzip.compress(b"", mtime=0), "is empty."),
        (b"\x1f\x8b", "can't be unpacked. The gzip data ends early, after 0 unpacked bytes."),
    ],
)
def test_what_is_no_finding_file_is_named_for_what_it_is(data: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(data)
    assert _refusal(path) == reason


def test_what_can_be_done_about_it_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"PK\x03\x04")
    with pytest.raises(UnreadableFile) as caught:
        FindingFile.open(path)
    assert caught.value.hint == "Unpack it first."


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    assert _refusal(tmp_path / "none.json") == "does not exist."


def test_what_is_not_a_regular_file_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert _refusal(tmp_path / "pipe") == "is a named pipe, not a regular file."
    assert _refusal(tmp_path) == "is a directory, not a regular file."
    assert _refusal(Path(os.devnull)) == "is a device, not a regular file."
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        assert _refusal(tmp_path / "socket") == "is a socket or a device, not a regular file."


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_said_to_be_so(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"[]")
    path.chmod(0)
    assert _refusal(path) == "can't be read: permission denied."


def test_names_that_no_file_can_have_are_refused(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert _refusal(tmp_path / "loop") == "is a link that leads in a circle."
    with pytest.raises(UnreadableFile, match="has a name that is too long"):
        FindingFile.open(tmp_path / ("x" * 300))
    with pytest.raises(UnreadableFile, match="has a name that no file can have"):
        FindingFile.open(tmp_path / "a\0b")


def test_a_link_to_a_file_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b'[{"a":1}]')
    (tmp_path / "link").symlink_to("real")
    assert len(read_file(tmp_path / "link")) == 1


@pytest.mark.skipif(sys.platform == "darwin", reason="this file system takes UTF-8 names only")
def test_a_hostile_name_opens_and_is_shown_harmlessly(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"\x1b]0;x\x07\xff.json")
    path.write_bytes(b"no")
    with pytest.raises(UnreadableFile) as caught:
        FindingFile.open(path)
    assert caught.value.message.isprintable()
    path.write_bytes(b'[{"a":1}]')
    assert len(read_file(path)) == 1


def test_a_refused_file_is_not_kept_open(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(gzip.compress(b"no", mtime=0))
    before = _open_files()
    for _ in range(3):
        _refusal(path)
    assert _open_files() == before


def test_a_file_that_shrinks_while_it_is_open_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b'[{"a":1},{"a":2}]')
    with FindingFile.open(path) as file:
        record = [piece for piece in file.records() if isinstance(piece, Record)][1]
        os.truncate(path, 10)
        with pytest.raises(UnreadableFile, match="became shorter while it was open"):
            file.raw(record.span)
        with pytest.raises(UnreadableFile, match="became shorter while it was open"):
            list(file.spans())


@pytest.mark.parametrize("change", ["appended", "overwritten"])
def test_a_file_that_is_changed_while_it_is_read_is_said_to_be(tmp_path: Path, change: str) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b'{"a":1}\n{"a":2}\n')
    os.utime(path, ns=(1, 1))
    with FindingFile.open(path) as file:
        found = file.records()
        next(found)
        with path.open("ab" if change == "appended" else "r+b") as changed:
            changed.write(b'{"a":3}\n')
        with pytest.raises(UnreadableFile, match="was changed or replaced while it was being read"):
            list(found)


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        path = tmp_path / "a.json"
        path.write_bytes(b"[" + b",".join([b'{"message":"%s"}' % (b"x" * 5000)] * count) + b"]")
        tracemalloc.start()
        with FindingFile.open(path) as file:
            assert sum(1 for _ in file.records()) == count
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return top

    assert peak(8000) < 1.2 * peak(1000)
