"""The reference of the commands, from the commands themselves: what `docs/commands.md` shows below its introduction."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Sequence
from typing import Final

import click

from console.cli.root import root

_EXAMPLES: Final = re.compile(r"^Examples?:$", re.MULTILINE)


def reference() -> str:
    """All commands, groups before their commands."""
    # With its settings: a command remembers the help option that it was first asked for.
    ctx = click.Context(root, info_name="ocsf-console", **root.context_settings)
    return "\n".join(_sections(root, ctx))


def _sections(command: click.Command, ctx: click.Context) -> Iterator[str]:
    yield _section(command, ctx)
    if isinstance(command, click.Group):
        for name in command.list_commands(ctx):
            one = command.get_command(ctx, name)
            if one is not None and not one.hidden:
                yield from _sections(one, click.Context(one, info_name=name, parent=ctx))


def _section(command: click.Command, ctx: click.Context) -> str:
    words, examples = _split(command)
    usage = f"{ctx.command_path} {' '.join(command.collect_usage_pieces(ctx))}"
    level = "##" if ctx.parent is None or ctx.parent.parent is None else "###"
    return (
        f"{level} {ctx.command_path}\n\n{words}\n\n```\n{usage}\n```\n\n{_options(command, ctx)}"
        f"```sh\n{examples}\n```\n"
    )


def _split(command: click.Command) -> tuple[str, str]:
    """The help as prose, and its examples."""
    text = inspect.cleandoc(command.help or "").replace("\b\n", "")
    if isinstance(command.epilog, str):
        text += "\n\n" + inspect.cleandoc(command.epilog).replace("\b\n", "")
    found = _EXAMPLES.search(text)
    if found is None:
        raise ValueError(f"{command.name} has no examples")
    return text[: found.start()].strip(), inspect.cleandoc(text[found.end() :].strip("\n"))


def _options(command: click.Command, ctx: click.Context) -> str:
    """The options as a table; none that every command has."""
    rows = [
        record
        for parameter in command.get_params(ctx)
        if isinstance(parameter, click.Option)
        and "--help" not in parameter.opts
        and (record := parameter.get_help_record(ctx)) is not None
    ]
    return _table(rows) if rows else ""


def _table(rows: Sequence[tuple[str, str]]) -> str:
    lines = [f"| `{_cell(names)}` | {_cell(words)} |" for names, words in rows]
    return "\n".join(["| option | what it does |", "| --- | --- |", *lines]) + "\n\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
