"""The work of `validate`: files one by one, parts of a large one in several processes, or many small ones at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Final

from console.cli import output, setup
from console.cli.many import Sharing, in_groups, looked_at
from console.errors import UnreadableFile
from console.limits import Limits
from console.ocsf.issues import LocatedIssue
from console.progress import Report as Tell
from console.progress import silent
from console.records.sharing import helpers, shared_workers
from console.records.sweep import PART_BYTES, WORTH_BYTES
from console.reports.model import CheckedFile, UnreadFile
from console.targets.offline import Rules

if TYPE_CHECKING:
    from console.cli.setup import Source
    from console.ocsf.report import Report
    from console.records.reader import FindingFile
    from console.records.workers import Workers

_WORTH_COUNTING: Final = 64 * 1024**2
"""Bytes of many files from which on workers have started soon enough."""
_WORTH_EXPLAINING: Final = 16 * 1024**2
"""The same where each issue is listed, or each record held to further rules: that takes several times as long."""
_MOST_ISSUES: Final = 10_000
"""Issues of one file that a worker keeps until the file's turn has come."""

OnIssue = Callable[[str, LocatedIssue], object]


class _Checker:
    """Validates one file after another, and learns from each."""

    def __init__(self, rules: Rules, limits: Limits) -> None:
        self._limits = limits
        self._demands = rules.demands(limits)
        self._validator = setup.make_validator(rules.policy, limits)
        self._fast = self._validator.fast_pass()

    def check(
        self,
        source: Source,
        on_issue: Callable[[LocatedIssue], object] | None,
        tell: Tell = silent,
        workers: Callable[[FindingFile], Workers | None] = lambda _: None,
    ) -> CheckedFile | UnreadFile:
        """Validate one file. *workers* gives those that share the work, if there is enough of it."""
        try:
            with source.open(self._limits) as file:
                report = self._report(file, on_issue, tell, workers(file))
                # Only now is it known whether the file holds one document.
                return CheckedFile(source.label, file.format, file.compression, file.size, report)
        except UnreadableFile as error:
            return UnreadFile(source.label, error.message, error.hint)

    def _report(
        self, file: FindingFile, on_issue: Callable[[LocatedIssue], object] | None, tell: Tell, workers: Workers | None
    ) -> Report:
        from console.ocsf.run import validate_file
        from console.ocsf.together import validate_together

        if workers is not None:
            return validate_together(file, self._validator, workers, tell)
        return validate_file(
            file, self._validator, demands=self._demands, tell=tell, on_issue=on_issue, fast=self._fast
        )


@lru_cache(maxsize=1)
def _checker(rules: Rules, limits: Limits) -> _Checker:
    """What a worker keeps from file to file."""
    return _Checker(rules, limits)


@dataclass(frozen=True, slots=True)
class _Verdict:
    """A file that a worker looked at, and its issues where they are listed."""

    file: CheckedFile | UnreadFile
    issues: Sequence[LocatedIssue]


class _TooMany(Exception):
    """There are more issues than a worker keeps."""


@dataclass(frozen=True, slots=True)
class _CheckFile:
    """The look of a worker at one file of many."""

    rules: Rules
    limits: Limits
    lists_issues: bool

    def __call__(self, source: Source) -> _Verdict | None:
        """What there is to say of it; None where that is too much: whoever asked must look at it himself."""
        issues: list[LocatedIssue] = []

        def keep(issue: LocatedIssue) -> None:
            if len(issues) >= _MOST_ISSUES:
                raise _TooMany
            issues.append(issue)

        try:
            return _Verdict(
                _checker(self.rules, self.limits).check(source, keep if self.lists_issues else None), issues
            )
        except _TooMany:
            return None


class FileChecks:
    """Validates files and tells their issues, with worker processes where they are quicker.

    Those start when the first file is worth it, and end with *stack*. *on_issue* hears each issue with the label of its
    file; where there is none, no issue is listed.
    """

    def __init__(
        self, rules: Rules, limits: Limits, on_issue: OnIssue | None, count: int | None, stack: ExitStack
    ) -> None:
        self._rules = rules
        self._limits = limits
        self._on_issue = on_issue
        self._count = count
        """How many processes were asked for; None leaves it to the machine."""
        self._stack = stack
        self._workers: Workers | None = None
        self._checker = _Checker(rules, limits)
        self._explains = on_issue is not None or bool(rules.kinds)
        """Whether each record must be explained, which is not shared between processes by parts of a file."""

    def of(self, sources: Sequence[Source]) -> Iterator[CheckedFile | UnreadFile]:
        """How each file ended, in their order, after its issues. Raises `StateError` when a worker died."""
        worth = _WORTH_EXPLAINING if self._explains else _WORTH_COUNTING
        whole = WORTH_BYTES if self._explains or self._count is None else 2 * PART_BYTES
        for processes, files in in_groups(sources, Sharing(worth, whole, self._count)):
            if processes:
                yield from self._many(files, processes)
            else:
                yield from map(self._one, files)

    def _many(self, files: Sequence[Source], processes: int) -> Iterator[CheckedFile | UnreadFile]:
        look = _CheckFile(self._rules, self._limits, self._on_issue is not None)
        with output.progress() as tell:
            for source, verdict in zip(files, looked_at(files, look, processes, __name__, tell), strict=True):
                if verdict is None:
                    yield self._one(source)
                    continue
                if self._on_issue is not None:
                    for issue in verdict.issues:
                        self._on_issue(source.label, issue)
                yield verdict.file

    def _one(self, source: Source) -> CheckedFile | UnreadFile:
        on_issue = None if self._on_issue is None else partial(self._on_issue, source.label)
        with output.progress() as tell:
            return self._checker.check(source, on_issue, tell, self._sharing)

    def _sharing(self, file: FindingFile) -> Workers | None:
        """The workers, if they are quicker with parts of the file than this process."""
        from console.ocsf.together import Validation

        if self._explains or not helpers(file, count=self._count):
            return None
        if self._workers is None:
            sharing = shared_workers(file, preload=[Validation.__module__], count=self._count)
            self._workers = self._stack.enter_context(sharing)
        return self._workers
