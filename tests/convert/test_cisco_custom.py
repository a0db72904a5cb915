"""Simplified findings of Cisco XDR become whole OCSF 1.4.0, and nothing is lost without being named."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given, settings

from console.convert.changes import ChangeKind
from console.convert.cisco_captions import (
    CONFIDENCES,
    DISPOSITIONS,
    DISPOSITIONS_WITHOUT_ID,
    EMAIL_ACTIVITIES,
    EMAIL_DIRECTIONS,
    NETWORK_ACTIVITIES,
    NETWORK_DIRECTIONS,
    SEVERITIES,
)
from console.convert.cisco_custom import Conversion, to_bundle
from console.ocsf.issues import Severity
from console.ocsf.store import user_store
from console.ocsf.validator import Validator
from console.records.model import JsonValue
from tests.convert.simplified import SIMPLIFIED, TIME, example
from tests.examples import examples

AT = datetime(2026, 2, 17, 13, 0, 0, 1999, tzinfo=UTC)
AT_MS = 1771333200001
VALIDATOR = Validator(user_store())


def numbered() -> Callable[[], UUID]:
    """Gives the ids 1, 2, 3 …"""

    def ids() -> Iterator[UUID]:
        number = 0
        while True:
            number += 1
            yield UUID(int=number)

    return ids().__next__


def converted(finding: JsonValue) -> Conversion:
    assert isinstance(finding, dict)
    return to_bundle(finding, received_at=AT, new_id=numbered())


def email_finding(activity: dict[str, JsonValue]) -> dict[str, JsonValue]:
    return {"detection_findings": {"finding_info": {"types": ["Email"], "uid": "u"}}, "email_activity": [activity]}


def network_finding(activity: dict[str, JsonValue]) -> dict[str, JsonValue]:
    return {"detection_findings": {"finding_info": {"types": ["Network"], "uid": "u"}}, "network_activity": [activity]}


def only_activity(conversion: Conversion) -> dict[str, JsonValue]:
    events = conversion.bundle["events"]
    assert isinstance(events, list)
    _, activity = events
    assert isinstance(activity, dict)
    return activity


def the_finding(conversion: Conversion) -> dict[str, JsonValue]:
    events = conversion.bundle["events"]
    assert isinstance(events, list)
    assert isinstance(events[0], dict)
    return events[0]


def test_the_example_of_the_guide_becomes_a_whole_bundle() -> None:
    conversion = converted(example())

    assert conversion.finding_uid == "external-uid-123"
    assert conversion.changes == []
    assert conversion.bundle == {
        "start_time": TIME,
        "end_time": TIME,
        "count": 2,
        "events": [
            {
                "class_uid": 2004,
                "class_name": "Detection Finding",
                "category_uid": 2,
                "category_name": "Findings",
                "activity_id": 1,
                "activity_name": "Create",
                "type_uid": 200401,
                "type_name": "Detection Finding: Create",
                "time": TIME,
                "metadata": {
                    "version": "1.4.0",
                    "product": {"name": "Custom OCSF Event Source"},
                    "labels": ["intake-api-finding"],
                },
                "severity_id": 3,
                "severity": "Medium",
                "confidence_id": 2,
                "confidence": "Medium",
                "finding_info": {
                    "title": "Suspicious Email",
                    "types": ["Email"],
                    "uid": "external-uid-123",
                    "related_events": [{"uid": str(UUID(int=1)), "type_uid": 400901}],
                    "related_events_count": 1,
                },
            },
            {
                "class_uid": 4009,
                "class_name": "Email Activity",
                "category_uid": 4,
                "category_name": "Network Activity",
                "activity_id": 1,
                "activity_name": "Send",
                "type_uid": 400901,
                "type_name": "Email Activity: Send",
                "time": TIME,
                "metadata": {
                    "uid": str(UUID(int=1)),
                    "version": "1.4.0",
                    "product": {"name": "Custom OCSF Event Source"},
                },
                "severity_id": 0,
                "direction_id": 1,
                "direction": "Inbound",
                "email": {"from": "attacker@example.com", "to": ["victim@example.com"], "message_uid": "msg-123"},
            },
        ],
    }


def _lacks(event: dict[str, JsonValue]) -> list[tuple[str, str]]:
    """The errors that the input itself makes unavoidable: OCSF asks for a side of it that the model does not."""
    if event["class_uid"] == 4001 and "src_endpoint" not in event and "dst_endpoint" not in event:
        return [("constraint_failed", "")]
    email = event.get("email", {})
    assert isinstance(email, dict)
    if event["class_uid"] == 4009 and "from" not in email and "to" not in email:
        return [("constraint_failed", "email")]
    return []


@settings(max_examples=examples(300), deadline=None)
@given(SIMPLIFIED)
def test_what_the_model_takes_becomes_ocsf_without_an_error(finding: JsonValue) -> None:
    events = converted(finding).bundle["events"]
    assert isinstance(events, list)
    for event in events:
        assert isinstance(event, dict)
        found = VALIDATOR.check(json.dumps(event).encode())
        errors = [(one.code, one.path) for one in found if one.severity is Severity.ERROR]
        assert errors == _lacks(event)


@settings(max_examples=examples(100), deadline=None)
@given(SIMPLIFIED)
def test_a_bundle_says_of_its_events_what_is_so(finding: JsonValue) -> None:
    raw = json.dumps(converted(finding).bundle).encode()

    assert not [one for one in VALIDATOR.check(raw) if one.code.startswith("bundle_")]


def leaves(value: JsonValue) -> Iterator[JsonValue]:
    """All values that are no containers, and say something."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    elif value not in (None, ""):
        yield value


@settings(max_examples=examples(300), deadline=None)
@given(SIMPLIFIED)
def test_no_value_of_the_input_is_lost(finding: JsonValue) -> None:
    kept = list(leaves(converted(finding).bundle))

    for value in leaves(finding):
        assert value in kept


@given(SIMPLIFIED)
def test_the_same_input_gives_the_same_bundle_and_stays_as_it_is(finding: JsonValue) -> None:
    before = copy.deepcopy(finding)

    assert converted(finding) == converted(finding)
    assert finding == before


@given(SIMPLIFIED)
def test_every_activity_is_linked(finding: JsonValue) -> None:
    events = converted(finding).bundle["events"]
    assert isinstance(events, list)
    detection, *activities = json.loads(json.dumps(events))

    related = detection["finding_info"].get("related_events", [])
    assert related == [{"uid": one["metadata"]["uid"], "type_uid": one["type_uid"]} for one in activities]
    assert len({one["uid"] for one in related}) == len(activities)


@pytest.mark.parametrize(("caption", "number"), SEVERITIES.items())
def test_severities_get_their_numbers(caption: str, number: int) -> None:
    finding = converted({"detection_findings": {"finding_info": {"types": ["Email"]}, "severity": caption}})

    assert (the_finding(finding)["severity_id"], the_finding(finding)["severity"]) == (number, caption)


@pytest.mark.parametrize(("caption", "number"), CONFIDENCES.items())
def test_confidences_get_their_numbers(caption: str, number: int) -> None:
    finding = converted({"detection_findings": {"finding_info": {"types": ["Email"]}, "confidence": caption}})

    assert (the_finding(finding)["confidence_id"], the_finding(finding)["confidence"]) == (number, caption)


@pytest.mark.parametrize(("caption", "number"), EMAIL_ACTIVITIES.items())
def test_email_activities_get_their_types(caption: str, number: int) -> None:
    event = only_activity(converted(email_finding({"activity_name": caption})))

    assert (event["activity_id"], event["type_uid"]) == (number, 400900 + number)


@pytest.mark.parametrize(("caption", "number"), NETWORK_ACTIVITIES.items())
def test_network_activities_get_their_types(caption: str, number: int) -> None:
    event = only_activity(converted(network_finding({"activity_name": caption})))

    assert (event["activity_id"], event["type_uid"]) == (number, 400100 + number)


@pytest.mark.parametrize(("caption", "number"), EMAIL_DIRECTIONS.items())
def test_directions_of_emails_get_their_numbers(caption: str, number: int) -> None:
    event = only_activity(converted(email_finding({"direction": caption})))

    assert (event["direction_id"], event["direction"]) == (number, caption)


@pytest.mark.parametrize(("caption", "number"), NETWORK_DIRECTIONS.items())
def test_directions_of_connections_get_their_numbers(caption: str, number: int) -> None:
    event = only_activity(converted(network_finding({"connection_info": {"direction": caption}})))

    assert event["connection_info"] == {"direction_id": number, "direction": caption}


@pytest.mark.parametrize(("caption", "number"), DISPOSITIONS.items())
def test_dispositions_get_their_numbers_and_those_without_one_are_named(caption: str, number: int) -> None:
    conversion = converted(network_finding({"dispositions": [{"disposition": caption}]}))

    event = only_activity(conversion)
    assert (event["disposition_id"], event["disposition"]) == (number, caption)
    assert [(one.kind, one.path) for one in conversion.changes] == (
        [(ChangeKind.REPLACED, "network_activity[0].dispositions[0].disposition")]
        if caption in DISPOSITIONS_WITHOUT_ID
        else []
    )


def test_the_ids_of_enums_are_those_of_the_schema() -> None:
    classes = user_store().get("1.4.0").classes
    for class_uid, attribute, captions in (
        (2004, "severity_id", SEVERITIES),
        (2004, "confidence_id", CONFIDENCES),
        (4009, "direction_id", EMAIL_DIRECTIONS),
        (4009, "disposition_id", DISPOSITIONS),
    ):
        enum = classes[class_uid].attributes[attribute].enum
        assert enum is not None
        listed = {caption: int(number) for number, caption in enum.captions.items()}
        assert {key: number for key, number in captions.items() if key not in DISPOSITIONS_WITHOUT_ID} == listed


def test_what_ocsf_has_one_of_keeps_the_first_and_names_the_rest() -> None:
    conversion = converted(
        email_finding(
            {
                "email": {
                    "from_list": ["a@x.example", "b@x.example", "c@x.example"],
                    "files": [{"size": 3}, {"name": "a.exe"}],
                },
                "dispositions": [
                    {"disposition": "Blocked", "disposition_status": "Done"},
                    {"disposition": "Logged"},
                ],
            }
        )
    )

    event = only_activity(conversion)
    assert event["email"] == {"from": "a@x.example", "files": [{"name": "a.exe", "type_id": 0, "type": "Unknown"}]}
    assert event["unmapped"] == {
        "disposition_status": ["Done"],
        "dispositions": [{"disposition": "Logged"}],
        "from_list": ["b@x.example", "c@x.example"],
        "files": [{"size": 3}],
    }
    assert [one.path for one in conversion.changes] == [
        "email_activity[0].dispositions[0].disposition_status",
        "email_activity[0].dispositions[1]",
        "email_activity[0].email.from_list[1]",
        "email_activity[0].email.from_list[2]",
        "email_activity[0].email.files[0]",
    ]
    assert {one.kind for one in conversion.changes} == {ChangeKind.UNMAPPED}


def test_what_says_too_little_for_ocsf_is_named() -> None:
    conversion = converted(
        network_finding(
            {
                "actor": {"user": {"email_addr": "a@x.example"}},
                "src_endpoint": {"port": 7, "mac": "00:1a:2b:3c:4d:5e"},
                "dst_endpoint": {"ip": "8.8.8.8", "proxy_endpoint": {"ip": None}},
            }
        )
    )

    event = only_activity(conversion)
    assert event["actor"] == {"user": {"email_addr": "a@x.example", "uid": "a@x.example"}}
    assert event["unmapped"] == {"src_endpoint": [{"mac": "00:1a:2b:3c:4d:5e", "port": 7}]}
    assert event["dst_endpoint"] == {"ip": "8.8.8.8"}
    assert [(one.kind, one.path) for one in conversion.changes] == [
        (ChangeKind.REPLACED, "network_activity[0].actor.user"),
        (ChangeKind.UNMAPPED, "network_activity[0].src_endpoint"),
    ]


def test_an_attack_that_names_nothing_is_left_out_and_named() -> None:
    conversion = converted(
        {
            "detection_findings": {
                "finding_info": {"types": ["Email"], "uid": "u"},
                "attacks": [
                    {"tactic": {"uid": None}, "technique": {"uid": None}},
                    {"tactic": {"uid": "TA0001"}, "technique": {"uid": "T1566"}},
                ],
            }
        }
    )

    info = the_finding(conversion)["finding_info"]
    assert isinstance(info, dict)
    assert info["attacks"] == [{"tactic": {"uid": "TA0001"}, "technique": {"uid": "T1566"}}]
    assert [(one.kind, one.path) for one in conversion.changes] == [
        (ChangeKind.LEFT_OUT, "detection_findings.attacks[0]")
    ]


def test_missing_times_are_those_of_the_finding_or_else_of_the_intake() -> None:
    assert only_activity(converted(email_finding({})))["time"] == AT_MS
    finding = example()
    activities = finding["email_activity"]
    assert isinstance(activities, list)
    assert isinstance(activities[0], dict)
    activities[0]["time"] = TIME + 5
    activities.append({})

    bundle = converted(finding).bundle
    assert (bundle["start_time"], bundle["end_time"], bundle["count"]) == (TIME, TIME + 5, 3)


def test_a_finding_without_uid_gets_one() -> None:
    conversion = converted({"detection_findings": {"finding_info": {"types": ["Email"]}}, "email_activity": [{}]})

    assert conversion.finding_uid == str(UUID(int=1))
    assert only_activity(conversion)["metadata"] != the_finding(conversion)["metadata"]
