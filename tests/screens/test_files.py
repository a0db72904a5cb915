"""Finding a file and seeing what it is, whatever lies around in the folders."""

from __future__ import annotations

import gzip
import json
import multiprocessing
import os
import re
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import pytest

from console.config import UiConfig
from console.progress import Progress
from console.records import sharing
from console.sandbox.prowler.worker import Pace
from console.submissions.desk import Desk
from screens import files
from screens.file_reading import Advanced
from screens.files import FilesScreen
from screens.folders import why_not_listed
from screens.job import JobScreen
from screens.navigation import OpenRecords, OpenSubmit
from screens.records import RecordsScreen
from screens.submit import SubmitScreen
from screens.validation import ValidationScreen
from screens.widgets.dialogs import ConfirmDialog, ErrorDialog
from screens.widgets.pick_dialog import PickDialog
from tests.screens.conftest import Look
from tests.screens.job_stories import NARROW, START, WIDE, Story, at_console, at_sandbox, finding_file, make_desk, quick
from tests.screens.scan import flawed, record, scan


async def choose(story: Story, name: str) -> None:
    """Put the cursor on an entry of the tree."""
    screen = await story.on(FilesScreen)
    await story.sees(name)
    node = next(node for node in screen.folders.root.children if node.data and node.data.path.name == name)
    screen.folders.move_cursor(node)


async def test_the_file_under_the_cursor_is_summed_up(tmp_path: Path, desk: Desk) -> None:
    scan(tmp_path)
    async with at_console(desk, tmp_path, WIDE) as story:
        await story.sees("Choose a finding file.")
        await choose(story, "scan.ocsf.json")
        await story.sees(
            "array", "30 records", "Critical", "FAIL", "Prowler 5.46.0", "1.5.0", "2004 Detection Finding",
            "aws 123456789012", "2025-11-19 10:15:00Z to 2025-11-19 10:15:29Z",
        )  # fmt: skip


async def click(story: Story, name: str) -> None:
    """Click on an entry of the tree."""
    screen = await story.on(FilesScreen)
    await story.sees(name)
    region = screen.folders.region
    lines = [text[: region.width] for text in story.text.splitlines()[region.y : region.bottom]]
    line = next(number for number, text in enumerate(lines) if name in text)
    await story.pilot.click(screen.folders, offset=(6, line))


async def test_a_click_brings_the_cursor_to_a_file_and_another_one_opens_it(tmp_path: Path, desk: Desk) -> None:
    path, other = scan(tmp_path), scan(tmp_path, name="other.ocsf.json")
    async with at_console(desk, tmp_path, WIDE) as story:
        screen = await story.on(FilesScreen)
        for clicked in (path, other):
            await click(story, clicked.name)
            await story.until(lambda clicked=clicked: screen.file == clicked)  # type: ignore[misc]
            await story.sees("30 records", "Critical")
        assert story.app.screen is screen
        assert not story.posted(OpenRecords)
        await click(story, other.name)
        await story.on(RecordsScreen)
        assert [one.path for one in story.posted(OpenRecords)] == [other]


async def test_a_click_opens_a_folder_and_another_one_closes_it(tmp_path: Path, desk: Desk) -> None:
    (tmp_path / "inner").mkdir()
    scan(tmp_path / "inner")
    async with at_console(desk, tmp_path, WIDE) as story:
        await click(story, "inner/")
        await story.sees("scan.ocsf.json")
        await click(story, "inner/")
        await story.until(lambda: "scan.ocsf.json" not in story.text)


@pytest.mark.parametrize(
    "data",
    [b"[]", b"[1, 2]", b'{"a":' * 1_000, gzip.compress(b"[]"), b"{}"],
    ids=["empty", "numbers", "deep", "packed", "bare"],
)
async def test_a_file_without_a_single_record_is_summed_up_too(tmp_path: Path, desk: Desk, data: bytes) -> None:
    (tmp_path / "scan.json").write_bytes(data)
    async with at_console(desk, tmp_path, WIDE) as story:
        await choose(story, "scan.json")
        await story.sees("sha256", "Not submitted from here before")


async def test_a_compliance_report_is_called_what_it_is(tmp_path: Path, desk: Desk) -> None:
    (tmp_path / "cis.ocsf.json").write_text(json.dumps([{**record(0), "class_uid": 2003}]))
    async with at_console(desk, tmp_path, WIDE) as story:
        await choose(story, "cis.ocsf.json")
        await story.sees("Prowler compliance report, not findings", "Prowler does not", "2003 Compliance Finding")


async def test_duplicates_accounts_and_notes_are_told(tmp_path: Path, desk: Desk) -> None:
    records = [{**record(index % 2), "cloud": {"account": {"uid": str(index)}}} for index in range(12)]
    (tmp_path / "scan.json").write_bytes(b"\xef\xbb\xbf" + json.dumps(records).encode())
    async with at_console(desk, tmp_path, WIDE) as story:
        await choose(story, "scan.json")
        await story.sees("12 records · 12 accounts", "10 records with the identifier", "… 4 more", "byte order mark")


async def test_a_broken_file_says_where_it_is_broken(tmp_path: Path, desk: Desk) -> None:
    flawed(tmp_path)
    async with at_console(desk, tmp_path, WIDE) as story:
        await choose(story, "flawed.ocsf.json")
        await story.sees("2 places can't be read", "line 6")


async def test_a_file_that_is_no_finding_file_says_why(tmp_path: Path, desk: Desk) -> None:
    (tmp_path / "page.json").write_text("<html></html>")
    async with at_console(desk, tmp_path, WIDE) as story:
        await choose(story, "page.json")
        await story.sees("✗", "HTML")


async def test_a_packed_file_is_read_too(tmp_path: Path, desk: Desk) -> None:
    (tmp_path / "scan.json.gz").write_bytes(gzip.compress(scan(tmp_path, name="plain.json").read_bytes()))
    async with at_console(desk, tmp_path, WIDE) as story:
        await choose(story, "scan.json.gz")
        await story.sees("array · gzip", "30 records")


async def test_only_folders_and_finding_files_are_listed(tmp_path: Path, desk: Desk) -> None:
    (tmp_path / "inner").mkdir()
    for name in ("b.ndjson", "a.jsonl", "c.OCSF", "notes.txt", "script.py"):
        (tmp_path / name).touch()
    async with at_console(desk, tmp_path) as story:
        screen = await story.on(FilesScreen)
        await story.sees("a.jsonl")

        names = [node.data.path.name for node in screen.folders.root.children if node.data]

        assert names == ["inner", "a.jsonl", "b.ndjson", "c.OCSF"]


async def test_links_to_folders_are_shown_and_not_followed(tmp_path: Path, desk: Desk) -> None:
    (tmp_path / "circle").symlink_to(tmp_path, target_is_directory=True)
    async with at_console(desk, tmp_path) as story:
        screen = await story.on(FilesScreen)
        await choose(story, "circle")
        await story.sees("circle (link to a folder)")
        await story.press("enter", "l")

        assert screen.folders.cursor_node is not None
        assert not screen.folders.cursor_node.children


async def test_a_pipe_with_the_name_of_a_finding_file_is_not_listed(tmp_path: Path, desk: Desk) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    scan(tmp_path)
    async with at_console(desk, tmp_path) as story:
        await story.sees("scan.ocsf.json")
        assert "pipe.json" not in story.text


def test_the_name_of_what_is_not_listed_is_harmless(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b]0;x\x07.json"
    os.mkfifo(path)
    error = why_not_listed(path)
    assert error is not None
    assert "\x1b" not in error.message
    assert "is a pipe" in error.message


@pytest.mark.parametrize(("name", "says"), [("pipe.json", "is a pipe"), ("notes.txt", "finding files have names")])
async def test_of_a_file_to_start_with_that_is_not_shown_it_is_said_why(
    tmp_path: Path, desk: Desk, name: str, says: str
) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "notes.txt").touch()
    scan(tmp_path)
    async with at_console(desk, tmp_path / name) as story:
        await story.on(ErrorDialog)
        await story.sees(name, says)
        await story.press("enter")
        await story.sees("scan.ocsf.json")


async def test_a_folder_that_may_not_be_read_says_so(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        screen = await story.on(FilesScreen)
        (tmp_path / "gone").mkdir()
        await story.press("r")
        await choose(story, "gone")
        (tmp_path / "gone").rmdir()
        await story.press("enter")
        await story.sees("This folder can't be read: No such file or directory")
        assert screen.is_current


async def test_the_folder_above_is_a_key_away_and_the_cursor_stays_where_one_came_from(
    tmp_path: Path, desk: Desk
) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    scan(inner)
    async with at_console(desk, inner) as story:
        screen = await story.on(FilesScreen)
        await story.sees("scan.ocsf.json")
        await story.press("full_stop")

        await story.until(lambda: screen.folders.entry is not None and screen.folders.entry.path == inner)
        assert screen.folders.folder == tmp_path


async def test_what_is_new_comes_with_reload(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        await story.sees("no finding files")
        scan(tmp_path)
        await story.press("r")
        await story.sees("scan.ocsf.json")


async def test_a_file_to_start_with_is_under_the_cursor(tmp_path: Path, desk: Desk) -> None:
    for name in ("a.json", "b.json", "c.json"):
        scan(tmp_path, name=name)
    async with at_console(desk, tmp_path / "b.json") as story:
        await story.sees("30 records")
        screen = await story.on(FilesScreen)
        assert screen.folders.entry is not None
        assert screen.folders.entry.path.name == "b.json"


async def test_records_validation_and_submission_are_a_key_away(tmp_path: Path, desk: Desk) -> None:
    scan(tmp_path)
    async with at_console(desk, tmp_path) as story:
        await choose(story, "scan.ocsf.json")
        for key, screen in (
            ("enter", RecordsScreen),
            ("o", RecordsScreen),
            ("v", ValidationScreen),
            ("s", SubmitScreen),
        ):
            await story.press(key)
            await story.on(screen)
            await story.press("escape")
            await story.on(FilesScreen)


@pytest.mark.parametrize("key", ["o", "v", "s", "d", "R", "c", "e", "b", "space"])
async def test_without_a_file_under_the_cursor_it_is_said_that_one_has_to_be_chosen(
    tmp_path: Path, desk: Desk, key: str
) -> None:
    scan(tmp_path)
    async with at_console(desk, tmp_path) as story:
        await story.sees("scan.ocsf.json")
        await story.press("home")
        assert not story.said_last
        await story.press(key)
        await story.until(lambda: story.said_last == "Choose a finding file first: there is none under the cursor.")
        assert isinstance(story.app.screen, FilesScreen)


async def test_of_a_file_that_was_not_sent_it_is_said_that_nothing_is_known(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, scan(tmp_path), WIDE) as story:
        await story.sees("Not submitted from here before")
        await story.press("b")
        await story.until(lambda: story.said_last == "Nothing is known of earlier submissions of this file.")


async def test_a_cursor_that_moves_on_stops_the_reading(tmp_path: Path, desk: Desk) -> None:
    scan(tmp_path, 20_000, name="a-large.json")
    scan(tmp_path, name="b-small.json")
    async with at_console(desk, tmp_path, WIDE) as story:
        await choose(story, "a-large.json")
        await story.until(lambda: bool(story.posted(Advanced)))
        reading = next(worker for worker in story.app.workers if worker.group == "summary")
        await choose(story, "b-small.json")
        await story.sees("19.1 kB", "30 records")
        await story.until(lambda: reading.is_finished)
        assert reading.is_cancelled


async def test_how_far_the_reading_is_is_told_in_percent(tmp_path: Path, desk: Desk) -> None:
    scan(tmp_path)
    async with at_console(desk, tmp_path) as story:
        screen = await story.on(FilesScreen)
        await choose(story, "scan.ocsf.json")
        await story.sees("30 records")
        screen.post_message(Advanced(tmp_path / "scan.ocsf.json", Progress(340, 1_000, "bytes", "Reading the records")))
        await story.sees("Reading the records … 34 %")
        screen.post_message(
            Advanced(tmp_path / "scan.ocsf.json", Progress(5_000_000, None, "bytes", "Reading the records"))
        )
        await story.sees("Reading the records … 5.0 MB")


async def test_a_file_that_vanished_since_it_was_listed_says_so(tmp_path: Path, desk: Desk) -> None:
    path = scan(tmp_path)
    async with at_console(desk, tmp_path, WIDE) as story:
        await story.sees("scan.ocsf.json")
        path.unlink()
        await choose(story, "scan.ocsf.json")
        await story.sees("This file is gone: it was deleted, moved or", "renamed since", "r reads the folder again.")


async def test_a_file_that_changes_after_it_was_read_says_so(
    tmp_path: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_WATCH", 0.01)
    path = scan(tmp_path)
    async with at_console(desk, tmp_path, WIDE) as story:
        await choose(story, "scan.ocsf.json")
        await story.sees("30 records")
        assert "has changed" not in story.text
        scan(tmp_path, 31)
        await story.sees("This file has changed since it was read.", "30 records")
        await story.press("r")
        await story.sees("31 records")
        assert "has changed" not in story.text
        scan(tmp_path, 32)
        await story.sees("has changed", "31 records")
        path.unlink()
        await story.sees("This file is gone")
        await story.until(lambda: "has changed" not in story.text and "sha256" not in story.text)


@pytest.mark.parametrize("width", [80, 100, 119, 120, 150])
async def test_all_that_is_known_of_a_file_stands_beside_its_name(tmp_path: Path, desk: Desk, width: int) -> None:
    for number in range(60):
        (tmp_path / f"empty-{number}.json").write_text("[]")
    path = tmp_path / "a-name-that-is-cut-in-the-middle-since-it-is-long.json"
    path.write_text(json.dumps([record(1)] * 30))
    async with at_console(desk, path, (width, 40)) as story:
        await story.until(lambda: re.search(r"a-n.*json +array +[\d.]+ kB +30 ● valid", story.text) is not None)
        # The longest bar is whole.
        await story.sees(f"30 FAIL {'█' * 12}", f"30 High {'█' * 12}")


@pytest.mark.parametrize(
    ("start", "gone", "near"),
    [
        ("b.json", ["b.json"], "c.json"),
        ("b.json", ["b.json", "c.json"], "a.json"),
        ("a.json", ["a.json"], "b.json"),
        ("inner/two.json", ["inner/two.json"], "inner/one.json"),
        ("inner/two.json", ["inner/one.json", "inner/two.json", "inner"], "other"),
    ],
)
async def test_the_cursor_stays_near_where_a_file_was(
    tmp_path: Path, desk: Desk, start: str, gone: Sequence[str], near: str
) -> None:
    for folder in ("inner", "other"):
        (tmp_path / folder).mkdir()
    for name in ("a.json", "b.json", "c.json", "inner/one.json", "inner/two.json"):
        scan(tmp_path, name=name)
    async with at_console(desk, tmp_path) as story:
        screen = await story.on(FilesScreen)
        screen.folders.open_at(tmp_path, tmp_path / start)
        await story.until(lambda: screen.file == tmp_path / start)
        for name in gone:
            path = tmp_path / name
            path.rmdir() if path.is_dir() else path.unlink()
        await story.press("r")
        await story.until(lambda: screen.folders.entry is not None and screen.folders.entry.path == tmp_path / near)


async def test_a_large_file_is_read_with_workers_and_gives_way_at_once(
    tmp_path: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "is_worth_it", lambda *_: True)
    monkeypatch.setattr(sharing, "processors", lambda: 2)
    scan(tmp_path, 20_000, name="a-large.json")
    scan(tmp_path, name="b-small.json")
    async with at_console(desk, tmp_path, WIDE) as story:
        await choose(story, "a-large.json")
        await story.until(lambda: bool(multiprocessing.active_children()))
        await choose(story, "b-small.json")
        await story.sees("30 records")
        await choose(story, "a-large.json")
        await story.sees("20,000 records")
        await story.until(lambda: not multiprocessing.active_children())


async def test_that_a_job_has_ended_shows_on_the_files_screen_as_soon_as_the_console_knows(tmp_path: Path) -> None:
    settings = quick(pace=Pace(pending_seconds=600))
    async with at_sandbox(tmp_path, settings=settings, size=WIDE) as story:
        screen = await story.on(FilesScreen)
        path = finding_file(tmp_path)
        screen.go_to(path)
        story.app.post_message(OpenSubmit(path))
        await story.sees("Nothing has been sent yet.")
        await story.press("s", "y")
        await story.on(JobScreen)
        await story.sees("◉ its end will be told")
        ((_, identifier),) = story.app.lookout.watched
        await story.press("escape")
        await story.on(FilesScreen)
        await story.sees("prowler accepted as a job")

        story.sandbox.prowler.store.finish(UUID(identifier), "completed", START)
        await story.sees("prowler job completed")


async def test_what_became_of_the_same_content_before_is_told_and_a_key_away(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path, size=WIDE) as story:
        screen = await story.on(FilesScreen)
        (tmp_path / "copy.json").write_bytes(finding_file(tmp_path).read_bytes())
        await story.press("r")
        await choose(story, "copy.json")
        await story.sees("Not submitted from here before")

        async def submit(times: int) -> None:
            await choose(story, "scan.ocsf.json")
            await story.press("s")
            await story.on(SubmitScreen)
            await story.sees("Nothing has been sent yet.")
            await story.press("s")
            await story.on(ConfirmDialog)
            await story.press("y")
            await story.on(JobScreen)
            await story.sees("completed")
            await story.press("escape")
            await story.on(FilesScreen)
            await story.until(lambda: len(screen.earlier) == times)
            await choose(story, "copy.json")
            await story.pilot.pause()
            await story.until(lambda: len(screen.earlier) == times)
            await story.sees("copy.json", "Submitted before", "prowler job completed")

        await submit(1)
        await story.press("b")
        await story.on(JobScreen)
        await story.press("escape")
        await story.on(FilesScreen)
        await submit(2)
        await story.press("b")
        await story.on(PickDialog)
        await story.press("enter")
        await story.on(JobScreen)


async def test_a_ledger_that_cannot_be_read_is_no_reason_not_to_show_the_file(tmp_path: Path) -> None:
    state = tmp_path / "state"
    desk = make_desk("http://127.0.0.1:9", state, key=None)
    (state / "ledger.sqlite3").write_bytes(b"no database" * 1_000)
    scan(tmp_path)
    async with at_console(desk, tmp_path, WIDE) as story:
        await choose(story, "scan.ocsf.json")
        await story.sees("30 records", "! ", "ledger")
        assert isinstance(story.app.screen, FilesScreen)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look(tmp_path: Path, desk: Desk, look: Look, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    scans = tmp_path / "scans"
    (scans / "archive").mkdir(parents=True)
    scan(scans)
    flawed(scans)
    monkeypatch.chdir(tmp_path)

    async def story(story: Story) -> None:
        await choose(story, "flawed.ocsf.json")
        await story.sees("2 places can't be read", "Critical", "Not submitted", "29 ✗ broken", "30 ● valid")

    assert look(desk, Path("scans"), story, size)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look_of_a_file_with_remarks(scans: Path, desk: Desk, look: Look, size: tuple[int, int]) -> None:
    records = [
        {**record(index % 25), "class_uid": 2003, "cloud": {"provider": "aws", "account": {"uid": f"{index:012}"}}}
        for index in range(30)
    ]
    (scans / "cis.ocsf.json").write_text(json.dumps(records))

    async def story(story: Story) -> None:
        await choose(story, "cis.ocsf.json")
        await story.sees("compliance report", "30 accounts", "Not submitted", "30 ✗ 30")

    assert look(desk, Path("scans"), story, size)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look_of_a_filter_that_finds_nothing(scans: Path, desk: Desk, look: Look, size: tuple[int, int]) -> None:
    scan(scans)

    async def story(story: Story) -> None:
        await story.sees("scan.ocsf.json")
        await story.press("slash", "x", "y", "z")
        await story.sees("nothing has that in its name", "0 of 1 file", "Choose a finding file.")

    assert look(desk, Path("scans"), story, size)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look_of_a_file_that_cannot_be_read(scans: Path, desk: Desk, look: Look, size: tuple[int, int]) -> None:
    (scans / "page.json").write_text("<html></html>")

    async def story(story: Story) -> None:
        await choose(story, "page.json")
        await story.sees("✗ unusable", "HTML")

    assert look(desk, Path("scans"), story, size)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look_of_an_empty_folder(
    tmp_path: Path, look: Look, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "scans").mkdir()
    monkeypatch.chdir(tmp_path)
    desk = make_desk("http://127.0.0.1:9", tmp_path / "state", key=None, ui=UiConfig(read_only=True))

    async def story(story: Story) -> None:
        await story.sees("read-only", "no finding files", "Choose a finding file.")

    assert look(desk, Path("scans"), story, size)
