"""Constraints of classes and objects: of some attributes at least one must be there, or just one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from console.display import safe_text
from console.ocsf import codes
from console.ocsf.issues import Issue
from console.ocsf.place import Place, spell
from console.ocsf.rules import RuleSet
from console.ocsf.schema import AT_LEAST_ONE, JUST_ONE
from console.ocsf.siblings import Rule
from console.records.model import JsonValue

_LISTED: Final = 12
_WORDS: Final[Mapping[str, str]] = {AT_LEAST_ONE: "at least one", JUST_ONE: "just one"}


def constraint(kind: str, keys: tuple[str, ...], owner: str, rules: RuleSet) -> Rule:
    """The rule of one constraint. *owner* names the class or object in messages."""
    if kind not in _WORDS:
        return _unknown(kind, owner)
    wanted = f"{owner} needs {_WORDS[kind]} of {', '.join(keys[:_LISTED])}{', …' if len(keys) > _LISTED else ''}"
    is_there = _official_presence if rules is RuleSet.OFFICIAL else _presence

    def rule(item: Mapping[str, JsonValue], here: Place, found: list[Issue]) -> None:
        count = sum(1 for key in keys if is_there(item, key))
        if count == 1 or (count > 1 and kind == AT_LEAST_ONE):
            return
        there = "none of them is" if count == 0 else f"{count} of them are"
        found.append(codes.CONSTRAINT_FAILED.at(_path(here), f"{wanted}; {there} there."))

    return rule


def _unknown(kind: str, owner: str) -> Rule:
    message = f"{owner} has a constraint of an unknown kind, {safe_text(kind, width=40)}: it can't be checked."

    def rule(_item: Mapping[str, JsonValue], here: Place, found: list[Issue]) -> None:
        found.append(codes.CONSTRAINT_UNKNOWN.at(_path(here), message))

    return rule


def _path(here: Place) -> str:
    """The path of the object; the official validator gives none for the class."""
    return "" if here is None else spell(*here)


def _official_presence(item: Mapping[str, JsonValue], key: str) -> bool:
    """The official validator takes a null for a value, and a path such as `device.os.version` for a key."""
    return key in item


def _presence(item: Mapping[str, JsonValue], key: str) -> bool:
    value: JsonValue = dict(item) if "." in key else item.get(key)
    for step in key.split(".") if "." in key else ():
        value = value.get(step) if isinstance(value, dict) else None
    return value is not None
