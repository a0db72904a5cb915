"""What records can be converted to, and what becomes of one record on its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID, uuid5

from console.convert.asff import to_asff
from console.convert.asff_origin import AsffOptions
from console.convert.asff_provider_fields import to_provider_fields
from console.convert.asff_regions import region_of
from console.convert.changes import (
    MOST_SAID,
    CannotConvert,
    Change,
    ChangeKind,
    JsonObject,
    list_in,
    object_in,
    objects_in,
    say,
)
from console.convert.cisco_bundle import NAMESPACE, Event, bundle_of
from console.convert.cisco_captions import FAMILIES
from console.convert.cisco_custom import to_bundle
from console.convert.cisco_custom_account import account_of
from console.convert.cisco_custom_from_ocsf import to_custom
from console.convert.cisco_grouping import EVENTS, groups_of, is_bundle, losses_of
from console.convert.encoding import digest, encode
from console.convert.ocsf_findings import FINDING_CLASSES
from console.convert.ocsf_links import class_of
from console.convert.repeated_keys import repeated_keys
from console.limits import DEFAULT_LIMITS, Limits
from console.records.decode import BadRecord, decode
from console.records.faults import FaultCode
from console.records.model import JsonValue

_LINE_BREAK: Final = re.compile(rb"[ \t]*[\r\n][ \t\r\n]*")
"""A line break in JSON, with the white space around it: none of it is in a string, which can't hold a line break."""
_MOST_GROWTH: Final = 16
"""What becomes of one record may be larger than a record may be by so much."""
_CUSTOM: Final = "detection_findings"
_ASFF: Final = ("SchemaVersion", "ProductArn", "AwsAccountId")
_CISCO_WOULD_REFUSE: Final = "Cisco XDR would refuse it: validate says why."
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Check = Callable[[Mapping[str, JsonValue]], Sequence[str]]
"""Says what is wrong with a record by the rules of a target, which are not known here."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a service tells findings apart by, and keeps one finding of. It can be sent to another process."""

    path: str
    """Where the part of it stands that a generator chooses."""
    of: Callable[[bytes, Limits], str | None]
    """That of a finding in the service's format. Foreign text; None where it has none."""


class Form(StrEnum):
    """What to convert to."""

    ASFF = "asff"
    CISCO_BUNDLE = "cisco-bundle"
    CISCO_CUSTOM = "cisco-custom"
    ARRAY = "array"
    NDJSON = "ndjson"

    @property
    def label(self) -> str:
        """What its records are called."""
        return _TITLES.get(self, f"{self} of the same records")

    @property
    def groups(self) -> bool:
        """Whether several records may become one."""
        return self in (Form.CISCO_BUNDLE, Form.CISCO_CUSTOM)

    @property
    def takes_long(self) -> bool:
        """Whether converting a record takes longer than reading it."""
        return self not in (Form.ARRAY, Form.NDJSON)


_TITLES: Final = {
    Form.ASFF: "ASFF",
    Form.CISCO_BUNDLE: "OCSF bundles",
    Form.CISCO_CUSTOM: "simplified findings",
}


def _nothing_wrong(_: Mapping[str, JsonValue]) -> Sequence[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Request:
    """What to convert to, and what for. It can be sent to another process."""

    form: Form
    asff: AsffOptions = field(default_factory=AsffOptions)
    check_own: Check = _nothing_wrong
    """What is wrong with a record that is of the target's own format already. It is asked for what it becomes."""
    identity: Identity | None = None
    """What tells findings of the new format apart."""


@dataclass(slots=True)
class Converted:
    """What became of one record."""

    outputs: list[bytes] = field(default_factory=list)
    """Elements of the new file."""
    changes: list[Change] = field(default_factory=list)
    refusals: list[CannotConvert] = field(default_factory=list)
    """Why it, or a part of it, is not among them."""
    regions: list[str] = field(default_factory=list)
    """The regions of AWS whose Security Hub each of the outputs is for, where it is for one."""

    def refuse(self, reason: CannotConvert) -> None:
        """Note why a part of it is not, without what that was known by: it may be large. A hostile one has millions."""
        if len(self.refusals) < MOST_SAID:
            self.refusals.append(reason.with_traceback(None))


def convert_record(raw: bytes, request: Request, limits: Limits = DEFAULT_LIMITS) -> Converted:
    """Convert one record on its own. Raises `BadRecord` for what can't be read, and `CannotConvert`."""
    record = decode(raw, limits)
    if request.form is Form.ARRAY:
        return Converted([raw])
    if request.form is Form.NDJSON:
        return Converted([_LINE_BREAK.sub(b"", raw)])
    repeated = repeated_keys(raw, record)
    if request.form is Form.ASFF:
        done = _asff(record, encode(record) if repeated else raw, request)
    elif repeated and is_foreign(record) and _CUSTOM in record:
        raise CannotConvert("cisco_custom_invalid", repeated[0].path, _CISCO_WOULD_REFUSE)
    else:
        done = _cisco(record, raw, request, limits)
    done.changes[:0] = repeated
    return done


def is_activity(record: JsonObject) -> bool:
    """Whether a record is an event that only a finding can bring along."""
    return class_of(record) is not None and class_of(record) not in FINDING_CLASSES and not is_foreign(record)


def can_become(raw: bytes, form: Form, limits: Limits = DEFAULT_LIMITS) -> bool:
    """Whether *form* is made from records such as this one, which is not of that form yet: OCSF's events and bundles.

    Whether this very one can be converted shows when it is.
    """
    try:
        record = decode(raw, limits)
    except BadRecord:
        return False
    if is_bundle(record):
        findings = sum(isinstance(event, dict) and _is_finding(event) for event in list_in(record, EVENTS))
        return findings > 1 or (findings == 1 and form is not Form.CISCO_BUNDLE)
    return _is_finding(record) or (form.groups and is_activity(record))


def _is_finding(event: JsonObject) -> bool:
    return class_of(event) in FINDING_CLASSES


def is_foreign(record: JsonObject) -> bool:
    """Whether a record is of another format than OCSF's events."""
    return "class_uid" not in record and (_CUSTOM in record or sum(key in record for key in _ASFF) > 1)


def grouped(
    finding: Event, activities: Sequence[Event], request: Request, limits: Limits
) -> tuple[bytes, Sequence[Event]]:
    """What a finding and its activities become together, and the activities that are in it. Raises `CannotConvert`."""
    made = bundle_of(finding, activities, limits.record_bytes)
    if request.form is Form.CISCO_BUNDLE:
        return made.raw, made.activities
    return to_custom(made.finding, made.activities)


def _asff(record: JsonObject, raw: bytes, request: Request) -> Converted:
    if is_foreign(record) and _CUSTOM not in record:
        # It is ASFF already: what a provider says of it is put in its place.
        moved, changes = to_provider_fields(record)
        if wrong := request.check_own(moved):
            raise CannotConvert("asff_invalid", wrong[0], "Security Hub would refuse it: validate says why.")
        made_raw = encode(moved) if changes else raw
        return Converted([made_raw], changes, regions=[region_of(made_raw)])
    if not is_bundle(record):
        _refuse_foreign(record, "asff_not_ocsf")
        made = to_asff(record, request.asff)
        return Converted([made.raw], list(made.changes), regions=[region_of(made.raw)])
    events = list_in(record, EVENTS)
    if not any(isinstance(event, dict) and _is_finding(event) for event in events):
        raise CannotConvert("asff_bundle_without_finding", EVENTS, "The bundle has no finding.")
    done = Converted()
    for index, event in enumerate(events):
        place = f"{EVENTS}[{index}]"
        try:
            if not isinstance(event, dict):
                raise CannotConvert(FaultCode.NOT_AN_OBJECT, place, "It is no object.")
            made = to_asff(event, request.asff, place)
        except CannotConvert as reason:
            done.refuse(reason)
        else:
            done.outputs.append(made.raw)
            done.changes += made.changes
            done.regions.append(region_of(made.raw))
    for key in record:
        if key != EVENTS:
            say(done.changes, Change(ChangeKind.LEFT_OUT, key[:200], "It is said of the bundle, not of a finding."))
    return done


def _cisco(record: JsonObject, raw: bytes, request: Request, limits: Limits) -> Converted:
    if is_foreign(record):
        return _from_foreign(record, raw, request)
    done = Converted()
    if not is_bundle(record):
        done.outputs.append(grouped(Event(record, "", done.changes), (), request, limits)[0])
        return done
    room = _MOST_GROWTH * limits.record_bytes
    losses = list(losses_of(record))  # now, since what becomes a simplified finding is taken apart
    used: set[str] = set()
    for group in groups_of(record, done.changes, done.refuse):
        try:
            made, chosen = grouped(group.finding, group.activities, request, limits)
        except CannotConvert as reason:
            done.refuse(reason)
            continue
        used.update(event.place for event in chosen)
        room -= len(made)
        if room < 0:
            message = "Its findings share so many activities that their bundles would be many times as large."
            raise CannotConvert("cisco_bundle_grows", EVENTS, message)
        done.outputs.append(made)
    for place, loss in losses:
        if place not in used:
            done.refuse(loss)
    return done


def _refuse_foreign(record: JsonObject, code: str) -> None:
    """Raise `CannotConvert` for a finding of another format."""
    if is_foreign(record):
        whose = "Cisco XDR's simplified findings" if _CUSTOM in record else "AWS Security Hub's findings"
        raise CannotConvert(code, "", f"It is one of {whose}, not an OCSF finding.")


def _from_foreign(record: JsonObject, raw: bytes, request: Request) -> Converted:
    """Cisco's own simplified findings, as they are or as Cisco describes its conversion of them."""
    if _CUSTOM not in record:
        _refuse_foreign(record, "cisco_not_ocsf")
    if wrong := request.check_own(record):
        raise CannotConvert("cisco_custom_invalid", wrong[0], _CISCO_WOULD_REFUSE)
    if request.form is Form.CISCO_CUSTOM:
        return Converted([raw])
    count = 0
    name = digest(record)

    def new_id() -> UUID:
        nonlocal count
        count += 1
        return uuid5(NAMESPACE, f"{name}\n{count}")

    made = to_bundle(record, received_at=_time_of(record), new_id=new_id)
    return Converted([encode(made.bundle)], [*made.changes, *account_of(record, made.bundle, made.changes)])


def _time_of(record: JsonObject) -> datetime:
    """A time for what has none in a simplified finding. Raises `CannotConvert` where nothing in it tells one."""
    detection = object_in(record, _CUSTOM)
    times = [detection.get("time"), object_in(detection, "finding_info").get("modified_time")]
    times += [activity.get("time") for key in FAMILIES.values() for activity in objects_in(record, key)]
    for time in times:
        if type(time) is int:
            return _EPOCH + timedelta(milliseconds=time)
    raise CannotConvert("cisco_time_missing", "detection_findings.time", "It has no time.")
