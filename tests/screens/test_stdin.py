"""What is piped into the console is opened in it, and keys come from the terminal all the same."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import pytest

from console.convert.forms import Form
from console.progress import Report, silent
from console.submissions.desk import Desk
from console.submissions.model import Plan, Selection
from screens.convert import ConvertDialog
from screens.navigation import OpenSubmit
from screens.validation import ValidationScreen
from tests.conftest import NewFolder
from tests.screens.fixed_desk import FixedDesk, plan
from tests.screens.job_stories import WIDE, Story, app_at
from tests.screens.scan import scan
from tests.screens.terminal import console

_RUN: Final = "import fcntl, subprocess, sys, termios"
_OWN: Final = "fcntl.ioctl(0, termios.TIOCSCTTY, 0)"
"""Makes the terminal the one that the process is controlled by, as a shell has it."""
_COMMAND: Final = "sys.exit(subprocess.run(sys.argv[1], shell=True).returncode)"
_CONSOLE: Final = f"'{sys.executable}' -m console -"


def piped(command: str, *, owns_terminal: bool = True) -> tuple[str, ...]:
    """The program that runs a command of a shell."""
    return ("-c", "\n".join([_RUN, _OWN if owns_terminal else "", _COMMAND]), command)


def test_what_is_piped_in_is_opened_and_gone_at_the_end(tmp_path: Path) -> None:
    scan(tmp_path)
    private = tmp_path / "private"
    private.mkdir()
    environ = {"TMPDIR": str(private)}
    with console(tmp_path, environ, piped(f"cat scan.ocsf.json | {_CONSOLE}")) as (terminal, _):
        terminal.sees("stdin", "30 records", "finding number 0")
        [kept] = private.glob("*/stdin")
        assert kept.stat().st_mode & 0o777 == 0o600
        assert kept.parent.stat().st_mode & 0o777 == 0o700

        terminal.press("down", "down")
        terminal.sees("finding number 2")
        terminal.press("q")
        terminal.sees("Choose a finding file.")
        terminal.press("q")
        assert terminal.wait() == 0
        assert terminal.given_back()
        assert not [*private.iterdir()]


def test_where_nothing_is_piped_in_it_is_said_what_to_do(tmp_path: Path) -> None:
    with console(tmp_path, {}, ("-m", "console", "-")) as (terminal, _):
        assert terminal.wait() == 2
        assert "nothing is piped in" in terminal.text
        assert "cat scan.ocsf.json | ocsf-console -" in terminal.text


def test_without_a_terminal_to_type_on_it_is_said_that_it_takes_one(tmp_path: Path) -> None:
    # It writes to one, but none controls the process.
    with console(tmp_path, {}, piped(f"{_CONSOLE} < /dev/null", owns_terminal=False)) as (terminal, _):
        assert terminal.wait() == 2
        assert "The terminal UI needs a terminal." in terminal.text


@asynccontextmanager
async def at_stdin(desk: Desk, folder: Path, path: Path) -> AsyncIterator[Story]:
    """The console on a desk, with what came on stdin in a file."""
    app = app_at(desk, folder)
    app.stdin = path
    try:
        async with app.run_test(size=WIDE, notifications=True) as pilot:
            story = Story(app, pilot, [])
            await story.sees("Records › stdin", "30 records")
            yield story
    finally:
        await desk.close()


class NotingDesk(FixedDesk):
    """Notes what it is told to have come on stdin."""

    noted: tuple[Path | None, ...] = ()

    async def prepare(
        self,
        paths: Sequence[Path],
        target_name: str,
        selection: Selection,
        report: Report = silent,
        stdin: Path | None = None,
    ) -> Plan:
        self.noted = (*self.noted, stdin)
        return await super().prepare(paths, target_name, selection, report, stdin)


async def test_the_ledger_is_told_what_came_on_stdin_and_nobody_remembers_it(tmp_path: Path) -> None:
    path, desk = scan(tmp_path, name="stdin"), NotingDesk(tmp_path / "state", plan=plan())
    async with at_stdin(desk, tmp_path, path) as story:
        await story.press("s")
        await story.until(lambda: desk.noted == (path,))
        assert not story.app.memory.now.recent

        story.app.post_message(OpenSubmit(scan(tmp_path)))
        await story.until(lambda: desk.noted == (path, None))
        assert len(story.app.memory.now.recent) == 1


async def test_a_file_that_is_made_of_stdin_is_put_where_one_is(
    tmp_path: Path, desk: Desk, new_folder: NewFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = new_folder()
    monkeypatch.chdir(here)
    path = scan(tmp_path, name="stdin")
    async with at_stdin(desk, here, path) as story:
        await story.press("v")
        await story.on(ValidationScreen)
        await story.press("c")
        dialog = await story.on(ConvertDialog)
        await story.until(lambda: bool(dialog.name_input.value))
        dialog.form_select.value = Form.NDJSON
        await story.until(lambda: dialog.name_input.value == "stdin.lines.ndjson")
        await story.press("enter")
        await story.sees("is written")
    assert (here / "stdin.lines.ndjson").read_bytes().count(b"\n") == 30
