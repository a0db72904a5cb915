"""OCSF findings become findings of Security Hub that its rules find nothing wrong with, or a reason why they can't."""

from __future__ import annotations

import copy
import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings

from console.convert.asff import AsffFinding, to_asff
from console.convert.asff_limits import FINDING_BYTES
from console.convert.asff_origin import AsffOptions
from console.convert.changes import CannotConvert, Change, ChangeKind, JsonObject
from console.convert.moments import iso
from console.limits import DEFAULT_LIMITS
from console.ocsf.issues import Severity
from console.records.model import JsonValue, Record, Span
from console.targets.security_hub.rules import check_finding, check_record
from tests.convert.records import FINDINGS, RECORDS, TIME, prowler
from tests.convert.support import unnamed
from tests.examples import examples

GOOGLE: JsonValue = {"provider": "gcp", "account": {"uid": "123456789012"}}
GIVEN = AsffOptions(account="210987654321", region="us-east-1", unknown_severity="LOW")


def converted(record: JsonObject, options: AsffOptions = GIVEN) -> AsffFinding:
    return to_asff(copy.deepcopy(record), options)


def attempt(record: JsonObject) -> AsffFinding | CannotConvert:
    try:
        return converted(record)
    except CannotConvert as reason:
        return reason


def refusal(record: JsonObject, options: AsffOptions = GIVEN) -> tuple[str, str]:
    with pytest.raises(CannotConvert) as caught:
        converted(record, options)
    return caught.value.code, caught.value.path


def kinds(changes: list[Change] | tuple[Change, ...] | AsffFinding) -> dict[str, ChangeKind]:
    """What became of each path, last."""
    listed = changes.changes if isinstance(changes, AsffFinding) else changes
    return {change.path: change.kind for change in listed}


def test_a_finding_of_prowler_becomes_what_its_own_output_makes_of_it() -> None:
    assert converted(prowler(), AsffOptions()).finding == {
        "SchemaVersion": "2018-10-08",
        "Id": "prowler-aws-s3_bucket_public-123456789012-eu-west-1-logs-1",
        "ProductArn": "arn:aws:securityhub:eu-west-1:123456789012:product/123456789012/default",
        "GeneratorId": "prowler-s3_bucket_public",
        "AwsAccountId": "123456789012",
        "AwsAccountName": "audit",
        "CreatedAt": "2026-02-05T06:38:40.430Z",
        "UpdatedAt": "2026-02-05T06:38:40.430Z",
        "FirstObservedAt": "2026-02-05T06:38:40.430Z",
        "FindingProviderFields": {
            "Severity": {"Label": "HIGH", "Original": "High"},
            "Types": ["Effects/Data Exposure"],
        },
        "Title": "Bucket is public",
        "Description": "Bucket logs-1 is public.",
        "RecordState": "ACTIVE",
        "ProductName": "Prowler",
        "CompanyName": "Prowler",
        "Compliance": {
            "Status": "FAILED",
            "RelatedRequirements": ["CIS-2.0 2.1.5 2.1.6"],
            "AssociatedStandards": [{"StandardsId": "CIS-2.0"}],
        },
        "Remediation": {"Recommendation": {"Text": "Block public access.", "Url": "https://fix.example/s3"}},
        "ProductFields": {
            "ProviderName": "Prowler",
            "ProviderVersion": "5.46.0",
            "ProwlerResourceName": "logs-1",
            "metadata.product.uid": "prowler",
            "status": "New",
            "status_id": "1",
            "unmapped.provider": "aws",
            "finding_info.desc": "Buckets should not be public.",
            "class_name": "Detection Finding",
            "cloud.account.type": "AWS Account",
            "cloud.account.type_id": "10",
            "cloud.provider": "aws",
            "cloud.region": "eu-west-1",
            "remediation.references": '["aws s3api …"]',
            "risk_details": "Anybody may read the logs.",
        },
        "Resources": [
            {
                "Type": "AwsS3Bucket",
                "Id": "arn:aws:s3:::logs-1",
                "Partition": "aws",
                "Region": "eu-west-1",
                "Provider": "AWS",
                "Tags": {"env": "prod"},
                "Details": {"Other": {"data": '{"details":"","metadata":{"public":true}}'}},
            }
        ],
    }


def test_a_finding_of_another_scanner_is_mapped_as_ocsf_maps_it() -> None:
    """Vulnerabilities, related findings, confidence, and times of all kinds."""
    record: JsonObject = {
        "class_uid": 2002,
        "activity_id": 3,
        "time": TIME,
        "severity_id": 6,
        "severity": "Fatal",
        "confidence_score": 80,
        "metadata": {
            "version": "1.1.0",
            "product": {"name": "Scan", "vendor_name": "Us", "feature": {"uid": "rule/7"}},
        },
        "cloud": {"provider": "AWS", "account": {"uid": "123456789012"}, "region": "us-gov-west-1"},
        "finding_info": {
            "uid": "v-1",
            "title": "openssl is old",
            "desc": "Version 1.0 is installed.",
            "created_time_dt": "2026-02-01T02:00:00+02:00",
            "modified_time": TIME,
            "first_seen_time": 1760000000000,
            "last_seen_time": 1760000001000,
            "src_url": "https://scan.example/v-1",
            "related_events": [{"product_uid": "arn:aws:securityhub:x:y:product/a/b", "uid": "f-2"}, {"uid": "alone"}],
        },
        "resource": {"type": "AwsEc2Instance", "uid": "arn:aws-us-gov:ec2:us-gov-west-1:123456789012:instance/i-1"},
        "vulnerabilities": [
            {
                "cve": {
                    "uid": "CVE-2026-1",
                    "cvss": [{"base_score": 9.8, "version": "3.1", "vector_string": "CVSS:3.1/AV:N"}],
                    "epss": {"score": "0.25"},
                },
                "affected_packages": [{"name": "openssl", "version": "1.0", "epoch": 1, "fixed_in_version": "3.0"}],
                "vendor_name": "OpenSSL",
                "references": ["https://cve.example/1"],
                "is_fix_available": True,
                "remediation": {"desc": "Update it."},
            }
        ],
    }

    made = converted(record, AsffOptions())

    assert check_finding(made.finding) == []
    assert made.finding == {
        "SchemaVersion": "2018-10-08",
        "Id": "v-1",
        "ProductArn": "arn:aws-us-gov:securityhub:us-gov-west-1:123456789012:product/123456789012/default",
        "GeneratorId": "rule/7",
        "AwsAccountId": "123456789012",
        "CreatedAt": "2026-02-01T00:00:00Z",
        "UpdatedAt": "2026-02-05T06:38:40.430Z",
        "FirstObservedAt": "2025-10-09T08:53:20Z",
        "LastObservedAt": "2025-10-09T08:53:21Z",
        "FindingProviderFields": {
            "Severity": {"Label": "CRITICAL", "Original": "Fatal"},
            "Types": ["Software and Configuration Checks/Vulnerabilities"],
            "Confidence": 80,
            "RelatedFindings": [{"ProductArn": "arn:aws:securityhub:x:y:product/a/b", "Id": "f-2"}],
        },
        "Title": "openssl is old",
        "Description": "Version 1.0 is installed.",
        "RecordState": "ARCHIVED",
        "ProductName": "Scan",
        "CompanyName": "Us",
        "SourceUrl": "https://scan.example/v-1",
        "Remediation": {"Recommendation": {"Text": "Update it."}},
        "Vulnerabilities": [
            {
                "Id": "CVE-2026-1",
                "Cvss": [{"BaseScore": 9.8, "Version": "3.1", "BaseVector": "CVSS:3.1/AV:N"}],
                "EpssScore": 0.25,
                "VulnerablePackages": [
                    {"Name": "openssl", "Version": "1.0", "Epoch": "1", "FixedInVersion": "3.0"},
                ],
                "Vendor": {"Name": "OpenSSL"},
                "ReferenceUrls": ["https://cve.example/1"],
                "FixAvailable": "YES",
            }
        ],
        "Resources": [
            {
                "Type": "AwsEc2Instance",
                "Id": "arn:aws-us-gov:ec2:us-gov-west-1:123456789012:instance/i-1",
                "Partition": "aws-us-gov",
                "Provider": "AWS",
            }
        ],
        "ProductFields": {
            "cloud.provider": "AWS",
            "cloud.region": "us-gov-west-1",
            "finding_info.related_events[1].uid": "alone",
        },
    }


@settings(max_examples=examples(100), deadline=None)
@given(RECORDS)
def test_what_is_made_passes_the_rules_or_says_why_it_is_not_made(record: JsonValue) -> None:
    if not isinstance(record, dict):
        return
    made = attempt(record)
    if isinstance(made, CannotConvert):
        assert re.fullmatch(r"asff_[a-z_]+", made.code)
        assert made.message.endswith(".")
        return
    # A record may say that it was changed before it was made: that stays, and is a warning.
    odd = {"asff_updated_before_created"}
    assert {issue.code for issue in check_finding(made.finding)} <= odd
    assert {issue.code for issue in check_record(Record(Span(0, 0, len(made.raw), 1), made.raw), DEFAULT_LIMITS)} <= odd
    assert msgspec.json.decode(made.raw) == made.finding
    assert converted(record) == made


@settings(max_examples=examples(100), deadline=None)
@given(FINDINGS)
def test_nothing_of_a_record_is_lost_without_being_named(record: JsonValue) -> None:
    assert isinstance(record, dict)
    made = attempt(record)
    assert isinstance(made, CannotConvert) or unnamed(record, made.changes) == []


def test_every_finding_of_the_real_file_passes_the_rules(sample: Path) -> None:
    records = msgspec.json.decode(sample.read_bytes(), type=list[dict[str, object]])
    accounts = set()
    for record in records:
        made = to_asff(msgspec.json.decode(msgspec.json.encode(record)), AsffOptions("210987654321", "eu-west-1"))
        assert check_finding(made.finding) == []
        accounts.add(made.finding["AwsAccountId"])
        if made.finding["AwsAccountId"] != "210987654321":
            assert unnamed(msgspec.json.decode(msgspec.json.encode(record)), made.changes) == []
    assert len(records) == 1000
    assert len(accounts) == 4


@pytest.mark.parametrize(
    ("changes", "options", "code", "path"),
    [
        ({"class_uid": 4001}, GIVEN, "asff_class_unsupported", "class_uid"),
        ({"class_uid": None}, GIVEN, "asff_class_unsupported", "class_uid"),
        ({"class_uid": 2004.0}, GIVEN, "asff_class_unsupported", "class_uid"),
        ({"cloud": GOOGLE}, AsffOptions(), "asff_account_missing", "cloud.account.uid"),
        ({"cloud": None, "resources": []}, AsffOptions(account="210987654321"), "asff_region_missing", "cloud.region"),
        ({"finding_info": {"title": "x"}}, GIVEN, "asff_id_missing", "finding_info.uid"),
        ({"finding_info": {"uid": "x"}, "time": None, "time_dt": "today"}, GIVEN, "asff_time_missing", "time"),
        ({"finding_info": {"uid": "x"}, "time": 99_999_999_999_999}, GIVEN, "asff_time_missing", "time"),
        ({"severity_id": 99}, AsffOptions(), "asff_severity_unknown", "severity_id"),
        ({"severity_id": 0, "severity": "High"}, AsffOptions(), "asff_severity_unknown", "severity_id"),
        ({"resources": [{"uid": "x" * FINDING_BYTES}]}, GIVEN, "asff_finding_too_large", ""),
    ],
)  # fmt: skip
def test_a_record_that_lacks_what_aws_needs_is_refused_by_name(
    changes: JsonObject, options: AsffOptions, code: str, path: str
) -> None:
    assert refusal(prowler(**changes), options) == (code, path)


def test_what_the_record_does_not_say_of_aws_is_given() -> None:
    azure = prowler(
        cloud={"provider": "azure", "account": {"uid": "sub-1"}}, resources=[{"uid": "r", "region": "westus"}]
    )

    made = converted(azure, AsffOptions("210987654321", "cn-north-1"))
    named = converted(azure, AsffOptions("210987654321", product_arn="arn:aws:securityhub:us-east-1::product/us/scan"))
    parted = converted(azure, AsffOptions("210987654321", "x-y-1", partition="aws-iso"))

    assert made.finding["ProductArn"] == "arn:aws-cn:securityhub:cn-north-1:210987654321:product/210987654321/default"
    assert made.finding["AwsAccountId"] == "210987654321"
    assert kinds(made)["AwsAccountId"] is ChangeKind.FILLED_IN
    assert made.finding["Resources"] == [{"Type": "Other", "Id": "r", "Region": "westus", "Provider": "Azure"}]
    assert named.finding["ProductArn"] == "arn:aws:securityhub:us-east-1::product/us/scan"
    assert "ProductName" not in named.finding
    assert str(parted.finding["ProductArn"]).startswith("arn:aws-iso:")


def test_an_unknown_severity_gets_the_one_that_was_given() -> None:
    made = converted(prowler(severity_id=99, severity="Urgent"), AsffOptions(unknown_severity="CRITICAL"))

    assert made.finding["FindingProviderFields"] == {
        "Severity": {"Label": "CRITICAL", "Original": "Urgent"},
        "Types": ["Effects/Data Exposure"],
    }
    assert kinds(made)["severity_id"] is ChangeKind.REPLACED


def test_long_texts_are_shortened_and_say_so() -> None:
    info: JsonObject = {"uid": "u" * 600, "title": "t" * 257, "created_time": TIME}
    long = prowler(
        finding_info=info,
        status_detail="d" * 1025,
        message=None,
        severity="s" * 65,
        remediation={"desc": "r" * 513},
        risk_details="k" * 2049,
        resources=[{"uid": "r", "type": "y" * 257, "name": "n", "data": {"a": "x" * 1025}}],
    )

    made = converted(long)

    found = kinds(made)
    for path in (
        *("finding_info.uid", "finding_info.title", "status_detail", "severity", "remediation.desc", "risk_details"),
        *("resources[0].type", "resources[0].data.a"),
    ):
        assert found[path] is ChangeKind.SHORTENED, path
    assert made.finding["Title"] == "t" * 255 + "…"
    assert made.finding["Description"] == "d" * 1023 + "…"
    assert re.fullmatch(r"u{447}-[0-9a-f]{64}", str(made.finding["Id"]))
    assert check_finding(made.finding) == []
    other = converted(prowler(finding_info={**info, "uid": "u" * 599 + "x"}))
    assert other.finding["Id"] != made.finding["Id"]


def test_what_there_is_no_room_for_is_named() -> None:
    many = prowler(
        resources=[{"uid": f"r{number}", "type": "x"} for number in range(40)],
        enrichments=[{"name": f"{number}", "value": "v" * 3000} for number in range(3)],
        **{f"custom_{number}": "é" * 3000 for number in range(100)},
    )

    made = converted(many)

    assert check_finding(made.finding) == []
    assert len(made.raw) <= FINDING_BYTES
    lost = [change for change in made.changes if change.kind is ChangeKind.LEFT_OUT]
    assert [change.message for change in lost if change.path == "resources"] == [
        "A finding takes 32 resources: the others are left out."
    ]
    assert sum(change.path.startswith("custom_") for change in lost) > 50
    assert unnamed(many, made.changes) == []


def test_the_largest_finding_is_filled_to_240_kb_and_no_further() -> None:
    """Details of many resources, in letters that take four bytes each."""
    resources: list[JsonValue] = [
        {"uid": f"r{number}", **{f"k{key}": "💥" * 1024 for key in range(50)}} for number in range(32)
    ]

    made = converted(prowler(resources=resources))

    assert FINDING_BYTES - 5200 < len(made.raw) <= FINDING_BYTES
    assert check_finding(made.finding) == []


@pytest.mark.parametrize(
    ("time", "text", "expected", "change"),
    [
        (TIME, None, "2026-02-05T06:38:40.430Z", ChangeKind.MAPPED),
        (TIME // 1000, None, "2026-02-05T06:38:40Z", ChangeKind.MAPPED),
        (TIME * 1000, None, "2026-02-05T06:38:40.430Z", ChangeKind.MAPPED),
        (TIME / 1000, None, "2026-02-05T06:38:40.430Z", ChangeKind.MAPPED),
        (TIME // 1000, "2026-02-05T06:38:40.999", "2026-02-05T06:38:40.999Z", ChangeKind.MAPPED),
        (TIME, "2026-02-05T20:33:40", "2026-02-05T06:38:40.430Z", ChangeKind.UNMAPPED),
        (None, "2026-02-05T07:38:40+01:00", "2026-02-05T06:38:40Z", ChangeKind.MAPPED),
        (None, "2026-02-05T06:38:40", "2026-02-05T06:38:40Z", ChangeKind.REPLACED),
    ],
)
def test_times_are_the_records_own(time: JsonValue, text: str | None, expected: str, change: ChangeKind) -> None:
    made = converted(prowler(finding_info={"uid": "u", "title": "t"}, time=time, time_dt=text))

    assert made.finding["CreatedAt"] == made.finding["UpdatedAt"] == expected
    assert kinds(made)["time" if text is None else "time_dt"] is change


@pytest.mark.parametrize(("modified", "expected"), [(TIME - 500, TIME), (TIME + 500, TIME + 500)])
def test_an_update_is_as_new_as_the_later_of_its_times_and_the_other_is_named(modified: int, expected: int) -> None:
    """The generator may leave `modified_time` as it was: the service drops an update that is no newer."""
    record = prowler(time=TIME)
    info = record["finding_info"]
    assert isinstance(info, dict)
    made = converted({**record, "finding_info": {**info, "created_time": TIME - 9_000, "modified_time": modified}})

    assert made.finding["UpdatedAt"] == iso(expected)
    stale = "finding_info.modified_time" if modified < TIME else "time"
    assert kinds(made)[stale] is not ChangeKind.MAPPED


@pytest.mark.parametrize("absurd", [99_999_999_999_999, 200_000_000_000, "5138-11-16T09:46:39Z"])
def test_a_time_that_no_finding_can_be_of_is_kept_aside(absurd: JsonValue) -> None:
    """An update that comes from the year 5138 would hold up all that are of today."""
    name = "modified_time_dt" if isinstance(absurd, str) else "modified_time"

    made = converted(prowler(finding_info={"uid": "u", "title": "t", "first_seen_time": TIME, name: absurd}, time=TIME))

    assert made.finding["UpdatedAt"] == iso(TIME)
    assert kinds(made)[f"finding_info.{name}"] is ChangeKind.UNMAPPED
    fields = made.finding["ProductFields"]
    assert isinstance(fields, dict)
    assert str(absurd) in fields.values()


def test_a_muted_failure_is_a_warning_and_a_manual_check_has_no_verdict() -> None:
    muted = converted(prowler(status_id=3, status="Suppressed"))
    manual = converted(prowler(status_code="MANUAL"))
    compliance = converted(prowler(class_uid=2003, status_code=None, compliance={"status_id": 1, "control": "S3.1"}))

    frameworks = {"RelatedRequirements": ["CIS-2.0 2.1.5 2.1.6"], "AssociatedStandards": [{"StandardsId": "CIS-2.0"}]}
    assert muted.finding["Compliance"] == {"Status": "WARNING", **frameworks}
    assert manual.finding["Compliance"] == {"Status": "NOT_AVAILABLE", **frameworks}
    assert compliance.finding["Compliance"] == {"Status": "PASSED", "SecurityControlId": "S3.1", **frameworks}


def test_errors_are_those_that_a_rule_knows() -> None:
    """The rules that judge what is made are awake."""
    broken = converted(prowler()).finding | {"Title": ""}

    assert [issue.severity for issue in check_finding(broken)] == [Severity.ERROR]
