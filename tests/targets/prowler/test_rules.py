"""The documented rules of ingestion, offline."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.limits import DEFAULT_LIMITS, Limits
from console.ocsf.issues import Issue, Severity
from console.records.model import JsonValue, Record, Span
from console.targets.prowler.rules import check_event, check_record, upload_name
from tests.targets.prowler.conftest import finding

Change = Callable[[dict[str, JsonValue]], object]


def record(raw: bytes) -> Record:
    return Record(Span(0, 0, len(raw), 1), raw)


def codes_and_paths(issues: object) -> list[tuple[str, str]]:
    assert isinstance(issues, list)
    return [(issue.code, issue.path) for issue in issues if isinstance(issue, Issue)]


def test_a_complete_finding_has_no_issue() -> None:
    assert check_event(finding()) == []


@pytest.mark.parametrize("class_uid", [None, 2003, 2001, "2004", 2004.0, True, [2004]])
def test_only_the_integer_2004_is_a_class_that_is_taken(class_uid: JsonValue) -> None:
    event = finding() | {"class_uid": class_uid}

    assert codes_and_paths(check_event(event)) == [("prowler_class_not_accepted", "class_uid")]


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        ({"finding_info": None}, "prowler_finding_info_missing", "finding_info"),
        ({"finding_info": "x"}, "prowler_finding_info_missing", "finding_info"),
        ({"finding_info": {}}, "prowler_finding_uid_missing", "finding_info.uid"),
        ({"finding_info": {"uid": " "}}, "prowler_finding_uid_missing", "finding_info.uid"),
        ({"finding_info": {"uid": 7}}, "prowler_finding_uid_missing", "finding_info.uid"),
        ({"resources": None}, "prowler_resources_missing", "resources"),
        ({"resources": []}, "prowler_resources_missing", "resources"),
        ({"resources": {"uid": "x"}}, "prowler_resources_not_array", "resources"),
        ({"resources": [{"uid": "x"}, {"uid": ""}]}, "prowler_resource_uid_missing", "resources[1].uid"),
        ({"resources": ["x"]}, "prowler_resource_uid_missing", "resources[0].uid"),
    ],
)
def test_what_the_intake_needs_is_an_error_when_it_is_missing(
    change: dict[str, JsonValue], code: str, path: str
) -> None:
    [issue] = check_event(finding() | change)

    assert (issue.severity, issue.code, issue.path) == (Severity.ERROR, code, path)


def test_a_finding_without_its_account_is_warned_about() -> None:
    issues = check_event(finding() | {"unmapped": {"provider": ""}})

    assert {(issue.severity, issue.code) for issue in issues} == {
        (Severity.WARNING, "prowler_provider_uid_missing"),
        (Severity.WARNING, "prowler_provider_missing"),
    }


@pytest.mark.parametrize("raw", [b"", b"[]", b"null", b"{", b'{"a":"\xff"}', b'{"a":' + b"[" * 100_000])
def test_a_record_that_can_not_be_read_is_one_issue(raw: bytes) -> None:
    assert codes_and_paths(check_record(record(raw), DEFAULT_LIMITS)) == [("prowler_record_unreadable", "")]


@pytest.mark.parametrize("limits", [Limits(depth=2), Limits(record_bytes=100), Limits(digits=3)])
def test_a_record_over_a_limit_is_one_issue(limits: Limits) -> None:
    raw = json.dumps(finding()).encode()

    assert codes_and_paths(check_record(record(raw), limits)) == [("prowler_record_unreadable", "")]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(finding(), json_values)))
def test_any_object_gets_issues_of_ours_and_no_exception(event: dict[str, JsonValue]) -> None:
    assert all(issue.code.startswith("prowler_") for issue in check_event(event))


def test_a_real_prowler_file_keeps_the_rules(sample: Path) -> None:
    records = [record(json.dumps(one).encode()) for one in json.loads(sample.read_bytes())]

    assert [issue for one in records for issue in check_record(one, DEFAULT_LIMITS)] == []


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("scan.ocsf.json", "scan.ocsf.json"),
        ("Scan.OCSF.JSON", "Scan.OCSF.JSON"),
        ("scan.ocsf.json.gz", "scan.ocsf.json"),
        ("scan.json", "scan.ocsf.json"),
        ("scan.v2.jsonl.gz", "scan.v2.ocsf.json"),
        ("scan", "scan.ocsf.json"),
        ("-", "-.ocsf.json"),
        (".json", "findings.ocsf.json"),
        ("", "findings.ocsf.json"),
    ],
)
def test_an_uploaded_file_ends_as_the_intake_asks(source: str, name: str) -> None:
    assert upload_name(source) == name
