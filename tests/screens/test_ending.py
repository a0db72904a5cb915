"""However the console ends, the terminal is given back as it was."""

from __future__ import annotations

import signal
import termios
from pathlib import Path

import pytest

from tests.screens.scan import scan
from tests.screens.terminal import PATIENCE, console

_GIVEN_BACK = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l", b"\x1b[?1003l", b"\x1b[?1006l")
"""The screen before, a cursor that is seen, and a mouse that is the terminal's own."""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT], ids=lambda number: number.name)
def test_a_signal_ends_it_and_gives_the_terminal_back(tmp_path: Path, number: signal.Signals) -> None:
    scan(tmp_path)
    with console(tmp_path, {}) as (terminal, line):
        terminal.sees("Choose a finding file.")
        terminal.process.send_signal(number)

        code = terminal.wait()

        assert code == (0 if number is signal.SIGINT else 128 + number)
        shown = terminal.raw.rindex(b"\x1b[?1049h")
        assert all(terminal.raw.rfind(sequence) > shown for sequence in _GIVEN_BACK)
        assert termios.tcgetattr(line.descriptor) == line.before


def test_it_ends_with_its_terminal_though_nobody_says_so(tmp_path: Path) -> None:
    with console(tmp_path, {}) as (terminal, _):
        terminal.sees("Choose a finding file.")
        terminal.hang_up()

        assert terminal.process.wait(PATIENCE) == 128 + signal.SIGHUP
