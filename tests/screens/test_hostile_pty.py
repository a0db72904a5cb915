"""Hostile findings, names and answers on every screen of the real program: what reaches the terminal, to the byte."""

from __future__ import annotations

import re
import termios
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.display import safe_text
from tests.hostile import FOREIGN, MARK, TEXTS, hostile_file, whole_hostile_file
from tests.screens.hostile_target import Manners, hostile_target
from tests.screens.terminal import Line, Terminal, console


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a hostile file in it, and a hostile name."""
    folder = tmp_path / "scans \x1b]0;HOSTILE\x07 [b]\u202e"
    folder.mkdir()
    hostile_file(folder)
    whole_hostile_file(folder)
    return folder


@pytest.fixture
def environ() -> Iterator[dict[str, str]]:
    """The variables that a pipeline sets, for a target that is hostile too."""
    with hostile_target() as url:
        yield {"PROWLER_CLOUD_API_BASE_URL": url, "PROWLER_CLOUD_API_KEY": "key"}


def walk(terminal: Terminal) -> None:
    """Go through every screen."""
    terminal.sees("1 Files", "Choose a finding file.", MARK)
    terminal.press("down")
    terminal.sees("places can't be read", "broken")

    walk_files(terminal)

    terminal.press("o")
    for text in TEXTS.values():
        terminal.sees(_first_of("message", text))
        terminal.press("j")
    terminal.press("G")
    terminal.sees("code truncated")
    terminal.press("l", "l", "l", "S")
    terminal.sees("Title ▲")
    terminal.press("S")
    terminal.sees("Title ▼")
    terminal.press("home", "space", "w", "c")
    terminal.sees("1 marked", "Columns", "reset")
    leave(terminal, "0 reset")
    terminal.press("w", "S")
    terminal.until(lambda: "Title ▼" not in terminal.text, "the order of the file")
    terminal.press("home", "enter")
    terminal.sees("e Fold")
    terminal.press("enter")
    terminal.sees("characters")
    terminal.press("q")
    terminal.sees("e Fold")

    terminal.press("v")
    terminal.sees("records are invalid")
    for key, there in (("t", "Validate by"), ("x", "Export what is wrong")):
        terminal.press(key)
        terminal.sees(there)
        leave(terminal, there)
    terminal.press("j", "j", "enter")
    terminal.sees("Records ›", "S Sort")
    for there in ("records are invalid", "e Fold", "Read", "Records v"):
        terminal.press("q")
        terminal.sees(there)
    terminal.press("down")
    terminal.sees("21 records")
    terminal.press("s")
    terminal.sees("Submit", "Nothing has been sent yet.")
    terminal.press("s")
    terminal.sees("enter the marked one")
    terminal.press("y")
    terminal.sees("422")

    terminal.press("2")
    terminal.sees("failed", MARK)
    terminal.press("j", "k", "enter")
    terminal.sees("Job ›", MARK)
    terminal.press("x")
    terminal.press("t")
    terminal.sees("says prowler", "20 errors")
    terminal.press("c")
    terminal.sees("groups · enter lists those of one", MARK)
    terminal.press("j", "enter")
    terminal.sees("esc shows the groups", MARK)
    terminal.press("w")
    terminal.press("3")
    terminal.sees("Log in", "environment")
    terminal.press("a")
    terminal.sees("Add a target")
    leave(terminal, "Add a target")
    terminal.press("t")
    terminal.sees("the API key is accepted")
    terminal.press("?")
    terminal.sees("Keys on this screen")
    terminal.press("q")
    terminal.sees("Log in")
    terminal.press("q")


def walk_files(terminal: Terminal) -> None:
    """Go through the dialogs of the Files screen, and come back to the first file."""
    terminal.press("R")
    terminal.sees("Repair", "findings.repaired.json")
    terminal.press("enter")
    terminal.sees("is written", "Dropped at")
    leave(terminal, "Repair")
    choose_first(terminal)
    terminal.press("c")
    terminal.sees("Convert", "findings.asff.json")
    leave(terminal, "findings.asff")
    terminal.press("/")
    terminal.sees("part of a file's")
    terminal.press("hostile")
    terminal.sees("2 of 3 files", MARK)
    leave(terminal, "of 3 files")
    choose_first(terminal)
    terminal.press("d")
    terminal.sees("The scan before", MARK)
    terminal.press("enter")
    terminal.sees("Compare ›", "stand as before")
    terminal.press("l", "l", "j", "q")
    terminal.sees("Records v", "places can't be read")


def choose_first(terminal: Terminal) -> None:
    """Put the cursor on the first file, once the folder was read again with the new one in it."""
    terminal.sees("findings.repaired")
    terminal.press("g")
    terminal.sees("Choose a finding file.")
    terminal.press("down")
    terminal.sees("places can't be read")


def leave(terminal: Terminal, what: str) -> None:
    """Press escape, and wait until something has gone: a key that follows at once would make another one of it."""
    terminal.press("escape")
    terminal.until(lambda: what not in terminal.text, f"the end of {what}")


def test_nothing_hostile_reaches_the_terminal_on_any_screen(folder: Path, environ: dict[str, str]) -> None:
    with console(folder, environ=environ) as (terminal, settings):
        walk(terminal)
        _assert_clean(terminal, settings)


def test_nothing_hostile_reaches_the_terminal_from_what_a_submission_in_doubt_may_have_become(folder: Path) -> None:
    with hostile_target(Manners(submit=503, total=len(TEXTS) + 1)) as url:
        environ = {"PROWLER_CLOUD_API_BASE_URL": url, "PROWLER_CLOUD_API_KEY": "key"}
        with console(folder, environ=environ) as (terminal, settings):
            terminal.sees("1 Files", "Choose a finding file.", MARK)
            terminal.press("down", "down")
            terminal.sees("21 records")
            terminal.press("s")
            terminal.sees("Submit", "Nothing has been sent yet.")
            terminal.press("s")
            terminal.sees("enter the marked one")
            terminal.press("y")
            terminal.sees("The outcome is unknown.")
            terminal.press("e")
            terminal.sees("Settle", "a Adopt", MARK)
            terminal.press("a")
            terminal.sees("enter the marked one")
            terminal.press("y")
            terminal.sees("is taken for what became of it")
            terminal.press("q")
            terminal.sees("Submitted before")
            terminal.press("q")
            _assert_clean(terminal, settings)


def _assert_clean(terminal: Terminal, settings: Line) -> None:
    """The program ended well, left the terminal as it was, and wrote nothing that it obeys but what is ours."""
    code = terminal.wait()
    assert termios.tcgetattr(settings.descriptor) == settings.before
    raw = bytes(terminal.raw)

    assert code == 0, terminal.text
    assert MARK.encode() in raw
    assert FOREIGN.findall(raw) == []
    raw.decode("utf-8")  # nothing that is no text
    assert b"Traceback" not in raw
    assert b"this is its fault" not in raw
    # The modes that were set are set back: the other screen, the cursor, the mouse, pasting.
    for mode in (b"1049", b"25", b"1000", b"2004"):
        settings_of_mode = re.findall(rb"\x1b\[\?" + mode + rb"([hl])", raw)
        assert settings_of_mode[-1:] == ([b"h"] if mode == b"25" else [b"l"]), mode


def _first_of(key: str, value: str) -> str:
    """How an attribute of a record starts on the screen."""
    # The emulator composes letters and marks.
    return unicodedata.normalize("NFC", " ".join(f"{key} {safe_text(value)[:10]}".split()))
