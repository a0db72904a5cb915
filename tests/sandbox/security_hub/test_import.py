"""BatchImportFindings: what is taken, what is refused, and with which words."""

from __future__ import annotations

import json
import re
from hashlib import sha256

import pytest

from console.sandbox.security_hub.store import CREATED, IGNORED, UPDATED, Identifier
from console.sandbox.server import Sandbox
from console.targets.security_hub.asff import FINDING_BYTES
from tests.sandbox.security_hub.conftest import Client, later
from tests.targets.security_hub.findings import finding

PROWLER = "arn:aws:securityhub:us-east-1::product/prowler/prowler"
OWN = "arn:aws:securityhub:us-east-1:123456789012:product/123456789012/default"
MEGABYTE = 1024 * 1024


def test_a_partial_failure_is_a_success_of_http_byte_for_byte(client: Client) -> None:
    text = {"Recommendation": {"Text": "x" * 513}}
    answer = client.import_(finding(Id="us-east-1/i-01ac323e031057ffa/132237", Remediation=text), finding())

    assert answer.status_code == 200
    assert answer.text == (
        '{"FailedCount":1,"SuccessCount":1,"FailedFindings":[{"Id":"us-east-1/i-01ac323e031057ffa/132237",'
        '"ErrorCode":"InvalidInput","ErrorMessage":"Finding does not adhere to Amazon Finding Format. '
        'data.Remediation.Recommendation.Text should NOT be longer than 512 characters."}]}'
    )
    assert answer.headers["Content-Type"] == "application/json"
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", answer.headers["x-amzn-RequestId"])
    assert re.fullmatch(r"[A-Za-z0-9+/]{15}=", answer.headers["x-amz-apigw-id"])
    assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}", answer.headers["X-Amzn-Trace-Id"])
    assert "x-amzn-errortype" not in answer.headers


def test_failures_come_in_the_order_of_the_findings(client: Client) -> None:
    findings = [finding(Id=f"f-{number}", Title="" if number % 3 else "t") for number in range(100)]

    answer = client.import_(*findings).json()

    assert (answer["FailedCount"], answer["SuccessCount"]) == (66, 34)
    assert [failed["Id"] for failed in answer["FailedFindings"]] == [f"f-{n}" for n in range(100) if n % 3]
    assert [found["Id"] for found in client.get()] == [f"f-{n}" for n in range(0, 100, 3)]


@pytest.mark.parametrize(
    ("count", "message"),
    [
        (0, "Invalid parameter 'Findings'. Size '0' is less than minimum value: 1."),
        (101, "Invalid parameter 'Findings'. Size '101' is greater than maximum value: 100."),
    ],
)
def test_a_request_has_1_to_100_findings(client: Client, count: int, message: str) -> None:
    answer = client.import_(*[finding(Id=str(number)) for number in range(count)])

    assert answer.status_code == 400
    assert answer.headers["x-amzn-errortype"] == "InvalidInputException"
    assert answer.json() == {"Message": message, "Code": "InvalidInputException"}
    assert client.get() == []


def padded(size: int, **changes: object) -> bytes:
    """A sound finding of so many bytes."""
    empty = json.dumps(finding(Detection={"a": ""}, **changes))
    return json.dumps(finding(Detection={"a": "x" * (size - len(empty))}, **changes)).encode()


def test_a_finding_has_up_to_240_kilobytes_as_it_was_written(client: Client) -> None:
    fits = padded(FINDING_BYTES, Id="fits")
    spaced = fits.replace(b'"Id": "fits"', b'"Id":  "spaced"').replace(b"xxx", b"x", 1)
    assert (len(fits), len(spaced)) == (245_760, 245_761)

    answer = client.send("POST", "/findings/import", b'{"Findings":[' + fits + b" ,\n" + spaced + b" ]}")

    assert answer.json() == {
        "FailedCount": 1,
        "SuccessCount": 1,
        "FailedFindings": [
            {"Id": "spaced", "ErrorCode": "FindingSizeExceeded", "ErrorMessage": "Finding size exceeded 240 KB"}
        ],
    }


def test_a_request_has_up_to_6_megabytes(client: Client) -> None:
    body = b'{"Findings":[' + json.dumps(finding()).encode() + b"]}"

    assert client.send("POST", "/findings/import", body.ljust(6 * MEGABYTE)).status_code == 200
    answer = client.send("POST", "/findings/import", body.ljust(6 * MEGABYTE + 1))
    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (413, "RequestEntityTooLarge")
    assert answer.json() == {"message": "Request Entity Too Large"}
    assert client.send("POST", "/findings/import", b"x" * (20 * MEGABYTE)).status_code == 413


DEEP = b"[" * 100_000 + b"]" * 100_000
GOOD = json.dumps(finding()).encode()


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'"Findings"',
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        b'{"Findings":7}',
        b'{"Findings":{}}',
        b'{"Findings":["a"]}',
        b'{"Findings":[null]}',
        b'{"Findings":[[]]}',
        b'{"Findings":[' + GOOD + b",7]}",
        b'{"Findings":[{"Id":NaN}]}',
        b'{"Findings":[{"Id":"\\ud800"}]}',
        b'{"Findings":[{"Id":"\xff"}]}',
        b'{"Findings":[{"Confidence":' + b"9" * 5_000 + b"}]}",
        b'{"Findings":[{"Confidence":1e999}]}',
        b'{"Findings":' + DEEP + b"}",
        b'{"Findings":[{"Id":' + DEEP + b"}]}",
        b'{"Findings":[' + GOOD + b"]}{}",
        b'{"Findings":[' + GOOD,
        DEEP,
    ],
    ids=lambda body: repr(body[:40]),
)
def test_what_is_no_request_is_refused_and_nothing_of_it_taken(client: Client, body: bytes) -> None:
    answer = client.send("POST", "/findings/import", body)

    assert answer.status_code == 400
    assert answer.headers["x-amzn-errortype"] == "SerializationException"
    assert answer.json()["Code"] == "SerializationException"
    assert answer.json()["Message"]
    assert client.get() == []


@pytest.mark.parametrize("body", [b"", b"{}", b'{"findings":[]}', b'{"Findings":null}'])
def test_findings_are_required(client: Client, body: bytes) -> None:
    answer = client.send("POST", "/findings/import", body)

    assert answer.status_code == 400
    assert answer.json() == {"Message": "Missing required parameter 'Findings'.", "Code": "InvalidInputException"}


def test_a_finding_without_an_id_fails_with_an_empty_one(client: Client) -> None:
    answer = client.import_(finding(Id=None), finding(Id=7)).json()

    assert [(failed["Id"], failed["ErrorMessage"].partition(". ")[2]) for failed in answer["FailedFindings"]] == [
        ("", "data should have required property 'Id'."),
        ("", "data.Id should be string."),
    ]


def test_of_duplicate_keys_the_last_one_counts(client: Client) -> None:
    raw = GOOD.replace(b'"Title": ', b'"Title": "", "Title": ')
    answer = client.send("POST", "/findings/import", b'{"Findings":[],"Findings":[' + raw + b"]}")

    assert answer.json()["SuccessCount"] == 1
    assert client.only()["Title"] == "A bucket is public"


@pytest.mark.parametrize(
    "changes",
    [
        {"AwsAccountId": "210987654321"},
        {"ProductArn": "arn:aws:securityhub:eu-west-1::product/prowler/prowler"},
        {"ProductArn": "arn:aws-cn:securityhub:us-east-1::product/prowler/prowler"},
        {"ProductArn": "arn:aws:securityhub:us-east-1::product/aquasecurity/aquasecurity"},
        {"ProductArn": "arn:aws:securityhub:us-east-1:123456789012:product/prowler/prowler"},
        {"ProductArn": "arn:aws:securityhub:us-east-1:210987654321:product/210987654321/default"},
        {"ProductArn": "arn:aws:securityhub:us-east-1:123456789012:product/123456789012/mine"},
        {"ProductArn": "arn:aws:securityhub:us-east-1::product/123456789012/default"},
    ],
)
def test_what_the_account_may_not_import_is_denied_misleadingly(client: Client, changes: dict[str, str]) -> None:
    foreign = finding(Id="foreign", **changes)

    answer = client.import_(finding(), foreign)

    assert answer.status_code == 403
    assert answer.headers["x-amzn-errortype"] == "AccessDeniedException"
    assert answer.json() == {
        "Message": "User: arn:aws:iam::123456789012:user/sandbox is not authorized to perform:"
        f" securityhub:BatchImportFindings on resource: {foreign['ProductArn']}",
        "Code": "AccessDeniedException",
    }
    assert client.get() == []


@pytest.mark.parametrize(
    "arn", ["arn:aws:securityhub:::product/aquasecurity/aquasecurity", "arn:aws:securityhub:us-east-1::hub/default"]
)
def test_an_arn_that_is_no_products_is_invalid(client: Client, arn: str) -> None:
    answer = client.import_(finding(ProductArn=arn))

    assert answer.status_code == 400
    assert answer.json() == {"Message": f'productArn: "{arn}"', "Code": "InvalidInputException"}


@pytest.mark.parametrize("arn", [PROWLER, OWN])
def test_enabled_products_and_the_accounts_own_are_taken(client: Client, arn: str) -> None:
    client.take(finding(ProductArn=arn))

    assert client.only()["ProductArn"] == arn


def test_each_finding_is_kept_by_the_hash_of_its_bytes(sandbox: Sandbox, client: Client) -> None:
    new = finding(UpdatedAt=later())
    first, second = (json.dumps(one, indent=2).encode() for one in (finding(), new))
    for raw in (first, first, second):
        client.send("POST", "/findings/import", b'{"Findings":[ ' + raw + b" ]}")
    client.import_(finding(Title=""))

    taken = sandbox.security_hub.store.taken()

    assert [(one.sha256, one.outcome) for one in taken] == [
        (sha256(first).hexdigest(), CREATED),
        (sha256(first).hexdigest(), IGNORED),
        (sha256(second).hexdigest(), UPDATED),
    ]
    assert {one.identifier for one in taken} == {Identifier(PROWLER, "prowler-1")}
    assert {one.at for one in taken} == {"2026-11-20T20:43:04.123Z"}
