"""A record that is taken apart while it is converted, so that what is left at the end is what nobody had a place for.

A conversion takes each value that it uses out of the record. Nothing can be lost in silence that way: what it does not
know of stays behind, and `rest` gives it out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from console.convert.changes import Change, ChangeKind, JsonObject
from console.records.model import JsonValue

ELLIPSIS: Final = "…"
"""What stands at the end of a text that was shortened."""

_LONGEST_KEY: Final = 200
"""Characters of a key in a path: below a key of megabytes may be many values."""


def says_something(value: JsonValue) -> bool:
    """Whether a value is more than null, and not empty."""
    return value is not None and value not in ("", [], {})


def shortened(text: str, most: int) -> str:
    """The start of a text that is too long, with a mark that it is; else all of it."""
    return text if len(text) <= most else text[: most - len(ELLIPSIS)] + ELLIPSIS


class Taking:
    """An object of the record, from which values are taken. The object becomes smaller by that."""

    def __init__(self, holder: JsonObject, place: str, changes: list[Change]) -> None:
        """*place* is the path of the object, empty for the record. *changes* is where all that is said of it goes."""
        self.holder = holder
        self.place = place
        self.changes = changes
        self._opened: dict[str, list[Taking]] = {}
        """The objects at a key that are taken from."""
        self._seen: dict[str, int] = {}
        """How many elements of a list were looked at for that."""

    def path(self, key: str) -> str:
        """The path of a member."""
        name = key if len(key) <= _LONGEST_KEY else shortened(key, _LONGEST_KEY)
        return f"{self.place}.{name}" if self.place else name

    def object(self, key: str) -> Taking:
        """The object at *key*, to be taken from; an empty one where there is none."""
        if key not in self._opened:
            found = self.holder.get(key)
            if not isinstance(found, dict):
                return Taking({}, self.path(key), self.changes)
            self._opened[key] = [Taking(found, self.path(key), self.changes)]
        return self._opened[key][0]

    def objects(self, key: str, most: int) -> list[Taking]:
        """The objects among the first *most* elements of the list at *key*, to be taken from. All else stays behind."""
        found = self.holder.get(key)
        if not isinstance(found, list):
            return []
        if key not in self._opened:
            self._opened[key] = [
                Taking(item, f"{self.path(key)}[{index}]", self.changes)
                for index, item in enumerate(found[:most])
                if isinstance(item, dict)
            ]
            self._seen[key] = most
        return self._opened[key]

    def look(self, key: str) -> JsonValue:
        """The value at *key*, which stays; None where there is none."""
        return self.holder.get(key)

    def sees(self, key: str) -> str:
        """The text at *key*, which stays; empty where there is none that says something."""
        found = self.holder.get(key)
        return found if isinstance(found, str) and found.strip() else ""

    def take(self, key: str, kind: ChangeKind, message: str) -> JsonValue:
        """Take the value at *key* out, and say what becomes of it. None, and nothing said, where there is none."""
        if key not in self.holder:
            return None
        value = self.holder.pop(key)
        self._opened.pop(key, None)
        if says_something(value):
            self.changes.append(Change(kind, self.path(key), message))
        return value

    def mapped(self, key: str, target: str) -> JsonValue:
        """Take a value out that stands at *target* as it is."""
        return self.take(key, ChangeKind.MAPPED, f"It is {target}.")

    def left_out(self, key: str, message: str) -> None:
        """Take a value out that goes nowhere."""
        self.take(key, ChangeKind.LEFT_OUT, message)

    def text(self, key: str, target: str, most: int | None = None) -> str:
        """Take the text at *key* out that becomes *target*, with *most* characters; empty where there is none."""
        text = self.sees(key)
        if not text:
            return ""
        if most is None or len(text) <= most:
            self.mapped(key, target)
            return text
        self.take(key, ChangeKind.SHORTENED, f"It is {target}, which takes {most:,} characters.")
        return shortened(text, most)

    def rest(self) -> Iterator[tuple[str, JsonValue]]:
        """What is left that says something: the path and the value, the largest wholes that nothing was taken from."""
        for key, value in self.holder.items():
            opened = self._opened.get(key)
            if opened is None:
                if says_something(value):
                    yield self.path(key), value
                continue
            for one in opened:
                yield from one.rest()
            if isinstance(value, list):
                yield from self._rest_of_list(key, value)

    def _rest_of_list(self, key: str, value: list[JsonValue]) -> Iterator[tuple[str, JsonValue]]:
        """What is in a list that was opened beside the objects that were."""
        seen = self._seen[key]
        for index, item in enumerate(value[:seen]):
            if not isinstance(item, dict) and says_something(item):
                yield f"{self.path(key)}[{index}]", item
        if len(value) > seen:
            yield f"{self.path(key)}[{seen}:]", value[seen:]
