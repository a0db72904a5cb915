"""The issues of files, grouped and counted. Reports of parts of a file merge into the report of the whole.

A report stays small however many issues there are, and whatever names a hostile file invents: every table has an end,
and what comes after it is counted together.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from console.ocsf.issues import Issue, Severity, Verdict

NONE: Final = "none"
"""The version, or the class, of records that declare none."""
OTHER: Final = "other"
"""The version, the class or the path under which all beyond the end of a table is counted."""

_MOST_GROUPS: Final = 1_000
_MOST_NAMES: Final = 100
_LONGEST_NAME: Final = 40
_LONGEST_PATH: Final = 200


class GroupKey(NamedTuple):
    """What issues must share to be counted together. The path has no list indexes: `resources[].uid`."""

    code: str
    severity: Severity
    path: str


@dataclass(slots=True)
class Group:
    """Issues of one kind: how many, and one example to look at."""

    count: int
    first_record: int | None
    """Index of the first record with such an issue; None for an issue of the whole file."""
    message: str
    """The message of the first. Foreign text."""


@dataclass(slots=True)
class Report:
    """What validation found in one file, or in a part of one."""

    records: int = 0
    invalid: int = 0
    errors: int = 0
    warnings: int = 0
    versions: Counter[str] = field(default_factory=Counter)
    """Records by the OCSF version that they declare. The keys are foreign text."""
    classes: Counter[str] = field(default_factory=Counter)
    """Records by `class_uid`, as text."""
    groups: dict[GroupKey, Group] = field(default_factory=dict)
    """In the order in which each kind was first met."""

    @property
    def valid(self) -> int:
        """Records without an error."""
        return self.records - self.invalid

    def add_record(self, index: int, verdict: Verdict) -> None:
        """Count one record and its issues."""
        self.records += 1
        self.invalid += not verdict.valid
        _count_name(self.versions, NONE if verdict.version is None else verdict.version)
        _count_name(self.classes, NONE if verdict.class_uid is None else str(verdict.class_uid))
        for issue in verdict.issues:
            self._add_issue(issue, index)

    def add_file_issue(self, issue: Issue, index: int | None = None) -> None:
        """Count an issue of the file around the records. *index* is the place among the records, if it has one."""
        self._add_issue(issue, index)

    def merge(self, later: Report) -> None:
        """Add the report of a later part of the same file."""
        self.records += later.records
        self.invalid += later.invalid
        self.errors += later.errors
        self.warnings += later.warnings
        for mine, theirs in ((self.versions, later.versions), (self.classes, later.classes)):
            for name, count in theirs.items():
                _count_name(mine, name, count)
        for key, group in later.groups.items():
            self._add_group(key, group)

    def _add_issue(self, issue: Issue, index: int | None) -> None:
        if issue.severity is Severity.ERROR:
            self.errors += 1
        elif issue.severity is Severity.WARNING:
            self.warnings += 1
        key = GroupKey(issue.code, issue.severity, _cut(general_path(issue.path), _LONGEST_PATH))
        self._add_group(key, Group(1, index, issue.message))

    def _add_group(self, key: GroupKey, later: Group) -> None:
        if key not in self.groups and len(self.groups) >= _MOST_GROUPS:
            # Codes are ours and few: these last groups can't grow without end.
            key = key._replace(path=OTHER)
        group = self.groups.get(key)
        if group is None:
            self.groups[key] = Group(later.count, later.first_record, later.message)
        else:
            group.count += later.count


def general_path(path: str) -> str:
    """Drop the list indexes of an attribute path: `resources[3].uid` becomes `resources[].uid`."""
    if "[" not in path:
        return path
    shown: list[str] = []
    for part in path.split("["):
        index, bracket, rest = part.partition("]")
        shown.append("]" + rest if bracket and index.isdigit() else part)
    return "[".join(shown)


def _count_name(names: Counter[str], name: str, count: int = 1) -> None:
    """Count *name*, or count it under `OTHER` where the table is full."""
    name = _cut(name, _LONGEST_NAME)
    names[name if name in names or len(names) < _MOST_NAMES else OTHER] += count


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[:length] + "…"
