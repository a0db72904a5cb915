"""Finding files for demos and rehearsals, as a cloud scanner writes them. Everything in them is invented."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

Finding = dict[str, object]

SCAN_TIME: Final = 1763547300000
"""Milliseconds: every record of a run carries the same instant."""

_SEED: Final = 5460
_ORGANISATION: Final = "o-exampleorg"
_REGIONS: Final = ("eu-west-1", "eu-central-1", "us-east-1", "ap-southeast-2")
_ACCOUNTS: Final = (("123456789012", "production"), ("210987654321", "staging"), ("345678901234", "sandbox"))
_SEVERITIES: Final = {"Informational": 1, "Low": 2, "Medium": 3, "High": 4, "Critical": 5}
_VERDICTS: Final = ("FAIL", "FAIL", "FAIL", "PASS", "PASS", "PASS", "PASS", "MANUAL")


@dataclass(frozen=True, slots=True)
class Check:
    """One rule of the invented scanner."""

    id: str
    title: str
    severity: str
    service: str
    resource_type: str
    risk: str
    remedy: str


CHECKS: Final = (
    Check(
        "s3_bucket_public_access",
        "S3 bucket blocks public access",
        "Critical",
        "s3",
        "AwsS3Bucket",
        "Anybody may read, and perhaps write, the objects of a public bucket.",
        "Turn on Block Public Access for the account and the bucket.",
    ),
    Check(
        "s3_bucket_default_encryption",
        "S3 bucket encrypts objects by default",
        "Medium",
        "s3",
        "AwsS3Bucket",
        "Objects written without encryption stay in clear at rest.",
        "Set default encryption with a customer-managed key.",
    ),
    Check(
        "iam_user_mfa_enabled_console_access",
        "IAM user with console access has MFA",
        "High",
        "iam",
        "AwsIamUser",
        "A stolen password is enough to sign in.",
        "Require a second factor for every user with console access.",
    ),
    Check(
        "iam_policy_no_administrative_privileges",
        "Customer-managed IAM policy grants no administrative privileges",
        "High",
        "iam",
        "AwsIamPolicy",
        "Whoever holds the policy can do anything in the account.",
        "Grant only the actions that are needed.",
    ),
    Check(
        "ec2_securitygroup_allow_ingress_from_internet_to_port_22",
        "Security group does not open SSH to the Internet",
        "High",
        "ec2",
        "AwsEc2SecurityGroup",
        "Every host behind it can be attacked by password guessing.",
        "Restrict port 22 to known networks, or use a session manager.",
    ),
    Check(
        "cloudtrail_multi_region_enabled",
        "CloudTrail records all regions",
        "High",
        "cloudtrail",
        "AwsCloudTrailTrail",
        "What happens in a region without a trail leaves no evidence.",
        "Create one trail for all regions with log file validation.",
    ),
    Check(
        "rds_instance_storage_encrypted",
        "RDS instance encrypts its storage",
        "Medium",
        "rds",
        "AwsRdsDbInstance",
        "Snapshots and disks can be read by whoever gets hold of them.",
        "Restore the instance from an encrypted snapshot.",
    ),
    Check(
        "kms_cmk_rotation_enabled",
        "KMS key is rotated every year",
        "Low",
        "kms",
        "AwsKmsKey",
        "A key that leaks can decrypt everything written since it was made.",
        "Turn on automatic rotation.",
    ),
    Check(
        "vpc_flow_logs_enabled",
        "VPC keeps flow logs",
        "Medium",
        "vpc",
        "AwsEc2Vpc",
        "Lateral movement can't be followed afterwards.",
        "Send flow logs to a bucket or a log group.",
    ),
    Check(
        "account_maintain_current_contact_details",
        "Account has current contact details",
        "Informational",
        "account",
        "Other",
        "Warnings about abuse reach nobody.",
        "Check the contact details once a year.",
    ),
)


def findings(count: int) -> Iterator[Finding]:
    """Invent findings: OCSF 1.5.0 detection findings without an error. The same ones every time."""
    chance = random.Random(_SEED)  # noqa: S311 - invented data, no secret
    scan = str(UUID(int=chance.getrandbits(128), version=4))
    for number in range(count):
        yield _finding(number, chance, scan)


def _finding(number: int, chance: random.Random, scan: str) -> Finding:
    check = chance.choice(CHECKS)
    account, account_name = chance.choice(_ACCOUNTS)
    region = chance.choice(_REGIONS)
    name = f"{check.service}-{chance.getrandbits(32):08x}"
    verdict = chance.choice(_VERDICTS)
    muted = verdict == "FAIL" and chance.random() < 0.05
    uid = f"prowler-aws-{check.id}-{account}-{region}-{name}-{number}"
    said = "is satisfied" if verdict == "PASS" else "is not satisfied"
    return {
        "message": f"{check.title}: {name} {said}.",
        "metadata": _metadata(check),
        "severity_id": _SEVERITIES[check.severity],
        "severity": check.severity,
        "status": "Suppressed" if muted else "New",
        "status_code": verdict,
        "status_detail": f"{name} in {region} {said}.",
        "status_id": 3 if muted else 1,
        "unmapped": {
            "categories": [check.service],
            "compliance": {"CIS-5.0": [f"{1 + number % 5}.{1 + number % 9}"]},
            "scan_id": scan,
            "provider_uid": account,
            "provider": "aws",
        },
        "activity_name": "Create",
        "activity_id": 1,
        "finding_info": {
            "created_time": SCAN_TIME,
            "created_time_dt": "2025-11-19T10:15:00Z",
            "desc": check.risk,
            "title": check.title,
            "types": ["Software and Configuration Checks"],
            "uid": uid,
        },
        "resources": [_resource(check, account, account_name, region, name)],
        "category_name": "Findings",
        "category_uid": 2,
        "class_name": "Detection Finding",
        "class_uid": 2004,
        "cloud": _cloud(account, account_name, region),
        "remediation": {"desc": check.remedy, "references": [f"https://hub.prowler.com/check/{check.id}"]},
        "risk_details": check.risk,
        "time": SCAN_TIME,
        "time_dt": "2025-11-19T10:15:00Z",
        "type_uid": 200401,
        "type_name": "Detection Finding: Create",
    }


def _metadata(check: Check) -> Finding:
    return {
        "event_code": check.id,
        "product": {"name": "Prowler", "uid": "prowler", "vendor_name": "Prowler", "version": "5.46.0"},
        "profiles": ["cloud", "datetime"],
        "tenant_uid": _ORGANISATION,
        "version": "1.5.0",
    }


def _resource(check: Check, account: str, account_name: str, region: str, name: str) -> Finding:
    return {
        "cloud_partition": "aws",
        "region": region,
        "data": {"details": "", "metadata": {"name": name, "tags": [{"Key": "env", "Value": account_name}]}},
        "group": {"name": check.service},
        "labels": [f"env:{account_name}"],
        "name": name,
        "type": check.resource_type,
        "uid": f"arn:aws:{check.service}:{region}:{account}:{name}",
    }


def _cloud(account: str, account_name: str, region: str) -> Finding:
    return {
        "account": {"name": account_name, "type": "AWS Account", "type_id": 10, "uid": account},
        "org": {"name": "Example", "uid": _ORGANISATION},
        "provider": "aws",
        "region": region,
    }


def as_array(records: list[Finding]) -> bytes:
    """A finding file as the scanner writes it: each record pretty-printed, joined by commas."""
    return b"[" + b",".join(json.dumps(record, indent=4).encode() for record in records) + b"]"


def with_bad_records(count: int) -> list[Finding]:
    """Findings of which every tenth or so is broken in a way of its own."""
    records = list(findings(count))
    for at, record in enumerate(records):
        match at % 40:
            case 7:
                record["class_uid"] = 2003
            case 17:
                record["finding_info"] = {"title": "A finding that nobody can refer to"}
            case 27:
                record["severity_id"] = "critical"
            case 37:
                record["resources"] = []
    return records


def write_samples(folder: Path) -> Path:
    """Write the demo's finding files into *folder*. Returns the one to start with: 1,000 sound records."""
    sound = folder / "prowler-output-123456789012-20251119101500.ocsf.json"
    records = list(findings(1_000))
    sound.write_bytes(as_array(records))
    (folder / "with-bad-records.ocsf.json").write_bytes(as_array(with_bad_records(120)))
    (folder / "killed-writer.ocsf.json").write_bytes(as_array(records[:50])[:-1_500])
    lines = b"".join(json.dumps(record).encode() + b"\n" for record in records[:200])
    (folder / "one-per-line.ndjson.gz").write_bytes(gzip.compress(lines, mtime=0))
    return sound
