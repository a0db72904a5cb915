"""From Cisco's simplified findings to OCSF 1.4.0: one object becomes a bundle of a finding and its activities.

Cisco publishes the model of the input and that it "converts internally into OCSF 1.4 Detection Findings", and nothing
of how. What the names alone do not decide is ours: an activity has no severity, so its `severity_id` is 0 (Unknown);
a time that is missing is that of the finding, or else that of the intake; what OCSF 1.4.0 has no place for stands
under `unmapped`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from console.convert.changes import Change, JsonObject, Leftovers, list_in, object_in, objects_in, present, text_in
from console.convert.cisco_activities import email_activity, network_activity
from console.convert.cisco_captions import CONFIDENCES, DEFAULT_LABELS, FAMILIES, SEVERITIES
from console.convert.ocsf_event import OCSF_VERSION, common
from console.records.model import JsonValue

PRODUCT: Final = "Custom OCSF Event Source"
"""The name of the product that made a finding, where the module instance has none."""

_DETECTION_FINDING: Final = 2004
_CREATE: Final = 1
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_BUILDERS: Final = {FAMILIES["Email"]: email_activity, FAMILIES["Network"]: network_activity}
"""By the key that holds the activities."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """What became of a simplified finding."""

    bundle: JsonObject
    """An OCSF bundle: the finding first, then its activities in the order of the input, email before network."""
    finding_uid: str
    """`finding_info.uid`: the input's own, or a new one where it has none. Foreign text."""
    changes: Sequence[Change]
    """All that is not in the events as it was in the input."""


def to_bundle(
    finding: Mapping[str, JsonValue], *, received_at: datetime, new_id: Callable[[], UUID], product: str = PRODUCT
) -> Conversion:
    """Convert a simplified finding in which the published model finds no error. The input is left as it is.

    *received_at* stands in for times that the input lacks. *new_id* is asked once for the finding if it has no uid,
    then once for each activity. The same arguments give the same bundle.
    """
    detection = object_in(finding, "detection_findings")
    time = _time(detection, (received_at - _EPOCH) // _MILLISECOND)
    uid = text_in(object_in(detection, "finding_info"), "uid") or str(new_id())
    changes: list[Change] = []
    activities = [
        _activity(key, index, activity, time, _metadata(product, new_id), changes)
        for key in _BUILDERS
        for index, activity in enumerate(objects_in(finding, key))
    ]
    event = _finding(detection, uid, time, product, changes)
    _link(event, activities)
    events: list[JsonObject] = [event, *activities]
    times = [_time(one, time) for one in events]
    bundle: JsonObject = {
        "start_time": min(times),
        "end_time": max(times),
        "count": len(events),
        "events": list[JsonValue](events),
    }
    return Conversion(bundle, uid, changes)


def _metadata(product: str, new_id: Callable[[], UUID]) -> JsonObject:
    """The `metadata` of an activity: OCSF links events by its `uid`."""
    return {"uid": str(new_id()), "version": OCSF_VERSION, "product": {"name": product}}


def _time(holder: Mapping[str, JsonValue], otherwise: int) -> int:
    time = holder.get("time")
    return time if isinstance(time, int) else otherwise


def _activity(
    key: str, index: int, activity: JsonObject, time: int, metadata: JsonObject, changes: list[Change]
) -> JsonObject:
    leftovers = Leftovers(f"{key}[{index}]")
    event = _BUILDERS[key](activity, _time(activity, time), metadata, leftovers)
    if leftovers.unmapped:
        event["unmapped"] = leftovers.unmapped
    changes.extend(leftovers.changes)
    return event


def _finding(detection: JsonObject, uid: str, time: int, product: str, changes: list[Change]) -> JsonObject:
    leftovers = Leftovers("detection_findings")
    labels = list_in(object_in(detection, "metadata"), "labels") or list[JsonValue](DEFAULT_LABELS)
    metadata: JsonObject = {"version": OCSF_VERSION, "product": {"name": product}, "labels": labels}
    event = common(_DETECTION_FINDING, _CREATE, time, metadata)
    severity = text_in(detection, "severity") or "Unknown"
    event |= {"severity_id": SEVERITIES.get(severity, 0), "severity": severity}
    if confidence := text_in(detection, "confidence"):
        event |= {"confidence_id": CONFIDENCES.get(confidence, 0), "confidence": confidence}
    info = present(object_in(detection, "finding_info"), "title", "desc", "types", "src_url", "modified_time")
    info["uid"] = uid
    if attacks := _attacks(detection, leftovers):
        info["attacks"] = attacks
    event["finding_info"] = info
    changes[:0] = leftovers.changes
    return event


def _attacks(detection: JsonObject, leftovers: Leftovers) -> list[JsonValue]:
    """The tactics and techniques that have a uid: OCSF takes none without."""
    attacks: list[JsonValue] = []
    for index, given in enumerate(objects_in(detection, "attacks")):
        attack: JsonObject = {}
        for key in ("tactic", "technique"):
            if uid := text_in(object_in(given, key), "uid"):
                attack[key] = {"uid": uid}
        if attack:
            attacks.append(attack)
        else:
            leftovers.left_out(f"attacks[{index}]", "An attack that names neither tactic nor technique says nothing.")
    return attacks


def _link(finding: JsonObject, activities: Sequence[JsonObject]) -> None:
    """Let the finding name its activities, by `metadata.uid`."""
    if not activities:
        return
    info = object_in(finding, "finding_info")
    info["related_events"] = [
        {"uid": object_in(activity, "metadata")["uid"], "type_uid": activity["type_uid"]} for activity in activities
    ]
    info["related_events_count"] = len(activities)
