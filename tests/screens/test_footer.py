"""The line of keys at the bottom: at most eight, whatever is open on a screen."""

from __future__ import annotations

from pathlib import Path

from textual.widgets._footer import FooterKey

from console.submissions.desk import Desk
from screens.files import FilesScreen
from screens.jobs import JobsScreen
from screens.navigation import OpenJob
from screens.widgets.drop_down import Offers
from screens.widgets.keys import Keys
from tests.conftest import NewFolder
from tests.screens.fixed_desk import FixedDesk
from tests.screens.fixed_desk import job as fixed_job
from tests.screens.job_stories import NARROW, WIDE, Story, at_console, at_sandbox, finding_file, make_desk

_MOST = 8


def shown(story: Story) -> list[str]:
    """What the line at the bottom says that keys do."""
    return [key.description for key in story.app.screen.query_one(Keys).query(FooterKey)]


async def test_while_a_file_is_looked_for_eight_keys_are_shown(tmp_path: Path) -> None:
    finding_file(tmp_path)
    async with at_sandbox(tmp_path, size=NARROW) as story:
        await story.on(FilesScreen)
        await story.press("slash", *"scan")
        await story.until(lambda: "Back" in shown(story))
        assert len(shown(story)) <= _MOST
        await story.press("enter")
        await story.sees("esc Back / Filter o Records v Validate s Submit d Compare ? Help")
        assert len(shown(story)) <= _MOST

        await story.pilot.resize_terminal(*WIDE)
        await story.sees("d Compare ^r Recent ? Help")
        await story.pilot.resize_terminal(*NARROW)
        await story.sees("d Compare ? Help")


async def test_the_help_stays_where_a_longer_key_takes_the_room(tmp_path: Path, desk: Desk) -> None:
    desk.config = desk.config.model_copy(update={"keys": {"files.compare": "ctrl+shift+f7"}})
    async with at_console(desk, tmp_path, NARROW) as story:
        await story.on(FilesScreen)
        await story.until(lambda: "Compare" in shown(story))
        assert shown(story)[-1] == "Help"


async def test_while_a_drop_down_is_open_eight_keys_are_shown(tmp_path: Path) -> None:
    async with at_sandbox(tmp_path, size=NARROW) as story:
        await story.press("2")
        await story.on(JobsScreen)
        await story.press("t")
        await story.until(lambda: isinstance(story.app.focused, Offers))
        await story.pilot.pause()
        assert len(shown(story)) <= _MOST


def greyed(story: Story) -> list[str]:
    """What the line at the bottom says that keys do, but not now."""
    return [key.description for key in story.app.screen.query_one(Keys).query(FooterKey) if key.has_class("-disabled")]


async def test_there_is_no_next_page_of_jobs_on_the_last_one(tmp_path: Path) -> None:
    async with at_console(FixedDesk(tmp_path / "state", jobs=[fixed_job(1)]), tmp_path, WIDE) as story:
        await story.press("2")
        await story.sees("page 1 of 1")
        await story.until(lambda: greyed(story) == ["Next"])
    async with at_console(FixedDesk(tmp_path / "state"), tmp_path, WIDE) as story:
        await story.press("2")
        await story.sees("page 1 of 3")
        await story.until(lambda: "Next" in shown(story) and not greyed(story))
        await story.press("n", "n")
        await story.sees("page 3 of 3")
        await story.until(lambda: greyed(story) == ["Next"])
        await story.press("N")
        await story.until(lambda: not greyed(story))


async def test_a_job_without_errors_leads_to_no_record_and_no_page(tmp_path: Path) -> None:
    async with at_console(FixedDesk(tmp_path / "state"), tmp_path, WIDE) as story:
        story.app.post_message(OpenJob("prowler", fixed_job(2).job.id))
        await story.sees("The target is done with this job.")
        await story.until(lambda: greyed(story) == ["Record", "Next"])
        await story.press("escape")
        story.app.post_message(OpenJob("prowler", fixed_job(3).job.id))
        await story.sees("page 1 of 2")
        await story.until(lambda: "Record" in shown(story) and not greyed(story))
        await story.press("n")
        await story.sees("page 2 of 2")
        await story.until(lambda: greyed(story) == ["Next"])


async def named_on_files(desk: Desk, folder: Path) -> list[str]:
    """What the line at the bottom of the Files screen names, in its order."""
    async with at_console(desk, folder, WIDE) as story:
        await story.on(FilesScreen)
        await story.until(lambda: "Help" in shown(story))
        return shown(story)


async def test_a_key_of_the_configuration_stands_where_the_one_stood_that_it_replaces(
    tmp_path: Path, desk: Desk, new_folder: NewFolder
) -> None:
    usual = await named_on_files(desk, tmp_path)
    other = make_desk("http://127.0.0.1:9", new_folder(), key=None)
    keys = {"files.filter": "f4,slash", "files.validate": "f5", "app.help": "f1"}
    other.config = other.config.model_copy(update={"keys": keys})

    assert await named_on_files(other, tmp_path) == usual
