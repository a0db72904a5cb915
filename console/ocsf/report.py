"""The issues of files, grouped and counted. Reports of parts of a file merge into the report of the whole.

A report stays small however many issues there are, and whatever names a hostile file invents: every table has an end,
and what comes after it is counted together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from console.ocsf.issues import Issue, Severity, Verdict

NONE: Final = "none"
"""The version, or the class, of records that declare none."""
OTHER: Final = "other"
"""The version, or the class, under which all beyond the end of a table is counted."""
ANY_PATH: Final = "…"
"""The path under which the issues of each code are counted that are beyond the end of the table of groups."""

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
        for event, count in verdict.events.items():
            _count_name(self.versions, NONE if event.version is None else event.version, count)
            _count_name(self.classes, NONE if event.class_uid is None else str(event.class_uid), count)
        for issue in verdict.issues:
            self.add_issue(issue, index)

    def add_valid(self, count: int, versions: Mapping[str, int], class_uid: int) -> None:
        """Count records of one class without errors, by the OCSF version that they declare."""
        self.records += count
        for version, some in versions.items():
            _count_name(self.versions, version, some)
        _count_name(self.classes, str(class_uid), count)

    def add_issue(self, issue: Issue, index: int | None = None) -> None:
        """Count one issue: of the record at *index*, of the file around it, or of the whole file."""
        self._count(issue.severity, 1)
        self._add_group(group_key(issue), Group(1, index, issue.message))

    def knows(self, key: GroupKey) -> bool:
        """Whether issues of that kind are counted already, so that `add_more` may count further ones."""
        return self._place(key) in self.groups

    def add_more(self, key: GroupKey, count: int) -> None:
        """Count further issues of a kind that is known."""
        self._count(key.severity, count)
        self.groups[self._place(key)].count += count

    def merge(self, later: Report, first: int = 0) -> None:
        """Add the report of a later part of the same file, in which the record 0 is the file's record *first*."""
        self.records += later.records
        self.invalid += later.invalid
        self.errors += later.errors
        self.warnings += later.warnings
        for mine, theirs in ((self.versions, later.versions), (self.classes, later.classes)):
            for name, count in theirs.items():
                _count_name(mine, name, count)
        for key, group in later.groups.items():
            index = None if group.first_record is None else group.first_record + first
            self._add_group(key, replace(group, first_record=index))

    def _count(self, severity: Severity, count: int) -> None:
        if severity is Severity.ERROR:
            self.errors += count
        elif severity is Severity.WARNING:
            self.warnings += count

    def _place(self, key: GroupKey) -> GroupKey:
        """The group that issues of a kind are counted in."""
        if key not in self.groups and len(self.groups) >= _MOST_GROUPS:
            # Codes are ours and few: these last groups can't grow without end.
            return key._replace(path=ANY_PATH)
        return key

    def _add_group(self, key: GroupKey, later: Group) -> None:
        key = self._place(key)
        group = self.groups.get(key)
        if group is None:
            self.groups[key] = Group(later.count, later.first_record, later.message)
        else:
            group.count += later.count


def group_key(issue: Issue) -> GroupKey:
    """What an issue is counted under."""
    return GroupKey(issue.code, issue.severity, _cut(general_path(issue.path), _LONGEST_PATH))


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
