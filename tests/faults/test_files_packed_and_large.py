"""F18 to F27: compressed files, other archives, and files that are large in one way or another."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import tarfile
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from statistics import median

import pytest

from console.submissions.desk import Desk
from screens.records import RecordsScreen
from tests.faults.conftest import Refusal, Run
from tests.faults.support import MEGABYTE, NOWHERE, array, finding, issues, large, measured, open_records
from tests.screens.job_stories import PATIENCE, WIDE, Story, at_console

MODEST: float = 150 * MEGABYTE
"""The memory in which a file of any size must be read."""


def limited(folder: Path, **limits: int) -> Path:
    """A configuration with some limits."""
    path = folder / "config.toml"
    path.write_text("[limits]\n" + "".join(f"{name} = {value}\n" for name, value in limits.items()))
    return path


def write_repeated(path: Path, record: bytes, count: int) -> None:
    """Write an array of the same record many times over, without holding it in memory."""
    with path.open("wb") as file:
        file.write(b"[" + record)
        some = (b",\n" + record) * 1_000
        for _ in range((count - 1) // 1_000):
            file.write(some)
        file.write((b",\n" + record) * ((count - 1) % 1_000) + b"]")


def test_f18_a_truncated_gzip_file_says_how_much_was_unpacked(run: Run, tmp_path: Path) -> None:
    """`.gz` truncated: invalid, decompressed count shown."""
    data = array(*map(finding, range(50)))
    path = tmp_path / "f.json.gz"
    path.write_bytes(gzip.compress(data)[:-8])
    checked = run("validate", path, "--format", "jsonl")
    (fault,) = issues(checked)
    assert (checked.code, fault["code"]) == (1, "gzip_truncated")
    assert (fault["record"], fault["offset"], fault["line"]) == (None, None, None)
    assert f"after {len(data):,} unpacked bytes" in fault["message"]
    assert len(run("show", path, "--count", "50").json()) == 50
    assert run("submit", path, "--target", "prowler", **NOWHERE).code == 2


@pytest.mark.parametrize("tail", ["wrong checksum", "garbage"])
def test_f19_a_gzip_file_with_a_wrong_end_is_invalid(run: Run, tmp_path: Path, tail: str) -> None:
    """`.gz` bad CRC / garbage tail: invalid."""
    packed = bytearray(gzip.compress(array(finding(), finding(1))))
    if tail == "garbage":
        packed += b"\x00\x00and more"
    else:
        packed[-8] ^= 0xFF
    path = tmp_path / "f.json.gz"
    path.write_bytes(packed)
    checked = run("validate", path, "--format", "jsonl")
    assert (checked.code, [one["code"] for one in issues(checked)]) == (1, ["gzip_corrupt"])
    assert len(run("show", path, "--count", "2").json()) == 2
    assert run("submit", path, "--target", "prowler", **NOWHERE).code == 2


def test_f20_gzip_members_are_read_as_one_file_and_noted(run: Run, tmp_path: Path) -> None:
    """`.gz` concatenated members: read as one, noted."""
    data = array(*map(finding, range(4)))
    path = tmp_path / "f.json.gz"
    path.write_bytes(gzip.compress(data[:3_000]) + gzip.compress(data[3_000:]))
    checked = run("validate", path, "--format", "json")
    assert (checked.code, checked.json()["summary"]["valid"]) == (0, 4)
    assert "member" in run("inspect", path).stdout


@pytest.mark.parametrize(("name", "packed"), [("f.json", True), ("f.json.gz", False)], ids=["packed", "plain"])
def test_f21_what_a_file_is_does_not_hang_on_its_name(run: Run, tmp_path: Path, name: str, packed: bool) -> None:
    """gz without `.gz`, `.gz` that is plain: detected by magic, noted."""
    data = array(finding())
    path = tmp_path / name
    path.write_bytes(gzip.compress(data) if packed else data)
    fitting = tmp_path / ("g.json.gz" if packed else "g.json")
    fitting.write_bytes(path.read_bytes())
    assert run("show", path).json() == [finding()]
    noted, usual = (run("inspect", one).stdout.splitlines()[1:] for one in (path, fitting))
    (note,) = set(noted) - set(usual)
    assert "compressed" in note


@pytest.mark.parametrize(("cap", "named"), [(16 * MEGABYTE, "16 MiB"), large(2048 * MEGABYTE, "2 GiB")])
def test_f22_a_gzip_bomb_stops_at_the_cap(tmp_path: Path, cap: int, named: str) -> None:
    """gzip bomb 1028:1: stops at cap in < 2 s, memory flat."""
    packer = zlib.compressobj(9, wbits=31)
    start = packer.compress(b'[{"a":1},{"a":"') + packer.flush(zlib.Z_FULL_FLUSH)
    packer.compress(b"x" * MEGABYTE)
    # After a full flush the same bytes are packed the same way again.
    again = packer.flush(zlib.Z_FULL_FLUSH)
    path = tmp_path / "bomb.json.gz"
    path.write_bytes(start + again * (2 * cap // MEGABYTE))
    assert 2 * cap > 900 * path.stat().st_size
    config = limited(tmp_path, decompressed_bytes=cap)

    taken = measured("inspect", path, "--format", "json", "--config", config)

    (file,) = taken.done.json()["files"]
    assert file["records"] == 1
    assert f"unpacks to more than {named}" in str(file["faults"])
    assert taken.peak < MODEST
    assert taken.seconds < 2 * max(1, cap / (256 * MEGABYTE))


def _in_zip(data: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("f.json", data)
    return archive.getvalue()


def _in_tar_gz(data: bytes) -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as file:
        entry = tarfile.TarInfo("f.json")
        entry.size = len(data)
        file.addfile(entry, io.BytesIO(data))
    return archive.getvalue()


@pytest.mark.parametrize(
    ("pack", "named"),
    [
        (lambda data: gzip.compress(gzip.compress(data)), "a gzip file inside a gzip file"),
        (_in_zip, "a zip archive"),
        (_in_tar_gz, "a tar archive"),
    ],
    ids=["gz in gz", "zip", "tar.gz"],
)
def test_f23_an_archive_is_named_and_refused(
    refusal: Refusal, tmp_path: Path, pack: Callable[[bytes], bytes], named: str
) -> None:
    """gz in gz, zip, tar.gz: refused, named."""
    path = tmp_path / "f.json.gz"
    path.write_bytes(pack(array(finding())))
    assert f"is {named}, not JSON" in refusal(path)


@pytest.mark.parametrize("megabytes", [30, large(1_000)])
async def test_f24_a_large_file_is_streamed_and_keys_are_answered(tmp_path: Path, desk: Desk, megabytes: int) -> None:
    """1 GB valid file: streams; UI responsive (< 100 ms stalls); cancel works."""
    record = json.dumps(finding(unmapped={"text": "x" * 4_000})).encode()
    path = tmp_path / "large.ocsf.json"
    write_repeated(path, record, megabytes * 1_000_000 // len(record))
    async with at_console(desk, tmp_path, WIDE) as story:
        screen = await open_records(story, path)
        await story.until(lambda: screen.table.count > 20)
        stalls = []
        for row in range(1, 11):
            stalls.append(await _answered(story, "j", lambda: screen.table.cursor == row))  # noqa: B023  # done by then
        left = await _answered(story, "escape", lambda: story.app.screen is not screen)
    assert median(stalls) < 0.1
    assert left < 2


async def _answered(story: Story, key: str, done: Callable[[], bool]) -> float:
    """The seconds from a key to what it does. The pilot's own keys wait until nothing else is being done."""
    pressed = time.perf_counter()
    story.app.simulate_key(key)
    async with asyncio.timeout(PATIENCE):
        while not done():
            await asyncio.sleep(0.001)
    return time.perf_counter() - pressed


@pytest.mark.parametrize("megabytes", [30, large(1_000)])
def test_f24_a_large_file_is_read_in_little_memory(tmp_path: Path, megabytes: int) -> None:
    """1 GB valid file: streams."""
    record = json.dumps(finding(unmapped={"text": "x" * 4_000})).encode()
    count = megabytes * 1_000_000 // len(record)
    path = tmp_path / "large.ocsf.json"
    write_repeated(path, record, count)
    taken = measured("inspect", path, "--format", "json")
    assert taken.done.json()["files"][0]["records"] == count
    assert taken.peak < MODEST


@pytest.mark.parametrize("count", [100_000, large(2_000_000)])
async def test_f25_millions_of_tiny_records_take_no_widget_each(tmp_path: Path, desk: Desk, count: int) -> None:
    """2 M tiny records: virtual list; memory bounded."""
    path = tmp_path / "tiny.json"
    write_repeated(path, b'{"a":1}', count)
    async with at_console(desk, tmp_path, WIDE) as story:
        screen = await open_records(story, path)
        await story.sees(f"{count:,} records")
        await story.press("G")
        await story.until(lambda: screen.table.cursor == count - 1)
        await story.sees(f"{count - 1:,}")
        assert len(story.app.screen.query("*")) < 100
    assert isinstance(screen, RecordsScreen)


@pytest.mark.parametrize("count", [100_000, large(2_000_000)])
def test_f25_millions_of_tiny_records_are_counted_in_little_memory(tmp_path: Path, count: int) -> None:
    """2 M tiny records: memory bounded."""
    path = tmp_path / "tiny.json"
    write_repeated(path, b'{"a":1}', count)
    taken = measured("inspect", path, "--format", "json")
    assert taken.done.json()["files"][0]["records"] == count
    assert taken.peak < MODEST


_DEEP = 1_000_000


@pytest.mark.parametrize(
    "content",
    [b"[" * _DEEP, b"[" * _DEEP + b"]" * _DEEP, b'[{"a":' + b"[" * _DEEP + b"]" * _DEEP + b"}]"],
    ids=["unclosed", "closed", "in a record"],
)
def test_f26_brackets_without_end_are_refused(run: Run, tmp_path: Path, content: bytes) -> None:
    """`[[[…` depth 1 M: refused at depth 64 in ms.

    What followed the brackets one inside the other would outlast the time of a test by hours.
    """
    path = tmp_path / "deep.json"
    path.write_bytes(content)
    checked = run("validate", path, "--format", "jsonl")
    assert checked.code == 1
    (issue, *_) = issues(checked)
    assert issue["record"] in (0, None)
    if content.startswith(b"[{"):
        assert issue["code"] == "too_deep"
        assert "the limit is 64 levels" in issue["message"]


@pytest.mark.parametrize("megabytes", [8, large(500)])
def test_f27_one_long_text_is_over_the_limit_of_a_record(tmp_path: Path, megabytes: int) -> None:
    """One 500 MB string: refused, record cap."""
    path = tmp_path / "long.json"
    with path.open("wb") as file:
        file.write(b'[{"a":1},{"a":"')
        for _ in range(megabytes):
            file.write(b"x" * MEGABYTE)
        file.write(b'"},{"a":3}]')
    config = limited(tmp_path, record_bytes=MEGABYTE)
    taken = measured("validate", path, "--format", "jsonl", "--config", config)
    (fault,) = [one for one in issues(taken.done) if one["code"] == "record_too_large"]
    assert taken.done.code == 1
    assert (fault["record"], fault["offset"]) == (1, len(b'[{"a":1},'))
    assert "the limit for one record is 1 MiB" in fault["message"]
    assert {one["record"] for one in issues(taken.done)} == {0, 1, 2}
    assert taken.peak < MODEST
