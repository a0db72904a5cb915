"""The rule set `official` against the official server's own verdicts on 875 events.

The rows are beside the checkout: what the server's `/api/v2/validate` said, run with the schema of the row's version.
Compared as sets of (code, path), for the codes that we raise. Each allowed difference is named here.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import pytest

from console.ocsf.rules import RuleSet
from console.ocsf.store import SchemaStore
from console.ocsf.validator import Validator
from tests.conftest import SHARED

FOLDER: Final = SHARED / "conformance"
STORE: Final = SchemaStore(None)

Row = dict[str, Any]
"""`schema`, `event`, `official`, and what tells it apart: `name`, `source`, or `class` and `profiles`."""

CODES: Final = {
    "attribute_enum_array_value_unknown",
    "attribute_enum_value_unknown",
    "attribute_required_missing",
    "attribute_unknown",
    "attribute_wrong_type",
    "class_uid_unknown",
    "profile_unknown",
    "schema_bug_primitive_type_unknown",
    "version_earlier",
    "version_incompatible_initial_development",
    "version_incompatible_later",
    "version_incompatible_prerelease",
}
"""What the validator raises by now."""

CRASHES: Final = {
    # An object as the value of an enum.
    "enum_obj": {("attribute_wrong_type", "severity_id")},
    # A text as the sibling of a list of enum values.
    "array_enum_sib_str": {
        ("attribute_wrong_type", "malware[0].classifications"),
        ("attribute_unknown", "service"),
        ("attribute_unknown", "user"),
    },
}
"""Events that the server answers with HTTP 500, and our verdict on them."""

FILES: Final = {
    "generated.jsonl.gz": (772, None),
    "real.jsonl": (55, None),
    "probes-1.8.0.jsonl": (48, "1.8.0"),
}
"""Rows of each file, and their schema version where the rows don't say it."""


def rows(name: str) -> Iterator[Row]:
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"the official verdicts ({name}) are not beside this checkout")
    version = FILES[name][1]
    content = gzip.decompress(path.read_bytes()) if name.endswith(".gz") else path.read_bytes()
    for line in content.splitlines():
        row: Row = json.loads(line)
        yield row if version is None else row | {"schema": version}


@cache
def validator(version: str) -> Validator:
    return Validator(STORE, RuleSet.OFFICIAL, version)


def ours(row: Row) -> set[tuple[str, str]]:
    return {(issue.code, issue.path) for issue in validator(row["schema"]).check(json.dumps(row["event"]).encode())}


def theirs(row: Row) -> set[tuple[str, str]]:
    """What the server said, of what we look for. It gives no path where it means the whole event."""
    official = row["official"]
    said = [(one["error"], one) for one in official["errors"]] + [(one["warning"], one) for one in official["warnings"]]
    return {(code, one.get("attribute_path", "")) for code, one in said if code in CODES}


def title(row: Row) -> str:
    return f"{row['schema']} {row.get('name') or row.get('source') or (row['class'], row['profiles'])}"


@pytest.mark.parametrize("name", FILES)
def test_our_verdict_is_the_official_one(name: str) -> None:
    judged = 0
    different: list[str] = []
    for row in rows(name):
        judged += 1
        expected = CRASHES[row["name"]] if "crash" in row["official"] else theirs(row)
        if ours(row) != expected:
            different.append(f"{title(row)}: {sorted(ours(row) ^ expected)}")
    assert different == []
    assert judged == FILES[name][0]


@pytest.mark.parametrize("name", FILES)
def test_full_only_takes_away_what_is_a_defect_of_the_official_validator(name: str) -> None:
    for row in rows(name):
        raw = json.dumps(row["event"]).encode()
        full = {(issue.code, issue.path) for issue in Validator(STORE, version=row["schema"]).check(raw)}
        official = validator(row["schema"]).check(raw)
        assert full <= {(issue.code, issue.path) for issue in official}, title(row)
        wrong_types = {issue.path for issue in official if issue.code == "attribute_wrong_type"}
        for issue in official:
            if (issue.code, issue.path) in full:
                continue
            allowed = {
                "schema_bug_primitive_type_unknown": True,
                "attribute_wrong_type": "a number with a fraction" in issue.message,
                "attribute_enum_value_unknown": issue.path in wrong_types or issue.message.endswith("null."),
            }
            assert allowed.get(issue.code), f"{title(row)}: {issue}"


@pytest.mark.parametrize(
    "name", sorted(path.name for path in (SHARED / "samples" / "prowler-examples").glob("*.json")) or [None]
)
def test_prowlers_own_examples_have_no_error(name: str | None) -> None:
    if name is None:
        pytest.skip("Prowler's example files are not beside this checkout")
    checker = Validator(STORE)
    records = json.loads((SHARED / "samples" / "prowler-examples" / name).read_bytes())
    assert [checker.check(json.dumps(record).encode()) for record in records] == [[]] * len(records)
