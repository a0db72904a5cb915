"""What lists show of a finding, from findings of every kind and from records that are none."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.records import fields
from console.records.decode import decode
from console.records.fields import Finding, Row, row
from tests.records.support import json_values, read_file, values

_KEYS = (
    *("severity", "severity_id", "status", "status_code", "message", "finding_info", "finding", "title", "uid", "time"),
    *("resources", "resource", "name", "region", "cloud", "account", "provider", "unmapped", "provider_uid"),
    *("metadata", "product", "version"),
)
_confused = st.recursive(
    json_values | st.integers(-(10**500), 10**500) | st.floats(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=6),
    max_leaves=20,
)


def test_the_first_real_finding_is_shown_as_an_analyst_knows_it(sample: Path) -> None:
    first = read_file(sample)[0]
    assert row(decode(getattr(first, "raw"))) == Row(  # noqa: B009
        severity="High",
        status="FAIL",
        title="Cloud SQL PostgreSQL instance has 'cloudsql.enable_pgaudit' flag set to 'on'",
        resource="cloudsql-res-63e8540e",
        account="proj-0-38456",
        region="global",
        time=datetime(2026, 2, 5, 6, 38, 40, tzinfo=UTC),
        uid="prowler-gcp-cloudsql_instance_postgres_enable_pgaudit_flag-proj-0-38456-global-cloudsql-res-63e8540e-0",
    )


def test_every_real_finding_has_every_field(sample: Path) -> None:
    for value in values(read_file(sample)):
        assert isinstance(value, dict)
        shown = row(value)
        assert all((shown.severity, shown.status, shown.title, shown.resource, shown.account, shown.uid, shown.time))


@given(st.dictionaries(st.sampled_from(_KEYS), _confused, max_size=12))
def test_no_confusion_of_types_raises(record: Finding) -> None:
    shown = row(record)
    assert all(
        isinstance(text, str)
        for text in (shown.severity, shown.status, shown.title, shown.resource, shown.account, shown.region, shown.uid)
    )
    fields.producer(record)


def test_a_number_too_long_for_python_to_write_out_is_shown() -> None:
    assert row({"status_code": 16**5000}).status == "0x1" + "0" * 5000


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1770273520, datetime(2026, 2, 5, 6, 38, 40, tzinfo=UTC)),
        (1770273520000, datetime(2026, 2, 5, 6, 38, 40, tzinfo=UTC)),
        (1770273520123, datetime(2026, 2, 5, 6, 38, 40, 123000, tzinfo=UTC)),
        (-1, datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        (10**18, None),
        (10**400, None),
        (float("inf"), None),
        (float("nan"), None),
        (True, None),
        ("1770273520", None),
        (None, None),
    ],
)
def test_times_are_read_in_seconds_or_milliseconds(value: float | str | None, expected: datetime | None) -> None:
    assert fields.time({"time": value}) == expected


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"severity": "High", "severity_id": 1}, "High"),
        ({"severity_id": 5}, "Critical"),
        ({"severity_id": 77}, "Unknown (77)"),
        ({"severity_id": True}, ""),
        ({"severity_id": "5"}, ""),
        ({}, ""),
    ],
)
def test_severity_is_in_words(record: Finding, expected: str) -> None:
    assert fields.severity(record) == expected


def test_findings_of_other_classes_and_producers_are_shown() -> None:
    old = json.loads('{"finding":{"title":"t","uid":"u"},"resource":{"uid":"r"},"status":"New"}')
    assert (row(old).title, row(old).uid, row(old).resource, row(old).status) == ("t", "u", "r", "New")
    kubernetes: Finding = {"unmapped": {"provider": "kubernetes", "provider_uid": "cluster"}}
    assert fields.account(kubernetes) == ("kubernetes", "cluster")
    assert row({"message": "m"}).title == "m"
