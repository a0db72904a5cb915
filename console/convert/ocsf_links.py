"""How OCSF events belong together: a finding names its activities by their `metadata.uid`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from console.records.model import JsonValue

DETECTION_FINDING: Final = 2004
"""The `class_uid` of the one finding of a bundle."""

_NO_CLASS: Final = 2**31
"""The schema's largest is far below."""

Event = Mapping[str, JsonValue]


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
