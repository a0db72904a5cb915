"""The rule set `official` against the official server's own verdicts on 875 events.

The rows are beside the checkout: what the server's `/api/v2/validate` said, run with the schema of the row's version.
Compared as sets of (code, path), and the severity of each code. Each allowed difference is named here.
"""

from __future__ import annotations

import gzip
import itertools
import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final

import pytest

from console.ocsf.codes import CODES
from console.ocsf.issues import Issue, Severity
from console.ocsf.rules import Policy, RuleSet
from console.ocsf.store import SchemaStore
from console.ocsf.validator import Validator
from tests.conftest import SHARED

FOLDER: Final = SHARED / "conformance"
STORE: Final = SchemaStore(None)

Pair = tuple[str, str]
"""The code of an issue, and its path."""
Row = dict[str, Any]
"""`schema`, `event`, `official`, and what tells it apart: `name`, `source`, or `class` and `profiles`."""

CRASHES: Final = {
    # An object as the value of an enum.
    "enum_obj": {("attribute_wrong_type", "severity_id")},
    # A text as the sibling of a list of enum values.
    "array_enum_sib_str": {
        ("attribute_wrong_type", "malware[0].classifications"),
        ("attribute_unknown", "service"),
        ("attribute_unknown", "user"),
        ("constraint_failed", "malware[0]"),
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
    return Validator(STORE, Policy(RuleSet.OFFICIAL, version))


def raw(row: Row) -> bytes:
    """The bytes of the event."""
    return json.dumps(row["event"]).encode()


def ours(row: Row) -> set[Pair]:
    """What the set `official` says."""
    return {(issue.code, issue.path) for issue in validator(row["schema"]).check(raw(row))}


def theirs(row: Row) -> set[Pair]:
    """What the server said, with the severities that it has in our list. It gives no path for the whole event."""
    said: set[Pair] = set()
    for severity in ("error", "warning"):
        for one in row["official"][f"{severity}s"]:
            code = one[severity]
            assert CODES[code].severity == severity
            said.add((code, one.get("attribute_path") or ""))
    return said


@cache
def full_validator(version: str) -> Validator:
    return Validator(STORE, Policy(version=version))


def full(row: Row) -> Sequence[Issue]:
    """What the set `full` says."""
    return full_validator(row["schema"]).check(raw(row))


def every_row() -> Iterator[Row]:
    """The rows of all files."""
    return itertools.chain.from_iterable(map(rows, FILES))


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


OLD: Final = ("1.0.0-rc.2", "1.0.0-rc.3", "1.0.0")


def defect(issue: Issue, schema: str, others: set[Pair]) -> str | None:
    """Which defect of the official validator an issue of the set `official` comes from; None for a sound issue.

    *others* are all issues of the record. Two more defects happen in none of these rows: see the tests of constraints
    with paths, and of versions that are none.
    """
    message = issue.message
    match issue.code:
        case "attribute_enum_value_unknown" if message.endswith("but is null."):
            return "a null enum is an unknown value"
        case "attribute_enum_value_unknown" if ("attribute_wrong_type", issue.path) in others:
            return "an enum value of the wrong type is reported twice"
        case "attribute_wrong_type" if "must be a number with a fraction or an exponent (float_t)" in message:
            return "a whole number does not fit float_t" if re.search(r"is the number -?\d+\.$", message) else None
        case "attribute_value_regex_not_matched" if schema in OLD and re.search("(ip|datetime)_t: ", message):
            return "the patterns of ip_t and datetime_t match nothing"
        case "schema_bug_primitive_type_unknown" if schema == "1.0.0-rc.2":
            return "a type is made from nothing"
    return None


def test_full_takes_away_exactly_what_comes_from_a_defect_of_the_official_validator() -> None:
    met: set[str] = set()
    for row in every_row():
        official = validator(row["schema"]).check(raw(row))
        others = {(issue.code, issue.path) for issue in official}
        kept = {(issue.code, issue.path) for issue in full(row)}
        for issue in official:
            named = defect(issue, row["schema"], others)
            assert ((issue.code, issue.path) in kept) is (named is None), f"{title(row)}: {issue}"
            met |= {named} if named else set()
    assert met == {
        "a null enum is an unknown value",
        "an enum value of the wrong type is reported twice",
        "a whole number does not fit float_t",
        "the patterns of ip_t and datetime_t match nothing",
        "a type is made from nothing",
    }


def test_full_adds_only_codes_of_its_own_and_constraints_that_a_null_does_not_meet() -> None:
    nulls: list[str] = []
    for row in every_row():
        official = ours(row)
        for issue in full(row):
            if (issue.code, issue.path) in official or CODES[issue.code].only is RuleSet.FULL:
                continue
            assert issue.code == "constraint_failed", f"{title(row)}: {issue}"
            nulls.append(title(row))
    assert nulls == ["1.8.0 constraint_null"]


HABITS: Final = {
    ("time_in_seconds", "time"),
    ("time_in_seconds", "finding_info.created_time"),
    ("datetime_without_offset", "time_dt"),
    ("datetime_without_offset", "finding_info.created_time_dt"),
}
"""What every record of Prowler deviates in."""


def prowler(records: Sequence[object]) -> list[set[Pair]]:
    """The issues of each record. None is an error, and each habit is explained as one."""
    found: list[set[Pair]] = []
    for record in records:
        issues = Validator(STORE).check(json.dumps(record).encode())
        assert {issue.severity for issue in issues} == {Severity.WARNING}
        explained = {(one.code, one.path) for one in issues if one.message.startswith("Prowler writes ")}
        assert explained == HABITS
        found.append({(issue.code, issue.path) for issue in issues} - HABITS)
    return found


@pytest.mark.parametrize(
    "name", sorted(path.name for path in (SHARED / "samples" / "prowler-examples").glob("*.json")) or [None]
)
def test_prowlers_own_examples_have_its_habits_and_one_deprecated_attribute(name: str | None) -> None:
    if name is None:
        pytest.skip("Prowler's example files are not beside this checkout")
    records = json.loads((SHARED / "samples" / "prowler-examples" / name).read_bytes())
    assert prowler(records) == [{("attribute_deprecated", "finding_info.product_uid")}] * len(records)


def test_a_prowler_file_has_its_habits_and_here_and_there_a_caption_that_says_nothing() -> None:
    path = SHARED / "samples" / "prowler-output-123456789012-20261119101500.ocsf.json"
    if not path.exists():
        pytest.skip("the Prowler sample is not beside this checkout")
    found = prowler(json.loads(path.read_bytes()))
    suspicious = {("attribute_enum_sibling_suspicious_other", "cloud.account.type")}
    assert (found.count(set()), found.count(suspicious), len(found)) == (816, 184, 1_000)
