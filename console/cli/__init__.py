"""The command line: one module for each group of commands, and the only part of the core that prints.

stdout carries data, stderr narration. `main` answers `--version` before anything is loaded.
"""

from __future__ import annotations

import os
import sys
import time

from console import __version__

PROGRAM = "ocsf-console"
COMPLETE_VARIABLE = "_OCSF_CONSOLE_COMPLETE"
"""Through which a shell asks what a word may be completed to; click derives the name from that of the program."""

_begun = [time.time()]


def begin() -> None:
    """A command begins. The first one of a process began with it, before anything was loaded."""
    _begun.append(time.time() if len(_begun) > 1 else _begun[0])


def begun_at() -> float:
    """When the command began, as near as it can tell itself. Seconds since the epoch."""
    return _begun[-1]


def main() -> None:
    """Run the command that the process was started with, and exit with its code."""
    _open_closed_streams()
    if sys.argv[1:] == ["--version"] and _written(f"ocsf-console {__version__}\n"):
        return
    from console.cli.root import run

    sys.exit(run(sys.argv[1:]))


def _written(text: str) -> bool:
    """Whether stdout took it. If not, whoever tries again says why."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError:
        return False
    return True


def _open_closed_streams() -> None:
    """Give a process that was started without stdout or stderr somewhere to write: its exit code still counts."""
    for descriptor, name in ((1, "stdout"), (2, "stderr")):
        if getattr(sys, name) is None:
            # The lowest free descriptor may be another: the stream must not be a file that is opened later.
            os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
            setattr(sys, name, os.fdopen(descriptor, "w"))
