"""What happens to a job after its acceptance: every record is checked, and counted as processed or invalid.

One thread, one job at a time, oldest first. What it knows is in the store, so a job that was not ended when the
process stopped is begun again by the next one.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Event, Thread
from typing import Final

from console.errors import StateError, UnreadableFile
from console.progress import Cancel, Cancelled
from console.records.model import Fault, Record
from console.records.stretch import Stretch
from console.sandbox.prowler import judges
from console.sandbox.prowler.judges import Judge, Ruling
from console.sandbox.prowler.model import Ingestion, RecordError
from console.sandbox.prowler.report_file import records
from console.sandbox.prowler.store import Store
from console.sandbox.words import Clock, NewId
from console.targets.base import COMPLETED, FAILED

Check = judges.Check
"""Says what is wrong with a record. Never raises for what a file can hold."""

ERRORS_PER_RECORD: Final = 20
"""A record that is wrong in more ways than this is not described further."""
_TEXT_LENGTH: Final = 2_000
"""Characters that are kept of any text of an error."""
_COMMIT_SECONDS: Final = 0.1
"""How old the counters that a client sees may be."""
_COMMIT_ERRORS: Final = 1_000
"""How many errors are held in memory at most."""
_SMALL_BYTES: Final = 256 * 1024
"""A file that is not larger has most likely been processed before anyone could see it begun."""
_RETRY_SECONDS: Final = 1.0
"""How long to leave the store alone when it can't be read or written, as on a full disk."""
_POINTER: Final = "/data/findings"
_STEPS: Final = re.compile(r"[.\[\]]+")
_RECORD_TITLE: Final = "Invalid OCSF format"
_FILE_TITLE: Final = "Invalid report file"


@dataclass(frozen=True, slots=True)
class Pace:
    """How slowly jobs are processed, so that a person can watch. By default as fast as the machine goes."""

    pending_seconds: float = 0.0
    """How long a job stays pending before its processing starts."""
    records_per_second: float | None = None
    """None for no limit."""

    @property
    def delay(self) -> float:
        """Seconds before each record."""
        return 1 / self.records_per_second if self.records_per_second else 0.0


@dataclass(slots=True)
class _Tally:
    """What a job came to so far."""

    job: Ingestion
    started_at: datetime
    begun: bool = False
    """Whether the store knows that it is being processed."""
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
    """Processes the jobs of a store in a thread of its own, which alone uses *judge*."""

    def __init__(self, store: Store, judge: Judge, *, pace: Pace, clock: Clock, new_id: NewId) -> None:
        self._store = store
        self._judge = judge
        self._pace = pace
        self._clock = clock
        self._new_id = new_id
        self._stopping = Event()
        self._cancel = Cancel()
        self._thread = Thread(target=self._run, name="sandbox-worker")

    def start(self) -> None:
        """Begin, with what an earlier process left open."""
        self._thread.start()

    def stop(self) -> None:
        """Stop after the records at hand, and wait for that. A job that is not ended stays as it is."""
        self._cancel.ask()
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
        tally = _Tally(job, self._now(job))
        try:
            if self._pace.delay or job.size > _SMALL_BYTES:
                self._begin(tally)
            self._check_records(job.path, tally)
        except Cancelled:
            return
        except UnreadableFile:
            self._give_up(tally, "unreadable", "The submitted file can't be read any more.")
        except (StateError, OSError, sqlite3.Error) as error:
            # What waits to be stored may be the cause, so it is left out: the next job must get its turn.
            tally.errors = []
            self._give_up(tally, "processing_failed", f"The sandbox could not process the file: {error}")
        self._end(tally)

    def _check_records(self, path: Path, tally: _Tally) -> None:
        """Check and count every record. Raises `Cancelled` when the worker is stopped before the end."""
        delay = self._pace.delay

        def take(stretch: Stretch) -> int:
            self._cancel.check()
            count = self._judge.take(stretch)
            tally.processed += count
            self._keep_if_due(tally)
            return count

        for element in records(path, None if delay else take, self._cancel):
            if delay:
                self._stopping.wait(delay)
            self._cancel.check()
            self._count(element, tally)
            self._keep_if_due(tally)

    def _give_up(self, tally: _Tally, code: str, message: str) -> None:
        """Note that a file can't be processed any further."""
        tally.broken = True
        tally.errors.append(self._file_error(code, message, None))

    def _count(self, element: Record | Fault, tally: _Tally) -> None:
        if isinstance(element, Fault):
            tally.broken = True
            tally.invalid += element.index is not None
            tally.errors.append(self._file_error(element.code, element.message, element.index))
            return
        ruling = self._judge.rule(element)
        if ruling.errors:
            tally.invalid += 1
            tally.errors.extend(self._record_errors(element.span.index, ruling))
        else:
            tally.processed += 1

    def _begin(self, tally: _Tally) -> None:
        self._store.begin(tally.job.id, tally.started_at)
        tally.begun = True

    def _keep_if_due(self, tally: _Tally) -> None:
        if tally.due:
            self._keep(tally)

    def _keep(self, tally: _Tally) -> None:
        if not tally.begun:
            self._begin(tally)
        self._store.advance(tally.job.id, processed=tally.processed, invalid=tally.invalid, errors=tally.errors)
        tally.errors = []
        tally.stored_at = time.monotonic()

    def _end(self, tally: _Tally) -> None:
        """Store what is left to say of a job, and its end. What nobody saw begin is stored at once."""
        job = tally.job
        if tally.begun:
            self._keep(tally)
            self._store.finish(job.id, tally.status, self._now(job))
        else:
            self._store.settle(
                job.id,
                tally.status,
                started_at=tally.started_at,
                completed_at=self._now(job),
                processed=tally.processed,
                invalid=tally.invalid,
                errors=tally.errors,
            )

    def _now(self, job: Ingestion) -> datetime:
        """The time by the clock that the job's other times are told by."""
        return self._clock() + job.skew

    def _record_errors(self, index: int, ruling: Ruling) -> Iterator[RecordError]:
        uid = None if ruling.uid is None else _kept(ruling.uid)
        for issue in ruling.errors[:ERRORS_PER_RECORD]:
            path = _kept(issue.path)
            yield RecordError(
                id=self._new_id(),
                record=index,
                pointer=_kept(pointer(index, path)),
                code=_kept(issue.code),
                title=_RECORD_TITLE,
                detail=_kept(issue.message),
                field=path or None,
                uid=uid,
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
    steps = (step.replace("~", "~0").replace("/", "~1") for step in _STEPS.split(path) if step)
    return "/".join([_POINTER, str(index), *steps])


def _kept(text: str) -> str:
    """The part of a foreign text that is stored. Half a surrogate pair can't be."""
    text = text[:_TEXT_LENGTH]
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
