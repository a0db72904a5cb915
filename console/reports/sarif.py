"""SARIF 2.1.0 (OASIS, Static Analysis Results Interchange Format), as code scanning services read it.

The results are written as they come; what they refer to, rules and files, follows them.
"""

from __future__ import annotations

import os
import re
from dataclasses import asdict
from pathlib import PurePath
from typing import Final
from urllib.parse import quote

from console import __version__
from console.display import safe_text
from console.ocsf.issues import LocatedIssue, Severity
from console.reports.document import file_facts
from console.reports.meaning import meaning_of
from console.reports.model import CheckedFile, FailOn, ReportWriter, Totals, UnreadFile, Write
from console.reports.room import Room
from console.serialise import JsonData, to_json

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_LINK: Final = re.compile(r"\[(?=[^\]]*\]\()")
"""What a reader would take for an embedded link (§3.11.6)."""


class SarifReport(ReportWriter):
    """One run, one result an issue."""

    def __init__(self, write: Write, fail_on: FailOn = FailOn.ERROR) -> None:
        super().__init__(write, fail_on)
        self._rules: list[JsonData] = []
        self._rule_indexes: dict[str, int] = {}
        self._artifacts: list[dict[str, JsonData]] = []
        self._artifact_indexes: dict[str, int] = {}
        """By the labels of the files."""
        self._checked: list[CheckedFile] = []
        self._failures: list[JsonData] = []
        self._results = 0
        self._room = Room()

    @property
    def remark(self) -> str:
        """The results that there was no room for."""
        return self._room.left_out

    def begin(self) -> None:
        """Open the list of results."""
        self._write(f'{{"$schema": "{_SCHEMA}", "version": "2.1.0", "runs": [{{"results": [')

    def issue(self, label: str, located: LocatedIssue) -> None:
        """Write it as a result, if there is room."""
        issue = located.issue
        if not self._room.takes(issue.severity):
            return
        result: dict[str, JsonData] = {
            "ruleId": issue.code,
            "ruleIndex": self._rule_index(issue.code, issue.severity),
            "level": _LEVELS[issue.severity],
            "message": {"text": _text(issue.message)},
            "locations": [self._location(label, located)],
            "properties": {"record": located.record},
        }
        self._write((",\n" if self._results else "\n") + to_json(result, indent=None))
        self._results += 1

    def checked(self, file: CheckedFile) -> None:
        """Keep its counts."""
        self._checked.append(file)
        artifact = self._artifacts[self._artifact_index(file.label)]
        artifact["length"] = file.bytes
        artifact["properties"] = {
            **file_facts(file),
            "versions": dict(file.report.versions),
            "classes": dict(file.report.classes),
        }

    def unread(self, file: UnreadFile) -> None:
        """Keep it as something that went wrong with the run."""
        self._failures.append(
            {
                "level": "error",
                "message": {"text": _text(f"{file.message} {file.hint}".rstrip())},
                "locations": [{"physicalLocation": {"artifactLocation": self._place(file.label)}}],
            }
        )

    def end(self, seconds: float) -> None:
        """Write what the results refer to."""
        notes: list[JsonData] = [{"level": "warning", "message": {"text": self.remark}}] if self.remark else []
        rest: dict[str, JsonData] = {
            "tool": {
                "driver": {"name": "ocsf-console", "version": __version__, "rules": self._rules},
            },
            "artifacts": self._artifacts,
            "invocations": [
                {
                    "executionSuccessful": not self._failures,
                    "toolExecutionNotifications": [*self._failures, *notes],
                },
            ],
            "properties": {**asdict(Totals.of(self._checked)), "seconds": round(seconds, 3)},
        }
        self._write("\n], " + to_json(rest).removeprefix("{\n  ") + "]}\n")

    def _rule_index(self, code: str, severity: Severity) -> int:
        index = self._rule_indexes.setdefault(code, len(self._rules))
        if index == len(self._rules):
            words = meaning_of(code)
            self._rules.append(
                {
                    "id": code,
                    "shortDescription": {"text": words.meaning},
                    "fullDescription": {"text": words.meaning},
                    "help": {"text": words.advice},
                    "defaultConfiguration": {"level": _LEVELS[severity]},
                }
            )
        return index

    def _location(self, label: str, located: LocatedIssue) -> JsonData:
        physical: dict[str, JsonData] = {"artifactLocation": self._place(label)}
        region = {"startLine": located.line, "byteOffset": located.offset}
        if known := {name: place for name, place in region.items() if place is not None}:
            physical["region"] = known
        location: dict[str, JsonData] = {"physicalLocation": physical}
        if located.issue.path:
            location["logicalLocations"] = [{"fullyQualifiedName": located.issue.path}]
        return location

    def _artifact_index(self, label: str) -> int:
        index = self._artifact_indexes.setdefault(label, len(self._artifacts))
        if index == len(self._artifacts):
            self._artifacts.append({"location": {"uri": _uri(label), "description": {"text": safe_text(label)}}})
        return index

    def _place(self, label: str) -> JsonData:
        return {"uri": _uri(label), "index": self._artifact_index(label)}


def _uri(label: str) -> str:
    """A file's address (RFC 3986): relative as the user named it, so that it is found in a checkout."""
    path = PurePath(label)
    escaped = quote(os.fsencode(path.as_posix()), safe="/")
    return f"file://{escaped}" if path.is_absolute() else escaped


def _text(message: str) -> str:
    """A message whose brackets are no link."""
    return _LINK.sub(r"\\[", safe_text(message, width=len(message)))
