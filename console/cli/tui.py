"""Opening the terminal UI. The only module of the core that knows the screens, and only when it runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from console import paths
from console.cli import setup
from console.errors import BadInput

if TYPE_CHECKING:
    from console.submissions.desk import Desk


def open_ui(desk: Desk, start: Path | None, state: Path) -> int:
    """Run the terminal UI until the user leaves it; what its screens remember is in the folder *state*.

    Raises `BadInput` where there is no terminal.
    """
    if not (setup.is_attended() and sys.stdout is not None and sys.stdout.isatty()):
        raise BadInput(
            "The terminal UI needs a terminal.",
            hint="Without one, use the commands: ocsf-console --help",
        )
    from screens.app import run

    return run(desk, start, state)


def check_keys() -> None:
    """Raise `BadConfig` when the configuration file gives keys to commands that there are not."""
    keymap = setup.file_config().keys
    if keymap:
        from screens.commands.everything import check_keymap

        check_keymap(keymap, setup.config_path())


@click.command(hidden=True)
@click.argument("path", required=False, type=click.Path(exists=True, path_type=Path))
def tui(path: Path | None = None) -> int:
    """Open the terminal UI at PATH."""
    check_keys()
    return open_ui(setup.open_desk(), path, paths.state_dir())
