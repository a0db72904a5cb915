"""The report as one HTML file: charts, what each code means and what to do, files, and the first issues.

It opens offline and loads nothing. All that comes from files is made safe and escaped; no script runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final

from console import __version__
from console.display import safe_text
from console.ocsf.issues import LocatedIssue, Severity
from console.ocsf.report import ANY_PATH, Group, GroupKey
from console.reports.charts import Bar, ranked, stacked
from console.reports.document import file_facts
from console.reports.html_style import STYLE, policy
from console.reports.meaning import meaning_of
from console.reports.model import (
    ISSUE_COLUMNS,
    CheckedFile,
    FailOn,
    KeptReport,
    Totals,
    UnreadFile,
    Write,
    issue_row,
)
from console.serialise import counted

ISSUES_SHOWN: Final = 500
"""Issues that are listed one by one."""
_CODES_IN_CHART: Final = 15
_PATHS_SHOWN: Final = 200
"""Groups of one code that are listed."""
_MOST_PATHS: Final = 1_000
"""Paths of one code that are told apart: those of a single file are as many at most."""
_RANKS: Final = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
_FILE_COLUMNS: Final = (
    "file", "format", "compression", "bytes", "records", "valid", "invalid", "errors", "warnings",
    "versions", "classes",
)  # fmt: skip


@dataclass(slots=True)
class _Kind:
    """All groups of one code and severity, each with the file that it was first met in."""

    code: str
    severity: Severity
    count: int = 0
    groups: dict[str, tuple[str, Group, int]] = field(default_factory=dict)
    """By path: the file, the first group, and the count in all files."""

    def add(self, label: str, path: str, group: Group) -> None:
        """Count a file's group in."""
        self.count += group.count
        if path not in self.groups and len(self.groups) >= _MOST_PATHS:
            path = ANY_PATH
        first_label, first, count = self.groups.get(path, (label, group, 0))
        self.groups[path] = first_label, first, count + group.count


class HtmlReport(KeptReport):
    """Written at the end, from counts and the first issues."""

    def __init__(self, write: Write, fail_on: FailOn = FailOn.ERROR) -> None:
        super().__init__(write, fail_on)
        self._first: list[tuple[str | int | None, ...]] = []
        self._issues = 0

    def issue(self, label: str, located: LocatedIssue) -> None:
        """Keep the first ones."""
        self._issues += 1
        if len(self._first) < ISSUES_SHOWN:
            self._first.append(issue_row(label, located))

    def end(self, seconds: float) -> None:
        """Write all."""
        for part in self._parts(seconds):
            self._write(part)

    def _parts(self, seconds: float) -> Iterator[str]:
        totals = Totals.of(self._checked)
        kinds = sorted(_kinds(self._checked), key=lambda kind: (_RANKS[kind.severity], -kind.count))
        yield _head()
        yield self._verdict(totals, seconds)
        yield _tiles(totals)
        yield _section("Records", stacked("Records", _by_validity(totals)))
        yield from _charts(kinds)
        yield from _unreadable(self._unread)
        yield from _explained(kinds)
        yield "<h2>Files</h2>\n"
        yield _table(_FILE_COLUMNS, map(_file_row, self._checked))
        yield from self._listed()
        yield "</body>\n</html>\n"

    def _verdict(self, totals: Totals, seconds: float) -> str:
        failed = bool(self._unread) or any(self._fail_on.fails(one.report) for one in self._checked)
        tone, word = ("error", "Failed") if failed else ("good", "Passed")
        return (
            f'<h1>Validation: <span class="{tone}">{word}</span></h1>\n'
            f'<p class="dim">{counted(totals.records, "record")} in {counted(totals.files, "file")},'
            f" {totals.bytes:,} bytes, checked in {seconds:.1f} s by ocsf-console {__version__}."
            f" It fails on: {self._fail_on}.</p>\n"
        )

    def _listed(self) -> Iterator[str]:
        if not self._first:
            return
        cut = f" (the first {len(self._first):,} of {self._issues:,})" if len(self._first) < self._issues else ""
        yield f"<h2>Issues{cut}</h2>\n"
        yield _table(ISSUE_COLUMNS, self._first)


def _head() -> str:
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy()}">\n'
        '<meta name="viewport" content="width=device-width">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>Validation of finding files</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
    )


def _tiles(totals: Totals) -> str:
    amounts = (
        ("files", totals.files, ""),
        ("records", totals.records, ""),
        ("valid", totals.valid, "good"),
        ("invalid", totals.invalid, "error" if totals.invalid else ""),
        ("errors", totals.errors, "error" if totals.errors else ""),
        ("warnings", totals.warnings, "warning" if totals.warnings else ""),
    )
    tiles = "".join(f'<div class="tile"><b class="{tone}">{amount:,}</b>{name}</div>' for name, amount, tone in amounts)
    return f'<div class="tiles">{tiles}</div>\n'


def _by_validity(totals: Totals) -> Sequence[Bar]:
    return (Bar("valid", totals.valid, "good"), Bar("invalid", totals.invalid, "error")) if totals.records else ()


def _charts(kinds: Sequence[_Kind]) -> Iterator[str]:
    """Issues by severity, and the most frequent codes."""
    by_severity = [
        Bar(severity, amount, severity)
        for severity in Severity
        if (amount := sum(kind.count for kind in kinds if kind.severity is severity))
    ]
    yield _section("Issues by severity", ranked("Issues by severity", by_severity))
    frequent = sorted(kinds, key=lambda kind: -kind.count)[:_CODES_IN_CHART]
    bars = [Bar(kind.code, kind.count, kind.severity) for kind in frequent]
    yield _section("Most frequent", ranked("Most frequent codes", bars))


def _section(title: str, inside: str) -> str:
    return f"<h2>{title}</h2>\n{inside}" if inside else ""


def _unreadable(unread: Sequence[UnreadFile]) -> Iterator[str]:
    if unread:
        yield "<h2>Not read</h2>\n"
        yield _table(("file", "why", "what to do"), [(one.label, one.message, one.hint) for one in unread])


def _explained(kinds: Sequence[_Kind]) -> Iterator[str]:
    """A card for each code: what it means, what to do, and where it was found."""
    if kinds:
        yield "<h2>What was found</h2>\n"
    for kind in kinds:
        words = meaning_of(kind.code)
        rows = [
            (path, count, label, group.first_record, group.message)
            for path, (label, group, count) in list(kind.groups.items())[:_PATHS_SHOWN]
        ]
        more = len(kind.groups) - len(rows)
        yield (
            f'<div class="card">\n<p><b class="{kind.severity}">{kind.severity}</b> <code>{_safe(kind.code)}</code>'
            f" × {kind.count:,}</p>\n<p>{_prose(words.meaning)}</p>\n<p><b>To do:</b> {_prose(words.advice)}</p>\n"
            f"<details{' open' if len(rows) == 1 else ''}><summary>{counted(len(kind.groups), 'place')}</summary>\n"
        )
        yield _table(("path", "count", "first in file", "record", "for example"), rows)
        yield (f"<p>and {more:,} more</p>\n" if more else "") + "</details>\n</div>\n"


def _kinds(checked: Iterable[CheckedFile]) -> Iterable[_Kind]:
    """The groups of all files, by code and severity."""
    kinds: dict[tuple[str, Severity], _Kind] = {}
    for file in checked:
        for key, group in file.report.groups.items():
            _kind_of(kinds, key).add(file.label, key.path, group)
    return kinds.values()


def _kind_of(kinds: dict[tuple[str, Severity], _Kind], key: GroupKey) -> _Kind:
    return kinds.setdefault((key.code, key.severity), _Kind(key.code, key.severity))


def _file_row(one: CheckedFile) -> Sequence[object]:
    return (one.label, *file_facts(one).values(), _names(one.report.versions), _names(one.report.classes))


def _names(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} ({count:,})" for name, count in counts.items())


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    head = "".join(f"<th>{name}</th>" for name in header)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>\n" for row in rows)
    return f'<div class="scroll"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table></div>\n'


def _cell(value: object) -> str:
    if isinstance(value, int):
        return f'<td class="number">{value}</td>'
    if isinstance(value, Severity):
        return f'<td class="{value}">{value}</td>'
    return f'<td class="path">{"" if value is None else _safe(value)}</td>'


def _safe(value: object) -> str:
    """Foreign text as the text of an element."""
    return escape(safe_text(value))


def _prose(words: str) -> str:
    """Our own words, in which code stands between backticks."""
    parts = escape(words).split("`")
    return "".join(f"<code>{part}</code>" if at % 2 else part for at, part in enumerate(parts))
