"""Writing what was converted: JSON in UTF-8, on one line, with integers of any size."""

from __future__ import annotations

import hashlib
import json
from typing import Final

import msgspec

from console.convert.changes import JsonObject
from console.records.model import JsonValue

_encoder: Final = msgspec.json.Encoder()
_sorting: Final = msgspec.json.Encoder(order="sorted")


def encode(value: JsonValue) -> bytes:
    """The JSON of a value."""
    return _encode(value, _encoder, sort_keys=False)


def text_of(value: JsonValue) -> str:
    """A text as it is; the JSON of anything else."""
    return value if isinstance(value, str) else encode(value).decode()


def digest(record: JsonObject) -> str:
    """What tells records of different content apart, whatever the order of their keys: a SHA-256 in hexadecimal."""
    return hashlib.sha256(_encode(record, _sorting, sort_keys=True)).hexdigest()


def _encode(value: JsonValue, encoder: msgspec.json.Encoder, *, sort_keys: bool) -> bytes:
    try:
        return encoder.encode(value)
    except OverflowError:  # It knows no integers of more than 64 bits.
        return json.dumps(value, ensure_ascii=False, sort_keys=sort_keys, separators=(",", ":")).encode()
