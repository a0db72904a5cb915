"""What a new file is called that is made from a finding file, and where it is put. Looks at the disk."""

from __future__ import annotations

import os
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Naming:
    """How a new file is called, after the old one."""

    word: str
    """What is put into the name."""
    suffix: str = ".json"
    is_ocsf: bool = False
    """Whether it holds OCSF as the old one does: `.ocsf` stays in the name."""


def proposed(path: Path, naming: Naming) -> str:
    """A name that is free in the folder of *path*.

    Never one that a terminal would act on: it is put into a field where the user may change it.
    """
    stem, was_ocsf = _stem(path.name)
    suffix = f"{'.ocsf' if was_ocsf and naming.is_ocsf else ''}{naming.suffix}"
    names = [f"{stem}.{naming.word}{'' if number == 1 else f'-{number}'}{suffix}" for number in range(1, _MOST)]
    return next((name for name in names if not os.path.lexists(path.parent / name)), names[0])


def _stem(name: str) -> tuple[str, bool]:
    """What stays of a name without what finding files end in, and whether `.ocsf` was among that."""
    stem, was_ocsf = name, False
    while stem.lower().endswith(SUFFIXES):
        stem, _, end = stem.rpartition(".")
        was_ocsf = was_ocsf or end.lower() == "ocsf"
    is_fit = bool(stem) and safe_text(stem) == stem and len(stem) <= _LONGEST
    return stem if is_fit else _ODD, was_ocsf


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
