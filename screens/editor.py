"""Handing a file, and the terminal, to the operator's own editor. Knows no widget."""

from __future__ import annotations

import shlex
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Final

from console.display import safe_text
from console.errors import BadInput

_VARIABLES: Final = ("VISUAL", "EDITOR")
_HINT: Final = "Set VISUAL or EDITOR to the command of an editor, such as vim or 'code --wait'."


def editor_command(environ: Mapping[str, str], path: Path) -> list[str]:
    """The program that opens *path*, and its arguments: no shell sees them. Raises `BadInput` where none is named."""
    for name in _VARIABLES:
        try:
            words = shlex.split(environ.get(name, ""))
        except ValueError as error:
            raise BadInput(f"{name} has a quotation mark without another one.", hint=_HINT) from error
        if words:
            # Absolute: a name that starts with a dash is no option.
            return [*words, str(path.absolute())]
    raise BadInput("No editor is set.", hint=_HINT)


def edit(command: list[str]) -> BadInput | None:
    """Run the editor in the terminal that we have, and wait until it ends. Why it could not be run, if it couldn't.

    An interrupt is for the editor: meanwhile it does nothing to us.
    """
    before = signal.signal(signal.SIGINT, _ignore)
    try:
        subprocess.run(command, check=False)  # noqa: S603
    except OSError as error:
        return BadInput(f"{safe_text(command[0])} can't be run: {error.strerror}.", hint=_HINT)
    finally:
        signal.signal(signal.SIGINT, before)
    return None


def _ignore(_signal: int, _frame: FrameType | None) -> None:
    """A handler, since what is ignored would be ignored by the editor too."""
