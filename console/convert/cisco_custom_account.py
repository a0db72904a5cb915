"""What is said of the values of a simplified finding that became a bundle, where nothing else is: each has its word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from console.convert.changes import Change, ChangeKind, JsonObject, object_in, objects_in, say
from console.convert.cisco_captions import FAMILIES
from console.convert.taking import says_something
from console.records.model import JsonValue

_DETECTION: Final = "detection_findings"
_RENAMED: Final = {
    "attacks": ("finding_info.attacks",),
    "dispositions": ("disposition", "disposition_id"),
    "email.from_list": ("email.from",),
}
"""Where values stand in an event that stand elsewhere in the simplified finding."""
_UNMAPPED: Final = "unmapped"
_FILLED_IN: Final = "The finding does not say it: it follows from its class, from a caption, or from the intake."
_OF_BUNDLE: Final = "It is computed from the events."


def account_of(finding: JsonObject, bundle: JsonObject, said: Iterable[Change]) -> Sequence[Change]:
    """A word on each value of *finding* of which nothing is *said*, and on each that the bundle has beyond it."""
    changes: list[Change] = []
    known = {change.path for change in said}
    places = [(_DETECTION, object_in(finding, _DETECTION))]
    for key in (FAMILIES["Email"], FAMILIES["Network"]):
        places += [(f"{key}[{index}]", activity) for index, activity in enumerate(objects_in(finding, key))]
    for number, ((place, given), event) in enumerate(zip(places, objects_in(bundle, "events"), strict=True)):
        _of_event(given, event, place, f"events[{number}]", known, changes)
    for key in bundle:
        if key != "events":
            say(changes, Change(ChangeKind.FILLED_IN, key, _OF_BUNDLE))
    return changes


def _of_event(
    given: JsonObject, event: JsonObject, place: str, output: str, known: set[str], changes: list[Change]
) -> None:
    """What became of what stands at *place*, in the event at *output* of the bundle."""
    before, after = dict(_leaves(given, "")), dict(_leaves(event, ""))
    name = event.get("class_name")
    for path in before:
        if not known.isdisjoint(_with_holders(f"{place}.{path}")):
            continue
        there = path if path in after else _RENAMED.get(path, ("",))[0]
        where = f"'{there}'" if there else "a part"
        say(changes, Change(ChangeKind.MAPPED, f"{place}.{path}", f"It is {where} of the {name}."))
    named = before.keys() | {target for path in before for target in _RENAMED.get(path, ())}
    for path in after:
        if path not in named and path.partition(".")[0] != _UNMAPPED:
            say(changes, Change(ChangeKind.FILLED_IN, f"{output}.{path}", _FILLED_IN))


def _leaves(holder: JsonObject, place: str) -> Iterator[tuple[str, JsonValue]]:
    """Each value that is no object and says something, with its path. A list is one value."""
    for key, value in holder.items():
        path = f"{place}.{key}" if place else key
        if isinstance(value, dict):
            yield from _leaves(value, path)
        elif says_something(value):
            yield path, value


def _with_holders(path: str) -> Iterator[str]:
    """A path, and those of all that it is in."""
    parts = path.split(".")
    return (".".join(parts[:end]) for end in range(1, len(parts) + 1))
