"""Validating large files with several processes, each of which takes a part of the file at a time.

A worker is told a path and a place, never given records. It reads and validates that part alone, and sends a report
back; the reports are put together in the order of the file. A worker changes nothing and may be killed at any time.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from console.errors import ConsoleError, StateError
from console.limits import Limits
from console.ocsf.fast import FastPass
from console.ocsf.finding_uids import FindingUids, Marks, marks_of
from console.ocsf.report import Report
from console.ocsf.rules import Policy, RuleSet
from console.ocsf.run import Checking, count_repeated, look_through
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
_AHEAD: Final = 4
"""Answers that may wait for an earlier one, for each worker."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker is asked for: the report of one part of a file."""

    path: Path
    identity: Identity
    limits: Limits
    policy: Policy
    cache_dir: Path | None
    added_dir: Path | None
    part: Part


@dataclass(frozen=True, slots=True)
class Answer:
    """What a worker found. Indexes count from the start of the part."""

    report: Report
    marks: Marks
    count: int
    """Indexes in the part."""
    sound: bool
    """Whether the part is a whole number of records; if not, nothing in the answer counts."""


class Workers:
    """Some processes that validate. They start when they are first needed, and end with `close`."""

    def __init__(self, count: int) -> None:
        self.count = count
        """How many there are."""
        self._running: dict[Connection, BaseProcess] = {}
        """The workers, by what they are talked to through."""

    def close(self) -> None:
        """End the processes. They start anew when they are needed again."""
        for connection, process in self._running.items():
            process.kill()
            process.join()
            connection.close()
        self._running.clear()

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
                # What the others make of it counts as little.
                self.close()
                whole.add_rest(file, task.part, validator, tell, cancel)
                break
            whole.add(answer)
            tell(Progress(task.part.offset + task.part.length, file.size, "bytes", "Validating"))
        return whole.report

    def _in_order(self, tasks: Sequence[Task], cancel: Cancel | None) -> Iterator[tuple[Task, Answer]]:
        """The answers, in the order of the tasks. When it goes wrong the workers are ended, with what they are at."""
        with ExitStack() as gone_wrong:
            gone_wrong.callback(self.close)
            idle = self._started()
            busy: dict[Connection, int] = {}
            answers: dict[int, Answer] = {}
            given = 0
            for wanted, task in enumerate(tasks):
                if cancel is not None:
                    cancel.check()
                while wanted not in answers:
                    while idle and given < min(len(tasks), wanted + self.count * _AHEAD):
                        connection = idle.pop()
                        _send(connection, tasks[given])
                        busy[connection] = given
                        given += 1
                    if cancel is not None:
                        cancel.check()
                    for ready in wait(list(busy), _POLL_SECONDS):
                        if isinstance(ready, Connection):
                            answers[busy.pop(ready)] = _received(ready)
                            idle.append(ready)
                yield task, answers.pop(wanted)
            gone_wrong.pop_all()

    def _started(self) -> list[Connection]:
        """The workers, none of which is at work."""
        context = multiprocessing.get_context("forkserver")
        # What the workers load, their common ancestor loads once for all.
        context.set_forkserver_preload([__name__])
        # This starts a process, too, and leaves interrupts unblocked behind it.
        resource_tracker.ensure_running()
        # Interrupts are for this process, which ends its workers: what it starts is born without them.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            while len(self._running) < self.count:
                ours, theirs = context.Pipe()
                process = context.Process(target=_serve, args=(theirs,), daemon=True)
                process.start()
                theirs.close()
                self._running[ours] = process
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return list(self._running)


class _Whole:
    """The parts of a file, put together."""

    def __init__(self, policy: Policy) -> None:
        self.report = Report()
        self._count = 0
        self._uids = FindingUids()
        self._compares = policy.rules is RuleSet.FULL

    def add(self, answer: Answer) -> None:
        """Add what comes next in the file."""
        self.report.merge(answer.report, self._count)
        if self._compares:
            count_repeated(self._uids.add(self._count, answer.marks), self.report)
        self._count += answer.count

    def add_rest(self, file: FindingFile, part: Part, validator: Validator, tell: Tell, cancel: Cancel | None) -> None:
        """Add everything from the start of a part on, which this process reads."""
        checking = Checking(validator, validator.fast_pass(), self._uids, mark=marks_of)
        # A report knows no lines: any will do.
        look_through(file, lambda take: file.rest(part, self._count, 1, take), checking, tell, cancel)
        self.report.merge(checking.report)


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
    """Validate one part of a file in this process."""
    validator, fast = _validator(task.policy, task.limits, task.cache_dir, task.added_dir)
    checking = Checking(validator, fast, uids=None)
    with FindingFile.open(task.path, task.limits, task.identity) as file:
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


def _received(connection: Connection) -> Answer:
    """What a worker answers. Raises what the worker raised, and `StateError` when it died."""
    try:
        answer: Answer | ConsoleError = connection.recv()
    except (EOFError, OSError) as error:
        raise _died() from error
    if isinstance(answer, ConsoleError):
        raise answer
    return answer


def _send(connection: Connection, task: Task) -> None:
    """Ask a worker for something. Raises `StateError` when it died."""
    try:
        connection.send(task)
    except OSError as error:
        raise _died() from error


def _died() -> StateError:
    return StateError(
        "A worker process ended before it was done: it was killed, or had too little memory.",
        hint="Try again; one process needs less memory than several.",
    )


def _serve(connection: Connection) -> None:
    """Be a worker, until nobody is left to ask for anything."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        limit = _MEMORY_BYTES if most == resource.RLIM_INFINITY else min(_MEMORY_BYTES, most)
        resource.setrlimit(resource.RLIMIT_AS, (limit, most))
    # A connection that breaks is a parent that is gone.
    with connection, suppress(EOFError, OSError):
        while True:
            task: Task = connection.recv()
            try:
                answer: Answer | ConsoleError = perform(task)
            except ConsoleError as error:
                answer = error
            connection.send(answer)
