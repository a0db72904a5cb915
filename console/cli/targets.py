"""`targets`: the destinations that the configuration and the environment give."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from console.cli import output, setup
from console.display import safe_text
from console.errors import ExitCode

if TYPE_CHECKING:
    from console.submissions.desk import Desk


@click.group()
def targets() -> None:
    """List the targets, or test the way to one.

    \b
    Examples:
      ocsf-console targets list
      ocsf-console targets test prowler
    """


@targets.command("list")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def list_targets(form: str) -> None:
    """List the targets: those of the configuration, and one for each kind."""
    from console.targets.registry import access, is_usable

    rows: list[dict[str, output.JsonData]] = []
    for name, config in sorted(setup.read_config().targets.items()):
        usable = is_usable(config)
        origin = (access(name, config).origin or None) if usable else None
        rows.append({"name": name, "kind": config.kind, "origin": origin, "usable": usable})
    if form == "json":
        output.document({"targets": rows})
    else:
        output.table(("name", "kind", "origin", "usable"), [list(row.values()) for row in rows])


@targets.command("test")
@click.argument("name")
def probe(name: str) -> ExitCode:
    """Test the way to a target step by step: name, TLS, credentials, permission. Sends no finding."""

    async def work(desk: Desk) -> ExitCode:
        target = await desk.target(name)
        code = ExitCode.OK
        async for step in target.probe():
            output.line(f"{step.state:8}{step.name}: {safe_text(step.detail)}")
            if step.advice:
                output.line(f"        {safe_text(step.advice)}")
            if step.error is not None:
                # A probe sends nothing that could be rejected: what refuses it is not the API that we look for.
                rejected = step.error.exit_code is ExitCode.FINDINGS
                code = ExitCode.UNAVAILABLE if rejected else step.error.exit_code
        return code

    return setup.with_desk(work)
