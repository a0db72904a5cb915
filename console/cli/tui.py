"""Opening the terminal UI. The only module of the core that knows the screens, and only when it runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from console import paths
from console.cli import setup
from console.cli.opening import first_frame, in_one_go
from console.cli.parsing import STDIN
from console.errors import BadInput

if TYPE_CHECKING:
    from console.config import Config
    from console.config_file import ConfigFile
    from console.submissions.desk import Desk

SERVED: Final = "--served"
"""Says that a browser is the terminal: `web` starts the UI with it."""


def open_ui(
    config: Config,
    open_desk: Callable[[], Desk],
    start: Path | None,
    state: Path,
    config_file: ConfigFile,
    stdin: Path | None = None,
    *,
    served: bool = False,
) -> int:
    """Run the terminal UI until the user leaves it; what its screens remember is in the folder *state*.

    It opens the desk when it needs it. Targets are kept in *config_file*, and what came on stdin in the file *stdin*.
    Raises `BadInput` where there is no terminal and it is not *served* to a browser, which is one.
    """
    if not served and not (setup.is_attended() and _shows()):
        raise _no_terminal()
    from screens.app import run

    return run(config, open_desk, start, state, config_file, stdin)


def _shows() -> bool:
    """Whether what is written is seen on a terminal."""
    return sys.stdout is not None and sys.stdout.isatty()


def _no_terminal() -> BadInput:
    return BadInput(
        "The terminal UI needs a terminal.",
        hint="Without one, use the commands (ocsf-console --help), or a browser (ocsf-console web).",
    )


@contextmanager
def _stdin_for_ui() -> Iterator[Path]:
    """Copy stdin into a private file, and have keys come from the terminal in its place.

    Raises `BadInput` where stdin is the terminal, or where there is none.
    """
    if setup.is_attended():
        raise BadInput(
            "`-` opens what comes on stdin, and nothing is piped in: stdin is this terminal.",
            hint="Put what writes it before: cat scan.ocsf.json | ocsf-console -",
        )
    setup.stdin()  # it may be closed, and a descriptor that is opened then would take its place
    if not _shows():
        raise _no_terminal()
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError as error:
        raise _no_terminal() from error
    try:
        with setup.kept_stdin() as path:
            os.dup2(terminal, setup.stdin().fileno())
            yield path
    finally:
        os.close(terminal)


def check_keys(config: Config) -> None:
    """Raise `BadConfig` when the keys of the configuration are none, for no command, or taken."""
    if config.keys:
        from screens.commands.everything import check_keymap

        check_keymap(config.keys, setup.config_path())


@click.command(hidden=True)
@click.argument("path", required=False, type=click.Path(exists=True, allow_dash=True))
@click.option(SERVED, "served", is_flag=True)
def tui(path: str | None = None, served: bool = False) -> int:
    """Open the terminal UI at PATH, or what comes on stdin where that is `-`."""
    if served:
        # In place of the driver that textual-serve names: with that, the UI outlives a server that was killed.
        os.environ["TEXTUAL_DRIVER"] = "screens.browser:BrowserDriver"
    if path == STDIN:
        with _stdin_for_ui() as stdin:
            return _open(None, stdin, served=served)
    return _open(Path(path) if path else None, None, served=served)


def _open(start: Path | None, stdin: Path | None, *, served: bool) -> int:
    """Open the terminal UI at *start*, or the file *stdin* in it."""
    with first_frame(), in_one_go():
        from console.config_file import ConfigFile

        config = setup.read_config()
        check_keys(config)
        desk, file = partial(setup.open_desk, config), ConfigFile(setup.config_path())
        return open_ui(config, desk, start, paths.state_dir(), file, stdin, served=served)
