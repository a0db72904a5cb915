"""Reading Prowler's JSON:API documents into jobs and pages. Tolerant of what is odd, strict about what is not the API.

The bodies of submit and get are documented ("Import findings", user guide); those of the lists are not, so they are
read as Django REST framework JSON:API, which Prowler's API is built with, would write them. Links of a server are
never followed: behind a proxy they name another scheme or host.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from console.display import safe_text
from console.errors import BadAnswer
from console.records.model import JsonValue
from console.targets.base import UNKNOWN, Job, JobSummary, Page
from console.targets.documents import object_in
from console.targets.http import Response

_LARGEST_COUNT: Final = 2**63 - 1
"""What the ledger can hold. A larger counter is no counter."""

_EMPTY: Final = "an empty reply"
_PAGE: Final = "an HTML page"
_QUOTED: Final = 300
"""Bytes of an answer that are quoted."""

_LONGEST_STATUS: Final = 80
"""Characters that are kept of a status that is no text."""

_LONGEST_ID: Final = 80
"""Characters of an id that are told in a remark."""

_COUNTERS: Final = ("total", "processed", "invalid")
_NO_ID: Final = "The target lists it without an id: it can't be opened."

MEDIA_TYPES: Final = ("application/vnd.api+json", "application/json")
"""What the API calls its documents: the first is the one we ask for."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Source:
    """Whose answers are read: for the names in jobs and messages."""

    target: str
    """Our name of the target."""
    origin: str


def read_document(response: Response, source: Source) -> dict[str, JsonValue]:
    """The top-level object of an answer. Raises `BadAnswer` for what is not the API's: HTML, half a reply, an array."""
    document = object_in(response)
    if document is not None:
        return document
    raise bad_answer(response, source, what_it_is(response))


def read_job(response: Response, source: Source, asked: str | None = None) -> Job:
    """The one job of an answer. Raises `BadAnswer` when there is none with an id.

    One with another id than was *asked* for has a remark. It keeps its own: nothing that is said of it may be written
    down of the job that was meant.
    """
    job = _job(read_document(response, source).get("data"), source)
    if not job.id:
        raise bad_answer(response, source, "a document without a job's id")
    if asked is None or job.id.casefold() == asked.casefold():
        return job
    meant, found = safe_text(asked, width=_LONGEST_ID), safe_text(job.id, width=_LONGEST_ID)
    return replace(job, remarks=[f"Job {meant} was asked for, and the target answered with job {found}.", *job.remarks])


def read_jobs(response: Response, source: Source, *, number: int, size: int) -> Page[Job]:
    """The page of jobs of an answer to a request for page *number* of at most *size*. Raises `BadAnswer`.

    A job that stands there twice is one job. An entry among jobs that is none is one without an id, with a remark: a
    job passed over in silence could be sent a second time. Where there is nothing but such entries, it is no list.
    """
    document = read_document(response, source)
    data = document.get("data")
    if not isinstance(data, list):
        raise bad_answer(response, source, "a document without a list of jobs")
    page = page_of(document, data, lambda entry: _job(entry, source), number=number, size=size)
    if page.items and not any(job.id for job in page.items):
        raise bad_answer(response, source, "a list without any job")
    return replace(page, items=list({job.id or place: job for place, job in enumerate(page.items)}.values()))


def page_of(
    document: Mapping[str, JsonValue],
    entries: list[JsonValue],
    read: Callable[[JsonValue], T],
    *,
    number: int,
    size: int,
) -> Page[T]:
    """A page of entries, and how many there are by what the document says; without that, as if it were the last.

    Its number is the one that was asked for, whatever the document says: who goes from page to page must get on.
    """
    meta = document.get("meta")
    pagination = meta.get("pagination") if isinstance(meta, dict) else None
    said = pagination if isinstance(pagination, dict) else {}
    items = [read(entry) for entry in entries]
    seen = (number - 1) * size + len(items)
    return Page(
        items, number, max(number, count_of(said.get("pages")) or 0), max(seen, count_of(said.get("count")) or 0)
    )


def count_of(value: JsonValue) -> int | None:
    """A counter, also where it is written as text or as a whole float; None when it can't be one."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= _LARGEST_COUNT else None


def text_of(value: JsonValue) -> str | None:
    """A text that says something, else None."""
    return value if isinstance(value, str) and value.strip() else None


def object_of(value: JsonValue) -> dict[str, JsonValue]:
    """An object, or an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}


def what_it_is(response: Response) -> str:
    """Name a body that is not a document, without quoting it: error pages of strangers are long and not for us."""
    if not response.whole:
        return "a reply that could not be read whole"
    start = response.body[:1_000].lstrip().lower()
    if not start:
        return _EMPTY
    if response.media_type == "text/html" or start.startswith((b"<!doctype html", b"<html")):
        return _PAGE
    return "a reply that is no JSON:API document"


def beginning_of(response: Response) -> str:
    """How the body of a whole answer begins, fit to show; empty for pages of strangers, which are not for us."""
    if not response.whole or what_it_is(response) in (_EMPTY, _PAGE):
        return ""
    return safe_text(response.body[:_QUOTED].decode(errors="replace"), width=_QUOTED)


def bad_answer(response: Response, source: Source, what: str) -> BadAnswer:
    """The error for an answer that is not the API's."""
    return BadAnswer(
        f"{source.origin} answered HTTP {response.status} with {what}.",
        hint=f"Check the base URL of target '{source.target}': a proxy or a sign-in page may stand in between.",
        status=response.status,
        transaction=response.transaction,
    )


def _job(data: JsonValue, source: Source) -> Job:
    """A resource as a job. A status or counter that is missing is unknown, not wrong."""
    resource = object_of(data)
    job_id = text_of(resource.get("id")) or ""
    attributes = object_of(resource.get("attributes"))
    summary = object_of(attributes.get("summary"))
    return Job(
        id=job_id,
        target=source.target,
        status=_status(attributes),
        summary=JobSummary(
            total=count_of(summary.get("total")),
            processed=count_of(summary.get("processed")),
            invalid=count_of(summary.get("invalid")),
        ),
        inserted_at=text_of(attributes.get("inserted_at")),
        requested_at=text_of(attributes.get("requested_at")),
        started_at=text_of(attributes.get("started_at")),
        completed_at=text_of(attributes.get("completed_at")),
        remarks=list(_remarks(job_id, summary)),
        raw=resource,
    )


def _remarks(job_id: str, summary: Mapping[str, JsonValue]) -> Iterator[str]:
    """What of a job could not be read as it should be."""
    if not job_id:
        yield _NO_ID
    for name in _COUNTERS:
        if _is_odd(summary.get(name)):
            yield f"Its counter '{name}' is no count."


def _status(attributes: Mapping[str, JsonValue]) -> str:
    """The status as the target wrote it, whatever that is; without one it is not known."""
    said = attributes.get("status", "")
    if isinstance(said, str):
        return text_of(said) or UNKNOWN
    return json.dumps(said, ensure_ascii=False)[:_LONGEST_STATUS]


def _is_odd(value: JsonValue) -> bool:
    """Whether there is something in the place of a counter that is none. Nothing there is nothing odd."""
    return value is not None and count_of(value) is None
