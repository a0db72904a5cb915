"""A sound finding of the AWS Security Finding Format, and ways to change it."""

from __future__ import annotations

from typing import Any

Finding = dict[str, Any]


def finding(**changes: object) -> Finding:
    """A sound finding; of *changes* those that are None are taken away."""
    made: Finding = {
        "SchemaVersion": "2018-10-08",
        "Id": "prowler-1",
        "ProductArn": "arn:aws:securityhub:us-east-1::product/prowler/prowler",
        "GeneratorId": "prowler-check",
        "AwsAccountId": "123456789012",
        "Types": ["Software and Configuration Checks/Vulnerabilities/CVE"],
        "CreatedAt": "2026-11-20T20:43:04Z",
        "UpdatedAt": "2026-11-20T20:43:04Z",
        "Severity": {"Label": "HIGH"},
        "Title": "A bucket is public",
        "Description": "Anybody may read it.",
        "Resources": [{"Type": "AwsS3Bucket", "Id": "arn:aws:s3:::bucket"}],
        **changes,
    }
    return {name: value for name, value in made.items() if value is not None}
