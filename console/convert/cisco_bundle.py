"""From OCSF events to a bundle as Cisco XDR takes it: one Detection Finding, and the activities that it names.

Prowler and others write findings of other versions and classes, times in seconds, and no links. What is needed for
Cisco's minimum is filled in from the events themselves: the same events always give the same bundle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid5

from console.convert.changes import CannotConvert, Change, ChangeKind, JsonObject, say
from console.convert.cisco_limits import EARLIEST, LATEST, LONGEST_UID, SUPPORTED_CLASSES
from console.convert.encoding import digest, encode
from console.convert.moments import SUFFIX, instant
from console.convert.ocsf_findings import as_detection_finding
from console.convert.ocsf_fit import Fitting
from console.convert.ocsf_links import DETECTION_FINDING, class_of, related_uids, uid_of
from console.records.model import JsonValue

NAMESPACE: Final = UUID("b5c8b1d2-6f0e-5f3a-9d57-3f6f0f1f6a0c")
"""What identifiers are made in that events lack (RFC 9562, version 5)."""

_TIMES: Final = ("time", "start_time", "end_time")
_TIMES_OF_INFO: Final = ("modified_time", "created_time", "last_seen_time", "first_seen_time")


@dataclass(slots=True)
class Event:
    """An event that is to be in a bundle. It is changed by that."""

    content: JsonObject
    place: str
    """Its path in the record that it stands in; empty where it is the record."""
    changes: list[Change]
    """What becomes of its values. Paths are from the record."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle that was made."""

    content: JsonObject
    raw: bytes
    """The same as JSON."""
    finding: Event
    activities: Sequence[Event]
    """Those that are in it."""


def bundle_of(finding: Event, activities: Sequence[Event], most_bytes: int) -> Bundle:
    """The bundle of a finding and its activities. What is said of each is in its `changes`.

    An activity of a class that Cisco XDR does not support, or of a version that is not compatible, is left out. Raises
    `CannotConvert` where the finding can't be one of OCSF 1.4, and for a bundle of more than *most_bytes*.
    """
    time = _fit_finding(finding)
    info = finding.content["finding_info"]
    assert isinstance(info, dict)  # noqa: S101 - just made sure of
    finding_uid = str(info["uid"])
    chosen = [activity for activity in activities if _fit_activity(activity, time)]
    events = [finding.content, *(activity.content for activity in chosen)]
    _identify(finding, chosen, finding_uid)
    _link(finding, info, chosen)
    times = [one for event in events if type(one := event.get("time")) is int]
    content: JsonObject = {
        "start_time": min(times),
        "end_time": max(times),
        "count": len(events),
        "events": list[JsonValue](events),
    }
    raw = encode(content)
    if len(raw) > most_bytes:
        message = "Its bundle would be larger than a record may be here."
        raise CannotConvert("cisco_bundle_too_large", finding.place, message)
    return Bundle(content, raw, finding, chosen)


def _fit_finding(finding: Event) -> int:
    """Make it a Detection Finding of OCSF 1.4 with a uid and a time, which is given back. Raises `CannotConvert`."""
    fitting = Fitting(finding.content, finding.place, finding.changes)
    made_uid = str(uuid5(NAMESPACE, digest(finding.content)))
    anew = as_detection_finding(fitting)
    time = _time_of(finding.content)
    fitting.fit(DETECTION_FINDING, anew=anew)
    _add_uid(fitting, made_uid)
    if time is None:
        raise CannotConvert("cisco_time_missing", fitting.path("time"), "It has no time from 2000 to 2100.")
    _set_time(fitting, time, "It is what another time of the finding says.")
    return time


def _is_uid(uid: JsonValue) -> bool:
    return isinstance(uid, str) and bool(uid.strip()) and len(uid) <= LONGEST_UID


def _add_uid(fitting: Fitting, made: str) -> None:
    """Make sure of a `finding_info.uid` that can be asked for; *made* is the one of a finding that has none."""
    event = fitting.event
    info = event.get("finding_info")
    if not isinstance(info, dict):
        if event.pop("finding_info", None) is not None:
            fitting.put_aside("finding_info", info, "It should be an object.")
        info = event["finding_info"] = {}
    uid = info.get("uid")
    if _is_uid(uid):
        return
    info["uid"] = made
    if uid is None:
        fitting.say(ChangeKind.FILLED_IN, "finding_info.uid", "The finding has none: it is made from what it says.")
    else:
        fitting.put_aside("finding_info.uid", uid, f"It must be a text of 1 to {LONGEST_UID:,} characters.")


def _time_of(event: JsonObject) -> int | None:
    """The time of an event, or of a finding, by whatever in it tells one that Cisco takes."""
    info = event.get("finding_info")
    places = [(event, key) for key in _TIMES]
    places += [(info, key) for key in _TIMES_OF_INFO] if isinstance(info, dict) else []
    for holder, key in places:
        found = instant(holder.get(key), holder.get(key + SUFFIX))
        if found and EARLIEST <= found.milliseconds <= LATEST:
            return found.milliseconds
    return None


def _set_time(fitting: Fitting, time: int, message: str) -> None:
    """Let the event have that time, unless it has one that Cisco takes."""
    own = fitting.event.get("time")
    if type(own) is int and EARLIEST <= own <= LATEST:
        return
    fitting.event.pop("time", None)
    if own is None:
        fitting.say(ChangeKind.FILLED_IN, "time", message)
    else:
        fitting.put_aside("time", own, f"It is no time from 2000 to 2100. {message}")
    fitting.event["time"] = time


def _fit_activity(activity: Event, time: int) -> bool:
    """Make it an event of OCSF 1.4 with a time, by default that of the finding; False where it is to be left out."""
    class_uid = class_of(activity.content)
    fitting = Fitting(activity.content, activity.place, activity.changes)
    if class_uid not in SUPPORTED_CLASSES:
        message = "Cisco XDR does not support events of its class."
        say(activity.changes, Change(ChangeKind.LEFT_OUT, activity.place, message))
        return False
    own = _time_of(activity.content)
    try:
        fitting.fit(class_uid, anew=False)
    except CannotConvert as reason:
        say(activity.changes, Change(ChangeKind.LEFT_OUT, activity.place, reason.message))
        return False
    _set_time(fitting, time if own is None else own, "It is what its other times say, or that of the finding.")
    return True


def _identify(finding: Event, activities: Sequence[Event], finding_uid: str) -> None:
    """Make sure that each activity has a `metadata.uid` that no other event of the bundle has."""
    seen = {uid_of(finding.content)}
    for number, activity in enumerate(activities, 1):
        uid = uid_of(activity.content)
        if uid is not None and uid not in seen:
            seen.add(uid)
            continue
        fitting = Fitting(activity.content, activity.place, activity.changes)
        metadata = activity.content["metadata"]
        assert isinstance(metadata, dict)  # noqa: S101 - it declares a version by now
        if uid is not None:
            fitting.put_aside("metadata.uid", uid, "An earlier event of the bundle has the same.")
        else:
            if (before := metadata.pop("uid", None)) not in (None, ""):
                fitting.put_aside("metadata.uid", before, "It should be a text.")
            fitting.say(ChangeKind.FILLED_IN, "metadata.uid", "It is made from the finding and what the event says.")
        made = str(uuid5(NAMESPACE, f"{finding_uid}\n{number}\n{digest(activity.content)}"))
        metadata["uid"] = made
        seen.add(made)


def _link(finding: Event, info: JsonObject, activities: Sequence[Event]) -> None:
    """Let the finding name its activities."""
    fitting = Fitting(finding.content, finding.place, finding.changes)
    related = info.get("related_events")
    named = frozenset(related_uids(finding.content))
    missing: list[JsonValue] = []
    for activity in activities:
        uid = uid_of(activity.content)
        if uid in named:
            continue
        link: JsonObject = {"uid": uid}
        type_uid = activity.content.get("type_uid")
        if type(type_uid) is int:
            link["type_uid"] = type_uid
        missing.append(link)
    if not missing:
        return
    if not isinstance(related, list):
        if info.pop("related_events", None) is not None:
            fitting.put_aside("finding_info.related_events", related, "It should be a list.")
        related = []
    info["related_events"] = [*related, *missing]
    info["related_events_count"] = len(related) + len(missing)
    fitting.say(ChangeKind.FILLED_IN, "finding_info.related_events", "It names the activities by their metadata.uid.")
