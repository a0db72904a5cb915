"""What is wrong with a configuration, in sentences that name file, line, key and nearest key.

pydantic says which key is wrong; the line is looked up in the text, since tomllib keeps no positions. What it says of a
value is put in words that need no knowledge of patterns and types.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic_core import ErrorDetails

from console.display import safe_text

_HEADER: Final = re.compile(r"^\s*\[([^\[\]]++)\]\s*+(?:#.*)?$")
_KEY: Final = re.compile(r"""^\s*+((?:"[^"]*"|'[^']*'|[\w.\s-])++)=""")
_PART: Final = re.compile(r"""[^.\s"']+|"[^"]*"|'[^']*'""")
_TOML_PLACE: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
"""How tomllib ends what it says."""
_SHOWN: Final = 12
"""Characters of the text that are shown where it is no TOML: enough to find it, and too few for a secret."""

_ONE_WORD: Final = "visible ASCII characters without a space, at most 256"
_PATTERNS: Final = {
    "[key]": "letters, digits and . _ - only, a letter or a digit first, at most 64",
    "account_id": "an AWS account has 12 digits",
    "module_instance_id": _ONE_WORD,
    "workflow_run_id": _ONE_WORD,
    "keys": "visible ASCII characters without a space, as in docs/keys.md",
}
"""What a pattern means, by the setting, or the table, whose value has to match it."""
_WORDS: Final = {
    "greater_than": "must be more than {gt:g}",
    "greater_than_equal": "must be {ge:g} or more",
    "less_than": "must be less than {lt:g}",
    "less_than_equal": "must be {le:g} or less",
    "literal_error": "must be {expected}",
}
"""What pydantic says with numbers or words of its own, in ours."""
_TYPES: Final = {
    "bool": "must be true or false",
    "dict": "must be a table",
    "float": "must be a number",
    "int": "must be a whole number",
    "model": "must be a table",
    "string": "must be text in quotes",
    "tuple": 'must be a list, such as ["…"]',
}
"""What a value has to be, by how the names begin of what pydantic finds wrong with it."""


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
    # Of a list, all stands in one place.
    place = tuple(part for part in fault["loc"] if isinstance(part, str))
    kind = ""
    # pydantic adds the discriminator's value to the path of a target's keys; the file has no such key.
    if place[:1] == ("targets",) and len(place) > 2 and place[2] in keys.kinds:
        kind, place = place[2], place[:2] + place[3:]
    name = ".".join(part for part in place if part != "[key]")
    where = _where(path, _line_of(text, place))
    if fault["type"] == "extra_forbidden":
        return _unknown(where, name, place[-1], _known(keys, place, kind))
    if fault["type"].startswith("union_tag"):
        return _wrong_kind(fault, _where(path, _line_of(text, (*place, "kind"))), name, list(keys.kinds))
    return f"{where}: '{name}': {reason(fault)}."


def reason(fault: ErrorDetails) -> str:
    """What is wrong with a value, in words, without the point at the end."""
    place = tuple(str(part) for part in fault["loc"])
    found = fault["type"]
    if found == "string_pattern_mismatch" and (meant := _PATTERNS.get(place[-1]) or _PATTERNS.get(place[0])):
        return meant
    if words := _WORDS.get(found):
        return words.format(**fault.get("ctx", {}))
    if found.endswith(("_type", "_parsing", "_from_float")) and (meant := _TYPES.get(found.partition("_")[0])):
        return meant
    return fault["msg"].removeprefix("Value error, ").rstrip(".")


def not_toml(error: tomllib.TOMLDecodeError, text: str, path: Path) -> str:
    """Why the *text* of *path* is no TOML: where, and what is there."""
    lines = text.split("\n")
    place = _TOML_PLACE.search(str(error))
    said = _TOML_PLACE.sub("", str(error))
    # Where tomllib names no place, it got to the end.
    number, column = (int(place[1]), int(place[2])) if place and place[1] else (len(lines), len(lines[-1]) + 1)
    rest = lines[number - 1][column - 1 :].strip() if number <= len(lines) else ""
    there = f"at '{safe_text(rest, width=_SHOWN)}'" if rest else "at the end of the line"
    if place and not place[1]:
        there = "at the end of the file"
    advice = "; text stands in quotes" if said == "Invalid value" and rest[:1].isalpha() else ""
    return f"{path}, line {number}, column {column}: this is not TOML: {said[:1].lower()}{said[1:]} {there}{advice}."


def _where(path: Path, line: int | None) -> str:
    return f"{path}, line {line}" if line else f"{path}"


def _wrong_kind(fault: ErrorDetails, where: str, name: str, kinds: Sequence[str]) -> str:
    """The sentence for a target without a kind, or of one that there is none of."""
    tag = fault.get("ctx", {}).get("tag")
    if tag is None:
        return f"{where}: '{name}' has no kind: it is one of {', '.join(kinds)}."
    near = difflib.get_close_matches(str(tag), kinds, n=1)
    meant = f"; did you mean '{near[0]}'?" if near else "."
    return f"{where}: '{name}.kind' is '{safe_text(tag, width=60)}', which is none of {', '.join(kinds)}{meant}"


def unknown_key(place: tuple[str, ...], text: str, path: Path, known: Iterable[str]) -> str:
    """The sentence for a key of the *text* of *path* that is none of those *known* where it stands."""
    return _unknown(where_set(place, text, path), ".".join(place), place[-1], known)


def where_set(place: tuple[str, ...], text: str, path: Path) -> str:
    """The file *path* and the line of its *text* that sets a key, as errors begin."""
    return _where(path, _line_of(text, place))


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
