"""What a new file is called that is made from a finding file, and where it is put. Looks at the disk."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from console.display import safe_text
from console.errors import BadInput
from console.paths import is_folder
from console.records.model import SUFFIXES

_ODD: Final = "findings"
"""What a new file is called where the name of the old one can't be shown as it is."""
_LONGEST: Final = 150
_MOST: Final = 1_000


def proposed(path: Path, word: str, suffix: str) -> str:
    """A name that is free in the folder of *path*: its own, with a *word* put in, and that *suffix*.

    Never one that a terminal would act on: it is put into a field where the user may change it.
    """
    stem, suffix = _parts(path.name, suffix)
    names = (f"{stem}.{word}{'' if number == 1 else f'-{number}'}{suffix}" for number in range(1, _MOST))
    return next((name for name in names if not os.path.lexists(path.parent / name)), f"{stem}.{word}{suffix}")


def _parts(name: str, suffix: str) -> tuple[str, str]:
    """What stays of a name, and the suffix of the new one: `.ocsf` stays in it."""
    stem, is_ocsf = name, False
    while stem.lower().endswith(SUFFIXES):
        stem, _, end = stem.rpartition(".")
        is_ocsf = is_ocsf or end.lower() == "ocsf"
    if safe_text(stem) != stem or not stem or len(stem) > _LONGEST:
        stem = _ODD
    return stem, f".ocsf{suffix}" if is_ocsf else suffix


def chosen(text: str, beside: Path) -> Path:
    """Where a file goes that is called so: beside another one, where no folder is said. Raises `BadInput`."""
    name = text.strip()
    if not name or "\0" in name:
        raise BadInput("The new file needs a name.")
    try:
        path = beside.parent / Path(name).expanduser()
    except RuntimeError as error:
        raise BadInput("There is no such user's home.") from error
    if is_folder(path):
        raise BadInput("A folder has that name.", hint="Put a file's name behind it.")
    return path
