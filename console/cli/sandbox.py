"""`sandbox`: the local server that speaks the targets' APIs."""

from __future__ import annotations

from pathlib import Path

import click

from console.cli import output
from console.errors import BadInput
from console.urls import LOOPBACK


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on: one of this machine.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0 picks a free one.")
@click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), help="Keep jobs here; else they are gone at the end."
)
def sandbox(host: str, port: int, data: Path | None) -> None:
    """Serve a local stand-in for Prowler's ingestion API, for demos, tests and rehearsals.

    Prints one line of JSON with its address and its API keys, then serves until it is stopped (ctrl-c).

    \b
    Example:
      ocsf-console sandbox --port 8080 --data ./sandbox
    """
    from console.sandbox.server import serve
    from console.sandbox.settings import Access, Settings

    if host not in LOOPBACK:
        raise BadInput(f"The sandbox serves this machine only, and {host} is not one of {', '.join(LOOPBACK)}.")

    def ready(access: Access) -> None:
        output.line(output.to_json(access.as_json(), indent=None))

    serve(Settings(host=host, port=port, data=data), ready)
