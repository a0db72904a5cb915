"""Whether findings that may have been taken in are there: asked for one by one, by their uids.

Cisco publishes the Findings Query API's name (`get_finding`), its query and its answer, and not its path: so that is
for the configuration to say. That a finding of the same uid is there proves little, since an earlier scan may have sent
it. What is there must say what was sent: the same uid, and the same title and time where they were sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from console.limits import Limits
from console.records.decode import BadRecord, decode
from console.records.model import JsonValue
from console.targets.cisco_xdr.links import DETECTION_FINDING
from console.targets.documents import list_of, object_of

FORMAT: Final = "ocsf1.4"
"""The format that a finding is asked for in."""


def query_of(uid: str) -> list[tuple[str, str]]:
    """The question for a finding."""
    return [("finding_uid", uid), ("format", FORMAT)]


def marks_of(raw: bytes, limits: Limits) -> dict[str, JsonValue]:
    """What the finding that is shown must say, for a bundle or a simplified finding. Empty where that has no uid."""
    try:
        content = decode(raw, limits)
    except BadRecord:
        return {}
    finding = _finding_in(content)
    info = object_of(finding.get("finding_info"))
    if not isinstance(info.get("uid"), str) or not info["uid"]:
        return {}
    marks: dict[str, JsonValue] = {"finding_info": {key: info[key] for key in ("uid", "title") if key in info}}
    return marks | ({"time": finding["time"]} if "time" in finding else {})


def uid_of(marks: Mapping[str, JsonValue]) -> str:
    """The uid to ask for."""
    return str(object_of(marks.get("finding_info")).get("uid", ""))


def shows(document: JsonValue, marks: Mapping[str, JsonValue]) -> bool:
    """Whether a finding with these marks is anywhere in an answer. It is not nested too deep to be looked through."""
    return any(_has(one, marks) for one in _objects(document))


def _finding_in(content: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    if "events" not in content:
        return object_of(content.get("detection_findings"))
    events = map(object_of, list_of(content["events"]))
    return next((event for event in events if event.get("class_uid") == DETECTION_FINDING), {})


def _has(there: Mapping[str, JsonValue], marks: Mapping[str, JsonValue]) -> bool:
    """Whether all marks are in an object, whatever else is."""
    return all(
        _has(object_of(there.get(key)), mark) if isinstance(mark, dict) else there.get(key) == mark
        for key, mark in marks.items()
    )


def _objects(document: JsonValue) -> Iterator[dict[str, JsonValue]]:
    """Each object in a document."""
    if isinstance(document, dict):
        yield document
        for value in document.values():
            yield from _objects(value)
    elif isinstance(document, list):
        for value in document:
            yield from _objects(value)
