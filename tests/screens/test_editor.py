"""Opening a file in the operator's own editor, which has the terminal meanwhile."""

from __future__ import annotations

import shlex
import signal
import sys
import termios
from pathlib import Path

import pytest

from console.errors import BadInput
from console.submissions.desk import Desk
from screens import app
from screens.editor import edit, editor_command
from screens.files import FilesScreen
from screens.widgets.dialogs import ErrorDialog
from tests.screens.job_stories import at_console
from tests.screens.scan import scan
from tests.screens.terminal import console
from tests.screens.test_files import choose

EDITOR = """\
import json, os, sys
print("EDITOR-IS-HERE", flush=True)
assert sys.stdin.isatty() and sys.stdout.isatty()
input()
with open(sys.argv[-1], "w") as file:
    file.write("[" + json.dumps({"arguments": sys.argv[1:], "no_color": os.environ.get("NO_COLOR")}) + "]")
"""
"""Waits for a line, and writes what it was given into the file."""


@pytest.mark.parametrize(
    ("environ", "command"),
    [
        ({"EDITOR": "vim"}, ["vim"]),
        ({"EDITOR": "vim", "VISUAL": "code --wait"}, ["code", "--wait"]),
        ({"EDITOR": "'/opt/my editor/ed' -x", "VISUAL": " "}, ["/opt/my editor/ed", "-x"]),
        ({"EDITOR": "vi; rm -rf $HOME"}, ["vi;", "rm", "-rf", "$HOME"]),
    ],
)
def test_the_command_is_split_and_no_shell_sees_it(
    tmp_path: Path, environ: dict[str, str], command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert editor_command(environ, Path("-rf $(x).json")) == [*command, f"{tmp_path}/-rf $(x).json"]


@pytest.mark.parametrize(
    ("environ", "said"), [({}, "No editor is set"), ({"EDITOR": "vim 'x"}, "EDITOR has a quotation")]
)
def test_no_editor_is_told(environ: dict[str, str], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        editor_command(environ, Path("x.json"))


def test_an_editor_that_cannot_be_run_is_told_and_interrupts_are_ours_again() -> None:
    before = signal.getsignal(signal.SIGINT)
    failed = edit(["/no/such/editor", "x.json"])

    assert failed is not None
    assert "can't be run: No such file" in failed.message
    assert signal.getsignal(signal.SIGINT) is before


async def test_what_stands_in_the_way_of_an_editor_is_said(
    tmp_path: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan(tmp_path)
    async with at_console(desk, tmp_path) as story:
        await choose(story, "scan.ocsf.json")
        for editor, said in (("", "No editor is set"), ("vim", "can't be handed to an editor")):
            monkeypatch.setenv("VISUAL", editor)
            monkeypatch.setenv("EDITOR", editor)
            await story.press("e")
            await story.on(ErrorDialog)
            await story.sees(said)
            await story.press("escape")
            await story.on(FilesScreen)
        monkeypatch.setattr(app.ConsoleApp, "_is_sending", True)
        await story.press("e")
        await story.sees("Findings are being sent")


def test_the_editor_has_the_terminal_and_what_it_wrote_is_read(tmp_path: Path) -> None:
    scans, editor = tmp_path / "scans", tmp_path / "my editor.py"
    scans.mkdir()
    editor.write_text(EDITOR)
    scan(scans)
    environ = {"VISUAL": f"{shlex.quote(sys.executable)} {shlex.quote(str(editor))} -x", "NO_COLOR": "1"}
    with console(scans, environ=environ) as (terminal, line):
        terminal.sees("1 Files", "scan.ocsf.json")
        terminal.press("down")
        terminal.sees("30 records")
        terminal.press("e")
        terminal.sees("EDITOR-IS-HERE")
        terminal.press("enter")
        terminal.sees("1 Files", "1 record ", "no record has a time")
        terminal.press("q")
        assert terminal.wait() == 0
        assert termios.tcgetattr(line.descriptor) == line.before

    written = (scans / "scan.ocsf.json").read_text()
    assert f'"-x", "{scans}/scan.ocsf.json"' in written
    assert '"no_color": "1"' in written
