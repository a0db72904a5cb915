"""Reading the JSON of an answer: tolerant of what is odd, and never more of it than can be written again."""

from __future__ import annotations

from typing import Final

import msgspec

from console.records.model import JsonValue
from console.targets.http import Response

_DEEPEST: Final = 64
"""Levels of nesting. What is deeper could not be written again, into the ledger or a report."""


def object_in(response: Response) -> dict[str, JsonValue] | None:
    """The JSON object that an answer is. None for what is none: HTML, half a reply, an array, too deep a nesting."""
    if not response.whole:
        return None
    try:
        document: JsonValue = msgspec.json.decode(response.body)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) and _is_shallow(document) else None


def text_of(value: JsonValue) -> str:
    """A text that says something, else an empty one."""
    return value.strip() if isinstance(value, str) else ""


def object_of(value: JsonValue) -> dict[str, JsonValue]:
    """An object, or an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}


def list_of(value: JsonValue) -> list[JsonValue]:
    """A list; nothing is an empty one, and anything else the one element of it."""
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def what_it_is(response: Response) -> str:
    """Name a body that is not the API's, without quoting it: error pages of strangers are long and not for us."""
    if not response.whole:
        return "a reply that could not be read whole"
    start = response.body[:1_000].lstrip().lower()
    if not start:
        return "an empty reply"
    if response.media_type == "text/html" or start.startswith((b"<!doctype html", b"<html")):
        return "an HTML page"
    return "a reply that is not of its API"


def _is_shallow(document: JsonValue) -> bool:
    """Whether no value lies deeper than `_DEEPEST`. Level by level: recursion is what deep nesting aims at."""
    level = [document]
    for _ in range(_DEEPEST):
        deeper: list[JsonValue] = []
        for value in level:
            if isinstance(value, dict):
                deeper.extend(value.values())
            elif isinstance(value, list):
                deeper.extend(value)
        level = deeper
    return not level
