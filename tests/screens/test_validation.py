"""What validation finds in a file, by kind, and the way from a kind of issue to a record that has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.errors import StateError
from console.ocsf.run import validate_file
from console.ocsf.validator import Validator
from console.progress import Cancel, Report
from console.records import sharing
from console.records.reader import FindingFile
from console.submissions.desk import Desk
from screens.navigation import OpenValidation
from screens.records import RecordsScreen
from screens.submit import SubmitScreen
from screens.validation import ValidationScreen
from tests.screens.conftest import Look
from tests.screens.job_stories import NARROW, WIDE, Story, at_console
from tests.screens.scan import flawed, scan


async def validate(story: Story, path: Path) -> ValidationScreen:
    """Open the Validation screen, as another screen would."""
    story.app.post_message(OpenValidation(path))
    return await story.on(ValidationScreen)


async def test_a_file_without_errors_is_said_to_be_valid(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        await validate(story, scan(tmp_path))
        await story.sees("All 30 records are valid", "0 errors")


async def test_issues_are_grouped_and_counted_the_worst_first(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path, WIDE) as story:
        screen = await validate(story, flawed(tmp_path))
        await story.sees("records are invalid", "severity_id", "resources", "not_an_object", "not_closed")

        severities = [str(screen.groups.get_row_at(row)[0]) for row in range(screen.groups.row_count)]

        assert severities == sorted(severities, key=["✗ error", "! warning", "· info"].index)


async def test_enter_opens_the_first_record_with_the_issue(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path, WIDE) as story:
        screen = await validate(story, flawed(tmp_path))
        await story.sees("records are invalid")
        row = next(at for at in range(screen.groups.row_count) if str(screen.groups.get_row_at(at)[2]) == "severity_id")
        screen.groups.move_cursor(row=row)
        await story.sees("severity_id must be one of")
        await story.press("enter")

        await story.on(RecordsScreen)
        await story.sees("message finding number 3")
        await story.press("escape")
        await story.on(ValidationScreen)


async def test_a_file_that_can_not_be_read_says_why(tmp_path: Path, desk: Desk) -> None:
    path = tmp_path / "page.json"
    path.write_text("<html></html>")
    async with at_console(desk, tmp_path) as story:
        await validate(story, path)
        await story.sees("✗", "page.json", "HTML")


async def test_leaving_stops_the_validation(tmp_path: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def without_end(file: FindingFile, validator: Validator, *, tell: Report, cancel: Cancel) -> None:
        while True:
            validate_file(file, validator, tell=tell, cancel=cancel)

    monkeypatch.setattr("screens.validation.validate_file", without_end)
    async with at_console(desk, tmp_path) as story:
        screen = await validate(story, scan(tmp_path, 1_000))
        await story.sees("Validating …")
        worker = next(worker for worker in story.app.workers if worker.group == "validation")
        await story.press("escape")

        await story.until(lambda: worker.is_finished)
        assert worker.is_cancelled
        assert not screen.is_running


async def test_a_validation_that_fails_midway_says_why(
    tmp_path: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object, **__: object) -> None:
        raise StateError("A worker process ended before it was done.", hint="Try again.")

    monkeypatch.setattr("screens.validation.validate_file", dies)
    async with at_console(desk, tmp_path) as story:
        await validate(story, scan(tmp_path))
        await story.sees("✗", "A worker process ended before it was done.", "Try again.")


async def test_a_large_file_is_validated_with_workers(
    tmp_path: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "is_worth_it", lambda *_: True)
    monkeypatch.setattr(sharing, "processors", lambda: 2)
    async with at_console(desk, tmp_path) as story:
        await validate(story, scan(tmp_path))
        await story.sees("All 30 records")


async def test_it_is_validated_again_as_it_is_now(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        await validate(story, scan(tmp_path))
        await story.sees("All 30 records")
        scan(tmp_path, 12)
        await story.press("r")
        await story.sees("All 12 records")


async def test_submission_is_a_key_away(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path) as story:
        await validate(story, scan(tmp_path))
        await story.sees("All 30 records")
        await story.press("s")
        await story.on(SubmitScreen)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look(tmp_path: Path, desk: Desk, look: Look, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    flawed(tmp_path)

    async def story(story: Story) -> None:
        await validate(story, Path("flawed.ocsf.json"))
        await story.sees("records are invalid")

    assert look(desk, Path(), story, size)
