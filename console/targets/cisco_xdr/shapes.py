"""What a record is to Cisco XDR: an OCSF bundle, a simplified finding, or something that it does not take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Final

import msgspec

from console.limits import Limits
from console.ocsf.issues import Issue
from console.records.decode import BadRecord, decode
from console.records.model import JsonValue, Record
from console.targets.cisco_xdr import bundles
from console.targets.cisco_xdr.reading import error

NOT_A_BUNDLE: Final = "cisco_not_a_bundle"


class Shape(StrEnum):
    """What a record is, by the keys that it has."""

    BUNDLE = "bundle"
    CUSTOM = "custom"
    """A simplified finding."""
    EVENT = "event"
    """One OCSF event by itself."""
    OTHER = "other"


class _Marks(msgspec.Struct):
    events: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    detection_findings: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    class_uid: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_marks: Final = msgspec.json.Decoder(_Marks)


def shape_of(raw: bytes) -> Shape:
    """What the bytes of a record are. Nothing is judged: a bundle may be a bad one."""
    try:
        marks = _marks.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return Shape.OTHER
    told = {Shape.BUNDLE: marks.events, Shape.CUSTOM: marks.detection_findings, Shape.EVENT: marks.class_uid}
    return next((shape for shape, mark in told.items() if mark is not msgspec.UNSET), Shape.OTHER)


def check_bundle_record(record: Record, limits: Limits) -> Sequence[Issue]:
    """What is wrong with a record where bundles are asked for. One event by itself is judged as one in a bundle."""
    shape = shape_of(record.raw)
    if shape is Shape.BUNDLE:
        return bundles.check_record(record, limits)
    try:
        content = decode(record.raw, limits)
    except BadRecord as fault:
        return [error("cisco_record_unreadable", "", fault.message)]
    return list(_no_bundle(shape, content))


def finding_uid_of(raw: bytes, limits: Limits) -> str | None:
    """The `finding_info.uid` of a bundle or a simplified finding. Foreign text; None where there is none."""
    try:
        content = decode(raw, limits)
    except BadRecord:
        return None
    if "events" in content:
        return bundles.finding_uid(content)
    detection = content.get("detection_findings")
    info = detection.get("finding_info") if isinstance(detection, dict) else None
    uid = info.get("uid") if isinstance(info, dict) else None
    return uid if isinstance(uid, str) and uid else None


def _no_bundle(shape: Shape, content: Mapping[str, JsonValue]) -> Iterator[Issue]:
    match shape:
        case Shape.EVENT:
            message = "This is an OCSF event; bundles are taken. Make them: ocsf-console convert --to cisco-bundle"
        case Shape.CUSTOM:
            message = "This is a simplified finding, which has rules of its own: cisco-xdr-custom."
        case _:
            message = "A record must be an OCSF bundle, with its list of 'events'."
    yield error(NOT_A_BUNDLE, "", message)
    if shape is Shape.EVENT:
        yield from bundles.check_event(content)
