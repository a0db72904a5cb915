"""`completion`: what a shell must know to complete our commands, and how arguments are completed.

The shell asks the command itself, at each press of the tab key: nothing here may reach for the network or the keyring.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click
from click.shell_completion import CompletionItem, get_completion_class

from console import paths
from console.cli import COMPLETE_VARIABLE, PROGRAM, output
from console.cli.parsing import Command, Named, OneOf
from console.errors import BadConfig, BadInput

if TYPE_CHECKING:
    from console.config import Config


@click.command(cls=Command)
@click.argument("shell", type=OneOf(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Write what makes the tab key complete commands, options, paths, formats and names of targets.

    \b
    Examples:
      ocsf-console completion bash > ~/.local/share/bash-completion/completions/ocsf-console
      ocsf-console completion zsh > "${fpath[1]}/_ocsf-console"
      ocsf-console completion fish > ~/.config/fish/completions/ocsf-console.fish
      eval "$(ocsf-console completion bash)"      only for this shell
    """
    from console.cli.root import root
    from console.cli.shells import register

    register()
    kind = get_completion_class(shell)
    if kind is None:
        raise BadInput(f"There is no completion for {shell}.")
    output.line(kind(root, {}, PROGRAM, COMPLETE_VARIABLE).source())


def target_names(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete an argument as the name of a target, of those that the configuration and the environment give."""
    try:
        found = _configured(ctx).targets
    except BadConfig:
        return []
    return [CompletionItem(name, help=one.kind) for name, one in sorted(found.items()) if name.startswith(incomplete)]


class TargetName(Named):
    """The name of a target."""

    name = "target"

    def absent(self, word: str, ctx: click.Context) -> str:
        """That there is no such target, with the nearest. Nothing where the configuration can't be used."""
        try:
            found = _configured(ctx)
        except BadConfig:
            return ""
        try:
            found.target(word)
        except BadConfig as error:
            return error.message
        return ""


TARGET_NAME: Final = TargetName()


def _configured(ctx: click.Context) -> Config:
    """The configuration, while arguments are still being read."""
    from console import config

    chosen = ctx.find_root().params.get("config_path")
    return config.with_environment(config.load(chosen or paths.config_file()))
