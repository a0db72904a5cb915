"""Validating a whole finding file, record by record, in memory that does not grow with the file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from console.ocsf.issues import Issue, LocatedIssue, Severity
from console.ocsf.report import Report
from console.ocsf.validator import Validator
from console.progress import Cancel, Progress, silent
from console.progress import Report as Tell
from console.records.model import Fault, Record
from console.records.reader import FindingFile

_STEP: Final = 500
"""Records, broken ones included, between two looks at the progress and at the wish to stop."""

OnIssue = Callable[[LocatedIssue], None]
"""Takes each issue, in the order of the file."""

Check = Callable[[Record], Sequence[Issue]]
"""Rules beyond OCSF's, such as those of a target."""


def validate_file(
    file: FindingFile,
    validator: Validator,
    *,
    also: Sequence[Check] = (),
    tell: Tell = silent,
    cancel: Cancel | None = None,
    on_issue: OnIssue | None = None,
) -> Report:
    """Validate every record of *file*, and report what is broken in the file itself.

    Each record is also held to the rules in *also*. A place that holds no readable record is no record: it counts as
    an error, not as an invalid record. Raises `Cancelled` when *cancel* asks for it, and `UnreadableFile` when the
    file can't be read on.
    """
    report = Report()
    for done, place in enumerate(file.records()):
        if done and done % _STEP == 0:
            tell(Progress(done, None, "records", "Validating"))
            if cancel is not None:
                cancel.check()
        if isinstance(place, Fault):
            issue = Issue(Severity.ERROR, place.code, "", place.message)
            report.add_issue(issue, place.index)
            if on_issue is not None:
                on_issue(LocatedIssue(place.index, place.offset, place.line, issue))
            continue
        verdict = validator.examine(place.raw)
        if also:
            further = [issue for check in also for issue in check(place)]
            verdict = replace(verdict, issues=[*verdict.issues, *further])
        span = place.span
        report.add_record(span.index, verdict)
        if on_issue is not None:
            for issue in verdict.issues:
                on_issue(LocatedIssue(span.index, span.offset, span.line, issue))
    return report
