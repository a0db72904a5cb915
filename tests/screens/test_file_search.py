"""Finding files by their names, in folders that nobody opened, however many there are and wherever links lead."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from rich.text import Text

from console.progress import Cancel, Cancelled
from console.submissions.desk import Desk
from screens import file_search
from screens.file_search import FileSearch, places
from screens.files import FilesScreen
from screens.records import RecordsScreen
from tests.screens.job_stories import WIDE, at_console
from tests.screens.scan import scan


def walked(folder: Path) -> FileSearch:
    """All names below a folder."""
    search = FileSearch(folder)
    search.walk(lambda: None, Cancel())
    return search


def found(search: FileSearch, text: str) -> list[str]:
    """The names that a text finds, as ways from the folder."""
    return [str(entry.path.relative_to(search.folder)) for entry in search.matching(text).entries]


def test_every_word_must_be_in_the_name_or_in_that_of_a_folder_and_names_come_first(tmp_path: Path) -> None:
    for name in ("2026/AWS scan.json", "aws/other.ndjson", "aws/notes.txt", "gcp.ocsf"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    search = walked(tmp_path)

    assert search.ended
    assert found(search, "aws") == ["2026/AWS scan.json", "aws/other.ndjson"]
    assert found(search, "SCAN 2026") == ["2026/AWS scan.json"]
    assert found(search, "notes") == []


def test_letters_in_their_order_are_enough_and_come_after_the_words(tmp_path: Path) -> None:
    for name in ("prod-aws.json", "p/rodeo-x.json", "paris/r.json", "x/p.r/o.d.json", "dorp.json", "[p^r]o-d.json"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    search = walked(tmp_path)

    assert found(search, "prod") == ["prod-aws.json", "[p^r]o-d.json", "p/rodeo-x.json", "x/p.r/o.d.json"]
    assert found(search, "pd aws") == ["prod-aws.json"]
    assert found(search, "[^]") == ["[p^r]o-d.json"]
    assert search.matching("Pd AWS").words == ("pd", "aws")


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        ("Prod-AWS", "aws", [5, 6, 7]),
        ("a-w aws", "aws", [4, 5, 6]),
        ("Prod-AWS", "pas", [0, 5, 7]),
        ("Prod", "x", []),
        ("İstanbul", "st", [1, 2]),
    ],
)
def test_what_was_typed_is_found_in_a_name_to_be_marked(text: str, word: str, expected: list[int]) -> None:
    assert places(text, word) == expected


async def test_what_was_typed_is_marked_in_the_names(tmp_path: Path, desk: Desk) -> None:
    (tmp_path / "pr-od.json").touch()
    async with at_console(desk, tmp_path) as story:
        screen = await story.on(FilesScreen)
        await story.press("/", *"prod")
        await story.sees("1 of 1 file")
        await story.until(lambda: bool(screen.folders.root.children))
        label = screen.folders.root.children[0].label
        assert isinstance(label, Text)
        assert sorted(span.start for span in label.spans if "underline" in str(span.style)) == [0, 1, 3, 4]


def test_links_in_a_circle_and_folders_that_are_barred_do_not_stop_the_search(tmp_path: Path) -> None:
    inner, barred = tmp_path / "a", tmp_path / "b"
    inner.mkdir()
    barred.mkdir()
    (inner / "up").symlink_to(tmp_path, target_is_directory=True)
    scan(inner)
    search = FileSearch(tmp_path)
    barred.rmdir()  # as if it had gone after the folder above was read
    search.walk(lambda: None, Cancel())

    assert search.names == ["a/scan.ocsf.json"]
    assert search.ended


def test_there_is_an_end_to_the_names_and_to_what_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(30):
        (tmp_path / f"scan-{number:02}.json").touch()
    monkeypatch.setattr(file_search, "MOST_NAMES", 20)
    monkeypatch.setattr(file_search, "_SHOWN", 5)
    search = walked(tmp_path)
    matches = search.matching("scan")

    assert search.cut
    assert not search.ended
    assert (matches.count, len(matches.entries)) == (20, 5)


def test_a_search_stops_when_it_is_told_to(tmp_path: Path) -> None:
    scan(tmp_path)
    cancel = Cancel()
    cancel.ask()
    with pytest.raises(Cancelled):
        FileSearch(tmp_path).walk(lambda: None, cancel)


async def test_a_file_is_found_in_a_folder_that_nobody_opened_and_gone_to(tmp_path: Path, desk: Desk) -> None:
    deep = tmp_path / "archive" / "2026"
    deep.mkdir(parents=True)
    (deep / "circle").symlink_to(tmp_path, target_is_directory=True)
    old = scan(deep, 5, name="old.ocsf.json")
    scan(tmp_path)
    async with at_console(desk, tmp_path, WIDE) as story:
        screen = await story.on(FilesScreen)
        await story.sees("scan.ocsf.json")
        await story.press("slash", "n", "o", "n", "e")
        await story.sees("nothing has that in its name", "0 of 2 files")
        for _ in "none":
            await story.press("backspace")
        await story.sees("archive/")
        await story.press("2", "0", "2", "6", "space", "o", "l", "d")
        await story.sees(os.path.join("archive", "2026", "old.ocsf.json"), "1 of 2 files", "5 records")  # noqa: PTH118
        await story.press("enter", "enter")
        await story.on(RecordsScreen)
        await story.press("escape")
        await story.on(FilesScreen)

        await story.press("escape")
        await story.sees("scan.ocsf.json", "2026/")
        await story.until(lambda: screen.file == old)
        assert not screen.names.display
        await story.press("q")
        await story.until(lambda: not story.app.is_running)


async def test_reload_while_a_filter_is_in_force_finds_what_is_new(tmp_path: Path, desk: Desk) -> None:
    scan(tmp_path)
    async with at_console(desk, tmp_path, WIDE) as story:
        await story.sees("scan.ocsf.json")
        await story.press("slash", "s", "c", "a", "n", "enter")
        await story.sees("1 of 1 file")
        scan(tmp_path, name="scan-2.json")
        await story.press("r")
        await story.sees("2 of 2 files", "scan-2.json")


async def test_a_folder_with_very_many_files_is_searched_beyond_what_is_listed(tmp_path: Path, desk: Desk) -> None:
    for number in range(2_100):
        (tmp_path / f"scan-{number:04}.json").touch()
    async with at_console(desk, tmp_path) as story:
        await story.sees("scan-0000.json")
        await story.press("slash", "2", "0", "9", "9")
        await story.sees("scan-2099.json", "1 of 2,100 files")
