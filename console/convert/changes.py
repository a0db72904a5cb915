"""What a conversion could not carry over as it was, so that nothing is lost without being named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from console.records.model import JsonValue

JsonObject = dict[str, JsonValue]
"""A decoded JSON object."""


class ChangeKind(StrEnum):
    """What became of a value."""

    MAPPED = "mapped"
    """It stands elsewhere, and says the same."""
    FILLED_IN = "filled_in"
    """It was not in the input."""
    REPLACED = "replaced"
    """It says something else, or stands elsewhere, in words that the format knows."""
    SHORTENED = "shortened"
    """Only a part of it is there."""
    UNMAPPED = "unmapped"
    """The format has no place for it: it stands where anything may, such as under `unmapped`, and no rule looks."""
    LEFT_OUT = "left_out"
    """It is gone."""
    REPEATED = "repeated"
    """It is there as it was, and tells the finding from an earlier one no more."""


@dataclass(frozen=True, slots=True)
class Change:
    """One value that was not carried over as it was."""

    kind: ChangeKind
    path: str
    """Where it stood in the input, as in `email_activity[0].email.from_list[1]`; for what was filled in, where it
    stands in the output. Foreign text.
    """
    message: str
    """One sentence. It quotes nothing of the input."""


MOST_SAID: Final = 10_000
"""Changes of one record that are named one by one. A hostile one has millions."""


def say(changes: list[Change], change: Change) -> None:
    """Add a change, unless there are so many that nobody reads them: then the last one says that there are more."""
    if len(changes) < MOST_SAID:
        changes.append(change)
    elif len(changes) == MOST_SAID:
        changes.append(Change(change.kind, "", "More of the record was changed in such ways."))


class CannotConvert(Exception):
    """A record has no counterpart in the other format, and this is why."""

    def __init__(self, code: str, path: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        """A stable word, such as `asff_time_missing`."""
        self.path = path
        """What of the record is to blame; empty for all of it. Foreign text."""
        self.message = message
        """One sentence. It quotes nothing of the input."""


@dataclass(slots=True)
class Leftovers:
    """Collects the changes at one place of the input, and what is to stand under `unmapped`."""

    place: str
    """The path of what is converted; empty for the whole input."""
    changes: list[Change] = field(default_factory=list)
    unmapped: JsonObject = field(default_factory=dict)

    def keep(self, key: str, path: str, value: JsonValue, message: str) -> None:
        """Add a value to the list *key* of `unmapped`."""
        held = self.unmapped.setdefault(key, [])
        assert isinstance(held, list)  # noqa: S101 - nobody else writes there
        held.append(value)
        self.changes.append(Change(ChangeKind.UNMAPPED, self._at(path), message))

    def replaced(self, path: str, message: str) -> None:
        """Note that the value at *path* is written in another way."""
        self.changes.append(Change(ChangeKind.REPLACED, self._at(path), message))

    def left_out(self, path: str, message: str) -> None:
        """Note that what stands at *path* is not in the output."""
        self.changes.append(Change(ChangeKind.LEFT_OUT, self._at(path), message))

    def _at(self, path: str) -> str:
        return f"{self.place}.{path}" if self.place and path else self.place or path


def object_in(holder: Mapping[str, JsonValue], key: str) -> JsonObject:
    """The object at *key*; an empty one where there is none."""
    found = holder.get(key)
    return found if isinstance(found, dict) else {}


def objects_in(holder: Mapping[str, JsonValue], key: str) -> list[JsonObject]:
    """The objects in the list at *key*; none where there is no list. In a checked input every element is one."""
    return [one for one in list_in(holder, key) if isinstance(one, dict)]


def list_in(holder: Mapping[str, JsonValue], key: str) -> list[JsonValue]:
    """The list at *key*; an empty one where there is none."""
    found = holder.get(key)
    return found if isinstance(found, list) else []


def text_in(holder: Mapping[str, JsonValue], key: str) -> str:
    """The text at *key*; empty where there is none."""
    found = holder.get(key)
    return found if isinstance(found, str) else ""


def present(holder: Mapping[str, JsonValue], *keys: str) -> JsonObject:
    """The members of those names that say something: null, and what is empty, says nothing."""
    return {key: holder[key] for key in keys if holder.get(key) not in (None, "", [], {})}
