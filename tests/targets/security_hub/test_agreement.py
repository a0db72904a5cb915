"""A finding that belongs to another account, region or partition is refused before it is sent."""

from __future__ import annotations

import json

import pytest

from console.limits import DEFAULT_LIMITS
from console.ocsf.issues import Severity
from console.records.model import Record, Span
from console.targets.security_hub.agreement import disagreements
from console.targets.security_hub.aws import Place, default_product_arn
from console.targets.security_hub.rules import check_record
from tests.targets.security_hub.findings import Finding, finding

MINE, OTHER = "123456789012", "210987654321"
PLACE = Place("us-east-1", "aws", "https://securityhub.us-east-1.amazonaws.com", MINE, None)
ANYONE = Place("us-east-1", "aws", PLACE.endpoint, None, None)


def arn(partition: str = "aws", region: str = "us-east-1", account: str = "", product: str = "prowler/prowler") -> str:
    return f"arn:{partition}:securityhub:{region}:{account}:product/{product}"


@pytest.mark.parametrize(
    "one",
    [
        finding(),
        finding(ProductArn=default_product_arn("aws", "us-east-1", MINE)),
        finding(ProductArn=arn(account="679703615338", product="armordefense/armoranywhere")),
        finding(ProductArn="no arn"),  # said by the rules of the format
        finding(ProductArn=7, AwsAccountId=7),
    ],
)
def test_what_agrees_or_is_said_elsewhere_has_no_issue(one: Finding) -> None:
    assert list(disagreements(one, PLACE)) == []


@pytest.mark.parametrize(
    ("changes", "place", "found"),
    [
        ({"ProductArn": arn(region="eu-west-1")}, PLACE, [("asff_other_region", "ProductArn")]),
        ({"ProductArn": arn(region="")}, PLACE, [("asff_other_region", "ProductArn")]),
        ({"ProductArn": arn("aws-cn")}, PLACE, [("asff_other_partition", "ProductArn")]),
        ({"AwsAccountId": OTHER}, PLACE, [("asff_other_account", "AwsAccountId")]),
        ({"AwsAccountId": OTHER}, ANYONE, []),
        ({"ProductArn": default_product_arn("aws", "us-east-1", OTHER)}, PLACE, [("asff_other_account", "ProductArn")]),
        ({"ProductArn": default_product_arn("aws", "us-east-1", OTHER)}, ANYONE,
         [("asff_other_account", "AwsAccountId")]),
        ({"ProductArn": arn(account=MINE, product=f"{OTHER}/default")}, ANYONE, [("asff_other_account", "ProductArn")]),
    ],
)  # fmt: skip
def test_what_belongs_elsewhere_names_field_and_rule(
    changes: Finding, place: Place, found: list[tuple[str, str]]
) -> None:
    issues = list(disagreements(finding(**changes), place))

    assert [(issue.code, issue.path) for issue in issues] == found
    assert all(issue.severity is Severity.ERROR for issue in issues)
    assert all(issue.path in issue.message and "whole request" in issue.message for issue in issues)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, []),
        ({"ProductArn": default_product_arn("aws-eusc", "eusc-de-east-1", MINE)}, []),
        ({"ProductArn": default_product_arn("aws", "us-east-1", OTHER)}, [("asff_other_account", "AwsAccountId")]),
        ({"ProductArn": arn(account=MINE, product=f"{OTHER}/default")}, [("asff_other_account", "ProductArn")]),
        ({"ProductArn": arn("aws", "cn-north-1")}, [("asff_other_partition", "ProductArn")]),
        ({"ProductArn": arn("aws", "us-isob-east-1")}, [("asff_other_partition", "ProductArn")]),
    ],
)
def test_what_contradicts_itself_is_refused_by_any_target(changes: Finding, found: list[tuple[str, str]]) -> None:
    """So `validate --for security-hub` says it, which knows no target."""
    raw = json.dumps(finding(**changes)).encode()

    issues = check_record(Record(Span(0, 0, len(raw), 1), raw), DEFAULT_LIMITS)

    assert [(issue.code, issue.path) for issue in issues if issue.severity is Severity.ERROR] == found


@pytest.mark.parametrize("raw", [b'{"class_uid":2003,"finding_info":{}}', b'{"events":[]}'])
def test_ocsf_is_called_what_it_is_and_not_what_it_lacks(raw: bytes) -> None:
    (issue,) = check_record(Record(Span(0, 0, len(raw), 1), raw), DEFAULT_LIMITS)

    assert issue.message.startswith("This is OCSF")
    assert "convert --to asff" in issue.message


def test_another_product_than_that_of_the_target_is_a_warning() -> None:
    place = Place("us-east-1", "aws", PLACE.endpoint, MINE, arn(product="acme/scanner"))

    (issue,) = disagreements(finding(), place)

    assert (issue.severity, issue.code) == (Severity.WARNING, "asff_other_product")
