"""OCSF bundles: objects that hold events, and say how many and of which time.

The format is that of `/api/v2/validate_bundle` of the official server. A bundle is told from an event by its lack of a
`class_uid`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from console.ocsf import codes
from console.ocsf.declared import CLASS_UID, Event
from console.ocsf.issues import Issue
from console.ocsf.leaves import Check, is_integer, scalar, wrong_type
from console.ocsf.place import named, quoted
from console.ocsf.rules import RuleSet
from console.records.model import JsonValue

EVENTS: Final = "events"
_KEYS: Final[Mapping[str, str]] = {
    "start_time": "long_t",
    "end_time": "long_t",
    "start_time_dt": "string_t",
    "end_time_dt": "string_t",
    "count": "integer_t",
}
"""The keys beside `events`, and their types."""

CheckEvent = Callable[[Event], Sequence[Issue]]


def is_bundle(record: Event) -> bool:
    """Whether a record is a bundle and no event."""
    return EVENTS in record and CLASS_UID not in record


def events_of(bundle: Event) -> list[Event]:
    """The events of a bundle; what is no object is none."""
    events = bundle.get(EVENTS)
    return [one for one in events if isinstance(one, dict)] if isinstance(events, list) else []


def check_bundle(bundle: Event, check_event: CheckEvent, rules: RuleSet, found: list[Issue]) -> None:
    """Append what is wrong with a bundle and with its events, whose paths start with `events[0].`."""
    for key, value in bundle.items():
        if key == EVENTS:
            continue
        if key not in _KEYS:
            found.append(codes.UNKNOWN.at(key, f"{named(None, key)} is no key of a bundle."))
        elif value is not None or rules is RuleSet.OFFICIAL:
            # To the official validator a null is a value here, unlike in an event.
            _check_of(key, rules)(value, None, key, found)
    events = bundle.get(EVENTS)
    if events is None and rules is RuleSet.FULL:
        found.append(codes.REQUIRED_MISSING.at(EVENTS, "A bundle requires events, which is null."))
    elif not isinstance(events, list):
        found.append(wrong_type(events, None, EVENTS, "a list of events"))
    else:
        found.extend(_of_events(events, check_event))
        if rules is RuleSet.FULL:
            found.extend(_against_events(bundle, events))


def _check_of(key: str, rules: RuleSet) -> Check:
    return scalar(_KEYS[key], _KEYS[key], rules)


def _of_events(events: Sequence[JsonValue], check_event: CheckEvent) -> Iterator[Issue]:
    for index, event in enumerate(events):
        here = f"{EVENTS}[{index}]"
        if not isinstance(event, dict):
            yield wrong_type(event, (None, EVENTS), index, "an event (an object)")
            continue
        for issue in check_event(event):
            yield replace(issue, path=f"{here}.{issue.path}" if issue.path else here)


def _against_events(bundle: Event, events: Sequence[JsonValue]) -> Iterator[Issue]:
    """What a bundle says of its events that is not so."""
    count = bundle.get("count")
    if is_integer(count) and count != len(events):
        yield codes.BUNDLE_COUNT.at("count", f"count is {quoted(count)}, but the bundle has {len(events):,} events.")
    times = [time for one in events_of(bundle) if is_integer(time := one.get("time")) and isinstance(time, int)]
    if not times:
        return
    for key, actual, word in (("start_time", min(times), "earliest"), ("end_time", max(times), "latest")):
        said = bundle.get(key)
        if is_integer(said) and said != actual:
            message = f"{key} is {quoted(said)}, but the {word} time of the bundle's events is {actual}."
            yield codes.BUNDLE_TIME.at(key, message)
