"""OCSF events become bundles and simplified findings that Cisco's rules find no error in, or say why they can't."""

from __future__ import annotations

import copy
import re

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.convert.asff_limits import FINDING_BYTES
from console.convert.changes import CannotConvert, Change, ChangeKind, JsonObject
from console.convert.cisco_limits import LONGEST_UID
from console.convert.encoding import encode
from console.convert.forms import Converted, Form, Request, convert_record
from console.limits import DEFAULT_LIMITS, Limits
from console.ocsf.issues import Issue, Severity
from console.ocsf.store import user_store
from console.ocsf.validator import Validator
from console.records.model import JsonValue
from console.targets.cisco_xdr import bundles, custom_rules
from tests.convert.records import ACTIVITIES, FINDINGS, RECORDS, TIME, prowler
from tests.convert.simplified import SIMPLIFIED, example
from tests.convert.support import unnamed
from tests.examples import examples

BUNDLE = Request(Form.CISCO_BUNDLE, check_own=lambda finding: paths(custom_rules.check_custom_finding(finding)))
CUSTOM = Request(Form.CISCO_CUSTOM)
VALIDATOR = Validator(user_store())

EVENTS = st.lists(FINDINGS | ACTIVITIES | ACTIVITIES, max_size=4)


def paths(issues: object) -> list[str]:
    assert isinstance(issues, list)
    return [issue.path for issue in errors(issues)]


def errors(issues: list[Issue]) -> list[Issue]:
    return [issue for issue in issues if issue.severity is Severity.ERROR]


def converted(record: JsonValue, request: Request = BUNDLE, limits: Limits = DEFAULT_LIMITS) -> Converted:
    return convert_record(encode(record), request, limits)


def attempt(record: JsonValue, request: Request = BUNDLE) -> Converted | CannotConvert:
    try:
        return converted(record, request)
    except CannotConvert as reason:
        return reason


def only_bundle(record: JsonValue) -> JsonObject:
    """The one bundle that a record becomes."""
    (raw,) = converted(record).outputs
    bundle: JsonObject = msgspec.json.decode(raw)
    assert errors(list(bundles.check_bundle(bundle))) == []
    return bundle


def events_of(bundle: JsonObject) -> list[JsonObject]:
    events = bundle["events"]
    assert isinstance(events, list)
    return [event for event in events if isinstance(event, dict)]


def said(done: Converted) -> list[tuple[ChangeKind, str]]:
    return [(change.kind, change.path) for change in done.changes]


def refusal(record: JsonValue, request: Request = BUNDLE) -> tuple[str, str]:
    with pytest.raises(CannotConvert) as caught:
        converted(record, request)
    return caught.value.code, caught.value.path


def activity(uid: str | None = None, class_uid: int = 4001, **more: JsonValue) -> JsonObject:
    metadata: JsonObject = {"version": "1.4.0", "product": {"name": "p"}}
    return {"class_uid": class_uid, "time": TIME + 5, "metadata": metadata | ({"uid": uid} if uid else {}), **more}


def finding(uid: str = "f", *related: str) -> JsonObject:
    info: JsonObject = {"uid": uid, "title": "t"}
    if related:
        info["related_events"] = [{"uid": one} for one in related]
    return {"class_uid": 2004, "time": TIME, "metadata": {"version": "1.4.0"}, "finding_info": info}


def test_a_finding_of_prowler_is_one_of_ocsf_1_4_afterwards() -> None:
    """Prowler declares OCSF 1.5 and counts seconds."""
    record = prowler()

    done = converted(record)

    assert isinstance(record["finding_info"], dict)
    assert isinstance(record["metadata"], dict)
    event = record | {
        "time": TIME // 1000 * 1000,
        "finding_info": record["finding_info"] | {"created_time": TIME // 1000 * 1000},
        "metadata": record["metadata"] | {"version": "1.4.0"},
    }
    time = TIME // 1000 * 1000
    bundle = msgspec.json.decode(done.outputs[0])
    assert bundle == {"start_time": time, "end_time": time, "count": 1, "events": [event]}
    assert said(done) == [
        (ChangeKind.REPLACED, "metadata.version"),
        (ChangeKind.REPLACED, "finding_info.created_time"),
        (ChangeKind.REPLACED, "time"),
    ]
    assert errors(list(VALIDATOR.check(encode(event)))) == []


@settings(max_examples=examples(80), deadline=None)
@given(RECORDS)
def test_a_bundle_passes_the_rules_or_the_record_says_why_there_is_none(record: JsonValue) -> None:
    if not isinstance(record, dict):
        return
    done = attempt(record)
    if isinstance(done, CannotConvert):
        assert re.fullmatch(r"cisco_[a-z_]+", done.code)
        return
    for raw in done.outputs:
        assert errors(list(bundles.judge(raw, DEFAULT_LIMITS)[1])) == []
    assert converted(record) == done


@settings(max_examples=examples(70), deadline=None)
@given(EVENTS)
def test_bundles_of_any_events_pass_the_rules(events: list[JsonValue]) -> None:
    """Versions, classes, times, identifiers and links of all kinds; and the simplified findings of what comes of it."""
    done = attempt({"events": events})
    if isinstance(done, CannotConvert):
        return
    for raw in done.outputs:
        found = bundles.judge(raw, DEFAULT_LIMITS)[1]
        assert {issue.code for issue in found} <= {"cisco_related_event_dangling"}
        custom = attempt(msgspec.json.decode(raw), CUSTOM)
        if isinstance(custom, Converted):
            for simplified in custom.outputs:
                assert errors(list(custom_rules.judge(simplified, DEFAULT_LIMITS)[1])) == []


@settings(max_examples=examples(80), deadline=None)
@given(FINDINGS)
def test_what_ocsf_1_4_lacks_is_moved_and_named(record: JsonValue) -> None:
    assert isinstance(record, dict)
    done = attempt(record)
    if isinstance(done, CannotConvert):
        return
    (event,) = events_of(msgspec.json.decode(done.outputs[0]))
    # What an empty key leads to has the path of what it is in.
    lost = [
        path for path in unnamed(record, done.changes) if not path.endswith(".") and not _is_there(record, event, path)
    ]
    assert lost == []
    if any(change.path == "metadata.version" for change in done.changes):
        codes = {issue.code for issue in VALIDATOR.check(encode(event))}
        assert "attribute_unknown" not in codes


def _is_there(record: JsonValue, event: JsonValue, path: str) -> bool:
    """Whether the value at a path stands in the event as it did in the record."""
    return _at(record, path) == _at(event, path)


def _at(value: JsonValue, path: str) -> JsonValue:
    """The value at a path of `leaves`. Keys with dots in them are tried as a whole first."""
    if not path:
        return value
    if isinstance(value, list) and (step := re.match(r"\[(\d+)\]\.?", path)):
        return _at(value[int(step[1])], path[step.end() :]) if int(step[1]) < len(value) else None
    if isinstance(value, dict):
        for key in sorted(value, key=len, reverse=True):
            rest = path[len(key) :]
            if path.startswith(key) and (not rest or rest[0] in ".["):
                return _at(value[key], rest.removeprefix("."))
    return None


@pytest.mark.parametrize(
    ("record", "code", "path"),
    [
        (activity("a"), "cisco_class_not_a_finding", "class_uid"),
        ({"class_uid": "2004"}, "cisco_class_not_a_finding", "class_uid"),
        ({"message": "no event"}, "cisco_class_not_a_finding", "class_uid"),
        (prowler(metadata={"version": "1.0.0-rc.2"}), "cisco_version_incompatible", "metadata.version"),
        (prowler(metadata={"version": "2.0.0"}), "cisco_version_incompatible", "metadata.version"),
        ({"class_uid": 2004, "finding_info": {"uid": "x"}, "time": "today"}, "cisco_time_missing", "time"),
        ({"class_uid": 2004, "time": 200_000_000_000}, "cisco_time_missing", "time"),
        ({"events": []}, "cisco_bundle_without_finding", "events"),
        ({"events": [activity("a")]}, "cisco_bundle_without_finding", "events"),
        ({"SchemaVersion": "2018-10-08", "AwsAccountId": "1"}, "cisco_not_ocsf", ""),
        ({"detection_findings": {}}, "cisco_custom_invalid", "detection_findings.finding_info"),
    ],
)
def test_what_can_be_no_bundle_is_refused_by_name(record: JsonObject, code: str, path: str) -> None:
    assert refusal(record) == (code, path)


def test_one_finding_takes_all_activities_of_its_bundle_and_names_them() -> None:
    events: list[JsonValue] = [activity("a", type_uid=400106), finding(), activity(), activity("a"), "noise"]
    record: JsonObject = {"events": events, "count": 9, "start_time_dt": "x"}

    bundle = only_bundle(record)
    done = converted(record)

    first, *others = events_of(bundle)
    uids = [event["metadata"]["uid"] for event in others if isinstance(event["metadata"], dict)]
    assert first["finding_info"] == {
        "uid": "f",
        "title": "t",
        "related_events": [{"uid": "a", "type_uid": 400106}, {"uid": uids[1]}, {"uid": uids[2]}],
        "related_events_count": 3,
    }
    assert (bundle["count"], bundle["start_time"], bundle["end_time"]) == (4, TIME, TIME + 5)
    assert uids[0] == "a"
    assert len(set(uids)) == 3
    assert [(reason.code, reason.path) for reason in done.refusals] == [("not_an_object", "events[4]")]
    assert said(done) == [
        (ChangeKind.LEFT_OUT, "start_time_dt"),
        (ChangeKind.FILLED_IN, "events[2].metadata.uid"),
        (ChangeKind.UNMAPPED, "events[3].metadata.uid"),
        (ChangeKind.FILLED_IN, "events[1].finding_info.related_events"),
    ]
    assert only_bundle(record) == bundle


def test_several_findings_of_a_bundle_become_a_bundle_each() -> None:
    events: list[JsonValue] = [finding("f", "a", "b"), finding("g", "b"), activity("a"), activity("b"), activity("c")]

    done = converted({"events": events})

    made = [events_of(msgspec.json.decode(raw)) for raw in done.outputs]
    assert [[event["metadata"].get("uid") for event in one if isinstance(event["metadata"], dict)] for one in made] == [
        [None, "a", "b"],
        [None, "b"],
    ]
    assert said(done) == []
    assert [(reason.code, reason.path) for reason in done.refusals] == [
        ("cisco_activity_left_over", "events[4].metadata.uid")
    ]


def test_a_finding_that_fails_does_not_hold_up_its_neighbours() -> None:
    bad = finding("g") | {"time": None}

    done = converted({"events": [finding("f"), bad]})

    assert len(done.outputs) == 1
    assert [(reason.code, reason.path) for reason in done.refusals] == [("cisco_time_missing", "events[1].time")]


def test_activities_that_cisco_does_not_take_are_left_out() -> None:
    old = activity("o")
    assert isinstance(old["metadata"], dict)
    old["metadata"]["version"] = "0.9.0"

    done = converted({"events": [finding(), activity("x", 4005), old, activity("k", 201001)]})

    (bundle,) = done.outputs
    assert [event["class_uid"] for event in events_of(msgspec.json.decode(bundle))] == [2004, 201001]
    assert [path for kind, path in said(done) if kind is ChangeKind.LEFT_OUT] == ["events[1]", "events[2]"]
    assert [(reason.code, reason.path) for reason in done.refusals] == [
        ("cisco_class_unsupported", "events[1].class_uid"),
        ("cisco_activity_left_over", "events[2].metadata.uid"),
    ]


def test_what_is_missing_is_filled_in_the_same_way_each_time() -> None:
    """Also where the keys stand in another order."""
    record: JsonObject = {"class_uid": 2004, "finding_info": {"title": "t"}, "time_dt": "2026-02-05T06:38:40Z"}
    turned: JsonObject = dict(reversed(record.items()))

    (event,) = events_of(only_bundle(record))

    assert event["time"] == TIME // 1000 * 1000
    assert event["metadata"] == {"version": "1.4.0"}
    assert isinstance(event["finding_info"], dict)
    assert re.fullmatch(r"[0-9a-f-]{36}", str(event["finding_info"]["uid"]))
    assert events_of(only_bundle(turned)) == [event]
    other = only_bundle({**record, "finding_info": {"title": "u"}})
    assert other["events"] != [event]
    assert {kind for kind, _ in said(converted(record))} == {ChangeKind.FILLED_IN, ChangeKind.UNMAPPED}


def test_an_identifier_that_is_too_long_is_replaced_and_kept_aside() -> None:
    (event,) = events_of(only_bundle(finding("x" * (LONGEST_UID + 1))))

    assert event["unmapped"] == {"finding_info.uid": "x" * (LONGEST_UID + 1)}


@pytest.mark.parametrize("class_uid", [2002, 2003])
def test_vulnerability_and_compliance_findings_become_detection_findings(class_uid: int) -> None:
    record = finding() | {
        "class_uid": class_uid,
        "class_name": "Old Name",
        "activity_id": 2,
        "resource": {"uid": "r"},
        "compliance": {"status_id": 3},
        "vulnerabilities": [{"cve": {"uid": "CVE-2026-1"}}],
    }

    done = converted(record)

    (event,) = events_of(msgspec.json.decode(done.outputs[0]))
    assert (event["class_uid"], event["type_uid"], event["class_name"]) == (2004, 200402, "Detection Finding")
    assert event["resources"] == [{"uid": "r"}]
    assert event["vulnerabilities"] == [{"cve": {"uid": "CVE-2026-1"}}]
    assert event["unmapped"] == {"compliance": {"status_id": 3}}
    assert (ChangeKind.UNMAPPED, "compliance") in said(done)


def test_a_security_finding_of_ocsf_1_0_becomes_a_detection_finding() -> None:
    record: JsonObject = {
        "class_uid": 2001,
        "activity_id": 1,
        "time": TIME,
        "state_id": 4,
        "state": "Resolved",
        "status_id": 1,
        "status": "Success",
        "metadata": {"version": "1.0.0"},
        "finding": {"uid": "f", "title": "t", "remediation": {"desc": "d"}, "supporting_data": {"a": 1}},
        "analytic": {"type_id": 1},
        "nist": ["x"],
    }

    (event,) = events_of(only_bundle(record))

    assert event == {
        "class_uid": 2004,
        "type_uid": 200401,
        "activity_id": 1,
        "time": TIME,
        "status_id": 4,
        "status": "Resolved",
        "metadata": {"version": "1.4.0"},
        "finding_info": {"uid": "f", "title": "t", "analytic": {"type_id": 1}},
        "remediation": {"desc": "d"},
        "unmapped": {
            "status": "Success",
            "status_id": 1,
            "nist": ["x"],
            "finding_info.supporting_data": {"a": 1},
        },
    }


def test_what_a_later_version_lists_is_99_with_its_caption() -> None:
    record = finding() | {
        "metadata": {"version": "1.8.0", "profiles": ["cloud", "ai"]},
        "status_id": 6,
        "status": "Deleted",
    }

    (event,) = events_of(only_bundle(record))

    assert event["metadata"] == {"version": "1.4.0", "profiles": ["cloud"]}
    assert (event["status_id"], event["status"]) == (99, "Deleted")
    assert event["unmapped"] == {"metadata.profiles": ["ai"]}


def test_a_bundle_that_could_not_be_read_back_is_refused() -> None:
    small = Limits(record_bytes=len(encode(prowler())))

    with pytest.raises(CannotConvert) as caught:
        converted(prowler(), BUNDLE, small)

    assert caught.value.code == "cisco_bundle_too_large"


def test_hostile_records_are_named_in_bounded_detail() -> None:
    """Hundreds of thousands of unknown keys, and an object that holds itself far too often."""
    nested: JsonValue = {"uid": "x"}
    for _ in range(55):
        nested = {"parent_process": nested}
    record = prowler(**{f"k{number}": 1 for number in range(30_000)})
    record["evidences"] = [{"process": nested}]

    done = converted(record)

    assert len(done.changes) < 11_000
    (event,) = events_of(msgspec.json.decode(done.outputs[0]))
    assert isinstance(event["unmapped"], dict)
    assert len(event["unmapped"]) >= 30_000


def test_the_example_of_cisco_goes_there_and_back() -> None:
    """Its simplified finding becomes a bundle as Cisco describes it, and that the same simplified finding."""
    (there,) = converted(example()).outputs
    back = converted(msgspec.json.decode(there), CUSTOM)

    assert errors(list(bundles.judge(there, DEFAULT_LIMITS)[1])) == []
    assert msgspec.json.decode(back.outputs[0]) == example()


@settings(max_examples=examples(60), deadline=None)
@given(SIMPLIFIED)
def test_what_went_there_and_back_once_does_so_again(simplified: JsonValue) -> None:
    there = attempt(simplified)
    if isinstance(there, CannotConvert):
        assert there.code == "cisco_time_missing"
        return
    once = converted(msgspec.json.decode(there.outputs[0]), CUSTOM)
    assert errors(list(custom_rules.judge(once.outputs[0], DEFAULT_LIMITS)[1])) == []
    again = converted(msgspec.json.decode(converted(msgspec.json.decode(once.outputs[0])).outputs[0]), CUSTOM)
    assert again.outputs == once.outputs


@settings(max_examples=examples(80), deadline=None)
@given(ACTIVITIES, FINDINGS)
def test_nothing_is_lost_on_the_way_to_a_simplified_finding_without_being_named(
    event: JsonValue, record: JsonValue
) -> None:
    bundle: JsonObject = {"events": [record, event]}
    done = attempt(bundle, CUSTOM)
    if isinstance(done, CannotConvert) or not done.outputs:
        return
    assert errors(list(custom_rules.judge(done.outputs[0], DEFAULT_LIMITS)[1])) == []
    assert unnamed(bundle, done.changes) == []


def test_an_email_activity_becomes_what_the_simplified_model_has() -> None:
    email = activity(
        "a",
        4009,
        activity_id=2,
        direction_id=1,
        disposition_id=99,
        disposition="Terminated",
        email={
            "from": "eve@mail.example",
            "to": ["bob@mail.example", "not an address"],
            "subject": "hello",
            "files": [
                {"name": "f" * 256, "size": 5, "type_id": 1, "hashes": [{"algorithm_id": 3, "value": "ab"}]},
                {"size": -1},
            ],
        },
    )
    record = finding() | {
        "severity_id": 5,
        "confidence_id": 3,
        "finding_info": {
            "uid": "f",
            "title": "t" * 501,
            "src_url": "no url",
            "attacks": [
                {"tactic": {"uid": "TA0001", "name": "n"}, "technique": {"uid": "T1"}},
                {"tactic": {"uid": "TA9"}},
            ],
        },
    }

    done = converted({"events": [record, email, activity("b", 4003)]}, CUSTOM)

    assert msgspec.json.decode(done.outputs[0]) == {
        "detection_findings": {
            "finding_info": {"types": ["Email"], "uid": "f", "title": "t" * 499 + "…"},
            "time": TIME,
            "severity": "Critical",
            "confidence": "High",
            "attacks": [{"tactic": {"uid": "TA0001"}, "technique": {"uid": "T1"}}],
        },
        "email_activity": [
            {
                "activity_name": "Receive",
                "direction": "Inbound",
                "dispositions": [{"disposition": "Terminated"}],
                "time": TIME + 5,
                "email": {
                    "from_list": ["eve@mail.example"],
                    "to": ["bob@mail.example"],
                    "files": [
                        {
                            "name": "f" * 254 + "…",
                            "size": 5,
                            "type": "Regular File",
                            "hashes": [{"value": "ab", "algorithm": "SHA-256"}],
                        }
                    ],
                },
            }
        ],
    }
    found = {change.path: change.kind for change in done.changes}
    for path, kind in {
        "events[2]": ChangeKind.LEFT_OUT,
        "events[1].email.to": ChangeKind.LEFT_OUT,
        "events[1].email.subject": ChangeKind.LEFT_OUT,
        "events[1].email.files[0].name": ChangeKind.SHORTENED,
        "events[1].email.files[1].size": ChangeKind.LEFT_OUT,
        "events[0].finding_info.title": ChangeKind.SHORTENED,
        "events[0].finding_info.src_url": ChangeKind.LEFT_OUT,
        "events[0].finding_info.attacks[1].tactic.uid": ChangeKind.LEFT_OUT,
    }.items():
        assert found.get(path) is kind, path


@pytest.mark.parametrize(
    ("events", "code"),
    [
        ([finding()], "cisco_custom_no_activity"),
        ([finding(), activity("d", 4003)], "cisco_custom_no_activity"),
        ([finding(), activity("a"), activity("b", 4009)], "cisco_custom_families"),
    ],
)
def test_what_can_be_no_simplified_finding_is_refused_by_name(events: list[JsonValue], code: str) -> None:
    done = converted({"events": copy.deepcopy(events)}, CUSTOM)

    assert [reason.code for reason in done.refusals] == [code, *["cisco_activity_left_over"] * (len(events) - 1)]
    assert done.outputs == []


def test_changes_are_whole_sentences() -> None:
    record = prowler(**{"x" * 500: 1})
    changes: list[Change] = [*converted(record).changes, *converted(record, Request(Form.ASFF)).changes]

    assert all(change.message.endswith(".") for change in changes)
    assert len(converted(record, Request(Form.ASFF)).outputs[0]) < FINDING_BYTES


def test_findings_that_share_all_activities_do_not_fill_the_memory() -> None:
    """Hundreds of findings, each of which names the one uid that hundreds of activities have."""
    events: list[JsonValue] = [finding(f"f{number}", "a") for number in range(200)]
    events += [activity("a") for _ in range(200)]
    small = Limits(record_bytes=len(encode({"events": events})))

    with pytest.raises(CannotConvert) as caught:
        converted({"events": events}, BUNDLE, small)

    assert caught.value.code == "cisco_bundle_grows"
