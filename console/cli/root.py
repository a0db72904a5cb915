"""The command tree, and the one place where errors become sentences and exit codes."""

from __future__ import annotations

import difflib
import importlib
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import click

from console import __version__
from console.cli import COMPLETE_VARIABLE, PROGRAM, begin, output
from console.cli.parsing import STDIN, Group, usage_error
from console.cli.setup import READ_ONLY
from console.cli.signals import Stopped
from console.errors import ConsoleError, ExitCode
from console.paths import is_there

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class _Entry(NamedTuple):
    """A command that is not loaded yet."""

    place: str
    """Module and name."""
    summary: str
    """What it is for, in the help of the whole program."""


_COMMANDS: Final = {
    "compare": _Entry("console.cli.compare:compare", "Say what is new, gone or changed between two scans."),
    "completion": _Entry("console.cli.completion:completion", "Write what makes the tab key complete commands."),
    "config": _Entry("console.cli.config:config", "Find, check and start the configuration file."),
    "convert": _Entry("console.cli.convert:convert", "Write findings in the format of another service."),
    "credentials": _Entry("console.cli.login:credentials", "Say where secrets come from, never what they are."),
    "demo": _Entry("console.cli.demo:demo", "Try everything on sample files and a sandbox."),
    "info": _Entry("console.cli.info:info", "Say what a bug report should: versions and places."),
    "inspect": _Entry("console.cli.inspect:inspect", "Say what finding files hold."),
    "jobs": _Entry("console.cli.jobs:jobs", "List, follow and settle jobs; read their errors."),
    "login": _Entry("console.cli.login:login", "Keep a target's secret in the keyring."),
    "logout": _Entry("console.cli.login:logout", "Remove a target's secret from the keyring."),
    "repair": _Entry("console.cli.repair:repair", "Write all that is whole in a broken file to a new one."),
    "sandbox": _Entry("console.cli.sandbox:sandbox", "Serve a local stand-in for the targets."),
    "schema": _Entry("console.cli.schema:schema", "List and add versions of OCSF."),
    "show": _Entry("console.cli.show:show", "Write records of a finding file, or search it."),
    "submit": _Entry("console.cli.submit:submit", "Send the records of finding files to a target."),
    "targets": _Entry("console.cli.targets:targets", "List, add, change, remove and test targets."),
    "tui": _Entry("console.cli.tui:tui", "Open the terminal UI."),
    "validate": _Entry("console.cli.validate:validate", "Check finding files against OCSF, offline."),
    "web": _Entry("console.cli.web:web", "Show the terminal UI in a browser of this machine."),
}
"""Where each command is. A module is loaded when its command is used, so that none pays for the others."""

_SENDING: Final = frozenset({"demo", "jobs", "submit"})
"""The commands that send something, or watch what was sent."""


class Commands(Group):
    """The commands; anything else is a path to open the terminal UI at."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names that somebody types, for the help. `tui` is what a path is short for."""
        return sorted(_COMMANDS.keys() - {"tui"})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command."""
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].place.partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List them for the help, without loading any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, _COMMANDS[name].summary) for name in self.list_commands(ctx)])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete the name of a command, without loading any, or an option; else a path. Bash can't have both."""
        from click.shell_completion import CompletionItem

        names = [
            CompletionItem(name, help=_COMMANDS[name].summary)
            for name in self.list_commands(ctx)
            if name.startswith(incomplete)
        ]
        found = [*names, *click.Command.shell_complete(self, ctx, incomplete)]
        return found or [CompletionItem(incomplete, type="file")]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Take a first word that is no command as a path, when there is such a file or folder; `-` is stdin."""
        word = args[0]
        if word in _COMMANDS:
            return super().resolve_command(ctx, args)
        if len(args) == 1 and (word == STDIN or is_there(Path(word))):
            from console.cli.tui import tui

            return tui.name, tui, args
        near = difflib.get_close_matches(word, _COMMANDS, n=1)
        raise click.UsageError(
            f"No such file or command '{word}'." + (f" Did you mean '{near[0]}'?" if near else ""), ctx
        )


def _show_version(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        output.line(f"ocsf-console {__version__}")
        ctx.exit()


@click.group(
    cls=Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Examples:\n\n\b\n  ocsf-console scans/                   browse a folder of finding files\n"
    "  ocsf-console validate scan.ocsf.json  check it against OCSF, offline\n"
    "  ocsf-console submit scan.ocsf.json --target prowler --wait",
)
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="The configuration file to read.")
@click.option("--read-only", is_flag=True, help="Send nothing and settle nothing.")
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_show_version,
    help="Show the version and exit.",
)
@click.pass_context
def root(ctx: click.Context, config_path: Path | None, read_only: bool) -> object:
    """Browse security-finding files, validate OCSF records, submit them and watch the jobs.

    Without a command, opens the terminal UI, at PATH when one is given; - is stdin.
    """
    ctx.obj = config_path
    ctx.meta[READ_ONLY] = read_only
    if ctx.invoked_subcommand is None:
        from console.cli.tui import tui

        return ctx.invoke(tui)
    return None


def _program_first(arguments: Sequence[str]) -> list[str]:
    """Bring the options of the whole program to the front, where click wants them. They may stand anywhere."""
    front: list[str] = []
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word == "--config":
            front += [word, *[value for value in [next(words, None)] if value is not None]]
        elif word.startswith("--config=") or word == "--read-only":
            front.append(word)
        else:
            rest.append(word)
    return front + rest


def _tell_stop(how: str, arguments: Sequence[str]) -> None:
    sends = any(word in _SENDING for word in arguments)
    kept = " What was sent, and what is known of it, is kept: see `ocsf-console jobs --help`."
    output.say(how + (kept if sends else ""))


def run(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code. Whatever goes wrong is said in a sentence on stderr."""
    begin()
    if COMPLETE_VARIABLE in os.environ:
        from console.cli.shells import register

        register()
    try:
        code = root.main(_program_first(arguments), prog_name=PROGRAM, standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
    except click.ClickException as error:
        usage_error(error)
        return ExitCode.USAGE
    except (click.Abort, KeyboardInterrupt):
        _tell_stop("Interrupted.", arguments)
        return ExitCode.INTERRUPTED
    except Stopped as stopped:
        # The terminal may be gone: that is what SIGHUP says.
        with suppress(OSError):
            _tell_stop(f"Ended by {stopped.number.name}.", arguments)
        return stopped.exit_code
    except ConsoleError as error:
        output.error(error)
        return error.exit_code
    except output.ReaderGone:
        return ExitCode.OK
    return code if isinstance(code, int) else ExitCode.OK
