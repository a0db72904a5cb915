"""Bundles for tests."""

from __future__ import annotations

from console.records.model import JsonValue

TIME = 1739700000000

Event = dict[str, JsonValue]


def minimal() -> Event:
    """The minimal example of Cisco's guide. It is not whole OCSF."""
    return {
        "events": [
            {
                "class_uid": 2004,
                "time": TIME,
                "metadata": {"version": "1.4.0"},
                "finding_info": {
                    "title": "Suspicious Network Activity",
                    "types": ["Network"],
                    "uid": "external-uid-456",
                },
                "severity_id": 3,
                "confidence_id": 2,
            },
            {
                "class_uid": 4001,
                "time": TIME,
                "activity_name": "Open",
                "src_endpoint": {"ip": "10.0.0.5"},
                "dst_endpoint": {"ip": "8.8.8.8", "port": 53},
            },
        ]
    }


def finding(uid: str = "f", *related: str) -> Event:
    """A finding that names some events."""
    return {
        "class_uid": 2004,
        "time": TIME,
        "metadata": {"version": "1.4.0"},
        "finding_info": {"uid": uid, "related_events": [{"uid": one} for one in related]},
    }


def activity(uid: str | None = None, class_uid: JsonValue = 4001, time: int = TIME) -> Event:
    """An activity."""
    metadata: Event = {"version": "1.4.0"} if uid is None else {"version": "1.4.0", "uid": uid}
    return {"class_uid": class_uid, "time": time, "metadata": metadata}


def bundle(*events: JsonValue, **frame: JsonValue) -> Event:
    """A bundle of events."""
    return {**frame, "events": list(events)}
