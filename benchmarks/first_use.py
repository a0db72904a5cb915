"""Run in a process of its own: `python -m benchmarks.first_use VERSION CACHE` prints the seconds to a first verdict."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from benchmarks.clock import seconds
from console.ocsf.store import SchemaStore
from console.ocsf.validator import Validator
from console.sandbox.samples import SCAN_TIME, Finding, findings

OLDEST = "1.0.0-rc.2"
"""Of the packaged versions."""
NEWEST = "1.8.0"
"""Of the packaged versions."""


def record(version: str) -> bytes:
    """A record without issues, as one of the two versions has it."""
    old = version == OLDEST
    finding = _security_finding() if old else next(findings(1))
    profiles = [] if old else ["cloud", "datetime"]
    product = {"name": "Scanner", "vendor_name": "Example"}
    metadata = {"version": version, "profiles": profiles, "product": product}
    return json.dumps(finding | {"metadata": metadata}).encode()


def _security_finding() -> Finding:
    """What detection findings were called before OCSF 1.1.0."""
    return {
        "category_uid": 2,
        "class_uid": 2001,
        "activity_id": 1,
        "type_uid": 200101,
        "severity_id": 4,
        "state_id": 1,
        "time": SCAN_TIME,
        "message": "The bucket is public.",
        "finding": {"uid": "finding-1", "title": "Buckets are private", "desc": "Anybody may read a public bucket."},
        "resources": [{"uid": "arn:aws:s3:::bucket", "name": "bucket", "type": "AwsS3Bucket"}],
        "compliance": {"status": "FAIL"},
    }


def main() -> None:
    """Measure once."""
    version, cache = sys.argv[1:]
    raw = record(version)
    print(seconds(lambda: Validator(SchemaStore(Path(cache))).check(raw)))


if __name__ == "__main__":
    main()
