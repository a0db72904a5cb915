"""Options that several commands have."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from typing import Final, TypeVar

import click

from console.cli.completion import target_names
from console.display import safe_text

F = TypeVar("F", bound=Callable[..., object])


class _Day(click.ParamType[date]):
    """A day, as ISO 8601 writes it."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read it."""
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"'{safe_text(value, width=60)}' is no day like 2026-11-21.", param, ctx)


class _Seconds(click.FloatRange):
    """A time to wait. Python reads `nan` as a number, and no time is less or more than that."""

    def convert(self, value: float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read it."""
        seconds = float(super().convert(value, param, ctx))
        if math.isnan(seconds):
            self.fail("nan is no number of seconds.", param, ctx)
        return seconds


DAY: Final = _Day()
SECONDS: Final = _Seconds(min=0)


def target_option(words: str, *, required: bool = True) -> Callable[[F], F]:
    """`--target NAME`."""
    return click.option(
        "--target", "target_name", metavar="NAME", required=required, shell_complete=target_names, help=words
    )


def format_option(*forms: str) -> Callable[[F], F]:
    """The `--format` of a command that can write in these forms; the first is what it writes without."""
    return click.option("--format", "form", type=click.Choice(forms), default=forms[0], show_default=True)
