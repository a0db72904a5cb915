"""From a bad upload to what is left of it: errors by what is wrong, records, a file of errors, and sending again."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from textual.widgets import Input

from console.ocsf.issues import Issue, Severity
from console.records.model import Record
from console.submissions.model import LocatedError
from console.targets.base import JobError, Page
from screens.job import JobScreen
from screens.navigation import OpenRecords
from screens.records import RecordsScreen
from screens.submit import SubmitScreen
from screens.widgets.dialogs import ConfirmDialog
from screens.widgets.error_table import Sight
from screens.widgets.save_dialog import SaveDialog
from tests.screens.conftest import Look
from tests.screens.fixed_desk import FixedDesk
from tests.screens.fixed_desk import job as fixed_job
from tests.screens.job_stories import NARROW, WIDE, Story, at_console, at_sandbox, finding_file, quick
from tests.screens.test_job import open_job, submit


def two_rules(record: Record) -> Sequence[Issue]:
    """The sandbox finds one thing wrong with marked records, and another with those of them at the odd places."""
    if json.loads(record.raw).get("severity_id") != 42:
        return []
    code = "attribute_enum_unknown" if record.span.index % 2 == 0 else "attribute_required_missing"
    return [Issue(Severity.ERROR, code, "severity_id", f"Record {record.span.index} is wrong.")]


BAD = (2, 3, 4, 8, 11)


async def test_an_analyst_triages_a_bad_upload_and_resends_what_failed(tmp_path: Path) -> None:
    path = finding_file(tmp_path, bad=BAD)
    async with at_sandbox(tmp_path, settings=quick(check=two_rules), size=WIDE) as story:
        screen = await open_job(story, await submit(story, path))
        await story.sees("25 processed · 5 invalid · 30 in all", "5 errors · page 1 of 1")

        # What is wrong, the most frequent first; then the errors of one kind, to the record and back to the error.
        await story.press("c")
        await story.sees("5 errors in 2 groups")
        assert [len(group.errors) for group in screen.errors.groups._groups] == [3, 2]
        await story.press("j", "enter")
        await story.sees("2 errors attribute_required_missing · page 1 of 1")
        await story.press("j", "enter")
        await story.on(RecordsScreen)
        assert [(one.path, one.record) for one in story.posted(OpenRecords)] == [(path, 11)]
        await story.press("escape")
        await story.on(JobScreen)
        assert screen.errors.rows.cursor_row == 1
        assert screen.errors.error is not None
        assert "Record 11" in screen.errors.error.error.message
        await story.press("escape")
        await story.sees("5 errors in 2 groups")
        assert screen.errors.groups.cursor_row == 1, "back on the group"
        await story.press("c")
        await story.sees("5 errors · page 1 of 1")
        assert screen.errors.rows.has_focus

        # What was done from here.
        await story.press("t")
        await story.sees("planned", "30 records from scan.ocsf.json", "accepted after", "requested", "seen to end")
        await story.press("t")
        await story.until(lambda: "planned" not in story.text)

        # For a colleague.
        await story.press("e")
        dialog = await story.on(SaveDialog)
        dialog.query_one(Input).value = str(tmp_path / "errors.csv")
        await story.press("enter")
        await story.sees("5 errors written to")
        with (tmp_path / "errors.csv").open(newline="") as file:
            assert [int(row["record"]) for row in csv.DictReader(file)] == list(BAD)

        # And once more, what was rejected and nothing else.
        await story.press("s")
        plan = await story.on(SubmitScreen)
        await story.sees("Records 5", "Nothing has been sent yet.")
        await story.sees("prowler refused exactly this before: 5 records (3 × attribute_enum_unknown, 2 × attribute_")
        await story.press("s")
        await story.on(ConfirmDialog)
        await story.sees("prowler refused exactly this before.")
        await story.press("y")
        await story.until(lambda: isinstance(story.app.screen, JobScreen) and story.app.screen is not screen)
        await story.sees("5 in all", "5 errors")
        assert not plan.is_attached


class ManyErrorsDesk(FixedDesk):
    """A job with more errors than anybody reads, and with cells that would be formulas."""

    async def job_errors(self, target_name: str, job_id: str, page: int = 1) -> Page[LocatedError]:
        errors = [
            LocatedError(
                JobError(f"=cmd|' /C calc'!A{at}", "\x1b[2Jx", at, None, f"/data/{at}/time"), file=None, span=None
            )
            for at in range((page - 1) * 100, page * 100)
        ]
        return Page(errors, page, 1_000, 100_000)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
async def test_of_more_errors_than_are_read_that_is_said_and_none_is_a_formula(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with at_console(ManyErrorsDesk(tmp_path / "state"), tmp_path, size) as story:
        screen = await open_job(story, fixed_job(1).job.id)
        await story.sees("100,000 errors · page 1 of 1,000")
        await story.press("n")
        await story.sees("page 2 of 1,000")
        await story.press("c")
        await story.sees(
            "of the first 5,000 of 100,000 errors alone", "5,000 errors in 1 group", "␛[2Jx", "/data/*/time"
        )
        await story.press("enter")
        await story.sees("of the first 5,000 of 100,000 errors alone · 5,000 errors ␛[2Jx · page 1 of 50")
        await story.press("n", "n", "p")
        await story.sees("page 2 of 50")
        assert screen.errors.error is not None
        assert screen.errors.error.error.record == 100
        await story.press("escape", "escape")
        await story.sees("page 2 of 1,000")
        assert screen.errors.sight is Sight.PAGE

        path = tmp_path / "errors.csv"
        await story.press("e")
        dialog = await story.on(SaveDialog)
        dialog.query_one(Input).value = str(path)
        await story.press("enter")
        await story.until(path.exists)
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == 100_000
        assert {row["message"][0] for row in rows} == {"'"}


@pytest.fixture
def no_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time stands still, so that ages do."""
    monkeypatch.setattr("screens.job.monotonic", lambda: 100.0)


@pytest.mark.usefixtures("no_clock")
@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look_of_errors_by_what_is_wrong(look: Look, tmp_path: Path, size: tuple[int, int]) -> None:
    async def story(told: Story) -> None:
        await open_job(told, fixed_job(3).job.id)
        await told.sees("12 errors")
        await told.press("c")
        await told.sees("in 1 group")

    assert look(FixedDesk(tmp_path / "state"), tmp_path, story, size)


@pytest.mark.usefixtures("no_clock")
@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look_of_a_timeline(look: Look, tmp_path: Path, size: tuple[int, int]) -> None:
    async def story(told: Story) -> None:
        await open_job(told, fixed_job(3).job.id)
        await told.sees("12 errors")
        await told.press("t")
        await told.sees("planned")

    assert look(FixedDesk(tmp_path / "state"), tmp_path, story, size)
