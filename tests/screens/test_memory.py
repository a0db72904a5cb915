"""What the screens remember from run to run."""

from __future__ import annotations

import logging
import stat
from pathlib import Path

import msgspec
import pytest

from screens.memory import NAME, Memory, Remembered


def test_what_is_kept_is_there_the_next_time_and_for_its_owner_alone(tmp_path: Path) -> None:
    memory = Memory.of(tmp_path / "state")
    memory.now = msgspec.structs.replace(memory.now, folder="/scans")
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


def test_a_full_disk_is_logged_and_no_error(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("in the way")
    Memory(tmp_path / "file" / NAME).keep()
    assert "can't be kept" in caplog.text
