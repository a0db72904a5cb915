"""Which events of an OCSF bundle belong together: each finding with the activities that it names."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from console.convert.changes import CannotConvert, Change, ChangeKind, JsonObject, say
from console.convert.cisco_bundle import Event
from console.convert.ocsf_findings import FINDING_CLASSES
from console.convert.ocsf_links import class_of, related_uids, uid_of

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


def groups_of(bundle: JsonObject, changes: list[Change]) -> Iterator[Group]:
    """The findings of a bundle, each with its activities; with one finding, that is all of them.

    What is lost is said in *changes* in the end. The events of a group share nothing with others, and use *changes*.
    Raises `CannotConvert` for a bundle without a finding.
    """
    listed = bundle.get(EVENTS)
    events = listed if isinstance(listed, list) else []
    findings: list[Event] = []
    activities: list[Event] = []
    for index, event in enumerate(events):
        place = f"{EVENTS}[{index}]"
        if not isinstance(event, dict):
            say(changes, Change(ChangeKind.LEFT_OUT, place, "It is no object."))
            continue
        (findings if class_of(event) in FINDING_CLASSES else activities).append(Event(event, place, changes))
    if not findings:
        raise CannotConvert("cisco_bundle_without_finding", EVENTS, "The bundle has no finding.")
    _leave_out_the_frame(bundle, changes)
    if len(findings) == 1:
        yield Group(findings[0], activities)
    else:
        yield from _by_name(findings, activities, changes)


def _leave_out_the_frame(bundle: JsonObject, changes: list[Change]) -> None:
    for key in bundle:
        if key != EVENTS and key not in _COMPUTED:
            say(changes, Change(ChangeKind.LEFT_OUT, key[:200], "Cisco's bundles have no such key."))


def _by_name(findings: Sequence[Event], activities: Sequence[Event], changes: list[Change]) -> Iterator[Group]:
    """Each finding with the activities that it names, which several may."""
    by_uid: dict[str, list[Event]] = {}
    for activity in activities:
        if (uid := uid_of(activity.content)) is not None:
            by_uid.setdefault(uid, []).append(activity)
    used: set[str] = set()
    for finding in findings:
        own = [activity for uid in named_by(finding.content) for activity in by_uid.get(uid, ())]
        used.update(activity.place for activity in own)
        copies = [Event(copy.deepcopy(one.content), one.place, one.changes) for one in own]
        yield Group(finding, copies)
    for activity in activities:
        if activity.place not in used:
            message = "None of the bundle's findings names it in finding_info.related_events."
            say(changes, Change(ChangeKind.LEFT_OUT, activity.place, message))
