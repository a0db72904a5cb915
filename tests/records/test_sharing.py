"""When the work on a file is shared with other processes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from console.records import sharing
from console.records.reader import FindingFile
from console.records.search import Search
from console.records.sharing import SHARED_BYTES, helpers, shared_workers, spare_workers
from console.records.sweep import PART_BYTES, WORTH_BYTES

PRELOAD = [Search.__module__]


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[FindingFile]]:
    """A small file, one of some parts, and a large one, on a machine of four processors."""
    monkeypatch.setattr(sharing, "processors", lambda: 4)
    with ExitStack() as stack:
        opened = []
        for size in (10, 2 * PART_BYTES, WORTH_BYTES):
            path = tmp_path / str(size)
            path.write_bytes(b"[{}]")
            with path.open("ab") as file:
                file.truncate(size)
            opened.append(stack.enter_context(FindingFile.open(path)))
        yield opened


def test_a_large_file_is_shared_by_as_many_as_there_are_processors(files: list[FindingFile]) -> None:
    assert [helpers(file) for file in files] == [0, 0, 4]
    assert helpers(files[0], files[2]) == helpers(files[2], files[0]) == 4
    assert helpers(*files[:2]) == 0


def test_a_machine_of_one_processor_shares_nothing(files: list[FindingFile], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "processors", lambda: 1)
    assert helpers(files[2]) == 0


def test_who_asks_for_a_number_gets_it_as_soon_as_there_is_something_to_share(files: list[FindingFile]) -> None:
    assert [helpers(file, count=3) for file in files] == [0, 3, 3]
    assert [helpers(file, count=1) for file in files] == [0, 0, 0]


def test_there_are_workers_where_there_is_something_for_them_to_do(files: list[FindingFile]) -> None:
    with shared_workers(files[0], preload=PRELOAD) as none:
        assert none is None
    with shared_workers(*files, preload=PRELOAD, count=2) as two:
        assert two is not None
        assert two.count == 2


def test_a_screen_keeps_one_processor_to_itself(files: list[FindingFile], monkeypatch: pytest.MonkeyPatch) -> None:
    with spare_workers(*files[:2], preload=PRELOAD) as none:
        assert none is None
    with spare_workers(*files, preload=PRELOAD) as three, spare_workers(files[2], preload=PRELOAD) as also_three:
        assert three is not None
        assert also_three is not None
        assert three.count == also_three.count == 3


@pytest.mark.parametrize("count", [1, 2])
def test_a_screen_has_a_worker_also_where_processors_are_few(
    files: list[FindingFile], monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(sharing, "processors", lambda: count)
    with spare_workers(files[2], preload=PRELOAD) as one:
        assert one is not None
        assert one.count == 1


def test_what_takes_long_is_left_to_workers_though_the_file_is_small(files: list[FindingFile]) -> None:
    with spare_workers(files[0], preload=PRELOAD, least_bytes=SHARED_BYTES) as none:
        assert none is None
    with spare_workers(files[1], preload=PRELOAD, least_bytes=SHARED_BYTES) as some:
        assert some is not None
