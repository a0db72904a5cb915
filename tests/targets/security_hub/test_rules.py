"""The finding format of AWS: every documented limit, in the words of the live service.

The expected texts follow messages that the service gave to users (sources in `asff`), and AJV 6.12 with the same table
as a JSON schema: 200,000 of its messages agreed with ours when these tests were written.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.limits import DEFAULT_LIMITS
from console.ocsf.issues import Severity
from console.records.model import Record, Span
from console.targets.security_hub.asff import FINDING, FINDING_BYTES
from console.targets.security_hub.rules import check_finding, check_record, errors_of, refusal
from tests.targets.security_hub.findings import Finding, finding

NO_SEVERITY = "data should have required property 'FindingProviderFields', data should match some schema in anyOf"


def said(broken: Finding) -> list[str]:
    return [error.message for error in errors_of(broken)]


def warned(odd: Finding) -> list[tuple[str, str]]:
    return [(issue.code, issue.path) for issue in check_finding(odd) if issue.severity is Severity.WARNING]


def resource(**changes: object) -> Sequence[object]:
    return [{"Type": "Other", "Id": "x", **changes}]


def pairs(count: int, value: str = "v") -> dict[str, str]:
    return {f"key-{number}": value for number in range(count)}


def test_a_sound_finding_has_no_issue() -> None:
    inner = {"Severity": {"Label": "HIGH"}, "Types": ["TTPs"]}

    assert check_finding(finding(Severity=None, Types=None, FindingProviderFields=inner)) == []
    assert errors_of(finding()) == []


@pytest.mark.parametrize("name", FINDING.required)
def test_each_required_attribute_is_missed(name: str) -> None:
    assert said(finding(**{name: None})) == [f"data should have required property '{name}'"]


# Where an attribute is in a finding, and the most characters that it may have.
LENGTHS: list[tuple[str, int]] = [
    ("Id", 512),
    ("GeneratorId", 512),
    ("Title", 256),
    ("Description", 1024),
    ("ProductName", 128),
    ("CompanyName", 128),
    ("Region", 16),
    ("AwsAccountName", 50),
    ("Severity.Original", 64),
    ("Remediation.Recommendation.Text", 512),
    ("Resources[0].Type", 256),
    ("Resources[0].Region", 16),
    ("Note.Text", 512),
    ("Malware[0].Name", 64),
    ("Malware[0].Path", 512),
    ("Threats[0].Name", 128),
    ("Threats[0].Severity", 128),
    ("Threats[0].FilePaths[0].FilePath", 128),
    ("ThreatIntelIndicators[0].Value", 512),
    ("ThreatIntelIndicators[0].Source", 64),
    ("Network.Protocol", 16),
    ("Network.SourceDomain", 128),
    ("Network.DestinationDomain", 128),
    ("Process.Name", 64),
    ("Process.Path", 512),
    ("PatchSummary.Id", 256),
    ("Compliance.RelatedRequirements[0]", 64),
    ("FindingProviderFields.Severity.Original", 64),
]

WHOLE: dict[str, Any] = {
    "Severity": {"Label": "HIGH", "Original": "7"},
    "FindingProviderFields": {"Severity": {"Label": "HIGH", "Original": "7"}},
    "Remediation": {"Recommendation": {"Text": "Do it."}},
    "Note": {"Text": "t", "UpdatedBy": "me", "UpdatedAt": "2026-11-20T20:43:04Z"},
    "Malware": [{"Name": "m", "Path": "/m", "Type": "WORM", "State": "OBSERVED"}],
    "Threats": [{"Name": "t", "Severity": "high", "FilePaths": [{"FilePath": "/f"}]}],
    "ThreatIntelIndicators": [{"Value": "v", "Source": "s", "Type": "URL", "Category": "BACKDOOR"}],
    "Network": {"Direction": "IN", "Protocol": "TCP", "SourceDomain": "a", "DestinationDomain": "b"},
    "Process": {"Name": "init", "Path": "/sbin/init"},
    "PatchSummary": {"Id": "p", "FailedCount": 0},
    "Compliance": {
        "Status": "PASSED",
        "RelatedRequirements": ["r"],
        "StatusReasons": [{"ReasonCode": "c"}],
        "AssociatedStandards": [{"StandardsId": "s"}],
    },
    "Vulnerabilities": [{"Id": "CVE-1", "FixAvailable": "YES", "ExploitAvailable": "NO", "Cvss": [{"BaseScore": 9.8}]}],
    "RelatedFindings": [{"ProductArn": "arn", "Id": "i"}],
    "Resources": [{"Type": "Other", "Id": "x", "Partition": "aws", "Tags": {"a": ""}, "Details": {"Other": {"a": ""}}}],
}


def with_value(path: str, value: object) -> Finding:
    """A finding that has everything, with one value in the place of another."""
    made: Finding = json.loads(json.dumps(finding(**WHOLE)))
    *way, last = path.replace("[", ".").replace("]", "").split(".")
    inner: Any = made
    for step in way:
        inner = inner[int(step) if step.isdigit() else step]
    inner[int(last) if last.isdigit() else last] = value
    return made


def test_the_finding_that_has_everything_is_sound() -> None:
    assert said(finding(**WHOLE)) == []


@pytest.mark.parametrize(("path", "most"), LENGTHS)
def test_each_text_has_its_longest_and_its_shortest_length(path: str, most: int) -> None:
    assert said(with_value(path, "\U0001f600" * most)) == []
    assert said(with_value(path, "x" * (most + 1))) == [f"data.{path} should NOT be longer than {most} characters"]
    assert said(with_value(path, "")) == [f"data.{path} should NOT be shorter than 1 characters"]
    assert said(with_value(path, " \t")) == [f'data.{path} should match pattern ".*\\S.*"']
    assert said(with_value(path, 7)) == [f"data.{path} should be string"]


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("SchemaVersion", "2018-10-08"),
        ("Severity.Label", "INFORMATIONAL LOW MEDIUM HIGH CRITICAL"),
        ("FindingProviderFields.Severity.Label", "INFORMATIONAL LOW MEDIUM HIGH CRITICAL"),
        ("Compliance.Status", "PASSED WARNING FAILED NOT_AVAILABLE"),
        ("RecordState", "ACTIVE ARCHIVED"),
        ("VerificationState", "UNKNOWN TRUE_POSITIVE FALSE_POSITIVE BENIGN_POSITIVE"),
        ("WorkflowState", "NEW ASSIGNED IN_PROGRESS DEFERRED RESOLVED"),
        ("Resources[0].Partition", "aws aws-cn aws-us-gov aws-us-iso aws-us-iso-b AzureCloud"),
        ("Network.Direction", "IN OUT"),
        ("Malware[0].State", "OBSERVED REMOVAL_FAILED REMOVED"),
        ("Malware[0].Type", "ADWARE COIN_MINER WORM"),
        ("ThreatIntelIndicators[0].Type", "DOMAIN HASH_SHA512 URL"),
        ("ThreatIntelIndicators[0].Category", "BACKDOOR KEYLOGGER"),
        ("Vulnerabilities[0].FixAvailable", "YES NO PARTIAL"),
        ("Vulnerabilities[0].ExploitAvailable", "YES NO"),
    ],
)
def test_each_enumeration_takes_its_values_and_no_other(path: str, allowed: str) -> None:
    for value in allowed.split():
        assert said(with_value(path, value)) == []
    for other in (allowed.split(maxsplit=1)[0].swapcase() + "?", "", "x"):
        assert said(with_value(path, other)) == [f"data.{path} should be equal to one of the allowed values"]


def test_workflow_status_is_an_enumeration() -> None:
    for status in ("NEW", "NOTIFIED", "RESOLVED", "SUPPRESSED"):
        assert said(finding(Workflow={"Status": status})) == []
    expected = ["data.Workflow.Status should be equal to one of the allowed values"]
    assert said(finding(Workflow={"Status": "CLOSED"})) == expected


@pytest.mark.parametrize(
    ("path", "item", "fewest", "most"),
    [
        ("Resources", {"Type": "a", "Id": "b"}, 1, 32),
        ("Types", "TTPs", 0, 50),
        ("Malware", {"Name": "m"}, 0, 5),
        ("Threats", {}, 1, 32),
        ("Threats[0].FilePaths", {}, 1, 5),
        ("ThreatIntelIndicators", {}, 1, 5),
        ("RelatedFindings", {"ProductArn": "a", "Id": "b"}, 1, 10),
        ("Compliance.RelatedRequirements", "r", 0, 32),
        ("Compliance.AssociatedStandards", {}, 0, 20),
    ],
)
def test_each_list_has_its_fewest_and_its_most_items(path: str, item: object, fewest: int, most: int) -> None:
    assert said(with_value(path, [item] * most)) == []
    expected = [f"data.{path} should NOT have more than {most} items"]
    assert said(with_value(path, [item] * (most + 1))) == expected
    none = said(with_value(path, []))
    assert none == ([f"data.{path} should NOT have fewer than {fewest} items"] if fewest else [])
    assert said(with_value(path, {})) == [f"data.{path} should be array"]


@pytest.mark.parametrize("path", ["Confidence", "Criticality", "FindingProviderFields.Confidence"])
def test_scores_are_whole_numbers_from_0_to_100(path: str) -> None:
    for value in (0, 100, 7.0):
        assert said(with_value(path, value)) == []
    assert said(with_value(path, 101)) == [f"data.{path} should be <= 100"]
    assert said(with_value(path, -1)) == [f"data.{path} should be >= 0"]
    assert said(with_value(path, 10**300)) == [f"data.{path} should be <= 100"]
    for wrong in (0.5, "7", True, None):
        assert said(with_value(path, wrong)) == [f"data.{path} should be integer"]


def test_counts_of_patches_and_the_normalized_severity_have_bounds() -> None:
    assert said(with_value("PatchSummary.FailedCount", 100_001)) == [
        "data.PatchSummary.FailedCount should be <= 100000"
    ]
    assert said(with_value("Severity.Normalized", 101)) == ["data.Severity.Normalized should be <= 100"]
    assert said(with_value("Severity.Product", "1")) == ["data.Severity.Product should be number"]


@pytest.mark.parametrize(
    ("path", "longest"),
    [("ProductFields", 2048), ("UserDefinedFields", 1024), ("Resources[0].Details.Other", 1024)],
)
def test_free_fields_have_limits_of_count_key_and_value(path: str, longest: int) -> None:
    assert said(with_value(path, {**pairs(49, "x" * longest), "k" * 128: ""})) == []
    assert said(with_value(path, pairs(51))) == [f"data.{path} should NOT have more than 50 properties"]
    assert said(with_value(path, {"aws/x": "x" * (longest + 1)})) == [
        f"data.{path}['aws/x'] should NOT be longer than {longest} characters"
    ]
    assert said(with_value(path, {"k" * 129: "v"})) == [
        f"data.{path} should NOT be longer than 128 characters",
        f"data.{path} property name '{'k' * 129}' is invalid",
    ]
    assert said(with_value(path, {"a": 1})) == [f"data.{path}['a'] should be string"]
    assert said(with_value(path, [])) == [f"data.{path} should be object"]


def test_no_tags_at_all_are_refused_as_the_live_service_does() -> None:
    expected = ["data.Resources[0].Tags should NOT have fewer than 1 properties"]
    assert said(finding(Resources=resource(Tags={}))) == expected


@pytest.mark.parametrize(
    ("path", "value", "name"),
    [
        ("Resources[0]", {"Type": "a"}, "Id"),
        ("Resources[0]", {"Id": "a"}, "Type"),
        ("RelatedFindings[0]", {"Id": "a"}, "ProductArn"),
        ("Malware[0]", {}, "Name"),
        ("Compliance.StatusReasons[0]", {}, "ReasonCode"),
        ("PatchSummary", {}, "Id"),
        ("Vulnerabilities[0]", {}, "Id"),
        ("FindingProviderFields.Severity", {}, "Label"),
    ],
)
def test_objects_have_required_attributes(path: str, value: object, name: str) -> None:
    assert said(with_value(path, value)) == [f"data.{path} should have required property '{name}'"]


def test_a_note_needs_all_three_attributes() -> None:
    assert said(finding(Note={})) == [
        f"data.Note should have required property '{name}'" for name in ("Text", "UpdatedBy", "UpdatedAt")
    ]


@pytest.mark.parametrize("kind", ["TTPs", "a/b", "Software and Configuration Checks/Vulnerabilities/CVE", " "])
def test_types_have_up_to_three_parts(kind: str) -> None:
    assert said(finding(Types=[kind])) == []


@pytest.mark.parametrize("kind", ["", "/", "a/", "/a", "a//b", "a/b/c/d", "a/b/c\n/d"])
def test_other_types_are_refused_as_the_live_service_does(kind: str) -> None:
    assert said(finding(Types=["TTPs", kind])) == ['data.Types[1] should match pattern "^([^/]+)(/[^/]+){0,2}$"']


@pytest.mark.parametrize("account", ["12345678901", "1234567890123", "12345678901a", "١٢٣٤٥٦٧٨٩٠١٢", "123456789012\n"])
def test_an_account_has_twelve_digits(account: str) -> None:
    assert said(finding(AwsAccountId=account)) == [r'data.AwsAccountId should match pattern "^\d{12}$"']


def test_a_product_arn_has_a_length_and_a_shape() -> None:
    assert said(finding(ProductArn="arn:aws:sec")) == ["data.ProductArn should NOT be shorter than 12 characters"]
    long = "arn:aws:securityhub:us-east-1::product/a/" + "b" * 2048
    assert said(finding(ProductArn=long)) == ["data.ProductArn should NOT be longer than 2048 characters"]
    for arn in ("arn:aws:s3:us-east-1::product/a/b", "arn:aws:securityhub:us-east-1::product/a", "x" * 20):
        assert [error.code for error in errors_of(finding(ProductArn=arn))] == ["asff_pattern_mismatch"]
    assert said(finding(ProductArn="arn:aws:securityhub:us-east-1:123456789012:product/123456789012/default")) == []


def test_a_severity_is_needed_somewhere() -> None:
    assert ", ".join(said(finding(Severity=None))) == NO_SEVERITY
    assert said(finding(Severity=None, FindingProviderFields={"Severity": {"Label": "LOW"}})) == []
    assert said(finding(Severity={"Normalized": 40})) == []
    assert said(finding(Severity=None, FindingProviderFields={"Confidence": 1})) == [
        "data.FindingProviderFields should have required property 'Severity'",
        "data should match some schema in anyOf",
    ]
    assert said(finding(Severity={"Original": "8.9"})) == [
        "data.Severity should have required property 'Label'",
        "data.Severity should have required property 'Normalized'",
        "data.Severity should match some schema in anyOf",
    ]


def test_a_severity_of_the_wrong_type_is_said_once() -> None:
    assert said({**finding(), "Severity": None}) == ["data.Severity should be object"]
    assert said({**finding(Severity=None), "FindingProviderFields": 1}) == [
        "data.FindingProviderFields should be object"
    ]


def test_the_refusal_is_the_services_own() -> None:
    text = finding(Remediation={"Recommendation": {"Text": "x" * 513}})
    assert refusal(errors_of(text)) == (
        "Finding does not adhere to Amazon Finding Format. "
        "data.Remediation.Recommendation.Text should NOT be longer than 512 characters."
    )
    assert refusal(errors_of(finding(Severity=None))) == (
        f"Finding does not adhere to Amazon Finding Format. {NO_SEVERITY}."
    )


def test_an_issue_has_the_path_as_ours_have() -> None:
    issue = errors_of(finding(Resources=resource(Id="")))[0]
    assert (issue.code, issue.path, issue.severity) == ("asff_too_short", "Resources[0].Id", Severity.ERROR)


def test_fields_that_an_update_may_not_touch_are_warned_about() -> None:
    odd = finding(
        Note=WHOLE["Note"], UserDefinedFields={"a": "b"}, Workflow={"Status": "NEW"}, VerificationState="UNKNOWN"
    )

    assert warned(odd) == [
        ("asff_never_updated", "Note"),
        ("asff_never_updated", "UserDefinedFields"),
        ("asff_never_updated", "VerificationState"),
        ("asff_never_updated", "Workflow"),
        ("asff_provider_field", "Severity"),
        ("asff_provider_field", "Types"),
    ]


def test_what_the_service_would_pass_over_is_warned_about() -> None:
    inner = {"Severity": {"Label": "HIGH"}, "Types": ["TTPs/a", "Nonsense/b"]}
    odd = finding(Severity=None, Types=None, FindingProviderFields=inner, Region="us-east-1", Serverity={})

    assert warned(odd) == [
        ("asff_set_by_service", "Region"),
        ("asff_unknown_attribute", "Serverity"),
        ("asff_types_namespace", "FindingProviderFields.Types[1]"),
    ]
    assert ("asff_types_missing", "Types") in warned(finding(Types=None))


def record(raw: bytes) -> Record:
    return Record(Span(0, 0, len(raw), 1), raw)


def test_a_record_over_240_kilobytes_is_refused() -> None:
    padding = FINDING_BYTES - len(json.dumps(finding(Sample=True))) - len(', "Detection": {"a": ""}')
    fits = json.dumps(finding(Sample=True, Detection={"a": "x" * padding})).encode()
    assert len(fits) == FINDING_BYTES

    codes = [issue.code for issue in check_record(record(fits), DEFAULT_LIMITS)]
    assert "asff_finding_too_large" not in codes
    larger = check_record(record(fits + b" "), DEFAULT_LIMITS)
    assert [issue.code for issue in larger if issue.severity is Severity.ERROR] == ["asff_finding_too_large"]


@pytest.mark.parametrize("raw", [b"[1]", b'{"a": NaN}', b"{", b"\xff", b'{"a": "\\ud800"}', b"{" + b'"a":[' * 9_999])
def test_a_record_that_cannot_be_read_is_an_issue(raw: bytes) -> None:
    assert [issue.code for issue in check_record(record(raw), DEFAULT_LIMITS)] == ["asff_record_unreadable"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(sorted(FINDING.members)), JSON, max_size=10))
def test_whatever_stands_in_an_attribute_is_judged_and_never_raises(changes: dict[str, object]) -> None:
    for issue in check_finding({**finding(), **changes}):
        assert issue.message
        if issue.severity is Severity.ERROR:
            assert issue.message.startswith("data")
            assert issue.path.partition(".")[0].partition("[")[0] in {"", *changes}
