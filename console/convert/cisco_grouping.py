"""Which events of an OCSF bundle belong together: each finding with the activities that it names."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from console.convert.changes import CannotConvert, Change, ChangeKind, JsonObject, list_in, say
from console.convert.cisco_bundle import Event
from console.convert.cisco_limits import SUPPORTED_CLASSES
from console.convert.ocsf_findings import FINDING_CLASSES
from console.convert.ocsf_links import class_of, related_uids, uid_of
from console.records.faults import FaultCode

EVENTS: Final = "events"

_COMPUTED: Final = frozenset({"count", "start_time", "end_time"})
"""What a bundle says of its events, and a new one says anew."""


class Group(NamedTuple):
    """A finding and its activities."""

    finding: Event
    activities: Sequence[Event]


def is_bundle(record: JsonObject) -> bool:
    """Whether a record is a bundle, and no event."""
    return EVENTS in record and "class_uid" not in record


def named_by(finding: JsonObject) -> Sequence[str]:
    """The `metadata.uid`s that a finding names, whatever its class."""
    return related_uids(finding) or related_uids({"finding_info": finding.get("finding")})


def groups_of(bundle: JsonObject, changes: list[Change], refuse: Callable[[CannotConvert], object]) -> Iterator[Group]:
    """The findings of a bundle, each with its activities; with one finding, that is all of them.

    The events of a group share nothing with others, and use *changes*. *refuse* hears of what is no event at all.
    Raises `CannotConvert` for a bundle without a finding.
    """
    listed = bundle.get(EVENTS)
    events = listed if isinstance(listed, list) else []
    findings: list[Event] = []
    activities: list[Event] = []
    for index, event in enumerate(events):
        place = f"{EVENTS}[{index}]"
        if not isinstance(event, dict):
            refuse(CannotConvert(FaultCode.NOT_AN_OBJECT, place, "It is no object."))
            continue
        (findings if class_of(event) in FINDING_CLASSES else activities).append(Event(event, place, changes))
    if not findings:
        raise CannotConvert("cisco_bundle_without_finding", EVENTS, "The bundle has no finding.")
    _leave_out_the_frame(bundle, changes)
    if len(findings) == 1:
        yield Group(findings[0], activities)
    else:
        yield from _by_name(findings, activities)


def losses_of(bundle: JsonObject) -> Iterator[tuple[str, CannotConvert]]:
    """The place of each of a bundle's activities, and why it is lost where it goes with no finding.

    The reasons are those of activities that stand alone in a file.
    """
    for index, event in enumerate(list_in(bundle, EVENTS)):
        place = f"{EVENTS}[{index}]"
        if not isinstance(event, dict) or class_of(event) in FINDING_CLASSES:
            continue
        if class_of(event) not in SUPPORTED_CLASSES:
            message = "Cisco XDR does not support events of its class."
            yield place, CannotConvert("cisco_class_unsupported", f"{place}.class_uid", message)
        else:
            message = "It is in nothing that was written: no finding that could be converted takes it along."
            yield place, CannotConvert("cisco_activity_left_over", f"{place}.metadata.uid", message)


def _leave_out_the_frame(bundle: JsonObject, changes: list[Change]) -> None:
    for key in bundle:
        if key != EVENTS and key not in _COMPUTED:
            say(changes, Change(ChangeKind.LEFT_OUT, key[:200], "Cisco's bundles have no such key."))


def _by_name(findings: Sequence[Event], activities: Sequence[Event]) -> Iterator[Group]:
    """Each finding with the activities that it names, which several may."""
    by_uid: dict[str, list[Event]] = {}
    for activity in activities:
        if (uid := uid_of(activity.content)) is not None:
            by_uid.setdefault(uid, []).append(activity)
    for finding in findings:
        own = [activity for uid in named_by(finding.content) for activity in by_uid.get(uid, ())]
        copies = [Event(copy.deepcopy(one.content), one.place, one.changes) for one in own]
        yield Group(finding, copies)
