"""What Cisco XDR asks of a simplified finding, offline."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.convert.cisco_limits import TACTICS
from console.limits import DEFAULT_LIMITS
from console.ocsf.issues import Issue, Severity
from console.records.model import JsonValue, Record, Span
from console.targets.cisco_xdr.custom_rules import check_custom_finding, check_record
from tests.convert.simplified import SIMPLIFIED, example
from tests.examples import examples

EMAIL = "email_activity.0"
NETWORK = "network_activity.0"
INFO = "detection_findings.finding_info"


def checked(raw: bytes) -> list[Issue]:
    return list(check_record(Record(Span(0, 0, len(raw), 1), raw), DEFAULT_LIMITS))


def errors(finding: Mapping[str, JsonValue]) -> list[tuple[str, str]]:
    return [(one.code, one.path) for one in check_custom_finding(finding) if one.severity is Severity.ERROR]


def network() -> dict[str, JsonValue]:
    return {
        "detection_findings": {"finding_info": {"types": ["Network"]}},
        "network_activity": [{"src_endpoint": {"ip": "10.0.0.5"}}],
    }


def with_value(finding: dict[str, JsonValue], way: str, value: JsonValue) -> dict[str, JsonValue]:
    """The finding with *value* at the end of a way such as `email_activity.0.time`; objects on it are made."""
    made = copy.deepcopy(finding)
    holder: JsonValue = made
    *steps, last = way.split(".")
    for step in steps:
        if isinstance(holder, list):
            holder = holder[int(step)]
        else:
            assert isinstance(holder, dict)
            holder = holder.setdefault(step, {})
    if isinstance(holder, list):
        holder[int(last)] = value
    else:
        assert isinstance(holder, dict)
        holder[last] = value
    return made


def spelt(way: str) -> str:
    return "".join(f"[{step}]" if step.isdigit() else f".{step}" for step in way.split(".")).lstrip(".")


def test_the_example_of_the_guide_has_no_issue() -> None:
    assert checked(json.dumps(example()).encode()) == []


@settings(max_examples=examples(200), deadline=None)
@given(SIMPLIFIED)
def test_what_the_model_describes_is_taken(finding: JsonValue) -> None:
    assert isinstance(finding, dict)
    assert errors(finding) == []


@pytest.mark.parametrize(
    ("way", "value"),
    [
        ("email_activity", None),
        ("email_activity", []),
        ("detection_findings.attacks", None),
        ("detection_findings.attacks", [{"tactic": {"uid": None}, "technique": {"uid": None}}]),
        ("detection_findings.attacks", [{"tactic": None, "technique": None}]),
        ("detection_findings.metadata", {"labels": None}),
        (f"{INFO}.title", "x" * 500),
        (f"{INFO}.desc", "x" * 5000),
        (f"{INFO}.src_url", "x:" + "y" * 2046),
        (f"{INFO}.modified_time", 946684800000),
        ("detection_findings.time", 4102444800000),
        (f"{EMAIL}.email.cc", ["a@x.example"] * 50),
        (f"{EMAIL}.email.files", [{"name": "x" * 255, "size": 107374182400, "hashes": [{"value": "x" * 128}] * 10}]),
    ],
)
def test_what_is_just_within_the_limits_is_taken(way: str, value: JsonValue) -> None:
    assert errors(with_value(example(), way, value)) == []


@pytest.mark.parametrize(
    ("way", "value", "code"),
    [
        ("x", 1, "key_unknown"),
        ("detection_findings", None, "wrong_type"),
        ("detection_findings", [], "wrong_type"),
        ("detection_findings.x", 1, "key_unknown"),
        ("detection_findings.severity", "Severe", "value_unknown"),
        ("detection_findings.severity", "medium", "value_unknown"),
        ("detection_findings.severity", 3, "wrong_type"),
        ("detection_findings.severity", None, "wrong_type"),
        ("detection_findings.confidence", "Certain", "value_unknown"),
        ("detection_findings.time", 946684799999, "time"),
        ("detection_findings.time", 4102444800001, "time"),
        ("detection_findings.time", 1739700000, "time"),
        ("detection_findings.time", 1739700000000.0, "wrong_type"),
        ("detection_findings.time", "1739700000000", "wrong_type"),
        ("detection_findings.time", True, "wrong_type"),
        ("detection_findings.time", 10**300, "time"),
        ("detection_findings.metadata", {"labels": None, "uid": "x"}, None),
        (f"{INFO}.x", 1, "key_unknown"),
        (f"{INFO}.types", [], "length"),
        (f"{INFO}.types", ["Email", "Email"], "length"),
        (f"{INFO}.types", "Email", "wrong_type"),
        (f"{INFO}.types.0", "DNS", "value_unknown"),
        (f"{INFO}.types.0", "email", "value_unknown"),
        (f"{INFO}.types.0", {}, "wrong_type"),
        (f"{INFO}.title", "", "length"),
        (f"{INFO}.title", "x" * 501, "length"),
        (f"{INFO}.desc", "x" * 5001, "length"),
        (f"{INFO}.uid", 7, "wrong_type"),
        (f"{INFO}.uid", "x" * 4_097, "length"),
        (f"{INFO}.src_url", "no uri", "format"),
        (f"{INFO}.src_url", "x:" + "y" * 2047, "length"),
        (f"{INFO}.modified_time", 0, "time"),
        (f"{EMAIL}", 3, "wrong_type"),
        (f"{EMAIL}.x", 1, "key_unknown"),
        (f"{EMAIL}.activity_name", "Unknown", "value_unknown"),
        (f"{EMAIL}.direction", "Lateral", "value_unknown"),
        (f"{EMAIL}.time", -1, "time"),
        (f"{EMAIL}.email.x", 1, "key_unknown"),
        (f"{EMAIL}.email.cc", ["a@x.example"] * 51, "length"),
        (f"{EMAIL}.email.delivered_to_list", ["a@x.example"] * 51, "length"),
        (f"{EMAIL}.email.to.0", "nobody", "format"),
        (f"{EMAIL}.email.from_list.0", "a b@x.example", "format"),
        (f"{EMAIL}.email.from_list", "a@x.example", "wrong_type"),
        (f"{EMAIL}.email.message_uid", None, "wrong_type"),
    ],
)
def test_what_the_model_does_not_take_is_an_error_with_its_path(way: str, value: JsonValue, code: str | None) -> None:
    found = errors(with_value(example(), way, value))

    expected = (f"cisco_custom_{code}", spelt(way))
    assert found == ([expected] if code else [("cisco_custom_key_unknown", "detection_findings.metadata.uid")])


@pytest.mark.parametrize(
    ("way", "value", "code"),
    [
        ("activity_name", "Send", "value_unknown"),
        ("actor.x", 1, "key_unknown"),
        ("actor.user.name", 1, "wrong_type"),
        ("actor.user.x", 1, "key_unknown"),
        ("connection_info.direction", "Internal", "value_unknown"),
        ("connection_info.protocol_num", 3, "value_unknown"),
        ("connection_info.protocol_num", 6.0, "wrong_type"),
        ("connection_info.protocol_ver_id", 5, "value_unknown"),
        ("src_endpoint.ip", "10.0.0.256", "format"),
        ("src_endpoint.ip", "fe80::1%eth0", "format"),
        ("src_endpoint.hostname", "a_b.example", "format"),
        ("src_endpoint.hostname", "", "format"),
        ("src_endpoint.hostname", "a" * 64, "format"),
        ("src_endpoint.mac", "00:1a:2b:3c:4d", "format"),
        ("src_endpoint.mac", "00:1a:2b:3c:4d:5e\n", "format"),
        ("src_endpoint.port", 0, "out_of_range"),
        ("src_endpoint.port", 65536, "out_of_range"),
        ("src_endpoint.proxy_endpoint.ip", "x", "format"),
        ("src_endpoint.proxy_endpoint.port", 1, "key_unknown"),
        ("traffic.bytes_in", -1, "out_of_range"),
        ("traffic.packets_out", 2**63, "out_of_range"),
        ("traffic.bytes", 1, "key_unknown"),
    ],
)
def test_what_is_wrong_with_a_network_activity_is_said(way: str, value: JsonValue, code: str) -> None:
    found = errors(with_value(network(), f"{NETWORK}.{way}", value))

    assert found == [(f"cisco_custom_{code}", spelt(f"{NETWORK}.{way}"))]


@pytest.mark.parametrize(
    ("key", "value", "code", "path"),
    [
        ("name", "", "length", "name"),
        ("name", "x" * 256, "length", "name"),
        ("size", -1, "out_of_range", "size"),
        ("size", 107374182401, "out_of_range", "size"),
        ("type", "File", "value_unknown", "type"),
        ("hashes", [{"value": "a"}] * 11, "length", "hashes"),
        ("hashes", [{"algorithm": "MD5"}], "key_missing", "hashes[0].value"),
        ("hashes", [{"value": ""}], "length", "hashes[0].value"),
        ("hashes", [{"value": "x" * 129}], "length", "hashes[0].value"),
        ("hashes", [{"value": "a", "algorithm": "SHA256"}], "value_unknown", "hashes[0].algorithm"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(key: str, value: JsonValue, code: str, path: str) -> None:
    found = errors(with_value(example(), f"{EMAIL}.email.files", [{key: value}]))

    assert found == [(f"cisco_custom_{code}", f"email_activity[0].email.files[0].{path}")]


@pytest.mark.parametrize("key", ["tactic", "technique"])
def test_a_tactic_and_a_technique_need_a_uid_even_if_it_is_null(key: str) -> None:
    found = errors(with_value(example(), "detection_findings.attacks", [{key: {}}]))

    assert found == [("cisco_custom_key_missing", f"detection_findings.attacks[0].{key}.uid")]


def test_the_tactics_are_those_of_the_model() -> None:
    assert sorted(TACTICS) == [
        *("TA0001", "TA0002", "TA0003", "TA0004", "TA0005", "TA0006", "TA0007", "TA0008", "TA0009", "TA0010", "TA0011"),
        *("TA0040", "TA0042", "TA0043"),
    ]


@pytest.mark.parametrize(
    ("finding", "path"),
    [
        ({}, "detection_findings"),
        ({"detection_findings": {}}, "detection_findings.finding_info"),
        ({"detection_findings": {"finding_info": {}}}, "detection_findings.finding_info.types"),
    ],
)
def test_what_is_required_is_missed(finding: dict[str, JsonValue], path: str) -> None:
    assert errors(finding) == [("cisco_custom_key_missing", path)]


def test_activities_must_go_with_the_type_of_the_finding() -> None:
    assert errors({**example(), "network_activity": [{}]}) == [("cisco_custom_activity_family", "network_activity")]
    assert errors({**network(), "email_activity": [{}]}) == [("cisco_custom_activity_family", "email_activity")]
    assert errors({**network(), "email_activity": []}) == []


def test_everything_is_said_at_once() -> None:
    finding = with_value(example(), f"{INFO}.types", ["Network"])
    finding = with_value(finding, "detection_findings.severity", "?")
    finding = with_value(finding, f"{EMAIL}.email.to.0", "?")

    assert errors(finding) == [
        ("cisco_custom_value_unknown", "detection_findings.severity"),
        ("cisco_custom_format", "email_activity[0].email.to[0]"),
        ("cisco_custom_activity_family", "email_activity"),
    ]


@pytest.mark.parametrize(
    ("time", "said"),
    [
        (1739700000, "It counts seconds, not milliseconds: multiply it by 1,000."),
        (1739700000000000, "It counts microseconds, not milliseconds: divide it by 1,000."),
        (1739700000000000000, "It counts nanoseconds, not milliseconds: divide it by 1,000,000."),
        (7, "It must be from 946684800000 (2000-01-01) to 4102444800000 (2100-01-01)."),
    ],
)
def test_a_time_in_another_unit_is_named(time: int, said: str) -> None:
    [issue] = check_custom_finding(with_value(example(), "detection_findings.time", time))

    assert issue.message == said


@pytest.mark.parametrize(
    ("key", "caption", "warned"),
    [
        ("severity", "Fatal", True),
        ("severity", "Unknown", True),
        ("severity", "Critical", False),
        ("confidence", "Other", True),
        ("confidence", "High", False),
    ],
)
def test_captions_that_cisco_does_not_show_are_warned_about(key: str, caption: str, warned: bool) -> None:
    found = check_custom_finding(with_value(example(), f"detection_findings.{key}", caption))

    assert [(one.severity, one.path) for one in found] == (
        [(Severity.WARNING, f"detection_findings.{key}")] if warned else []
    )


def test_a_key_that_stands_twice_is_an_error() -> None:
    raw = json.dumps(example()).replace('"Medium", "conf', '"Low", "severity": "Medium", "conf').encode()

    assert [(one.code, one.path) for one in checked(raw)] == [
        ("cisco_duplicate_key", "detection_findings.severity"),
    ]


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b"\xff", b'{"a":NaN}', b'{"a":' * 100_000, b'{"a":"\\ud800"}'])
def test_what_is_no_object_is_one_error(raw: bytes) -> None:
    assert [one.code for one in checked(raw)] == ["cisco_record_unreadable"]


def test_a_finding_of_a_million_wrong_values_is_refused_for_that() -> None:
    raw = json.dumps({"email_activity": [0] * 1_000_000}).encode()

    assert [one.code for one in checked(raw)] == ["cisco_custom_too_many_values"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@settings(deadline=None)
@given(SIMPLIFIED, st.data())
def test_nothing_that_json_can_hold_makes_the_check_fail(finding: JsonValue, data: st.DataObject) -> None:
    assert isinstance(finding, dict)
    ways = ["detection_findings", INFO, f"{INFO}.types", "email_activity", "network_activity"]
    changed = with_value(finding, data.draw(st.sampled_from(ways)), data.draw(JSON))

    assert all(isinstance(issue, Issue) for issue in check_custom_finding(changed))
