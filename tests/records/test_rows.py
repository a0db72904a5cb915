"""The rows of records in every format that is read."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.records.decode import decode
from console.records.fields import Finding
from console.records.rows import row_of

FINDING: Finding = {
    "class_uid": 2004,
    "category_uid": 2,
    "severity_id": 4,
    "status_code": "FAIL",
    "time": 1_763_547_300_000,
    "finding_info": {"uid": "f-1", "title": "Bucket is public"},
    "resources": [{"name": "logs", "region": "eu-west-1"}],
    "cloud": {"account": {"uid": "123456789012"}},
}
ASFF: Finding = {
    "SchemaVersion": "2018-10-08",
    "ProductArn": "arn:aws:securityhub:eu-west-1::product/prowler/prowler",
    "AwsAccountId": "123456789012",
    "Id": "f-1",
    "Title": "Bucket is public",
    "Severity": {"Label": "HIGH"},
    "Compliance": {"Status": "FAILED"},
    "UpdatedAt": "2025-11-19T12:15:00.5+02:00",
    "Resources": [{"Id": "arn:aws:s3:::logs", "Region": "eu-west-1"}],
}


def test_a_finding_in_asff_has_its_own_attributes_in_the_row() -> None:
    row = row_of(ASFF)

    assert (row.severity, row.status, row.title) == ("High", "FAILED", "Bucket is public")
    assert (row.resource, row.account, row.region) == ("arn:aws:s3:::logs", "123456789012", "eu-west-1")
    assert (row.time, row.uid) == (datetime(2025, 11, 19, 10, 15, 0, 500_000, UTC), "f-1")


def test_asff_may_have_its_severity_from_the_provider_and_a_label_of_its_own() -> None:
    provided: Finding = {**ASFF, "Severity": {}, "FindingProviderFields": {"Severity": {"Label": "CRITICAL"}}}

    assert row_of(provided).severity == "Critical"
    assert row_of({**ASFF, "Severity": {"Label": "weird"}}).severity == "weird"


@pytest.mark.parametrize("when", [None, 5, "", "yesterday", "0001-01-01T00:00:00+18:00", "2025-13-01T00:00:00Z"])
def test_asff_without_a_time_that_exists_has_none(when: str | int | None) -> None:
    assert row_of({**ASFF, "UpdatedAt": when}).time is None


def test_a_bundle_has_the_row_of_its_finding() -> None:
    row = row_of({"events": [{"class_uid": 4001, "severity_id": 1}, FINDING], "count": 2})

    assert row.title == "bundle of 2 events: Bucket is public"
    assert (row.severity, row.status, row.resource) == ("High", "FAIL", "logs")


@pytest.mark.parametrize(
    ("events", "title", "severity"),
    [
        ([], "bundle of 0 events", ""),
        ([{"class_uid": 4001, "severity_id": 2}], "bundle of 1 event", "Low"),
        ([None, "text", {"class_uid": 2004, "severity_id": 5}], "bundle of 3 events", "Critical"),
    ],
)
def test_a_bundle_without_a_finding_says_what_it_can(events: list[object], title: str, severity: str) -> None:
    row = row_of(decode(json.dumps({"events": events}).encode()))

    assert (row.title, row.severity) == (title, severity)


def test_a_cisco_custom_finding_has_the_row_of_its_finding() -> None:
    finding: Finding = {"severity": "Medium", "finding_info": {"uid": "f-1", "title": "Phishing", "types": ["Email"]}}

    row = row_of({"detection_findings": finding, "email_activity": []})

    assert (row.severity, row.title, row.uid) == ("Medium", "Phishing", "f-1")


def test_an_event_of_ocsf_that_has_events_is_no_bundle() -> None:
    assert row_of({**FINDING, "events": [1, 2]}).title == "Bucket is public"


_KEYS = st.sampled_from(
    [
        *("events", "class_uid", "category_uid", "finding_info", "title", "detection_findings"),
        *("SchemaVersion", "ProductArn", "AwsAccountId", "Severity", "Label", "Resources", "UpdatedAt"),
        *("FindingProviderFields", "Compliance"),
    ]
)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(_KEYS, _VALUES, max_size=8))
def test_no_record_is_too_strange_for_a_row(record: dict[str, object]) -> None:
    row_of(decode(json.dumps(record).encode()))
