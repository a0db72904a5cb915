"""Opening the terminal UI. The only module of the core that knows the screens, and only when it runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from console import paths
from console.cli import setup
from console.cli.opening import first_frame, in_one_go
from console.errors import BadInput

if TYPE_CHECKING:
    from console.config import Config
    from console.submissions.desk import Desk

SERVED: Final = "--served"
"""Says that a browser is the terminal: `web` starts the UI with it."""


def open_ui(
    config: Config,
    open_desk: Callable[[], Desk],
    start: Path | None,
    state: Path,
    config_path: Path,
    *,
    is_all: bool = False,
) -> int:
    """Run the terminal UI until the user leaves it; what its screens remember is in the folder *state*.

    It opens the desk when it needs it. Targets are kept in the file at *config_path*; *is_all* as `ConfigFile` takes
    it. Raises `BadInput` where there is no terminal.
    """
    if not (setup.is_attended() and sys.stdout is not None and sys.stdout.isatty()):
        raise BadInput(
            "The terminal UI needs a terminal.",
            hint="Without one, use the commands (ocsf-console --help), or a browser (ocsf-console web).",
        )
    return _run(config, open_desk, start, state, config_path, is_all=is_all)


def _run(
    config: Config,
    open_desk: Callable[[], Desk],
    start: Path | None,
    state: Path,
    config_path: Path,
    *,
    is_all: bool = False,
) -> int:
    from console.config_file import ConfigFile
    from screens.app import run

    return run(config, open_desk, start, state, ConfigFile(config_path, is_all=is_all))


def check_keys(config: Config) -> None:
    """Raise `BadConfig` when the keys of the configuration are none, for no command, or taken."""
    if config.keys:
        from screens.commands.everything import check_keymap

        check_keymap(config.keys, setup.config_path())


@click.command(hidden=True)
@click.argument("path", required=False, type=click.Path(exists=True, path_type=Path))
@click.option(SERVED, "served", is_flag=True)
def tui(path: Path | None = None, served: bool = False) -> int:
    """Open the terminal UI at PATH."""
    if served:
        # In place of the driver that textual-serve names: with that, the UI outlives a server that was killed.
        os.environ["TEXTUAL_DRIVER"] = "screens.browser:BrowserDriver"
    with first_frame(), in_one_go():
        config = setup.read_config()
        check_keys(config)
        opens = _run if served else open_ui
        return opens(config, partial(setup.open_desk, config), path, paths.state_dir(), setup.config_path())
