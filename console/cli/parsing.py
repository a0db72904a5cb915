"""How arguments are read: all that is wrong with them is told at once, with the nearest name of what is unknown."""

from __future__ import annotations

import difflib
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from click.core import iter_params_for_processing

from console.cli import output
from console.display import safe_text
from console.paths import is_there

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

STDIN: Final = "-"
"""What stands for stdin where a file to read is asked for."""


class OneOf(click.Choice[str]):
    """One of a few words. Another is told with the nearest of them."""

    def get_invalid_choice_message(self, value: object, ctx: click.Context | None) -> str:
        """That a word is none of them."""
        return super().get_invalid_choice_message(value, ctx) + _meant(
            self.normalize_choice(str(value), ctx), [self.normalize_choice(choice, ctx) for choice in self.choices]
        )


def _meant(word: str, known: Sequence[str]) -> str:
    """The nearest of the words that are known, as a question; empty where none is near."""
    near = difflib.get_close_matches(word, known, n=1)
    return f" Did you mean '{near[0]}'?" if near else ""


def not_one_of(word: str, known: Sequence[str], condition: str = "") -> str:
    """That a word is none of those that are known, with the nearest of them."""
    meant = _meant(word.removeprefix("-"), known)
    return f"'{safe_text(word, width=60)}' is not one of {', '.join(known)}{condition}.{meant}"


class Named(click.ParamType[str]):
    """Something that a command looks up when it runs. That it is not there is told with what else is wrong with the
    arguments; alone it is no wrong argument, but what the command has to say.
    """

    @abstractmethod
    def absent(self, word: str, ctx: click.Context) -> str:
        """That there is none of that name, in a sentence; empty where there is, or where nobody can say."""


class FileToRead(Named):
    """A file or a folder to read, or stdin. Of several files that are not all there, the others are read."""

    name = "path"

    def absent(self, word: str, ctx: click.Context) -> str:
        """That it does not exist."""
        return "" if word in ("", STDIN) or is_there(Path(word)) else f"{safe_text(word)} does not exist."

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The shell completes paths itself."""
        from click.shell_completion import CompletionItem

        return [CompletionItem(incomplete, type="file")]


FILE_TO_READ: Final = FileToRead()


class SeveralErrors(click.UsageError):
    """More than one thing is wrong with the arguments."""

    def __init__(self, errors: Sequence[click.UsageError], ctx: click.Context) -> None:
        super().__init__("\n".join(error.format_message() for error in errors), ctx)
        self.errors = errors


class _Helpful(click.Command):
    """A command whose help is data like any other: whoever reads it may leave, and the disk may be full."""

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """The option that shows it."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.callback = _show_help
        return option


def _show_help(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        output.line(ctx.get_help())
        ctx.exit()


def usage_error(problem: click.ClickException) -> None:
    """Tell how the command is used. Where nothing more was said than the name of a group: all that it can do."""
    if isinstance(problem, click.exceptions.NoArgsIsHelpError):
        output.say(problem.ctx.get_help())
        return
    if isinstance(problem, click.UsageError) and problem.ctx is not None:
        output.say(problem.ctx.get_usage())
    for one in problem.errors if isinstance(problem, SeveralErrors) else [problem]:
        output.say(safe_text(f"Error: {one.format_message()}", lines=20))


class Command(_Helpful):
    """A command that tells all that is wrong with its arguments."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments. Raises `click.UsageError`, and `SeveralErrors`."""
        try:
            return super().parse_args(ctx, list(args))
        except click.UsageError as error:
            found = {one.format_message(): one for one in [*_faults(self, ctx, args), _to_the_point(error)]}
            for one in found.values():
                one.ctx = ctx
            if len(found) > 1:
                raise SeveralErrors(list(found.values()), ctx) from error
            raise next(iter(found.values())) from error


class Group(_Helpful, click.Group):
    """A group of such commands."""

    command_class = Command


def _faults(command: click.Command, ctx: click.Context, args: Sequence[str]) -> list[click.UsageError]:
    """What is wrong, as far as one error does not hide another.

    An option that does not exist is read as the nearest one, so that its value is not taken for something else.
    """
    found: list[click.UsageError] = []
    words = list(args)
    trial = command.context_class(command, info_name=ctx.info_name, parent=ctx.parent)
    try:
        options, rest, order = _parsed(command, trial, words, found)
    except click.UsageError as error:
        return [*found, error]
    for parameter in iter_params_for_processing(order, command.get_params(trial)):
        if parameter.is_eager:
            continue  # Help would end it all.
        try:
            _, rest = parameter.handle_parse_result(trial, options, rest)
        except click.UsageError as error:
            found += _of_each(parameter, trial, options) or [error]
    return [*found, *_absent(trial, args, found)]


def _of_each(parameter: click.Parameter, ctx: click.Context, options: Mapping[str, Any]) -> list[click.UsageError]:
    """What is wrong with each value of an option that may be given several times."""
    found: list[click.UsageError] = []
    for value in options.get(parameter.name) or () if parameter.multiple else ():
        try:
            parameter.type(value, parameter, ctx)
        except click.UsageError as error:
            found.append(error)
    return found


def _absent(ctx: click.Context, args: Sequence[str], found: Sequence[click.UsageError]) -> Iterator[click.UsageError]:
    """What is named and not there. Not what may be the value of an option that has no nearest one."""
    unknown = {error.option_name for error in found if isinstance(error, click.NoSuchOption)}
    values = {after for before, after in pairwise(args) if before in unknown}
    for parameter in ctx.command.get_params(ctx):
        if isinstance(parameter.type, Named):
            value = ctx.params.get(parameter.name)
            # What was not given is neither of both: click has a word of its own for that.
            for word in [value] if isinstance(value, str) else value if isinstance(value, tuple) else ():
                if word not in values and (sentence := parameter.type.absent(word, ctx)):
                    yield click.UsageError(sentence, ctx)


def _parsed(
    command: click.Command, ctx: click.Context, words: list[str], found: list[click.UsageError]
) -> tuple[dict[str, Any], list[str], list[click.Parameter]]:
    """What a parser makes of the words. Each option that does not exist is added to what was *found*."""
    while True:
        try:
            return command.make_parser(ctx).parse_args(list(words))
        except click.NoSuchOption as error:
            if not _replaced(words, error):
                raise
            found.append(_to_the_point(error))


def _to_the_point(error: click.UsageError) -> click.UsageError:
    """The same, with one suggestion at most: the nearest."""
    if isinstance(error, click.NoSuchOption) and error.possibilities:
        nearest = error.possibilities[0]
        return click.UsageError(f"No such option '{error.option_name}'. Did you mean '{nearest}'?", error.ctx)
    return error


def _replaced(words: list[str], error: click.NoSuchOption) -> bool:
    """Put the nearest option in the place of the unknown one, or nothing; False where that does not stand by itself."""
    for at, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name == error.option_name:
            words[at : at + 1] = [error.possibilities[0] + equals + value] if error.possibilities else []
            return True
    return False
