"""Simplified findings for tests: all that the published model allows."""

from __future__ import annotations

import string

from hypothesis import strategies as st

from console.convert.cisco_captions import (
    CONFIDENCES,
    DISPOSITIONS,
    EMAIL_ACTIVITIES,
    EMAIL_DIRECTIONS,
    FILE_TYPES,
    HASH_ALGORITHMS,
    NETWORK_ACTIVITIES,
    NETWORK_DIRECTIONS,
    SEVERITIES,
)
from console.records.model import JsonValue

Value = st.SearchStrategy[JsonValue]

TIME = 1739700000000

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_NAME = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
_WORD = st.text(string.ascii_letters + string.digits, min_size=1, max_size=6)
_TIME = st.integers(946684800000, 4102444800000)
_ADDRESS = st.builds("{}@{}.example".format, _WORD, _WORD)
_COUNT = st.integers(0, 2**63 - 1)
_IP = st.ip_addresses().map(str)


def shape(required: dict[str, Value] | None = None, **optional: Value) -> Value:
    """An object with all of *required* and some of *optional*: all of it, as often as not."""
    some = st.fixed_dictionaries(required or {}, optional=optional).map(dict)
    return st.fixed_dictionaries({**(required or {}), **optional}).map(dict) | some


def several(item: Value, most: int = 2) -> Value:
    """A list, or null: no list of the model needs to be one."""
    return st.lists(item, min_size=min(most, 1), max_size=most) | st.none() | st.lists(item, max_size=most)


def one_of(captions: object) -> Value:
    """Any of the captions."""
    assert isinstance(captions, dict)
    return st.sampled_from(sorted(captions))


_TACTIC = shape({"uid": st.none() | st.sampled_from(["TA0001", "TA0011", "TA0043"])})
_TECHNIQUE = shape({"uid": st.none() | _TEXT})
_FINGERPRINT = shape({"value": _NAME}, algorithm=one_of(HASH_ALGORITHMS))
_FILE = shape(name=_NAME, size=st.integers(0, 107374182400), type=one_of(FILE_TYPES), hashes=several(_FINGERPRINT))
_EMAIL = shape(
    from_list=several(_ADDRESS),
    to=several(_ADDRESS),
    cc=several(_ADDRESS),
    delivered_to_list=several(_ADDRESS),
    files=several(_FILE),
    message_uid=_TEXT,
)
_DISPOSITIONS = several(shape(disposition=one_of(DISPOSITIONS), disposition_status=_TEXT))
_ENDPOINT = shape(
    hostname=_WORD,
    ip=st.none() | _IP,
    mac=st.just("00:1a:2B-3c:4d:5e"),
    port=st.integers(1, 65535),
    proxy_endpoint=shape(ip=st.none() | _IP),
)
EMAIL_ACTIVITY = shape(
    activity_name=one_of(EMAIL_ACTIVITIES),
    direction=one_of(EMAIL_DIRECTIONS),
    dispositions=_DISPOSITIONS,
    email=_EMAIL,
    time=_TIME,
)
NETWORK_ACTIVITY = shape(
    activity_name=one_of(NETWORK_ACTIVITIES),
    actor=shape(user=shape(email_addr=st.none() | _ADDRESS, name=_TEXT)),
    connection_info=shape(
        direction=one_of(NETWORK_DIRECTIONS),
        protocol_num=st.sampled_from([1, 2, 4, 6, 17, 41]),
        protocol_ver_id=st.sampled_from([0, 4, 6]),
    ),
    dispositions=_DISPOSITIONS,
    src_endpoint=_ENDPOINT,
    dst_endpoint=_ENDPOINT,
    traffic=shape(bytes_in=_COUNT, bytes_out=_COUNT, packets_in=_COUNT, packets_out=_COUNT),
    time=_TIME,
)

_LABEL: Value = st.sampled_from(["regular-finding", "non-regular-finding", "intake-api-finding"])


def _detection(family: str) -> Value:
    info = shape(
        {"types": st.just([family])},
        title=_NAME,
        desc=_TEXT,
        uid=_TEXT,
        src_url=st.just("https://source.example/1?q=2"),
        modified_time=_TIME,
    )
    return shape(
        {"finding_info": info},
        attacks=several(shape(tactic=_TACTIC, technique=_TECHNIQUE)),
        severity=one_of(SEVERITIES),
        confidence=one_of(CONFIDENCES),
        time=_TIME,
        metadata=shape(labels=several(_LABEL)),
    )


def _finding(family: str, key: str, activity: Value) -> Value:
    other = {"email_activity": "network_activity", "network_activity": "email_activity"}[key]
    activities: dict[str, Value] = {key: several(activity), other: several(st.nothing(), most=0)}
    return shape({"detection_findings": _detection(family)}, **activities)


SIMPLIFIED = _finding("Email", "email_activity", EMAIL_ACTIVITY) | _finding(
    "Network", "network_activity", NETWORK_ACTIVITY
)
"""Everything that the model takes."""


def example() -> dict[str, JsonValue]:
    """The example of Cisco's guide."""
    return {
        "detection_findings": {
            "finding_info": {"title": "Suspicious Email", "types": ["Email"], "uid": "external-uid-123"},
            "severity": "Medium",
            "confidence": "Medium",
            "time": TIME,
        },
        "email_activity": [
            {
                "activity_name": "Send",
                "direction": "Inbound",
                "time": TIME,
                "email": {
                    "from_list": ["attacker@example.com"],
                    "to": ["victim@example.com"],
                    "message_uid": "msg-123",
                },
            }
        ],
    }
