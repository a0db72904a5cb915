"""What became of each finding of a request: counted, joined by Id with what was sent, and never taken on trust.

The service names what failed by its Id and by nothing else, so a request holds no Id twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from console.records.model import JsonValue
from console.targets.base import COMPLETED, FAILED, JobError, JobSummary
from console.targets.security_hub.answers import FailedFinding, Imported

HEAD: Final = b'{"Findings":['
TAIL: Final = b"]}"

NO_SUM: Final = "answer_does_not_add_up"
"""Our code of what is wrong with an answer as a whole."""
UNKNOWN_ID: Final = "unknown_finding"
"""Our code of a failure whose Id no finding of the request has, where the service gives no code of its own."""

_PASSING: Final = frozenset(
    {
        "InternalError",
        "InternalException",
        "InternalFailure",
        "InternalServerError",
        "InternalServerException",
        "LimitExceeded",
        "LimitExceededException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequests",
        "TooManyRequestsException",
    }
)
"""Codes of findings that may be taken when they are sent again. AWS documents `InvalidInput` only, which is not."""


class _Request(msgspec.Struct):
    findings: list[msgspec.Raw] = msgspec.field(name="Findings")


class _Identified(msgspec.Struct):
    id: object = msgspec.field(default=None, name="Id")


_requests: Final = msgspec.json.Decoder(_Request)
_findings: Final = msgspec.json.Decoder(_Identified)


def id_of(raw: bytes) -> str | None:
    """The `Id` of a finding; None where it has none."""
    try:
        found = _findings.decode(raw).id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return found if isinstance(found, str) else None


def framed(records: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes of one request that holds these findings, in pieces."""
    separator = HEAD
    for record in records:
        yield separator
        yield record
        separator = b","
    yield HEAD + TAIL if separator == HEAD else TAIL


@dataclass(slots=True)
class Tally:
    """The findings of a request, and what the service said of them."""

    records: Sequence[bytes]
    """Each finding's bytes, in the order in which they were sent."""
    processed: int = 0
    """Findings that the service says it took."""
    answers: list[Mapping[str, JsonValue]] = field(default_factory=list)
    """All that it said, as it said it."""
    complaints: list[str] = field(default_factory=list)
    """What is wrong with that."""
    strangers: list[FailedFinding] = field(default_factory=list)
    """Failures that belong to no finding that was sent."""
    failed: dict[int, FailedFinding] = field(default_factory=dict)
    """By the place of the finding in the request."""

    @classmethod
    def of(cls, payload: bytes) -> Tally:
        """The tally of a request of which nothing is known yet."""
        return cls([bytes(raw) for raw in _requests.decode(payload).findings])

    def take(self, imported: Imported, indexes: Sequence[int] | None = None) -> None:
        """Count an answer about the findings at these places; about all of them without."""
        sent = range(len(self.records)) if indexes is None else indexes
        by_id = {id_of(self.records[index]): index for index in sent}
        for index in sent:
            self.failed.pop(index, None)
        for failure in imported.failed:
            place = by_id.get(failure.id)
            if place is None:
                self.strangers.append(failure)
            else:
                self.failed[place] = failure
        failed = sum(index in self.failed for index in sent)
        self.processed += max(0, min(imported.successes, len(sent) - failed))
        self.answers.append(imported.raw)
        self._doubt(imported, len(sent), failed)

    def _doubt(self, imported: Imported, sent: int, failed: int) -> None:
        """Note what does not add up."""
        said = f"it counts {imported.successes:,} imported and {imported.failures:,} failed"
        if imported.successes + imported.failures != sent:
            self.complaints.append(f"Of {sent:,} sent findings {said}.")
        if failed != imported.failures:
            self.complaints.append(f"It counts {imported.failures:,} failed, and names {failed:,} of those sent.")

    @property
    def passing(self) -> Sequence[int]:
        """The places of the findings that may be taken when they are sent again."""
        return [index for index, failure in sorted(self.failed.items()) if failure.code in _PASSING]

    @property
    def summary(self) -> JobSummary:
        """The counters of the job. What nobody said was imported counts as not."""
        return JobSummary(len(self.records), self.processed, len(self.records) - self.processed)

    @property
    def status(self) -> str:
        """How the job ended: it failed where nothing was imported."""
        return COMPLETED if self.processed or not self.records else FAILED

    @property
    def errors(self) -> Sequence[JobError]:
        """What went wrong: each finding that failed, then what can be said of none."""
        found = [_error(failure, index) for index, failure in sorted(self.failed.items())]
        found += [_error(failure, None) for failure in self.strangers]
        found += [JobError(f"The answer does not add up. {said}", NO_SUM) for said in dict.fromkeys(self.complaints)]
        return found

    @property
    def raw(self) -> Mapping[str, JsonValue]:
        """The answers as they came, and what to think of them."""
        notes = ["The answer does not add up: it is kept as it came."] if self.complaints else []
        first: JsonValue = dict(self.answers[0]) if self.answers else {}
        document: dict[str, JsonValue] = {"answer": first}
        if len(self.answers) > 1:
            document["answers_to_retries"] = [dict(answer) for answer in self.answers[1:]]
        return document | ({"detail": " ".join(notes)} if notes else {})


def _error(failure: FailedFinding, index: int | None) -> JobError:
    return JobError(
        message=failure.message or "Security Hub did not say why.",
        code=failure.code or ("" if index is not None else UNKNOWN_ID),
        record=index,
        uid=failure.id or None,
        raw=failure.raw,
    )
