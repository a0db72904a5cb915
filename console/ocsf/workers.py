"""Validating large files with several processes, each of which takes a part of the file at a time.

A worker is told a path and a place, never given records. It reads and validates that part alone, and sends a report
back; the reports are put together in the order of the file.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from console.errors import StateError
from console.limits import Limits
from console.ocsf.fast import FastPass
from console.ocsf.finding_uids import FindingUids, Marks
from console.ocsf.report import Report
from console.ocsf.rules import Policy, RuleSet
from console.ocsf.run import Checking, count_repeated
from console.ocsf.store import SchemaStore
from console.ocsf.validator import Validator
from console.progress import Cancel, Progress, silent
from console.progress import Report as Tell
from console.records.model import Compression, Format, Identity
from console.records.parts import Part
from console.records.reader import FindingFile

PART_BYTES: Final = 4 * 1024**2
"""What a worker takes at a time: enough to be worth the sending, and little enough to stop soon when asked."""
WORTH_BYTES: Final = 96 * 1024**2
"""Files smaller than this are validated nearly as soon as workers have started."""
_MEMORY_BYTES: Final = 4 * 1024**3
"""Address space of a worker. It needs a small part of that, whatever the file."""
_POLL_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker is asked for: the report of one part of a file; or of all from there to the end."""

    path: Path
    identity: Identity
    limits: Limits
    policy: Policy
    cache_dir: Path | None
    added_dir: Path | None
    part: Part
    rest_from: int | None = None
    """The index of the part's first record, where everything from there on is asked for."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a worker found. Indexes count from the start of the part, unless the rest of the file was asked for."""

    report: Report
    marks: Marks
    count: int
    """Indexes in the part."""
    sound: bool
    """Whether the part is a whole number of records; if not, nothing in the answer counts."""


class Workers:
    """Some processes that validate. They start when they are first needed, and end with `close`."""

    def __init__(self, count: int) -> None:
        context = multiprocessing.get_context("forkserver")
        # What the workers load, their common ancestor loads once for all.
        context.set_forkserver_preload([__name__])
        self.count = count
        """How many there are."""
        self._pool = ProcessPoolExecutor(count, mp_context=context, initializer=_start)

    def close(self) -> None:
        """End the processes, once each is done with its part."""
        self._pool.shutdown(cancel_futures=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def validate(
        self, file: FindingFile, validator: Validator, tell: Tell = silent, cancel: Cancel | None = None
    ) -> Report:
        """The report of a whole file, as `console.ocsf.run.validate_file` makes it with that validator.

        Raises `Cancelled`, `UnreadableFile`, and `StateError` when a worker died.
        """
        schemas, policy = validator.schemas, validator.policy
        tasks = [
            Task(file.path, file.identity, file.limits, policy, schemas.cache_dir, schemas.added_dir, part)
            for part in file.parts(PART_BYTES)
        ]
        whole = _Whole(policy)
        for task, answer in self._in_order(tasks, cancel):
            if not answer.sound:
                whole.add(self._rest(task, whole, cancel))
                break
            whole.add(answer)
            tell(Progress(task.part.offset + task.part.length, file.size, "bytes", "Validating"))
        return whole.report

    def _in_order(self, tasks: Sequence[Task], cancel: Cancel | None) -> Iterator[tuple[Task, Answer]]:
        """The answers, in the order of the tasks. What is not begun when nobody asks for more is not begun at all."""
        running = [self._pool.submit(perform, task) for task in tasks]
        try:
            for task, future in zip(tasks, running, strict=True):
                yield task, _answer(future, cancel)
        finally:
            for future in running:
                future.cancel()

    def _rest(self, task: Task, whole: _Whole, cancel: Cancel | None) -> Answer:
        """The answer for everything from the start of a part on."""
        return _answer(self._pool.submit(perform, replace(task, rest_from=whole.count)), cancel)


class _Whole:
    """The parts of a file, put together."""

    def __init__(self, policy: Policy) -> None:
        self.report = Report()
        self.count = 0
        self._uids = FindingUids() if policy.rules is RuleSet.FULL else None

    def add(self, answer: Answer) -> None:
        """Add what comes next in the file."""
        self.report.merge(answer.report, self.count if answer.sound else 0)
        if self._uids is not None:
            count_repeated(self._uids.add(self.count, answer.marks), self.report)
        self.count += answer.count


def processors() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def is_worth_it(file: FindingFile, least_bytes: int = WORTH_BYTES) -> bool:
    """Whether several processes are quicker with a file than one, if it has so many bytes."""
    return (
        file.size >= least_bytes
        and file.compression is Compression.NONE
        and file.format in (Format.ARRAY, Format.NDJSON)
    )


def perform(task: Task) -> Answer:
    """Validate one part of a file, or the rest of it, in this process."""
    validator, fast = _validator(task.policy, task.limits, task.cache_dir, task.added_dir)
    checking = Checking(validator, fast, uids=None)
    with FindingFile.open(task.path, task.limits, task.identity) as file:
        if task.rest_from is not None:
            # A report knows no lines: any will do.
            for piece in file.rest(task.part, task.rest_from, 1, checking.take):
                checking.add(piece)
            return Answer(checking.report, checking.marks, len(checking.marks), sound=False)
        reader = file.part_records(task.part, checking.take)
        for piece in reader:
            checking.add(piece)
        return Answer(checking.report, checking.marks, reader.count, reader.sound)


@lru_cache(maxsize=4)
def _validator(
    policy: Policy, limits: Limits, cache_dir: Path | None, added_dir: Path | None
) -> tuple[Validator, FastPass]:
    """What a worker keeps from part to part, and from file to file."""
    validator = Validator(SchemaStore(cache_dir, added_dir), policy, limits)
    return validator, validator.fast_pass()


def _answer(future: Future[Answer], cancel: Cancel | None) -> Answer:
    """What a worker answers. Raises `Cancelled`, what the worker raised, and `StateError` when it died."""
    while True:
        if cancel is not None:
            cancel.check()
        if wait([future], _POLL_SECONDS, FIRST_COMPLETED).done:
            break
    try:
        return future.result()
    except (BrokenProcessPool, MemoryError) as error:
        raise StateError(
            "A worker process ended before it was done: it was killed, or had too little memory.",
            hint="Validate with --workers 1 to find the file that does it.",
        ) from error


def _start() -> None:
    """Make a worker leave interrupts to its parent, and keep its memory within bounds."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    limit = _MEMORY_BYTES if most == resource.RLIM_INFINITY else min(_MEMORY_BYTES, most)
    resource.setrlimit(resource.RLIMIT_AS, (limit, most))
