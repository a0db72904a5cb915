"""How the events of a bundle belong together: the finding names its activities by their `metadata.uid`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from console.convert import cisco_limits
from console.convert.ocsf_links import DETECTION_FINDING, Event, class_of, related_uids, uid_of

__all__ = [
    "DETECTION_FINDING",
    "LONGEST_UID",
    "Activity",
    "Event",
    "Links",
    "class_of",
    "links_of",
    "related_uids",
    "uid_of",
]

LONGEST_UID: Final = cisco_limits.LONGEST_UID
"""Characters of a finding's uid."""


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
