"""One JSON document of counts: the shape that `validate --format json` promises."""

from __future__ import annotations

from dataclasses import asdict
from typing import ClassVar

from console.reports.model import CheckedFile, KeptReport, Totals
from console.serialise import JsonData, to_json


class JsonReport(KeptReport):
    """Files with their groups of issues, and the totals."""

    lists_issues: ClassVar[bool] = False

    def end(self, seconds: float) -> None:
        """Write all."""
        document: dict[str, JsonData] = {
            "files": [_file(one) for one in self._checked],
            "summary": {**asdict(Totals.of(self._checked)), "seconds": round(seconds, 3)},
        }
        if self._unread:
            document["unreadable"] = [
                {"path": one.label, "error": one.message, "hint": one.hint} for one in self._unread
            ]
        self._write(to_json(document) + "\n")


def _file(one: CheckedFile) -> dict[str, JsonData]:
    report = one.report
    return {
        "path": one.label,
        **file_facts(one),
        "versions": dict(report.versions),
        "classes": dict(report.classes),
        "groups": [
            {
                "code": key.code,
                "severity": key.severity,
                "path": key.path,
                "count": group.count,
                "first_record": group.first_record,
            }
            for key, group in report.groups.items()
        ],
    }


def file_facts(one: CheckedFile) -> dict[str, JsonData]:
    """What there is to say of a file in single values, by the names that these have in every format."""
    report = one.report
    return {
        "format": one.format,
        "compression": one.compression,
        "bytes": one.bytes,
        "records": report.records,
        "valid": report.valid,
        "invalid": report.invalid,
        "errors": report.errors,
        "warnings": report.warnings,
    }
