"""A small finding file that never changes, for stories and looks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_CHECKS: Final = (
    ("Critical", 5, "FAIL", "S3 bucket blocks public access", "arn:aws:s3:::billing-exports"),
    ("High", 4, "FAIL", "IAM user with console access has MFA", "alice"),
    ("High", 4, "PASS", "RDS instance storage is encrypted", "orders-db"),
    ("Medium", 3, "FAIL", "CloudTrail delivers its logs to CloudWatch", "audit-trail"),
    ("Low", 2, "PASS", "EC2 instance is managed by Systems Manager", "i-0a1b2c3d4e5f"),
    ("Informational", 1, "MANUAL", "Security contact of the account is registered", "123456789012"),
)
_SECOND: Final = 1_000
_START: Final = 1_763_547_300 * _SECOND
"""2025-11-19 10:15:00 UTC, in milliseconds."""


def record(index: int) -> dict[str, object]:
    """The record of that index; its message tells the index."""
    severity, severity_id, verdict, title, resource = _CHECKS[index % len(_CHECKS)]
    return {
        "message": f"finding number {index}",
        "metadata": {
            "version": "1.5.0",
            "product": {"name": "Prowler", "vendor_name": "Prowler", "version": "5.46.0"},
            "profiles": ["cloud"],
        },
        "severity_id": severity_id,
        "severity": severity,
        "status_code": verdict,
        "status_id": 1,
        "activity_id": 1,
        "category_uid": 2,
        "class_uid": 2004,
        "type_uid": 200401,
        "time": _START + index * _SECOND,
        "finding_info": {"uid": f"finding-{index}", "title": title},
        "resources": [{"uid": resource, "name": resource, "type": "Resource"}],
        "cloud": {"provider": "aws", "region": "eu-west-1", "account": {"uid": "123456789012", "name": "production"}},
    }


def scan(folder: Path, count: int = 30, name: str = "scan.ocsf.json") -> Path:
    """A file of *count* records, all well."""
    path = folder / name
    path.write_text(json.dumps([record(index) for index in range(count)]))
    return path


def flawed(folder: Path, count: int = 30, wrong: Sequence[int] = (3,)) -> Path:
    """A file with invalid records (7, and the *wrong*), something that is no record (5), and an end that is missing."""
    records = [json.dumps(record(index)) for index in range(count)]
    for index in wrong:
        records[index] = json.dumps({**record(index), "severity_id": 42})
    records[5] = '"not a record"'
    records[7] = json.dumps({**record(7), "resources": "none"})
    path = folder / "flawed.ocsf.json"
    path.write_text("[" + ",\n".join(records))
    return path
