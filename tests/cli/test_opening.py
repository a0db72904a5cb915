"""The frame that is seen before the UI is loaded, and that it goes when the UI does not come."""

from __future__ import annotations

import os
import signal
import termios
from pathlib import Path

from console.errors import ExitCode
from tests.screens.scan import scan
from tests.screens.terminal import console


def test_the_frame_is_there_before_the_ui_is(tmp_path: Path) -> None:
    scan(tmp_path)
    with console(tmp_path, {}) as (terminal, _):
        terminal.sees("1 Files 2 Jobs 3 Targets")
        assert "Choose" not in terminal.text
        terminal.sees("Choose a finding file.")
        terminal.press("q")
        assert terminal.wait() == ExitCode.OK
        assert terminal.given_back()


def test_a_configuration_that_is_wrong_is_told_on_the_screen_of_the_shell(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[ui]\nthem = 1\n")
    with console(tmp_path, {"OCSF_CONSOLE_CONFIG": str(config)}) as (terminal, _):
        assert terminal.wait() == ExitCode.USAGE
    assert terminal.raw.index(b"unknown key") > terminal.raw.index(b"\x1b[?1049l")


def test_a_signal_while_it_is_loaded_gives_the_terminal_back(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    os.mkfifo(config)  # nobody writes to it: who reads it waits
    with console(tmp_path, {"OCSF_CONSOLE_CONFIG": str(config)}) as (terminal, line):
        terminal.sees("1 Files")
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.wait() == 128 + signal.SIGTERM
        assert terminal.raw.endswith(b"\x1b[?1049l\x1b[?25h")
        assert termios.tcgetattr(line.descriptor) == line.before


def test_nothing_is_drawn_where_there_is_no_terminal_to_draw_on(tmp_path: Path) -> None:
    with console(tmp_path, {"TERM": "dumb"}, ["-m", "console", "tui", "nowhere"]) as (terminal, _):
        assert terminal.wait() == ExitCode.USAGE
    assert b"\x1b[" not in terminal.raw
