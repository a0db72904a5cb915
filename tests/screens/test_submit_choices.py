"""Which records are sent: by an expression, by marks, by what an issue lets through; and reading the plan of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import DataTable

from console.sandbox.samples import as_array, findings
from console.submissions.desk import Desk
from screens.job import JobScreen
from screens.navigation import OpenRecords, OpenSubmit, OpenValidation
from screens.records import RecordsScreen
from screens.submit import SubmitScreen
from screens.widgets.dialogs import ConfirmDialog
from screens.widgets.plan_words import as_text
from tests.screens.conftest import Look
from tests.screens.fixed_desk import FILE, FixedDesk
from tests.screens.fixed_desk import plan as fixed_plan
from tests.screens.job_stories import NARROW, WIDE, Story, at_console, at_sandbox, finding_file
from tests.screens.test_submit import accepted, frozen, plan, send


async def test_an_expression_is_checked_while_it_is_typed_and_only_what_it_means_is_sent(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        path = finding_file(tmp_path)
        wanted = [one for one in json.loads(path.read_bytes()) if one["severity_id"] >= 4]
        screen = await plan(story, path)
        await story.press("slash", *"severity>=hihg")
        await story.sees("this is no severity")
        await story.press("enter")
        assert screen.line.is_typed, "what is wrong is not planned"
        await story.press("end", "backspace", "backspace", *"gh")  # the cursor went to what is wrong
        await story.sees("enter plans the records that match; nothing is sent")
        await story.press("enter")
        await story.sees(f"Records {len(wanted)}", f"severity>=high; {30 - len(wanted)} other records not selected")
        await story.sees("matching severity>=high", "Nothing has been sent yet.", "only the records that match")

        await story.press("slash", "escape")
        assert not screen.line.display, "escape ends the typing, and leaves neither the screen nor the choice"
        await story.sees("matching severity>=high")
        assert len(frozen(tmp_path)) == 1
        await send(story)
        await story.on(JobScreen)
        await story.sees(f"{len(wanted)} processed")


async def test_an_expression_that_means_nothing_leaves_nothing_to_send(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        screen = await plan(story, finding_file(tmp_path))
        await story.press("v", "end", "enter")  # those that match …
        await story.until(lambda: screen.line.is_typed)
        await story.press(*"severity=fatal", "enter")
        await story.sees("none of 30 matches severity=fatal")
        await story.press("s")
        assert story.app.screen is screen
        assert frozen(tmp_path) == []

        await story.press("slash")
        screen.line.input.value = ""
        await story.press("enter")
        await story.sees("all records", "Records 30")


async def test_the_marked_records_are_offered_and_a_file_that_was_changed_is_not_taken_for_them(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        path = finding_file(tmp_path)
        story.app.post_message(OpenRecords(path))
        await story.on(RecordsScreen)
        await story.sees("30 records")
        await story.press("down", "space", "space", "s")
        screen = await story.on(SubmitScreen)
        await story.sees("the 2 marked records", "Records 2", "28 other records not selected")
        assert screen.plan is not None
        (batch,) = screen.plan.batches
        assert json.loads(batch.batch.path.read_bytes()) == json.loads(path.read_bytes())[1:3]

        path.write_bytes(as_array(list(findings(20))))
        await story.press("r")
        await story.sees("was changed or replaced since its records were picked", "Nothing was sent.")
        assert frozen(tmp_path) == []
        await story.press("v", "home", "enter")
        await story.sees("Records 20")


async def test_a_record_that_is_left_out_is_one_key_away(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        screen = await plan(story, finding_file(tmp_path, bad=[3, 7]))
        await story.press("v", "down", "enter")
        await story.sees("2 left out", "2 × attribute_enum_value_unknown")
        screen.plan_view.left_out.focus()
        await story.press("j", "enter")
        records = await story.on(RecordsScreen)
        await story.until(lambda: records.table.line is not None and records.table.line.number == 7)
        await story.press("escape")
        await story.until(lambda: story.app.screen is screen)
        assert screen.plan is not None, "the plan is still there"


async def test_what_was_sent_before_and_what_repeats_is_said_and_leads_to_its_job(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        records: list[dict[str, Any]] = list(findings(10))
        records[6]["finding_info"]["uid"] = records[2]["finding_info"]["uid"]
        path = tmp_path / "scan.ocsf.json"
        path.write_bytes(as_array(records))
        screen = await plan(story, path)
        await story.sees("1 record is of the same finding as an earlier one")
        await story.press("b")
        assert story.app.screen is screen, "it was never sent"
        await send(story)
        await story.on(JobScreen)

        await plan(story, path)
        await story.sees("The same content was sent to prowler before", "b opens it")
        await story.press("b")
        await story.on(JobScreen)
        await story.press("escape")
        await story.on(SubmitScreen)
        await story.sees("Nothing has been sent yet.")
        assert accepted(story) == 1


async def test_the_plan_is_copied_as_text_and_is_the_dry_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planned = fixed_plan(left_out=2, accounts=3, sent_before=True, refusable=9)
    async with at_console(FixedDesk(tmp_path / "state", plan=planned), tmp_path) as story:
        await plan(story, Path(FILE))
        await story.sees("This is the dry run: y copies it.")
        await story.sees("will refuse 9 records (9 × prowler_resources_missing). v: only the valid ones.")
        await story.press("y")
        copied = story.app.clipboard

    assert copied == as_text(planned, {})
    assert copied.startswith("Plan of a submission: nothing has been sent.\n")
    refusable = "! By its own rules, prowler will refuse 9 records (9 × prowler_resources_missing)."
    assert refusable in copied
    for words in ("Records  998", "! 2 left out", "aws 123456789012: 1,000 records, not seen", "record 83: attribute_"):
        assert words in copied


async def test_a_long_plan_is_read_page_by_page_and_the_question_stays(tmp_path: Path) -> None:
    long = fixed_plan(left_out=90, sent_before=True, refusable=3, batches=12, accounts=7)
    async with at_console(FixedDesk(tmp_path / "state", plan=long), tmp_path) as story:
        screen = await plan(story, Path(FILE))
        await story.press("pagedown", "pagedown")
        await story.sees("1,992 4,321 attribute_required_missing", "Nothing has been sent yet.", "Send …")
        assert "SHA-256" not in story.text
        await story.press("pageup", "pageup", "pageup")
        await story.sees("SHA-256")
        await story.press("s")
        await story.on(ConfirmDialog)
        await story.press("n")
        assert screen.plan is not None


async def test_what_stays_behind_is_seen_in_a_small_terminal_and_the_plan_has_one_bar(tmp_path: Path) -> None:
    path = finding_file(tmp_path, 120, bad=range(0, 120, 2))
    path.write_bytes(path.read_bytes()[:-300])
    async with at_sandbox(tmp_path) as story:
        story.app.post_message(OpenSubmit(path))
        screen = await story.on(SubmitScreen)
        await story.sees("Nothing was sent.")
        await story.press("v", "down", "enter")
        await story.sees("61 left out, listed below", "0 1 attribute_enum_value_unknown", "pgdn More")
        assert [table.max_scroll_y for table in screen.plan_view.query(DataTable) if table.display] == [0, 0]

        screen.plan_view.left_out.focus()
        await story.sees("⏎ Record", "Why it is left out")
        await story.press("pagedown")
        await story.sees(" 26 2,705 attribute")
        assert screen.plan_view.left_out.cursor_row in range(10, 16), "a page is what is seen of it"
        await story.press("ctrl+d", "G")
        await story.sees("The file ends at byte")
        await story.press("g")
        await story.sees("Why it is left out", "0 1 attribute_enum_value_unknown")
        screen.plan_view.accounts.focus()
        await story.sees("There before")


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_look_of_an_expression_that_is_wrong(look: Look, tmp_path: Path, size: tuple[int, int]) -> None:
    async def story(told: Story) -> None:
        await plan(told, Path(FILE))
        await told.press("slash", *"severity>=hihg")
        await told.sees("this is no severity")

    assert look(FixedDesk(tmp_path / "state", plan=fixed_plan(left_out=12)), tmp_path, story, size)


async def test_without_a_target_the_screen_says_so_and_offers_nothing(tmp_path: Path, desk: Desk) -> None:
    desk.config = desk.config.model_copy(update={"targets": {}})
    async with at_console(desk, tmp_path) as story:
        story.app.post_message(OpenSubmit(finding_file(tmp_path)))
        screen = await story.on(SubmitScreen)
        await story.sees("No target can be reached with this configuration.")
        await story.press("s", "y", "b")
        assert story.app.screen is screen


async def test_the_records_with_an_issue_are_offered_once_all_are_found(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path) as story:
        story.app.post_message(OpenValidation(finding_file(tmp_path, bad=[3, 7])))
        await story.sees("2 of 30 records are invalid", "attribute_enum_value_unknown")
        await story.press("enter")
        await story.on(RecordsScreen)
        await story.sees("2 of 30 records")
        await story.press("s")
        screen = await story.on(SubmitScreen)
        await story.sees("the 2 records with attribute_enum_value_unknown", "Records 2")

        assert screen.plan is not None
        (batch,) = screen.plan.batches
        assert [one["severity_id"] for one in json.loads(batch.batch.path.read_bytes())] == [42, 42]
