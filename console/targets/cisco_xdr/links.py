"""How the events of a bundle belong together: the finding names its activities by their `metadata.uid`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from console.records.model import JsonValue

DETECTION_FINDING: Final = 2004
"""The `class_uid` of the one finding of a bundle."""

LONGEST_UID: Final = 4_096
"""Characters of a finding's uid. Ours: it is searched for, sent back with every error, and asked for in a URL."""

_NO_CLASS: Final = 2**31
"""The schema's largest is far below."""

Event = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Activity:
    """An event of a bundle beside its finding."""

    index: int
    """Its place in `events`; 0 for the first."""
    class_uid: int | None
    """None where it has none that could be one."""
    uid: str | None
    """Its `metadata.uid`; None where it has none. Foreign text."""


@dataclass(frozen=True, slots=True)
class Links:
    """Which activities of a bundle its finding names."""

    linked: Sequence[Activity]
    unlinked: Sequence[Activity]
    dangling: Sequence[str]
    """The uids that the finding names and no activity has. Foreign text."""


def class_of(event: Event) -> int | None:
    """The `class_uid` of an event, if it is an integer that a class could have."""
    found = event.get("class_uid")
    return found if type(found) is int and 0 <= found < _NO_CLASS else None


def uid_of(event: Event) -> str | None:
    """The `metadata.uid` of an event, if it is a text that isn't empty."""
    metadata = event.get("metadata")
    uid = metadata.get("uid") if isinstance(metadata, Mapping) else None
    return uid if isinstance(uid, str) and uid else None


def related_uids(finding: Event) -> Sequence[str]:
    """The uids in `finding_info.related_events`, each once, in their order."""
    info = finding.get("finding_info")
    related = info.get("related_events") if isinstance(info, Mapping) else None
    uids = [one.get("uid") for one in related if isinstance(one, Mapping)] if isinstance(related, list) else []
    return list(dict.fromkeys(uid for uid in uids if isinstance(uid, str)))


def links_of(events: Sequence[Event]) -> Links:
    """How the events of a bundle that has one finding are linked."""
    named = dict.fromkeys(
        uid for event in events if class_of(event) == DETECTION_FINDING for uid in related_uids(event)
    )
    activities = [
        Activity(index, class_of(event), uid_of(event))
        for index, event in enumerate(events)
        if class_of(event) != DETECTION_FINDING
    ]
    there = {activity.uid for activity in activities}
    return Links(
        linked=[activity for activity in activities if activity.uid in named],
        unlinked=[activity for activity in activities if activity.uid not in named],
        dangling=[uid for uid in named if uid not in there],
    )
