"""What Cisco XDR asks of an OCSF bundle before it takes it in. Offline, and without any HTTP.

Sources: Cisco's "Findings Intake API Docs", the published model `OCSFEventsBundle`, and OCSF's bundling. Errors are
what the guide says must be so, and what no service could do without; warnings are likely mistakes. Whether the events
are whole OCSF 1.4.0 is the validator's business: Cisco's own minimal example is not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Final

from console.convert import cisco_limits
from console.limits import Limits
from console.ocsf.issues import Issue, Severity
from console.ocsf.place import named, quoted
from console.ocsf.versions import LONGEST, Version
from console.records.decode import BadRecord
from console.records.model import JsonValue, Record
from console.targets.cisco_xdr.links import DETECTION_FINDING, LONGEST_UID, Event, class_of, links_of, uid_of
from console.targets.cisco_xdr.reading import error, read, warning
from console.targets.cisco_xdr.times import time_fault

SUPPORTED_CLASSES: Final = cisco_limits.SUPPORTED_CLASSES
"""The `class_uid`s of the activities that the guide lists."""

MOST_ISSUES: Final = 1_000
"""Errors, and warnings, that are given of one bundle: a hostile one could have millions."""

_EVENTS: Final = "events"
_KEYS: Final = frozenset({_EVENTS, "count", "start_time", "end_time"})
"""The keys that Cisco's model has."""
_DATETIMES: Final = frozenset({"start_time_dt", "end_time_dt"})
"""Keys that OCSF's bundles may have besides."""
_FIRST: Final = Version((1, 0, 0))
_NEXT: Final = Version((1, 5, 0))
"""Versions from the first to before this one are compatible with 1.4: an event may be older than its reader."""


def check_record(record: Record, limits: Limits) -> Sequence[Issue]:
    """What is wrong with a bundle. Only an error makes Cisco XDR refuse it."""
    try:
        return judge(record.raw, limits)[1]
    except BadRecord as fault:
        return [error("cisco_record_unreadable", "", fault.message)]


def judge(raw: bytes, limits: Limits) -> tuple[str | None, Sequence[Issue]]:
    """The same for the bytes of one, with its finding's uid. Raises `BadRecord` for what is no JSON object."""
    bundle, duplicates = read(raw, limits)
    return finding_uid(bundle), _first(chain(duplicates, check_bundle(bundle)))


def check_bundle(bundle: Mapping[str, JsonValue]) -> Iterator[Issue]:
    """The same for one that is decoded already, but for keys that stand twice; every issue, as it is found."""
    yield from _frame(bundle)
    events = bundle.get(_EVENTS)
    if not isinstance(events, list) or not events:
        yield error("cisco_bundle_events", _EVENTS, f"A bundle needs a list of at least one event in '{_EVENTS}'.")
        return
    objects = [event for event in events if isinstance(event, dict)]
    if len(objects) < len(events):
        for index, event in enumerate(events):
            if not isinstance(event, dict):
                message = f"An event must be an object, not {quoted(event)}."
                yield error("cisco_bundle_event_not_object", f"{_EVENTS}[{index}]", message)
        return
    yield from _findings(objects)
    yield from _classes(objects)
    for index, event in enumerate(objects):
        yield from check_event(event, f"{_EVENTS}[{index}].")
    yield from _uids(objects)
    yield from _links(objects)
    yield from _frame_against_events(bundle, objects)


def finding_uid(bundle: Mapping[str, JsonValue]) -> str | None:
    """The `finding_info.uid` of a bundle, by which Cisco XDR tells findings apart. Foreign text.

    That of the first finding; where no event is a finding as it should be, of the first event that has one.
    """
    events = bundle.get(_EVENTS)
    objects = [one for one in events if isinstance(one, dict)] if isinstance(events, list) else []
    likely = sorted(objects, key=lambda event: class_of(event) != DETECTION_FINDING)
    return next((uid for uid in map(_uid_of_finding, likely) if uid is not None), None)


def _first(issues: Iterator[Issue]) -> list[Issue]:
    """As many errors and as many warnings as are given. Nothing more is looked for once there are enough errors."""
    errors = 0
    warnings = 0
    kept: list[Issue] = []
    for issue in issues:
        is_error = issue.severity is Severity.ERROR
        errors += is_error
        warnings += not is_error
        if is_error or warnings <= MOST_ISSUES:
            kept.append(issue)
        if errors >= MOST_ISSUES:
            break
    return kept


def _uid_of_finding(finding: Event) -> str | None:
    info = finding.get("finding_info")
    uid = info.get("uid") if isinstance(info, Mapping) else None
    return uid if isinstance(uid, str) and uid.strip() and len(uid) <= LONGEST_UID else None


def _frame(bundle: Mapping[str, JsonValue]) -> Iterator[Issue]:
    for key in bundle:
        if key in _DATETIMES:
            yield warning("cisco_bundle_key_unknown", key, f"OCSF's bundles may have {key}; Cisco's model has not.")
        elif key not in _KEYS:
            yield error("cisco_bundle_key_unknown", key, f"{named(None, key)} is no key of a bundle.")
    if "count" in bundle:
        count = bundle["count"]
        if type(count) is not int or count < 1:
            yield error("cisco_bundle_count", "count", f"count must be an integer of at least 1, not {quoted(count)}.")
    for key in ("start_time", "end_time"):
        if key in bundle:
            yield from _time(key, key, bundle[key])


def _time(path: str, name: str, value: JsonValue) -> Iterator[Issue]:
    if type(value) is not int:
        yield error("cisco_time", path, f"{name} must be an integer of milliseconds since 1970, not {quoted(value)}.")
    elif fault := time_fault(value):
        yield error("cisco_time", path, f"{name} {fault}.")


def _findings(events: Sequence[Event]) -> Iterator[Issue]:
    found = [(index, event) for index, event in enumerate(events) if class_of(event) == DETECTION_FINDING]
    if len(found) != 1:
        message = f"A bundle must have exactly one Detection Finding (class_uid {DETECTION_FINDING}), not {len(found)}."
        yield error("cisco_bundle_findings", _EVENTS, message)
    for index, finding in found:
        if not isinstance(finding.get("finding_info"), Mapping):
            path = f"{_EVENTS}[{index}].finding_info"
            yield error("cisco_finding_info_missing", path, "Cisco XDR needs a 'finding_info' object.")
        elif _uid_of_finding(finding) is None:
            path = f"{_EVENTS}[{index}].finding_info.uid"
            message = f"Cisco XDR needs a non-empty 'finding_info.uid' of at most {LONGEST_UID:,} characters."
            yield error("cisco_finding_uid_missing", path, message)
        if _declared(finding) is None:
            path = f"{_EVENTS}[{index}].metadata.version"
            yield error("cisco_version_missing", path, "A finding must declare its OCSF version in 'metadata.version'.")


def _classes(events: Sequence[Event]) -> Iterator[Issue]:
    """Activities of classes that are not supported: an error when there are no others."""
    classes = [(index, class_of(event)) for index, event in enumerate(events)]
    activities = [(index, found) for index, found in classes if found != DETECTION_FINDING]
    unsupported = [(index, found) for index, found in activities if found not in SUPPORTED_CLASSES]
    if unsupported and len(unsupported) == len(activities):
        message = "A bundle whose activities are all of unsupported classes is refused."
        yield error("cisco_bundle_classes_unsupported", _EVENTS, message)
    for index, found in unsupported:
        said = "without a class_uid" if found is None else f"of the class_uid {found}"
        message = f"Cisco XDR does not support events {said}."
        yield warning("cisco_class_unsupported", f"{_EVENTS}[{index}].class_uid", message)


def check_event(event: Event, path: str = "") -> Iterator[Issue]:
    """What is wrong with one event by itself, whichever it is. *path* goes before the names of its attributes."""
    if "time" in event:
        yield from _time(f"{path}time", "time", event["time"])
    declared = _declared(event)
    if declared is None:
        return
    where = f"{path}metadata.version"
    version = Version.parse(declared) if isinstance(declared, str) and len(declared) <= LONGEST else None
    if version is None:
        yield error("cisco_version_incompatible", where, f"{quoted(declared)} is no version of OCSF.")
    elif version.prerelease or not _FIRST <= version < _NEXT:
        message = f"Events must be compatible with OCSF 1.4, and {version} is not."
        yield error("cisco_version_incompatible", where, message)


def _declared(event: Event) -> JsonValue:
    """The `metadata.version` of an event; None where it has none."""
    metadata = event.get("metadata")
    return metadata.get("version") if isinstance(metadata, dict) else None


def _uids(events: Sequence[Event]) -> Iterator[Issue]:
    """Each `metadata.uid` that an earlier event has."""
    seen = Counter[str]()
    for index, event in enumerate(events):
        uid = uid_of(event)
        if uid is None:
            continue
        seen[uid] += 1
        if seen[uid] > 1:
            message = f"An earlier event of the bundle has the metadata.uid {quoted(uid)}."
            yield error("cisco_event_uid_duplicate", f"{_EVENTS}[{index}].metadata.uid", message)


def _links(events: Sequence[Event]) -> Iterator[Issue]:
    links = links_of(events)
    for activity in links.unlinked:
        message = "The finding does not name this event in 'finding_info.related_events'."
        yield warning("cisco_event_unlinked", f"{_EVENTS}[{activity.index}]", message)
    for uid in links.dangling:
        message = f"'finding_info.related_events' names {quoted(uid)}, which is the metadata.uid of no event."
        yield warning("cisco_related_event_dangling", _EVENTS, message)


def _frame_against_events(bundle: Mapping[str, JsonValue], events: Sequence[Event]) -> Iterator[Issue]:
    """What a bundle says of its events that is not so."""
    count = bundle.get("count")
    if type(count) is int and count != len(events):
        message = f"count is {quoted(count)}, but the bundle has {len(events):,} events."
        yield warning("cisco_bundle_count_incorrect", "count", message)
    times = [time for event in events if type(time := event.get("time")) is int]
    if not times:
        return
    for key, actual, word in (("start_time", min(times), "earliest"), ("end_time", max(times), "latest")):
        said = bundle.get(key)
        if type(said) is int and said != actual:
            message = f"{key} is {quoted(said)}, but the {word} time of the events is {quoted(actual)}."
            yield warning("cisco_bundle_time_incorrect", key, message)
