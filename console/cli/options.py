"""Options that several commands have."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Final, TypeVar

import click

from console.cli.completion import TARGET_NAME, target_names
from console.cli.parsing import OneOf
from console.display import safe_text
from console.errors import BadInput

if TYPE_CHECKING:
    from console.submissions.model import Selection

AUTO: Final = "auto"
"""The version that each record declares."""

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


class _Version(click.ParamType[str]):
    """A version of OCSF that there is a schema of, or each record's own."""

    name = "version"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Look it up."""
        version = str(value)
        if version != AUTO:
            from console.ocsf.store import user_store

            try:
                user_store().source(version)
            except BadInput as error:
                self.fail(str(error), param, ctx)
        return version


class _Selection(click.ParamType["Selection"]):
    """Which records are meant: by a name, or by an expression."""

    name = "selection"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Selection:
        """Read it."""
        from console.submissions.model import Selection

        try:
            return Selection.parse(str(value))
        except BadInput as error:
            self.fail(str(error), param, ctx)


class _Fault(click.ParamType[str]):
    """What shall go wrong in the sandbox. Only the sandbox knows whether there is an endpoint of that name."""

    name = "fault"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Read it."""
        from console.sandbox.faults.spec import parse_fault

        try:
            return parse_fault(str(value), None).text
        except BadInput as error:
            self.fail(str(error), param, ctx)


class _Seconds(click.FloatRange):
    """A time to wait. Python reads `nan` as a number, and no time is less or more than that."""

    def convert(self, value: float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read it."""
        seconds = float(super().convert(value, param, ctx))
        if math.isnan(seconds):
            self.fail("nan is no number of seconds.", param, ctx)
        return seconds


DAY: Final = _Day()
FAULT: Final = _Fault()
SELECTION: Final = _Selection()
VERSION: Final = _Version()
SECONDS: Final = _Seconds(min=0)


def target_option(words: str, *, required: bool = True) -> Callable[[F], F]:
    """`--target NAME`."""
    return click.option(
        "--target",
        "target_name",
        type=TARGET_NAME,
        metavar="NAME",
        required=required,
        shell_complete=target_names,
        help=words,
    )


def format_option(*forms: str) -> Callable[[F], F]:
    """The `--format` of a command that can write in these forms; the first is what it writes without."""
    return click.option("--format", "form", type=OneOf(forms), default=forms[0], show_default=True)
