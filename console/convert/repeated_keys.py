"""Keys that a record has twice: what is converted has each once, and what is lost by that is named."""

from __future__ import annotations

from console.convert.changes import Change, ChangeKind, JsonObject
from console.convert.encoding import encode
from console.ocsf.duplicate_keys import duplicate_keys, may_hold_duplicates
from console.ocsf.place import spell

_MESSAGE = "It stands more than once in its object: the last one counts."


def repeated_keys(raw: bytes, record: JsonObject) -> list[Change]:
    """The keys of which *record* has the last value alone, as it was read from *raw*."""
    if not may_hold_duplicates(raw, encode(record)):
        return []
    return [Change(ChangeKind.LEFT_OUT, spell(holder, key), _MESSAGE) for holder, key in duplicate_keys(raw)]
