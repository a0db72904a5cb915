"""The records that have an issue are found wherever they are: exactly those that validation counts, by any rules."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.limits import DEFAULT_LIMITS
from console.ocsf.having import HavingIssue
from console.ocsf.issues import LocatedIssue
from console.ocsf.report import ANY_PATH, GroupKey, group_key
from console.ocsf.run import validate_file
from console.ocsf.store import SchemaStore
from console.ocsf.together import Validation, validate_together, validators
from console.ocsf.validator import Validator
from console.records import sweep
from console.records.reader import FindingFile
from console.records.search import Hits
from console.records.workers import Workers
from console.sandbox.samples import findings
from console.targets.offline import Rules

RECORDS = 120


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with validators(2) as running:
        yield running


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of a few records each."""
    monkeypatch.setattr(sweep, "PART_BYTES", 30_000)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Records of which some have errors, some repeat the one before, and some are no records."""
    lines: list[str] = []
    for number, record in enumerate(findings(RECORDS)):
        text = json.loads(json.dumps(record))
        if number % 7 == 3:
            text["severity_id"] = "high"
        if number % 41 == 8:
            text["resources"] = []
        if number % 50 == 49:
            text["finding_info"]["uid"] = json.loads(lines[-1])["finding_info"]["uid"]
        if number % 70 in (5, 6):
            text |= {"Id": f"f-{number // 70}", "ProductArn": "one"}  # by which Security Hub tells records apart
        lines.append(json.dumps(text))
    lines[100] = '"no record"'
    path = tmp_path_factory.mktemp("having") / "some.ocsf.jsonl"
    path.write_text("\n".join(lines))
    return path


@pytest.mark.parametrize(
    "rules",
    [Rules(), Rules(kinds=("prowler",)), Rules(kinds=("cisco-xdr",)), Rules(kinds=("security-hub",))],
    ids=lambda rules: ",".join(rules.kinds) or "ocsf",
)
def test_what_validation_counts_is_found(path: Path, rules: Rules, workers: Workers) -> None:
    validator, demands = Validator(SchemaStore(None)), rules.demands(DEFAULT_LIMITS)
    having: dict[GroupKey, set[int]] = defaultdict(set)

    def keep(located: LocatedIssue) -> None:
        if located.record is not None:
            having[group_key(located.issue)].add(located.record)

    with FindingFile.open(path) as file:
        report = validate_file(file, validator, demands=demands, on_issue=keep)
    with FindingFile.open(path) as file:
        together = validate_together(file, validator, workers, demands=demands)
        assert together.groups == report.groups
        assert len(report.groups) > 1
        assert ("asff_id_repeated" in {group.code for group in report.groups}) == (rules.kinds == ("security-hub",))
        for group in report.groups:
            if group.code == "not_an_object":
                continue
            look = HavingIssue(group, Validation.by(validator, demands))
            alone = [index + found.index for found in look.found_in(file) for index in found.result.indexes]
            shared = [index + found.index for found in look.found_in(file, workers) for index in found.result.indexes]
            assert alone == shared == sorted(having[group]), group


def test_the_kinds_beyond_the_end_of_a_report_are_found_by_their_code(path: Path) -> None:
    validator = Validator(SchemaStore(None))
    group = next(key for key in _groups(path, validator) if key.path == "severity_id")
    look = HavingIssue(group._replace(path=ANY_PATH), Validation.by(validator))
    with FindingFile.open(path) as file:
        (offset, length) = next((hits.offsets[0], hits.lengths[0]) for hits in _hits(look, file) if hits.indexes)

    assert json.loads(path.read_bytes()[offset : offset + length])["severity_id"] == "high"


def _groups(path: Path, validator: Validator) -> list[GroupKey]:
    with FindingFile.open(path) as file:
        return list(validate_file(file, validator).groups)


def _hits(look: HavingIssue, file: FindingFile) -> list[Hits]:
    return [found.result for found in look.found_in(file)]
