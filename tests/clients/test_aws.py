"""The AWS CLI and the AWS SDK, which sign what they send and know the service's model."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from console.records.model import JsonValue
from console.sandbox.server import Sandbox
from tests.clients.conftest import CLIENTS, Run

SDK = """
import json, sys
import boto3
hub = boto3.client("securityhub", endpoint_url=sys.argv[1])
answer = hub.batch_import_findings(Findings=json.load(open(sys.argv[2])))
found = hub.get_paginator("get_findings").paginate(Filters={"GeneratorId": [{"Value": "gen", "Comparison": "EQUALS"}]})
ids = [finding["Id"] for page in found for finding in page["Findings"]]
print(json.dumps([answer["SuccessCount"], answer["FailedCount"], answer["FailedFindings"], sorted(ids)]))
"""

Finding = dict[str, JsonValue]
Aws = Callable[..., "CompletedProcess[str]"]
"""Runs a command of the AWS CLI on Security Hub; with *secret*, by another secret key."""


def finding(number: int, account: str) -> Finding:
    """A sound finding of the account's own product."""
    return {
        "SchemaVersion": "2018-10-08",
        "Id": f"finding/{number}",
        "ProductArn": f"arn:aws:securityhub:us-east-1:{account}:product/{account}/default",
        "GeneratorId": "gen",
        "AwsAccountId": account,
        "Types": ["Software and Configuration Checks/Vulnerabilities/CVE"],
        "CreatedAt": "2026-11-20T20:43:04Z",
        "UpdatedAt": "2026-11-20T20:43:04.123Z",
        "Severity": {"Label": "HIGH"},
        "Title": "A bucket is public: \u00e9\u4e2d",
        "Description": "Anybody may read it.",
        "Resources": [{"Type": "AwsS3Bucket", "Id": "arn:aws:s3:::bucket", "Partition": "aws", "Region": "us-east-1"}],
    }


@pytest.fixture
def credentials(sandbox: Sandbox) -> dict[str, str]:
    """What the AWS clients read from the environment."""
    access = sandbox.access.security_hub
    return {
        "AWS_ACCESS_KEY_ID": access.access_key_id,
        "AWS_SECRET_ACCESS_KEY": access.secret_access_key.reveal(),
        "AWS_DEFAULT_REGION": access.region,
        "AWS_MAX_ATTEMPTS": "1",
    }


@pytest.fixture
def aws(run: Run, python: Path, sandbox: Sandbox, credentials: dict[str, str]) -> Aws:
    """The AWS CLI at the sandbox."""
    assert python.exists()

    def aws(*arguments: str, **changes: str) -> CompletedProcess[str]:
        url = sandbox.access.security_hub.endpoint_url
        command = [python, CLIENTS / "aws", "securityhub", *arguments, "--endpoint-url", url, "--output", "json"]
        return run(*command, **{**credentials, **changes})

    return aws


@pytest.fixture
def findings(sandbox: Sandbox, tmp_path: Path) -> Callable[[list[Finding]], Path]:
    """Writes findings into a file."""

    def write(found: list[Finding]) -> Path:
        path = tmp_path / "findings.json"
        path.write_text(json.dumps(found))
        return path

    return write


Write = Callable[[list[Finding]], Path]


def test_the_cli_imports_findings_and_reads_them_back(aws: Aws, sandbox: Sandbox, findings: Write) -> None:
    account = sandbox.access.security_hub.account_id
    path = findings([finding(number, account) for number in range(100)])

    imported = aws("batch-import-findings", "--findings", f"file://{path}")
    read = aws("get-findings", "--filters", '{"Id": [{"Value": "finding/7", "Comparison": "EQUALS"}]}')

    assert imported.returncode == 0, imported.stderr
    assert json.loads(imported.stdout) == {"FailedCount": 0, "SuccessCount": 100, "FailedFindings": []}
    (kept,) = json.loads(read.stdout)["Findings"]
    assert kept["Title"] == "A bucket is public: \u00e9\u4e2d"
    assert kept["Workflow"] == {"Status": "NEW"}


def test_the_cli_tells_a_finding_that_failed(aws: Aws, sandbox: Sandbox, findings: Write) -> None:
    account = sandbox.access.security_hub.account_id
    bad = {**finding(2, account), "Title": "x" * 257}

    imported = aws("batch-import-findings", "--findings", f"file://{findings([finding(1, account), bad])}")

    answer = json.loads(imported.stdout)
    assert (answer["SuccessCount"], answer["FailedCount"]) == (1, 1)
    (failed,) = answer["FailedFindings"]
    assert (failed["Id"], failed["ErrorCode"]) == ("finding/2", "InvalidInput")
    assert "data.Title should NOT be longer than 256 characters" in failed["ErrorMessage"]


def test_the_cli_tells_a_wrong_secret(aws: Aws, sandbox: Sandbox, findings: Write) -> None:
    path = findings([finding(1, sandbox.access.security_hub.account_id)])

    imported = aws("batch-import-findings", "--findings", f"file://{path}", AWS_SECRET_ACCESS_KEY="x" * 40)

    assert "InvalidSignatureException" in imported.stderr
    assert imported.returncode != 0


def test_the_cli_tells_a_foreign_account_as_the_service_does(aws: Aws, findings: Write) -> None:
    imported = aws("batch-import-findings", "--findings", f"file://{findings([finding(1, '210987654321')])}")

    assert "AccessDeniedException" in imported.stderr
    assert "securityhub:BatchImportFindings" in imported.stderr


def test_the_sdk_imports_findings_and_pages_through_them(
    run: Run, python: Path, sandbox: Sandbox, credentials: dict[str, str], findings: Write
) -> None:
    access = sandbox.access.security_hub
    path = findings([finding(number, access.account_id) for number in range(25)])

    done = run(python, "-c", SDK, access.endpoint_url, path, **credentials)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [25, 0, [], sorted(f"finding/{number}" for number in range(25))]


def test_a_throttled_sdk_tries_again(
    run: Run, python: Path, sandbox: Sandbox, credentials: dict[str, str], findings: Write
) -> None:
    access = sandbox.access.security_hub
    path = findings([finding(1, access.account_id)])
    sandbox.faults.add("status=429,on=hub.import,nth=1")

    done = run(python, "-c", SDK, access.endpoint_url, path, **{**credentials, "AWS_MAX_ATTEMPTS": "3"})

    assert done.returncode == 0, done.stderr
    assert [entry.status for entry in sandbox.journal.entries("hub.import")] == [429, 200]
