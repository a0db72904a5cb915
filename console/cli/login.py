"""`login`, `logout` and `credentials`: what the console knows of secrets, and where it keeps them."""

from __future__ import annotations

from typing import Final

import click

from console.cli import output, setup
from console.cli.completion import target_names
from console.cli.options import format_option
from console.cli.parsing import Command
from console.config import SecurityHubConfig
from console.credentials import Credentials, Secret, Source
from console.display import safe_text
from console.errors import BadInput, TargetError
from console.targets.registry import Access, access, aws_credentials

PROMPT_SECONDS: Final = 60


def _keeper() -> Credentials:
    """The credentials; where somebody is there to answer it, a prompt of the keyring may take its time."""
    return Credentials(timeout=PROMPT_SECONDS) if setup.is_attended() else Credentials()


def _kept_here(name: str) -> Access:
    """Which secrets of a target are ours to keep. Raises `BadInput` where others keep them."""
    wanted = _access(name)
    if wanted.elsewhere:
        raise BadInput(f"The credentials of '{safe_text(name)}' are not kept here.", hint=f"{wanted.elsewhere}.")
    return wanted


def _access(name: str) -> Access:
    return access(name, setup.read_config().target(name))


@click.command(cls=Command)
@click.argument("target", shell_complete=target_names)
@click.option("--stdin", "from_stdin", is_flag=True, help="Read the secret from stdin, one line each.")
def login(target: str, from_stdin: bool) -> None:
    """Keep a target's secret in the keyring of the operating system, bound to the target's address.

    Asks for the secret, or reads it with --stdin. It is never an argument: those are seen by everybody.

    \b
    Examples:
      ocsf-console login prowler
      vault read -field=key secret/prowler | ocsf-console login prowler --stdin
    """
    wanted = _kept_here(target)
    keeper = _keeper()
    for slot in wanted.slots:
        # A secret is never held in the clear by a frame that may fail.
        if from_stdin:
            secret = Secret(setup.stdin().readline().decode(errors="replace"))
        elif setup.is_attended():
            secret = Secret(click.prompt(f"{slot.label} for {wanted.origin}", hide_input=True, err=True))
        else:
            raise BadInput("There is no terminal to ask on.", hint="Give the secret on stdin, with --stdin.")
        backend = keeper.store(target, wanted.origin, slot, secret)
        output.say(f"{slot.label} for {target} ({wanted.origin}) is kept in {backend}.")


@click.command(cls=Command)
@click.argument("target", shell_complete=target_names)
def logout(target: str) -> None:
    """Remove a target's secret from the keyring.

    \b
    Example:
      ocsf-console logout prowler
    """
    wanted = _kept_here(target)
    keeper = _keeper()
    for slot in wanted.slots:
        removed = keeper.forget(target, wanted.origin, slot)
        output.say(f"{slot.label} for {target}: {'removed' if removed else 'none was kept'}.")
        found = keeper.find(target, wanted.origin, slot)
        if found.source is Source.ENVIRONMENT:
            output.say(f"It is still set in the environment ({found.detail}).")


@click.command(cls=Command)
@format_option("text", "json")
def credentials(form: str) -> None:
    """Say where each target's secrets come from, never what they are.

    \b
    Example:
      ocsf-console credentials --format json
    """
    keeper = Credentials()
    state = keeper.backend()
    rows: list[dict[str, output.JsonData]] = []
    for name, config in sorted(setup.read_config().targets.items()):
        wanted = access(name, config)
        if isinstance(config, SecurityHubConfig):
            rows.append(_row(name, wanted, "AWS credentials", "aws", _found_by_aws(name, config)))
        for slot in wanted.slots:
            found = keeper.find(name, wanted.origin, slot)
            rows.append(_row(name, wanted, slot.label, found.source, found.detail))
    if form == "json":
        keyring: dict[str, output.JsonData] = {"name": state.name, "usable": state.usable, "reason": state.reason}
        output.document({"keyring": keyring, "credentials": rows})
        return
    output.table(("target", "origin", "secret", "source", "detail"), [list(row.values()) for row in rows])
    output.say(f"Keyring: {state.name or 'none'}. {safe_text(state.reason)}".rstrip())


def _found_by_aws(name: str, config: SecurityHubConfig) -> str:
    """Where AWS's own settings have them from; where they have none, how to give them some."""
    try:
        return aws_credentials(name, config)
    except TargetError as error:
        return error.hint


def _row(name: str, wanted: Access, secret: str, source: str, detail: str) -> dict[str, output.JsonData]:
    return {"target": name, "origin": wanted.origin or None, "secret": secret, "source": source, "detail": detail}
