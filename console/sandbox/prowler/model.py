"""The words of the Prowler intake: an ingestion, an error of a record, a condition on ingestions. No I/O here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Ingestion:
    """One job: a file that was taken in, and how far its processing is."""

    id: UUID
    status: str
    total: int
    """Records in the file."""
    inserted_at: datetime
    requested_at: datetime
    filename: str
    """The name that the client gave. Foreign text."""
    sha256: str
    size: int
    """Bytes of the file."""
    path: Path | None
    """Where the file is kept. None for a job that is only there to be listed: nobody processes it."""
    processed: int = 0
    invalid: int = 0
    started_at: datetime | None = None
    completed_at: datetime | None = None
    stuck: bool = False
    """Whether it keeps its status for ever: nobody processes it."""
    listed_at: datetime | None = None
    """When it begins to stand in lists, by the sandbox's clock. None for at once."""
    skew: timedelta = timedelta()
    """How far its times are ahead of the sandbox's clock."""


@dataclass(frozen=True, slots=True)
class RecordError:
    """One thing that is wrong with one record of an ingestion, or with its file. All text in it may be foreign."""

    id: UUID
    record: int | None
    """Index of the record; None where the whole file is meant."""
    pointer: str
    """JSON pointer into the submitted document."""
    code: str
    title: str
    detail: str
    field: str | None
    """Path of the attribute."""
    uid: str | None
    """The finding's own identifier, where it has one."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which ingestions are meant: those that meet every condition. Days are days in UTC."""

    statuses: tuple[str, ...] | None = None
    """Any of these; all when None, none when empty."""
    inserted: date | None = None
    completed: date | None = None
    terms: tuple[str, ...] = ()
    """Each must be found in the id, the status or the file's name, in either case."""
    listed_by: datetime | None = None
    """Those that stand in lists at this time. None for all, listed or not."""


EVERYTHING: Final = Filter()
