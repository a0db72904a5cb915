"""Rows of a file before, while and after they are found, without any screen."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.errors import UnreadableFile
from console.progress import Cancel, Progress, silent
from console.records.query import parse
from console.records.reader import FindingFile
from screens.record_rows import FileRows, HitRows
from screens.record_source import Line, Rows, Wanted, read_lines
from tests.screens.scan import flawed, record, scan

_PAGE = 10


@pytest.fixture
def large(tmp_path: Path) -> Iterator[FileRows]:
    """The rows of a file of 4,000 records, the later ones longer than the first; nothing was looked for in it yet."""
    path = tmp_path / "large.json"
    path.write_text(json.dumps([{**record(number), "comment": "x" * (number // 5)} for number in range(4_000)]))
    with FindingFile.open(path) as file:
        yield FileRows(file)


def read(rows: Rows, first: int, last: int, *, after: int | None = None, before: int | None = None) -> dict[int, Line]:
    return dict(rows.read(Wanted(first, last, rows.count, after, before), Cancel()))


def numbers(rows: FileRows, lines: dict[int, Line]) -> list[int]:
    """Which records the lines are, in the order of their rows."""
    found = [json.loads(rows.file.raw(lines[row].place)) for row in sorted(lines)]  # type: ignore[arg-type]  # no faults
    return [int(one["message"].rpartition(" ")[2]) for one in found]


def test_the_first_rows_are_known_from_the_start(large: FileRows) -> None:
    lines = read(large, 0, _PAGE)

    assert numbers(large, lines) == list(range(_PAGE))
    assert [line.number for line in lines.values()] == list(range(_PAGE))
    assert not any(line.guessed for line in lines.values())
    assert large.count > large.known >= 50


def test_the_guessed_end_is_the_end_of_the_file(large: FileRows) -> None:
    count = large.count

    lines = read(large, count - _PAGE, count)

    assert sorted(lines) == list(range(count - _PAGE, count))
    assert numbers(large, lines) == list(range(3_990, 4_000))
    assert all(line.guessed for line in lines.values())
    assert large.count == count


def test_guessed_rows_side_by_side_are_side_by_side_in_the_file(large: FileRows) -> None:
    middle = read(large, 2_000, 2_010)
    below = read(large, 2_010, 2_020, after=middle[2_009].end)
    above = read(large, 1_990, 2_000, before=middle[2_000].start)

    found = numbers(large, above | middle | below)
    assert found == list(range(found[0], found[0] + 30))


def test_a_guess_that_meets_the_end_of_the_file_ends_the_list_there(large: FileRows) -> None:
    end = read(large, large.count - 1, large.count)
    place = end[large.count - 1]
    count = large.count

    below = read(large, count - 5, count, after=place.start)

    assert sorted(below) == [count - 5]
    assert large.count == count - 4


def test_a_guess_that_meets_the_end_of_the_list_makes_it_longer(large: FileRows) -> None:
    count = large.count
    middle = read(large, 2_000, 2_010)

    below = read(large, count - _PAGE, count, after=middle[2_009].end)

    assert len(below) == _PAGE
    assert large.count > count


def test_a_guess_is_found_again_when_all_is_known(large: FileRows) -> None:
    lines = read(large, 3_000, 3_010)
    guessed = numbers(large, lines)
    assert large.row_at(lines[3_000].start) is None
    near = large.row_near(lines[3_000].start)
    assert abs(near - 3_000) <= 2

    large.find(silent, Cancel())

    assert large.count == large.known == 4_000
    assert [large.row_at(lines[row].start) for row in sorted(lines)] == guessed
    assert [line.number for line in read(large, 3_000, 3_010).values()] == list(range(3_000, 3_010))


def test_rows_count_faults_and_records_are_found_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "two.json"
    path.write_text(json.dumps([record(0), record(1)]) + json.dumps([record(2), record(3)]))
    with FindingFile.open(path) as file:
        rows = FileRows(file)
        rows.find(silent, Cancel())

        assert rows.count == 5
        assert [rows.row_of(number) for number in range(4)] == [0, 1, 3, 4]
        assert [line.number for line in read(rows, 0, 5).values()] == [0, 1, None, 2, 3]


def test_nothing_is_guessed_of_a_compressed_file(tmp_path: Path) -> None:
    path = tmp_path / "scan.json.gz"
    path.write_bytes(gzip.compress(scan(tmp_path, 2_000).read_bytes()))
    with FindingFile.open(path) as file:
        rows = FileRows(file)
        assert rows.count == rows.known > 0
        assert not rows.can_guess

        rows.find(silent, Cancel())
        assert rows.count == 2_000


def test_rows_are_remembered_for_the_next_time(tmp_path: Path) -> None:
    text = json.dumps(record(0) | {"comment": "x" * 50_000})
    path = tmp_path / "kept.json"
    path.write_text("[" + ",".join([text] * 400) + "]")
    told: list[Progress] = []
    for _ in range(2):
        told.clear()
        with FindingFile.open(path) as file:
            rows = FileRows(file)
            rows.find(told.append, Cancel())
            assert rows.count == 400
    assert not told


def test_hits_come_while_the_rest_is_searched(tmp_path: Path) -> None:
    with FindingFile.open(scan(tmp_path, 16_000)) as file:
        hits = HitRows(FileRows(file), parse("severity=critical"))
        found: list[int] = []

        hits.find(lambda _progress: found.append(hits.count), Cancel())

        assert 0 < found[0] < found[-1] == hits.count == len(range(0, 16_000, 6))
        assert hits.searched == 16_000
        assert [line.number for line in read(hits, 1, 4).values()] == [6, 12, 18]
        assert [hits.row_of(number) for number in (0, 6, 7, 99_999)] == [0, 1, 2, hits.count - 1]


def test_rows_that_can_not_be_read_any_more_say_so(tmp_path: Path) -> None:
    path = scan(tmp_path, 4_000)
    given: dict[int, Line] = {}
    with FindingFile.open(path) as file:
        rows = FileRows(file)
        rows.find(silent, Cancel())
        with path.open("r+b") as out:
            out.truncate(1_000)

        with pytest.raises(UnreadableFile, match="shorter"):
            read_lines(rows, Wanted(3_000, 3_010, 4_000), given.update, Cancel())

    assert sorted(given) == list(range(3_000, 3_010))


@pytest.mark.parametrize("change", ["gone", "replaced", "changed"])
def test_a_file_that_is_another_one_by_now_is_noticed_and_still_read(tmp_path: Path, change: str) -> None:
    path = scan(tmp_path)
    given: dict[int, Line] = {}
    with FindingFile.open(path) as file:
        rows = FileRows(file)
        match change:
            case "gone":
                path.unlink()
            case "replaced":
                flawed(tmp_path).rename(path)
            case _:
                path.write_bytes(path.read_bytes() + b"\n")

        with pytest.raises(UnreadableFile, match="changed or replaced"):
            read_lines(rows, Wanted(0, 5, 30), given.update, Cancel())

    assert [line.number for line in given.values()] == [0, 1, 2, 3, 4]
