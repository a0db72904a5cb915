"""A new file must not be the one that it is made from."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from console.cli import output, setup
from console.cli.parsing import STDIN
from console.display import safe_text
from console.errors import BadInput

if TYPE_CHECKING:
    from console.cli.setup import Source


def check_apart(source: Source, out: Path, purpose: str) -> None:
    """Raise `BadInput` when the new file would be the old one, whatever names it goes by.

    *purpose* is what is done with the old one: `repair`.
    """
    new = output.status(out)
    try:
        old = os.fstat(setup.stdin().fileno()) if source.label == STDIN else source.path.stat()
    except OSError:
        return  # Opening it will say what is wrong.
    if new is not None and stat.S_ISREG(new.st_mode) and os.path.samestat(old, new):
        raise BadInput(
            f"{safe_text(out)} is the file to {purpose} itself, and that stays as it is.",
            hint="Name another file with -o.",
        )
