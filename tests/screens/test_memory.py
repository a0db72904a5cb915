"""What the screens remember from run to run."""

from __future__ import annotations

import asyncio
import logging
import stat
from pathlib import Path

import pytest
from msgspec.structs import replace

from screens.memory import NAME, Memory, Remembered
from screens.recent import RecentFile, Use


def test_what_is_kept_is_there_the_next_time_and_for_its_owner_alone(tmp_path: Path) -> None:
    memory = Memory.of(tmp_path / "state")
    memory.now = replace(memory.now, folder="/scans")
    memory.keep()

    assert Memory.of(tmp_path / "state").now.folder == "/scans"
    assert stat.S_IMODE((tmp_path / "state" / NAME).stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"folder": 3}', b"\xff", b'{"folder": "' + b"x" * 2_000_000])
def test_what_cannot_be_read_is_forgotten_and_said(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / NAME).write_bytes(content)

    with caplog.at_level(logging.WARNING):
        assert Memory.of(tmp_path).now == Remembered()
    assert "forgotten" in caplog.text


def test_what_another_version_keeps_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b'{"folder": "/scans", "of_tomorrow": 1}')
    assert Memory.of(tmp_path).now.folder == "/scans"


def test_consoles_that_share_it_take_nothing_from_each_other(tmp_path: Path) -> None:
    first = Memory.of(tmp_path)
    first.now = replace(first.now, saved_filters={"old": "id=1", "mine": "id=2"}, filters=("id=1",), columns=("time",))
    first.keep()
    second = Memory.of(tmp_path)

    second.now = replace(second.now, saved_filters={"mine": "id=2", "theirs": "id=3"}, filters=("id=1", "id=3"))
    second.now = replace(second.now, recent=(RecentFile.of(Path("/b"), Use.OPENED),), theme="nord")
    second.keep()
    first.now = replace(first.now, saved_filters={"old": "id=1", "mine": "id=4"}, filters=("id=1", "id=4"))
    first.now = replace(first.now, recent=(RecentFile.of(Path("/a"), Use.OPENED),), columns=("title",))
    first.keep()

    assert first.now == Memory.of(tmp_path).now
    assert first.now.saved_filters == {"mine": "id=4", "theirs": "id=3"}
    assert first.now.filters == ("id=3", "id=1", "id=4")
    assert [str(one.path) for one in first.now.recent] == ["/a", "/b"]
    assert (first.now.columns, first.now.theme) == (("title",), "nord")
    second.keep()
    assert second.now == first.now


@pytest.mark.parametrize("lost", [b"", None], ids=["broken", "deleted"])
def test_what_is_known_is_written_again_where_the_file_is_lost(tmp_path: Path, lost: bytes | None) -> None:
    memory = Memory.of(tmp_path)
    memory.now = replace(memory.now, folder="/scans")
    memory.keep()
    (tmp_path / NAME).unlink()
    if lost is not None:
        (tmp_path / NAME).write_bytes(lost)

    memory.now = replace(memory.now, target="prowler")
    memory.keep()

    assert Memory.of(tmp_path).now == Remembered(folder="/scans", target="prowler")


async def test_what_changes_while_it_is_written_is_not_lost(tmp_path: Path) -> None:
    memory = Memory.of(tmp_path)
    memory.now = replace(memory.now, folder="/scans")
    writing = asyncio.create_task(memory.keep_meanwhile())
    await asyncio.sleep(0)
    memory.now = replace(memory.now, target="prowler")
    await writing

    assert memory.now == Remembered(folder="/scans", target="prowler")
    assert Memory.of(tmp_path).now == Remembered(folder="/scans")


def test_what_could_not_be_written_is_written_the_next_time(tmp_path: Path) -> None:
    memory = Memory.of(tmp_path / "state")
    (tmp_path / "state").write_text("in the way")
    memory.now = replace(memory.now, folder="/scans")
    memory.keep()
    (tmp_path / "state").unlink()
    memory.keep()

    assert Memory.of(tmp_path / "state").now.folder == "/scans"


def test_a_full_disk_is_logged_and_no_error(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("in the way")
    Memory(tmp_path / "file" / NAME).keep()
    assert "can't be kept" in caplog.text
