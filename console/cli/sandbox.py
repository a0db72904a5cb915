"""`sandbox`: the local server that speaks the targets' APIs."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import click

from console.cli import output
from console.cli.options import FAULT
from console.cli.parsing import Command
from console.errors import BadInput
from console.urls import LOOPBACK


@click.command(cls=Command)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0 picks a free one.")
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep what is taken in here; else it is gone at the end.",
)
@click.option(
    "--credentials",
    type=click.File("rb"),
    help="Use these, in the shape of the printed line, in place of random ones. - reads stdin.",
)
@click.option(
    "--fault",
    "faults",
    type=FAULT,
    multiple=True,
    metavar="SPEC",
    help="What shall go wrong. May be given many times.",
)
@click.option(
    "--allow-remote",
    is_flag=True,
    help="Listen where other machines can reach it. It has no TLS.",
)
def sandbox(
    host: str,
    port: int,
    data: Path | None,
    credentials: BinaryIO | None,
    faults: tuple[str, ...],
    allow_remote: bool,
) -> None:
    """Serve a local stand-in for the targets' APIs, for demos, tests and rehearsals.

    Prints one line of JSON with its addresses and its credentials, then serves until it is stopped (ctrl-c). A fault is
    KIND[=VALUE][,OPTION=VALUE]...: docs/sandbox.md lists them.

    \b
    Examples:
      ocsf-console sandbox --port 8080 --data ./sandbox
      ocsf-console sandbox --fault status=503,on=prowler.submit,nth=1 --fault latency=2,p=0.1,seed=7
    """
    from console.sandbox.given import MAX_BYTES, with_credentials
    from console.sandbox.server import serve
    from console.sandbox.settings import Access, Settings

    if host not in LOOPBACK:
        if not allow_remote:
            raise BadInput(
                f"{host} can be reached by other machines.",
                hint="The sandbox has no TLS: what is sent to it can be read on the way. --allow-remote listens there.",
            )
        output.say(f"Warning: other machines can reach this sandbox on {host}, and what is sent to it has no TLS.")

    def ready(access: Access) -> None:
        output.line(output.to_json(access.as_json(), indent=None))

    settings = Settings(host=host, port=port, data=data, faults=faults)
    if credentials is not None:
        settings = with_credentials(settings, credentials.read(MAX_BYTES + 1))
    serve(settings, ready)
