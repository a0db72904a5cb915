"""What happens to a job after its acceptance: every record is checked, and counted as processed or invalid.

One thread, one job at a time, oldest first. What it knows is in the store, so a job that was not ended when the
process stopped is begun again by the next one.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Final
from uuid import UUID

from console.errors import StateError, UnreadableFile
from console.ocsf.issues import Issue, Severity
from console.records import fields
from console.records.decode import BadRecord, decode
from console.records.model import Fault, Record
from console.sandbox.prowler.model import Ingestion, RecordError
from console.sandbox.prowler.report_file import records
from console.sandbox.prowler.store import Store
from console.sandbox.words import Clock, NewId
from console.targets.base import COMPLETED, FAILED

Check = Callable[[Record], Sequence[Issue]]
"""Says what is wrong with a record. Never raises for what a file can hold."""

ERRORS_PER_RECORD: Final = 20
"""A record that is wrong in more ways than this is not described further."""
_TEXT_LENGTH: Final = 2_000
"""Characters that are kept of any text of an error."""
_COMMIT_SECONDS: Final = 0.1
"""How old the counters that a client sees may be."""
_COMMIT_ERRORS: Final = 1_000
"""How many errors are held in memory at most."""
_RETRY_SECONDS: Final = 1.0
"""How long to leave the store alone when it can't be read or written, as on a full disk."""
_POINTER: Final = "/data/findings"
_RECORD_TITLE: Final = "Invalid OCSF format"
_FILE_TITLE: Final = "Invalid report file"


@dataclass(frozen=True, slots=True)
class Pace:
    """How slowly jobs are processed, so that a person can watch. By default as fast as the machine goes."""

    pending_seconds: float = 0.0
    """How long a job stays pending before its processing starts."""
    records_per_second: float | None = None
    """None for no limit."""


@dataclass(slots=True)
class _Tally:
    """What a job came to so far."""

    processed: int = 0
    invalid: int = 0
    broken: bool = False
    """The file itself is damaged."""
    errors: list[RecordError] = field(default_factory=list)
    """Those that are not in the store yet."""
    stored_at: float = field(default_factory=time.monotonic)

    @property
    def due(self) -> bool:
        """Whether it is time to tell the store."""
        return len(self.errors) >= _COMMIT_ERRORS or time.monotonic() - self.stored_at >= _COMMIT_SECONDS

    @property
    def status(self) -> str:
        """How the job ends: failed when the file is damaged or no record was good."""
        return FAILED if self.broken or (self.invalid and not self.processed) else COMPLETED


class Worker:
    """Processes the jobs of a store in a thread of its own."""

    def __init__(self, store: Store, check: Check, *, pace: Pace, clock: Clock, new_id: NewId) -> None:
        self._store = store
        self._check = check
        self._pace = pace
        self._clock = clock
        self._new_id = new_id
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="sandbox-worker")

    def start(self) -> None:
        """Begin, with what an earlier process left open."""
        self._thread.start()

    def stop(self) -> None:
        """Stop after the record at hand, and wait for that. A job that is not ended stays as it is."""
        self._stopping.set()
        self._store.wake()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                job = self._store.next_open()
                if job is None:
                    self._store.wait(self._something_to_do)
                else:
                    self._process(job)
            except sqlite3.Error:
                # The job stays as it is in the store, and is begun again.
                self._stopping.wait(_RETRY_SECONDS)

    def _something_to_do(self) -> bool:
        return self._stopping.is_set() or self._store.next_open() is not None

    def _process(self, job: Ingestion) -> None:
        """Process a job to its end, or until the worker is stopped. Raises `sqlite3.Error` when it can't be ended."""
        if job.path is None or self._stopping.wait(self._pace.pending_seconds):
            return
        tally = _Tally()
        try:
            self._store.begin(job.id, self._clock())
            if not self._check_records(job.id, job.path, tally):
                return
            self._keep(job.id, tally)
        except UnreadableFile:
            self._give_up(job.id, tally, "unreadable", "The submitted file can't be read any more.")
        except (StateError, OSError, sqlite3.Error) as error:
            # What waits to be stored may be the cause, so it is left out: the next job must get its turn.
            tally.errors = []
            self._give_up(job.id, tally, "processing_failed", f"The sandbox could not process the file: {error}")
        self._store.finish(job.id, tally.status, self._clock())

    def _check_records(self, job: UUID, path: Path, tally: _Tally) -> bool:
        """Check and count every record. False when the worker was stopped before the end."""
        delay = 1 / self._pace.records_per_second if self._pace.records_per_second else 0.0
        for element in records(path):
            if self._stopping.wait(delay):
                return False
            self._count(element, tally)
            if tally.due:
                self._keep(job, tally)
        return True

    def _give_up(self, job: UUID, tally: _Tally, code: str, message: str) -> None:
        """Note that a file can't be processed any further."""
        tally.broken = True
        tally.errors.append(self._file_error(code, message, None))
        self._keep(job, tally)

    def _count(self, element: Record | Fault, tally: _Tally) -> None:
        if isinstance(element, Fault):
            tally.broken = True
            tally.invalid += element.index is not None
            tally.errors.append(self._file_error(element.code, element.message, element.index))
            return
        issues = [issue for issue in self._check(element) if issue.severity is Severity.ERROR]
        if issues:
            tally.invalid += 1
            tally.errors.extend(self._record_errors(element, issues[:ERRORS_PER_RECORD]))
        else:
            tally.processed += 1

    def _keep(self, job: UUID, tally: _Tally) -> None:
        self._store.advance(job, processed=tally.processed, invalid=tally.invalid, errors=tally.errors)
        tally.errors = []
        tally.stored_at = time.monotonic()

    def _record_errors(self, record: Record, issues: Sequence[Issue]) -> Iterator[RecordError]:
        uid = finding_uid(record.raw)
        for issue in issues:
            yield RecordError(
                id=self._new_id(),
                record=record.span.index,
                pointer=_kept(pointer(record.span.index, issue.path)),
                code=_kept(issue.code),
                title=_RECORD_TITLE,
                detail=_kept(issue.message),
                field=_kept(issue.path) or None,
                uid=None if uid is None else _kept(uid),
            )

    def _file_error(self, code: str, message: str, index: int | None) -> RecordError:
        return RecordError(
            id=self._new_id(),
            record=index,
            pointer=_POINTER if index is None else pointer(index, ""),
            code=code,
            title=_FILE_TITLE,
            detail=_kept(message),
            field=None,
            uid=None,
        )


def pointer(index: int, path: str) -> str:
    """The JSON pointer (RFC 6901) to an attribute of a record: `/data/findings/5/resources/0/uid`."""
    steps = (step.replace("~", "~0").replace("/", "~1") for step in re.split(r"[.\[\]]+", path) if step)
    return "/".join([_POINTER, str(index), *steps])


def finding_uid(raw: bytes) -> str | None:
    """The finding's own identifier, if it has one. Never raises, whatever the record holds."""
    try:
        return fields.finding_uid(decode(raw)) or None
    except BadRecord:
        return None


def _kept(text: str) -> str:
    """The part of a foreign text that is stored. Half a surrogate pair can't be."""
    return text[:_TEXT_LENGTH].encode("utf-8", "replace").decode("utf-8")
