"""The report for people who read it where they asked for it."""

from __future__ import annotations

from typing import ClassVar, Final

from console.display import safe_text
from console.ocsf.report import Group, GroupKey, Report
from console.reports.model import CheckedFile, ReportWriter, Write
from console.serialise import counted

_KINDS_SHOWN: Final = 50
_PATHS_SHOWN: Final = 6


class TextReport(ReportWriter):
    """Each file in a few lines, when it is done. What can't be read is told where errors are."""

    lists_issues: ClassVar[bool] = False

    def checked(self, file: CheckedFile) -> None:
        """Write what there is to say of it."""
        _tell(file, self._write)


def _tell(one: CheckedFile, write: Write) -> None:
    """A file's verdict: one line, then the kinds of issues, the most frequent first."""
    report = one.report
    write(
        f"{safe_text(one.label)}: {counted(report.records, 'record')}, {report.valid:,} valid,"
        f" {report.invalid:,} invalid, {counted(report.errors, 'error')},"
        f" {counted(report.warnings, 'warning')}\n"
    )
    kinds = sorted(_kinds(report), key=_rank)
    for kind in kinds[:_KINDS_SHOWN]:
        key, group = kind[0]
        records = [one.first_record for _, one in kind if one.first_record is not None]
        place = f", first in record {min(records)}" if records else ""
        paths = ", ".join(safe_text(one.path, width=80) for one, _ in kind[:_PATHS_SHOWN] if one.path)
        more = f" and {len(kind) - _PATHS_SHOWN} more" if len(kind) > _PATHS_SHOWN else ""
        where = f" {paths}{more}" if paths else ""
        write(f"  {key.severity} {key.code}{where}: {sum(one.count for _, one in kind):,}{place}\n")
        write(f"    {safe_text(group.message, width=200)}\n")
    if len(kinds) > _KINDS_SHOWN:
        write(f"  and {len(kinds) - _KINDS_SHOWN} more kinds: --format json has them all\n")


def _rank(kind: list[tuple[GroupKey, Group]]) -> tuple[bool, int]:
    """Errors before all else, however many warnings there are; then the more frequent first."""
    return kind[0][0].severity != "error", -sum(group.count for _, group in kind)


def _kinds(report: Report) -> list[list[tuple[GroupKey, Group]]]:
    """The groups, those together that have one explanation: a producer's habit shows in many attributes."""
    kinds: dict[tuple[str, str], list[tuple[GroupKey, Group]]] = {}
    for key, group in report.groups.items():
        kinds.setdefault((key.code, group.message), []).append((key, group))
    return list(kinds.values())
