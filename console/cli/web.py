"""`web`: the terminal UI in a browser of this machine, for those who may not have a terminal."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from importlib.util import find_spec
from pathlib import Path

import click

from console.cli import output, setup
from console.cli.tui import SERVED
from console.errors import BadInput


@click.command()
@click.argument("path", required=False, type=click.Path(exists=True, path_type=Path))
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0 picks a free one.")
def web(path: Path | None, port: int) -> None:
    """Show the terminal UI in a browser of this machine, opened at PATH.

    Prints the address to open, then serves until it is stopped (ctrl-c). The address holds a token that works once: the
    browser that opens it first is let in, and nobody else.

    \b
    Examples:
      ocsf-console web
      ocsf-console web scans/ --port 8080
    """
    if find_spec("textual_serve") is None:
        raise BadInput(
            "The UI in a browser needs textual-serve, which is not installed.",
            hint="It is the extra `web`: pip install 'ocsf-console[web]', or pipx inject ocsf-console textual-serve.",
        )
    from console.web.server import serve

    setup.file_config()  # what is wrong with it is better told here than in a page

    stdout = sys.stdout

    def ready(url: str) -> None:
        with redirect_stdout(stdout):
            output.line(url)
        output.say("Open it in a browser of this machine; it works once. Stop with ctrl-c.")

    # textual-serve prints there what a failed process of the UI leaves behind.
    with redirect_stdout(sys.stderr):
        serve(_command(path), port, ready)


def _command(path: Path | None) -> list[str]:
    """The command of one page's process. `-P`: the working folder may hold a `console` of somebody else."""
    start = [] if path is None else ["--", str(path)]
    return [sys.executable, "-P", "-m", "console", *setup.program_options(), "tui", SERVED, *start]
