"""What is wrong with a configuration, in sentences that name file, line, key and nearest key.

pydantic says which key is wrong; the line is looked up in the text, since tomllib keeps no positions.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic_core import ErrorDetails

_HEADER: Final = re.compile(r"^\s*\[([^\[\]]++)\]\s*+(?:#.*)?$")
_KEY: Final = re.compile(r"""^\s*+((?:"[^"]*"|'[^']*'|[\w.\s-])++)=""")
_PART: Final = re.compile(r"""[^.\s"']+|"[^"]*"|'[^']*'""")


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys that a configuration file may have, by where they stand."""

    top: Sequence[str]
    """Outside of any table."""
    tables: Mapping[str, Sequence[str]]
    """In a table of fixed keys, by its name."""
    kinds: Mapping[str, Sequence[str]]
    """In the table of a target, by its kind."""


def sentence(fault: ErrorDetails, text: str, path: Path, keys: Keys) -> str:
    """One fault of the *text* of *path* as `FILE, line N: …`, with the nearest key where one is misspelt."""
    place = tuple(str(part) for part in fault["loc"])
    kind = ""
    # pydantic adds the discriminator's value to the path of a target's keys; the file has no such key.
    if place[:1] == ("targets",) and len(place) > 2 and place[2] in keys.kinds:
        kind, place = place[2], place[:2] + place[3:]
    name = ".".join(part for part in place if part != "[key]")
    line = _line_of(text, place)
    where = f"{path}, line {line}" if line else f"{path}"
    if fault["type"] == "extra_forbidden":
        return _unknown(where, name, place[-1], _known(keys, place, kind))
    if fault["type"].startswith("union_tag"):
        return f"{where}: '{name}.kind' must be one of {', '.join(keys.kinds)}."
    reason = fault["msg"].removeprefix("Value error, ").rstrip(".")
    return f"{where}: '{name}': {reason}."


def unknown_key(place: tuple[str, ...], text: str, path: Path, known: Iterable[str]) -> str:
    """The sentence for a key of the *text* of *path* that is none of those *known* where it stands."""
    line = _line_of(text, place)
    return _unknown(f"{path}, line {line}" if line else f"{path}", ".".join(place), place[-1], known)


def _unknown(where: str, name: str, last: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(last, list(known), n=1)
    return f"{where}: unknown key '{name}'" + (f"; did you mean '{near[0]}'?" if near else ".")


def _known(keys: Keys, place: tuple[str, ...], kind: str) -> Sequence[str]:
    """The keys that may stand where the unknown one stands."""
    if len(place) == 1:
        return keys.top
    return keys.kinds[kind] if kind else keys.tables.get(place[0], ())


def _line_of(text: str, keys: tuple[str, ...]) -> int | None:
    """The line that sets *keys*, or the header of the nearest table around it."""
    wanted = [part for part in keys if part != "[key]"]
    table: list[str] = []
    nearest: int | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = _parts(header[1])
            if wanted[: len(table)] == table:
                nearest = number
                if table == wanted:
                    return number
        elif (key := _KEY.match(line)) and table + _parts(key[1]) == wanted:
            return number
    return nearest


def _parts(dotted: str) -> list[str]:
    """The parts of a dotted key, quotes removed."""
    return [part.strip("\"'") for part in _PART.findall(dotted)]
