"""`targets`: the destinations that the configuration and the environment give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

import click

from console.cli import output, setup
from console.cli.completion import target_names
from console.cli.options import format_option
from console.cli.parsing import Group, OneOf
from console.display import safe_text
from console.errors import ExitCode

if TYPE_CHECKING:
    from console.config_edit import Value
    from console.submissions.desk import Desk

F = TypeVar("F", bound=Callable[..., object])

_KINDS: Final = ("prowler", "cisco-xdr", "security-hub")
_KEYS: Final = {
    "base_url": "prowler, cisco-xdr: where its API is, if not at the vendor's.",
    "region": "cisco-xdr: us, eu or apjc. security-hub: the AWS region.",
    "regions": "security-hub: further regions that findings may go to, with commas between them.",
    "token_url": "cisco-xdr: where its tokens are, together with --base-url.",
    "query_url": "cisco-xdr: where a finding can be read back.",
    "module_instance_id": "cisco-xdr: as which module instance findings are sent.",
    "workflow_run_id": "cisco-xdr: the workflow run that findings belong to.",
    "account_id": "security-hub: the account, 12 digits.",
    "product_arn": "security-hub: the product that reports; by default the account's own.",
    "aws_profile": "security-hub: the AWS profile, if not the usual chain.",
    "endpoint_url": "security-hub: another endpoint than AWS's own.",
}
"""The keys of targets, with the kinds that have them."""
_LISTS: Final = frozenset({"regions"})
"""Those that hold several values."""


def _value(_ctx: click.Context, option: click.Parameter, value: str | None) -> str | list[str] | None:
    """Split `A,B` where a key holds several values."""
    if value is None or option.name not in _LISTS:
        return value
    return [part.strip() for part in value.split(",") if part.strip()]


def _key_options(command: F) -> F:
    """An option for each key of a target."""
    for key, words in reversed(_KEYS.items()):
        command = click.option(f"--{key.replace('_', '-')}", key, metavar="VALUE", callback=_value, help=words)(command)
    return command


@click.group(cls=Group)
def targets() -> None:
    """List, add, change, remove and test targets.

    \b
    Examples:
      ocsf-console targets list
      ocsf-console targets add hub --kind security-hub --region eu-west-1 --account-id 123456789012
      ocsf-console targets test prowler
    """


@targets.command("list")
@format_option("text", "json")
def list_targets(form: str) -> None:
    """List the targets: those of the configuration, and one for each kind.

    \b
    Examples:
      ocsf-console targets list
      ocsf-console targets list --format json
    """
    from console.targets.registry import access

    rows: list[dict[str, output.JsonData]] = []
    for name, config in sorted(setup.read_config().targets.items()):
        rows.append({"name": name, "kind": config.kind, "origin": access(name, config).origin or None})
    if form == "json":
        output.document({"targets": rows})
    else:
        output.table(("name", "kind", "origin"), [list(row.values()) for row in rows])


@targets.command("add")
@click.argument("name")
@click.option("--kind", type=OneOf(_KINDS), required=True, help="What it is.")
@_key_options
def add(name: str, kind: str, **keys: Value | None) -> None:
    """Add a target to the configuration file, which is made where there is none. Comments in it stay.

    Secrets are no part of it: see `ocsf-console login`.

    \b
    Examples:
      ocsf-console targets add prowler --kind prowler
      ocsf-console targets add xdr --kind cisco-xdr --region eu --module-instance-id 7d9a4c1e
      ocsf-console targets add hub --kind security-hub --region eu-west-1 --account-id 123456789012
    """
    from console.config_edit import add_target
    from console.targets.registry import access

    path = setup.config_path()
    wanted = access(name, add_target(path, name, kind, keys).targets[name])
    output.say(f"Added {name} to {safe_text(path)}.")
    output.say(f"{wanted.elsewhere}." if wanted.elsewhere else f"Give it its secret with: ocsf-console login {name}")


@targets.command("edit")
@click.argument("name", shell_complete=target_names)
@_key_options
@click.option(
    "--unset",
    type=OneOf([key.replace("_", "-") for key in _KEYS]),
    multiple=True,
    help="Take this key away, so that its default holds. May be given several times.",
)
def edit(name: str, unset: Sequence[str], **keys: Value | None) -> None:
    """Change keys of a target in the configuration file. Comments in it stay.

    \b
    Examples:
      ocsf-console targets edit hub --region eu-central-1
      ocsf-console targets edit xdr --unset workflow-run-id
    """
    from console.config_edit import edit_target

    changes = {key: value for key, value in keys.items() if value is not None}
    if both := [key for key in unset if key.replace("-", "_") in changes]:
        raise click.UsageError(f"--{both[0]} can't be set and unset at once.")
    if not changes and not unset:
        raise click.UsageError("Nothing to change: name a key, such as --region.")
    path = setup.config_path()
    edit_target(path, name, {**changes, **{key.replace("-", "_"): None for key in unset}})
    output.say(f"Changed {safe_text(name)} in {safe_text(path)}.")


@targets.command("remove")
@click.argument("name", shell_complete=target_names)
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(name: str, yes: bool) -> ExitCode:
    """Take a target out of the configuration file. Its secrets stay where they are: log out before.

    Asks before; where nobody can be asked, --yes must be given.

    \b
    Examples:
      ocsf-console logout hub && ocsf-console targets remove hub --yes
      ocsf-console targets remove old-tenant --yes
    """
    from console.config_edit import check_target, remove_target

    path = setup.config_path()
    check_target(path, name)
    if not yes and not setup.is_attended():
        raise click.UsageError("Nobody is there to be asked: --yes removes it without.")
    if not yes and not click.confirm(f"Remove {safe_text(name)} from {safe_text(path)}?", err=True):
        output.say("Nothing was removed.")
        return ExitCode.OK
    remove_target(path, name)
    output.say(f"Removed {safe_text(name)} from {safe_text(path)}.")
    return ExitCode.OK


@targets.command("test")
@click.argument("name", shell_complete=target_names)
def probe(name: str) -> ExitCode:
    """Test the way to a target step by step: name, TLS, credentials, permission. Sends no finding.

    \b
    Example:
      ocsf-console targets test prowler
    """

    async def work(desk: Desk) -> ExitCode:
        target = await desk.target(name)
        code = ExitCode.OK
        async for step in target.probe():
            if step.error is not None:
                # A probe sends nothing that could be rejected: what refuses it is not the API that we look for.
                rejected = step.error.exit_code is ExitCode.FINDINGS
                code = ExitCode.UNAVAILABLE if rejected else step.error.exit_code
            with output.reader_may_leave():
                output.line(f"{step.state:8}{step.name}: {safe_text(step.detail)}")
                if step.advice:
                    output.line(f"        {safe_text(step.advice)}")
        return code

    return setup.with_desk(work)
