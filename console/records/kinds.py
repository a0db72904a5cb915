"""Which of the formats that go by names of their own a file has, told by its first record."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from console.records.documents import wrapped
from console.records.model import Format, Layout
from console.records.scan import Ending, Nesting

_BUNDLE: Final = re.compile(
    rb'\{\s*(?:"(?:start_time|end_time|start_time_dt|end_time_dt|count)"\s*:\s*(?:"[^"\\]*"|-?[0-9]+|null)\s*,\s*)*'
    rb'"events"\s*:\s*\['
)
"""How a bundle starts. It is for bundles that are larger than what is looked at."""
_BEFORE_EVENTS: Final = 1024


class _Marks(msgspec.Struct):
    """The attributes that tell formats apart, whatever is in them."""

    class_uid: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    events: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    schema_version: msgspec.Raw | msgspec.UnsetType = msgspec.field(default=msgspec.UNSET, name="SchemaVersion")
    product_arn: msgspec.Raw | msgspec.UnsetType = msgspec.field(default=msgspec.UNSET, name="ProductArn")
    account: msgspec.Raw | msgspec.UnsetType = msgspec.field(default=msgspec.UNSET, name="AwsAccountId")
    detection_findings: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_marks: Final = msgspec.json.Decoder(_Marks)
_PLAIN: Final = {Layout.ARRAY: Format.ARRAY, Layout.DOCUMENT: Format.OBJECT, Layout.LINES: Format.NDJSON}


def format_of(layout: Layout, text: bytes) -> Format:
    """The format of what starts with *text*, which starts with a bracket.

    Objects on lines are NDJSON, whatever they are.
    """
    if layout is Layout.DOCUMENT and wrapped(text) is not None:
        return Format.ASFF
    kind = None if layout is Layout.LINES else _kind(text.removeprefix(b"[").lstrip())
    if kind is Format.BUNDLE and layout is Layout.ARRAY:
        return Format.BUNDLES
    if kind is Format.CISCO_CUSTOM and layout is Layout.ARRAY:
        return Format.ARRAY
    return kind or _PLAIN[layout]


def starts_bundle(text: bytes) -> bool:
    """Whether *text* starts as a bundle does that begins with its events, or with what bundles say of them."""
    return bool(_BUNDLE.match(text, 0, _BEFORE_EVENTS))


def _kind(text: bytes) -> Format | None:
    """What the object is that *text* starts with, if it is one of a kind."""
    nesting = Nesting()
    end = nesting.advance(text, 0) if text.startswith(b"{") else 0
    if nesting.ending is not Ending.WHOLE:
        return Format.BUNDLE if starts_bundle(text) else None
    try:
        marks = _marks.decode(text[:end])
    except (msgspec.DecodeError, RecursionError):
        return None
    asff = (marks.schema_version, marks.product_arn, marks.account)
    told = {
        Format.BUNDLE: marks.events is not msgspec.UNSET,
        Format.CISCO_CUSTOM: marks.detection_findings is not msgspec.UNSET,
        Format.ASFF: sum(mark is not msgspec.UNSET for mark in asff) > 1,
    }
    return next((kind for kind, is_told in told.items() if is_told and marks.class_uid is msgspec.UNSET), None)
