"""The command tree, and the one place where errors become sentences and exit codes."""

from __future__ import annotations

import difflib
import importlib
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from console import __version__
from console.cli import begin, output
from console.cli.setup import READ_ONLY
from console.cli.signals import Stopped
from console.errors import ConsoleError, ExitCode
from console.paths import is_there

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_COMMANDS: Final = {
    "compare": "console.cli.compare:compare",
    "completion": "console.cli.completion:completion",
    "config": "console.cli.config:config",
    "convert": "console.cli.convert:convert",
    "credentials": "console.cli.login:credentials",
    "demo": "console.cli.demo:demo",
    "info": "console.cli.info:info",
    "inspect": "console.cli.inspect:inspect",
    "jobs": "console.cli.jobs:jobs",
    "login": "console.cli.login:login",
    "logout": "console.cli.login:logout",
    "repair": "console.cli.repair:repair",
    "sandbox": "console.cli.sandbox:sandbox",
    "schema": "console.cli.schema:schema",
    "show": "console.cli.show:show",
    "submit": "console.cli.submit:submit",
    "targets": "console.cli.targets:targets",
    "tui": "console.cli.tui:tui",
    "validate": "console.cli.validate:validate",
    "web": "console.cli.web:web",
}
"""Where each command is. A module is loaded when its command is used, so that none pays for the others."""

_SENDING: Final = frozenset({"demo", "jobs", "submit"})
"""The commands that send something, or watch what was sent."""


class Commands(click.Group):
    """The commands; anything else is a path to open the terminal UI at."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names that somebody types, for the help. `tui` is what a path is short for."""
        return sorted(_COMMANDS.keys() - {"tui"})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command."""
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete the name of a command, without loading any, or an option; else a path. Bash can't have both."""
        from click.shell_completion import CompletionItem

        names = [CompletionItem(name) for name in self.list_commands(ctx) if name.startswith(incomplete)]
        found = [*names, *click.Command.shell_complete(self, ctx, incomplete)]
        return found or [CompletionItem(incomplete, type="file")]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Take a first word that is no command as a path, when there is such a file or folder."""
        word = args[0]
        if word in _COMMANDS:
            return super().resolve_command(ctx, args)
        if len(args) == 1 and is_there(Path(word)):
            from console.cli.tui import tui

            return tui.name, tui, args
        near = difflib.get_close_matches(word, _COMMANDS, n=1)
        raise click.UsageError(
            f"No such file or command '{word}'." + (f" Did you mean '{near[0]}'?" if near else ""), ctx
        )


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
@click.version_option(__version__, prog_name="ocsf-console", message="%(prog)s %(version)s")
@click.pass_context
def root(ctx: click.Context, config_path: Path | None, read_only: bool) -> object:
    """Browse security-finding files, validate OCSF records, submit them and watch the jobs.

    Without a command, opens the terminal UI, at PATH when one is given.
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
    try:
        code = root.main(_program_first(arguments), prog_name="ocsf-console", standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
    except click.ClickException as error:
        output.usage_error(error)
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
