"""What every OCSF event has in common: its class, its activity, and the names of both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from console.convert.changes import JsonObject

OCSF_VERSION: Final = "1.4.0"
"""The version of the events that are made here."""

TYPE_FACTOR: Final = 100
"""`type_uid` is `class_uid` times this, plus `activity_id`."""


class EventClass(NamedTuple):
    """The names of one class."""

    caption: str
    category_uid: int
    category: str
    activities: Mapping[int, str]


CLASSES: Final[Mapping[int, EventClass]] = {
    2004: EventClass("Detection Finding", 2, "Findings", {1: "Create"}),
    4001: EventClass(
        "Network Activity",
        4,
        "Network Activity",
        {
            0: "Unknown",
            1: "Open",
            2: "Close",
            3: "Reset",
            4: "Fail",
            5: "Refuse",
            6: "Traffic",
            7: "Listen",
        },
    ),
    4009: EventClass(
        "Email Activity", 4, "Network Activity", {0: "Unknown", 1: "Send", 2: "Receive", 3: "Scan", 4: "Trace"}
    ),
}
"""The classes that are made here, with the activities that are made of them."""


def common(class_uid: int, activity_id: int, time: int, metadata: JsonObject) -> JsonObject:
    """An event of one of `CLASSES` with all that OCSF requires of any event but its severity.

    *time* counts milliseconds since 1970.
    """
    described = CLASSES[class_uid]
    activity = described.activities[activity_id]
    return {
        "class_uid": class_uid,
        "class_name": described.caption,
        "category_uid": described.category_uid,
        "category_name": described.category,
        "activity_id": activity_id,
        "activity_name": activity,
        "type_uid": class_uid * TYPE_FACTOR + activity_id,
        "type_name": f"{described.caption}: {activity}",
        "time": time,
        "metadata": metadata,
    }
