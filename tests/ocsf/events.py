"""Sound events to damage, and short words for what the validator says of them."""

from __future__ import annotations

import copy
import json
from typing import Any, Final

from console.ocsf.rules import Policy, RuleSet
from console.ocsf.store import SchemaStore
from console.ocsf.validator import Validator

Event = dict[str, Any]
"""Whatever JSON a test wants to hand in."""
Pair = tuple[str, str]
"""The code of an issue, and its path."""

STORE: Final = SchemaStore(None)
FULL: Final = Validator(STORE)
OFFICIAL: Final = Validator(STORE, Policy(RuleSet.OFFICIAL))
BOTH: Final = (FULL, OFFICIAL)

TIME: Final = 1_700_000_000_000
"""2023-11-14T22:13:20Z."""

_LOGON: Final[Event] = {
    "class_uid": 3002,
    "category_uid": 3,
    "activity_id": 1,
    "type_uid": 300201,
    "severity_id": 1,
    "time": TIME,
    "metadata": {"version": "1.8.0", "product": {"name": "Probe"}},
    "user": {"name": "ann"},
    "service": {"name": "login"},
}
_FINDING: Final[Event] = {
    "class_uid": 2004,
    "category_uid": 2,
    "activity_id": 1,
    "type_uid": 200401,
    "severity_id": 1,
    "time": TIME,
    "metadata": {"version": "1.8.0", "product": {"name": "Probe"}},
    "finding_info": {"uid": "1", "title": "A finding"},
}


def logon(**changes: object) -> Event:
    """An Authentication event without any issue, changed."""
    return copy.deepcopy(_LOGON) | changes


def finding(**changes: object) -> Event:
    """A Detection Finding without any issue, changed."""
    return copy.deepcopy(_FINDING) | changes


def declaring(version: object, event: Event | None = None, **metadata: object) -> Event:
    """An event that declares a version, and more in its `metadata`."""
    event = logon() if event is None else event
    event["metadata"] |= {"version": version, **metadata}
    return event


def with_profiles(profiles: object, event: Event | None = None, **changes: object) -> Event:
    """An event that declares profiles."""
    event = (logon() if event is None else event) | changes
    event["metadata"]["profiles"] = profiles
    return event


def raw(event: object) -> bytes:
    """The bytes of a record."""
    return json.dumps(event).encode()


def found(event: object, validator: Validator = FULL) -> set[Pair]:
    """The issues as (code, path)."""
    pairs = [(issue.code, issue.path) for issue in validator.check(raw(event))]
    assert len(set(pairs)) == len(pairs), "each thing is said once"
    return set(pairs)


def message(event: object, validator: Validator = FULL) -> str:
    """The message of the only issue."""
    (issue,) = validator.check(raw(event))
    return issue.message
