"""Options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

from console.cli.completion import target_names

F = TypeVar("F", bound=Callable[..., object])


def target_option(words: str, *, required: bool = True) -> Callable[[F], F]:
    """`--target NAME`."""
    return click.option(
        "--target", "target_name", metavar="NAME", required=required, shell_complete=target_names, help=words
    )


def format_option(*forms: str) -> Callable[[F], F]:
    """The `--format` of a command that can write in these forms; the first is what it writes without."""
    return click.option("--format", "form", type=click.Choice(forms), default=forms[0], show_default=True)
