"""What is known of the files of a folder, beside their names: learned in the background, and by validation."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from rich.cells import cell_len

from console.errors import StateError
from console.ocsf.validator import Validator
from console.submissions.desk import Desk
from screens import file_facts
from screens.file_facts import FileFacts, identity_of
from screens.files import FilesScreen
from screens.validation import ValidationScreen
from tests.screens.job_stories import NARROW, WIDE, Story, at_console
from tests.screens.scan import flawed, record, scan


def line_of(story: Story, name: str) -> str:
    """The line of the tree that names a file."""
    return next((" ".join(line.split()) for line in story.text.splitlines() if name in line), "")


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
async def test_what_files_are_comes_by_itself_in_columns(tmp_path: Path, desk: Desk, size: tuple[int, int]) -> None:
    scan(tmp_path, name="a.json")
    flawed(tmp_path)
    (tmp_path / "page.json").write_text("<html></html>")
    (tmp_path / "inner").mkdir()
    scan(tmp_path / "inner", 1_234, name="deep-漢字.json")
    (tmp_path / ("z" * 90 + "-1.json.gz")).write_bytes(gzip.compress((tmp_path / "a.json").read_bytes()))
    async with at_console(desk, tmp_path, size) as story:
        screen = await story.on(FilesScreen)
        await story.sees("flawed.ocsf.json")
        screen.folders.root.children[0].expand()
        await story.until(lambda: "●" in line_of(story, "deep") and "●" in line_of(story, "-1.json.gz"))

        assert "19.1 kB 30 ● valid" in line_of(story, "a.json")
        assert "18.4 kB 29 ✗ broken" in line_of(story, "flawed")
        assert "13 B · ✗ unusable" in line_of(story, "page")
        assert "1,234 ● valid" in line_of(story, "deep")
        places = {cell_len(line.split("●")[0]) for line in story.text.splitlines() if "● valid" in line}
        assert len(places) == 1


async def test_where_there_is_no_room_the_names_have_it_all(tmp_path: Path, desk: Desk) -> None:
    scan(tmp_path, name="a-file-with-a-rather-long-name.json")
    async with at_console(desk, tmp_path, (40, 24)) as story:
        await story.sees("a-file-with-a-rather-long-name.json")
        await story.pilot.pause()
        assert "valid" not in line_of(story, "a-file")


async def test_a_file_that_changes_is_another_one(tmp_path: Path, desk: Desk) -> None:
    path = scan(tmp_path)
    async with at_console(desk, tmp_path) as story:
        await story.until(lambda: "30 ● valid" in line_of(story, "scan"))
        scan(tmp_path, 31)
        await story.press("r")
        await story.until(lambda: "31 ● valid" in line_of(story, "scan"))
        identity = identity_of(path)
        assert identity is not None
        known = story.app.facts.of(identity)
        assert known is not None
        assert known.records == 31


async def test_what_validation_finds_in_a_large_file_is_known_afterwards(
    tmp_path: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_facts, "_CHECKED_BYTES", 0)
    bad = [{**record(index), "severity_id": 42 if index < 2 else 1} for index in range(5)]
    (tmp_path / "bad.json").write_text(json.dumps(bad))
    async with at_console(desk, tmp_path) as story:
        screen = await story.on(FilesScreen)
        await story.until(lambda: "5 ·" in line_of(story, "bad.json"))
        screen.go_to(tmp_path / "bad.json")
        await story.until(lambda: screen.file is not None)
        await story.press("v")
        await story.on(ValidationScreen)
        await story.sees("2 of 5 records are invalid")
        await story.press("escape")
        await story.on(FilesScreen)
        await story.until(lambda: "5 ✗ 2" in line_of(story, "bad.json"))


def test_what_is_known_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_facts, "_MOST_FACTS", 2)
    facts = FileFacts()
    paths = [scan(tmp_path, index, name=f"{index}.json") for index in range(3)]
    identities = [identity for path in paths if (identity := identity_of(path))]
    for identity in identities:
        facts.note_unreadable(identity)

    assert [facts.of(identity) is None for identity in identities] == [True, False, False]


async def test_a_schema_that_cannot_be_read_is_told_to_whoever_validates_and_to_nobody_else(
    tmp_path: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []

    def broken() -> Validator:
        asked.append(True)
        raise StateError("The schema x can't be read.")

    monkeypatch.setattr(desk, "validator", broken)
    scan(tmp_path)
    async with at_console(desk, tmp_path) as story:
        screen = await story.on(FilesScreen)
        await story.until(lambda: bool(asked) and "30 ·" in line_of(story, "scan"))
        await story.pilot.pause()
        assert screen.is_current
