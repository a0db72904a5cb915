"""A record's bytes as Cisco XDR's rules look at them: a JSON object in which no key stands twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from console.limits import Limits
from console.ocsf.duplicate_keys import duplicate_keys, may_hold_duplicates
from console.ocsf.issues import Issue, Severity
from console.ocsf.place import named, spell
from console.records.decode import decode
from console.records.model import JsonValue

DUPLICATE_KEY: Final = "cisco_duplicate_key"

_encoder: Final = msgspec.json.Encoder()


def read(raw: bytes, limits: Limits) -> tuple[dict[str, JsonValue], list[Issue]]:
    """The object in *raw*, and an error for each key that stands twice in its object.

    Which of two equal keys counts differs from reader to reader, so that nobody knows what such a finding says. Raises
    `BadRecord` for what is no JSON object, or is over a limit.
    """
    record = decode(raw, limits)
    return record, list(_duplicates(raw, record))


def error(code: str, path: str, message: str) -> Issue:
    """Something for which Cisco XDR refuses a finding."""
    return Issue(Severity.ERROR, code, path, message)


def warning(code: str, path: str, message: str) -> Issue:
    """Something that Cisco XDR takes in, and that is likely a mistake."""
    return Issue(Severity.WARNING, code, path, message)


def _duplicates(raw: bytes, record: dict[str, JsonValue]) -> Iterator[Issue]:
    try:
        if not may_hold_duplicates(raw, _encoder.encode(record)):
            return
    except OverflowError:
        pass  # An encoder that knows no integer beyond 64 bits can't tell.
    for holder, key in duplicate_keys(raw):
        message = f"{named(holder, key)} stands more than once in its object."
        yield error(DUPLICATE_KEY, spell(holder, key), message)
