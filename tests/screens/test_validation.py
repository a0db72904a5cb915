"""What validation finds in a file, by kind, and the way from a kind of issue to a record that has it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import cast

import pytest
from textual.widgets import Select

from console.errors import StateError
from console.limits import DEFAULT_LIMITS
from console.ocsf.run import validate_file
from console.ocsf.validator import Validator
from console.progress import Cancel, Report, silent
from console.records import sharing
from console.records.reader import FindingFile
from console.records.workers import Workers
from console.reports.formats import FORMATS
from console.submissions.desk import Desk
from console.targets.offline import Rules
from screens.convert import ConvertDialog
from screens.export import ExportDialog, exported
from screens.files import FilesScreen
from screens.help import HelpScreen
from screens.navigation import OpenRecords, OpenValidation
from screens.records import RecordsScreen
from screens.repair import RepairDialog
from screens.rules_dialog import RulesDialog
from screens.submit import SubmitScreen
from screens.validating import Validating
from screens.validation import ValidationScreen
from screens.widgets.record_columns import ISSUES
from screens.widgets.tick import Tick
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

        assert severities == sorted(severities, key=["✗", "!", "·"].index)


def choose(screen: ValidationScreen, attribute: str, code: str = "") -> None:
    """Put the cursor on the issues of an attribute, or of a code."""
    rows = [screen.groups.get_row_at(row) for row in range(screen.groups.row_count)]
    at = next(at for at, row in enumerate(rows) if str(row[4]) == attribute and code in str(row[3]))
    screen.groups.move_cursor(row=at)


async def test_enter_lists_the_records_with_the_issue_and_no_others(tmp_path: Path, desk: Desk) -> None:
    path = flawed(tmp_path, wrong=(3, 12, 20))
    async with at_console(desk, tmp_path, WIDE) as story:
        screen = await validate(story, path)
        await story.sees("records are invalid")
        choose(screen, "severity_id")
        await story.sees("severity_id must be one of", "The value is not among those that the schema lists. →")
        await story.sees("First 3 records, of 3 issues", "12 S3 bucket blocks public access", "20 RDS instance")
        await story.press("enter")

        await story.on(RecordsScreen)
        await story.sees("3 of 30 records", "message finding number 3")
        await story.sees("Only records with attribute_enum_value_unknown severity_id")
        assert "Rules:" not in story.text
        await story.press("j")
        await story.sees("message finding number 12")
        await story.press("escape")
        await story.on(ValidationScreen)


async def test_a_place_that_holds_no_record_is_shown_among_the_others(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path, WIDE) as story:
        screen = await validate(story, flawed(tmp_path))
        await story.sees("records are invalid")
        choose(screen, "–", "not_an_object")
        await story.sees("The bytes of the file are broken here", "written again; R keeps what is whole.")
        assert "ocsf-console repair" not in story.text
        await story.press("enter")
        await story.on(RecordsScreen)
        await story.sees("29 records", "code not_an_object")


async def test_kinds_are_filtered_and_sorted(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path, WIDE) as story:
        screen = await validate(story, flawed(tmp_path))
        await story.sees("records are invalid")
        every = screen.groups.row_count
        await story.press("slash", *"error resources")
        await story.sees(f"1 of {every} kinds")
        assert str(screen.groups.get_row_at(0)[4]) == "resources"
        # The bar is its share of all issues, not of those that are listed.
        assert 0 < str(screen.groups.get_row_at(0)[2]).count("█") < 8
        await story.press("enter", "escape")
        await story.until(lambda: screen.groups.row_count == every)

        await story.press("o", "o")
        await story.sees("by code")
        codes = [str(screen.groups.get_row_at(row)[3]) for row in range(every)]
        assert codes == sorted(codes)


async def test_it_is_held_to_other_rules_on_the_spot_and_they_stay_for_the_session(tmp_path: Path, desk: Desk) -> None:
    path = scan(tmp_path)
    path.write_text(path.read_text().replace('"uid": "finding-7"', '"uid": ""'))
    async with at_console(desk, tmp_path, WIDE) as story:
        await validate(story, path)
        await story.sees("All 30 records are valid")
        await story.press("t")
        dialog = await story.on(RulesDialog)
        next(box for box in dialog.query(Tick) if box.name == "prowler").value = True
        dialog.rules.value = "official"
        dialog.version.value = "1.5.0"
        await story.press("ctrl+s")
        screen = await story.on(ValidationScreen)
        await story.sees("1 of 30 records are invalid", "official · 1.5.0 · for prowler", "prowler_finding_uid_missing")
        choose(screen, "finding_info.uid", "prowler")
        await story.press("enter")
        await story.on(RecordsScreen)
        await story.sees("1 of 30 records", "message finding number 7")
        await story.press("escape", "escape")

        again = await validate(story, path)
        assert again is not screen
        await story.sees("1 of 30 records are invalid", "for prowler")
        await story.press("t")
        dialog = await story.on(RulesDialog)
        await story.press("escape")
        await story.on(ValidationScreen)


async def test_records_have_the_issues_by_the_rules_of_the_session_which_are_named(tmp_path: Path, desk: Desk) -> None:
    path = scan(tmp_path)
    path.write_text(path.read_text().replace('"uid": "finding-7"', '"uid": ""'))
    async with at_console(desk, tmp_path, WIDE) as story:
        story.app.post_message(OpenRecords(path, 7))
        records = await story.on(RecordsScreen)
        await story.sees("message finding number 7", "No issues")
        assert "Rules:" not in story.text
        records.table.column = [column.key for column in records.table.columns].index(ISSUES)
        await story.press("S")
        await story.until(lambda: records.table.sort is not None)
        await story.press("i")
        await story.sees("No error in any record after this one.")

        await story.press("v")
        await story.on(ValidationScreen)
        await story.sees("All 30 records are valid")
        await story.press("t")
        dialog = await story.on(RulesDialog)
        next(box for box in dialog.query(Tick) if box.name == "prowler").value = True
        await story.press("ctrl+s")
        await story.sees("1 of 30 records are invalid")
        await story.press("escape")
        await story.on(RecordsScreen)
        await story.sees("Rules: for prowler", "prowler_finding_uid_missing", "1✗")
        await story.until(lambda: records.table.sort is not None)
        await story.press("home")
        await story.until(lambda: records.table.line is not None and records.table.line.number == 7)


async def test_what_is_wrong_is_written_in_a_format_and_nothing_is_written_over(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path, WIDE) as story:
        await validate(story, flawed(tmp_path))
        await story.sees("records are invalid")
        await story.press("x")
        dialog = await story.on(ExportDialog)
        await story.sees("flawed.report.txt")
        dialog.query_one("#form", Select).value = "sarif"
        await story.until(lambda: dialog.name_input.value == "flawed.report.sarif")
        (tmp_path / "flawed.report.sarif").write_text("mine")
        await story.press("enter")
        await story.sees("is there already, and stays as it is")
        assert (tmp_path / "flawed.report.sarif").read_text() == "mine"
        dialog.query_one("#form", Select).value = "jsonl"
        await story.until(lambda: dialog.name_input.value == "flawed.report.jsonl")
        dialog.name_input.focus()
        await story.press("enter")
        await story.sees("flawed.report.jsonl is written", "errors")
        await story.press("escape")
        await story.on(ValidationScreen)

    issues = [json.loads(line) for line in (tmp_path / "flawed.report.jsonl").read_text().splitlines()]
    assert {"not_an_object", "not_closed", "attribute_enum_value_unknown"} <= {issue["code"] for issue in issues}
    assert {issue["file"] for issue in issues} == {"flawed.ocsf.json"}


@pytest.mark.parametrize("form", FORMATS)
async def test_every_format_can_be_written(tmp_path: Path, desk: Desk, form: str) -> None:
    path = flawed(tmp_path)
    how = Validating(desk.validator, Rules(), DEFAULT_LIMITS)
    written = bytearray()
    try:
        with FindingFile.open(path) as file:
            exported(how, form, path.name, file, written.extend, silent, Cancel())
    finally:
        await desk.close()

    assert b"attribute_enum_value_unknown" in written


async def test_what_is_broken_can_be_repaired_and_what_does_not_fit_converted(tmp_path: Path, desk: Desk) -> None:
    async with at_console(desk, tmp_path, WIDE) as story:
        await validate(story, flawed(tmp_path))
        await story.sees("The file itself is broken: R writes all that is whole to a new one.")
        await story.press("R")
        await story.on(RepairDialog)
        await story.press("enter")
        await story.sees("is written")
        await story.press("enter")
        await story.sees("2 of 29 records are invalid", "flawed.repaired.ocsf.json")
        await story.press("t")
        dialog = await story.on(RulesDialog)
        next(box for box in dialog.query(Tick) if box.name == "security-hub").value = True
        await story.press("ctrl+s")
        await story.sees("For security-hub, c converts the records to what it takes.")
        await story.press("c")
        await story.on(ConvertDialog)


async def test_a_file_that_can_not_be_read_says_why(tmp_path: Path, desk: Desk) -> None:
    path = tmp_path / "page.json"
    path.write_text("<html></html>")
    async with at_console(desk, tmp_path) as story:
        await validate(story, path)
        await story.sees("✗", "page.json", "HTML")


async def test_no_line_that_is_not_seen_takes_keys(tmp_path: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    hold = Event()

    def held(*of: object, **how: object) -> object:
        hold.wait()
        return check(*of, **how)

    check = cast("Callable[..., object]", validate_file)
    monkeypatch.setattr("screens.validating.validate_file", held)
    path = scan(tmp_path)
    async with at_console(desk, tmp_path) as story:
        try:
            screen = await validate(story, path)
            await story.sees("Validating …")
            await story.press("q")
            await story.on(FilesScreen)

            screen = await validate(story, path)
            await story.press("2", "1", "question_mark")
            await story.on(HelpScreen)
            await story.press("escape")
            assert not screen.filter.text
        finally:
            hold.set()
        await story.sees("All 30 records")
        screen.filter.ask()
        await story.press("a")
        path.write_text("<html></html>")
        screen.action_validate()
        await story.sees("✗", "HTML")
        assert not screen.filter.is_used
        await story.press("q")
        await story.on(FilesScreen)


async def test_leaving_stops_the_validation(tmp_path: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def without_end(file: FindingFile, validator: Validator, *, tell: Report, cancel: Cancel, **_: object) -> None:
        while True:
            validate_file(file, validator, tell=tell, cancel=cancel)

    monkeypatch.setattr("screens.validating.validate_file", without_end)
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

    monkeypatch.setattr("screens.validating.validate_file", dies)
    async with at_console(desk, tmp_path) as story:
        await validate(story, scan(tmp_path))
        await story.sees("✗", "A worker process ended before it was done.", "Try again.")


async def test_a_large_file_is_validated_by_others_than_the_one_who_answers_keys(
    tmp_path: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts: list[int] = []

    def workers(count: int, *preload: str) -> Workers:
        counts.append(count)
        return Workers(count, *preload)

    monkeypatch.setattr(sharing, "Workers", workers)
    monkeypatch.setattr(sharing, "is_worth_it", lambda *_: True)
    monkeypatch.setattr(sharing, "processors", lambda: 2)
    async with at_console(desk, tmp_path) as story:
        file = scan(tmp_path)
        counts.clear()
        await validate(story, file)
        await story.sees("All 30 records")
    assert counts
    assert set(counts) == {1}


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
def test_look_of_the_rules(
    tmp_path: Path, desk: Desk, look: Look, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    scan(tmp_path)

    async def story(story: Story) -> None:
        await validate(story, Path("scan.ocsf.json"))
        await story.sees("All 30 records are valid")
        await story.press("t")
        await story.on(RulesDialog)

    assert look(desk, Path(), story, size)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look_of_what_can_not_be_read(
    tmp_path: Path, desk: Desk, look: Look, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "page.json").write_text("<html></html>")

    async def story(story: Story) -> None:
        await validate(story, Path("page.json"))
        await story.sees("✗", "HTML")

    assert look(desk, Path(), story, size)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look(tmp_path: Path, desk: Desk, look: Look, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    flawed(tmp_path)

    async def story(story: Story) -> None:
        await validate(story, Path("flawed.ocsf.json"))
        await story.sees("records are invalid")
        await story.sees("First 1 record, of 1 issue")

    assert look(desk, Path(), story, size)
