"""Which records of a batch a job's errors mean, however the target names them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from console.limits import DEFAULT_LIMITS
from console.records.model import Span
from console.submissions.model import BatchState, SentBatch, Submission
from console.submissions.resending import Frozen, failed_records, uids_of
from console.submissions.spool import Spool, pack
from console.submissions.tracking import located
from console.targets.base import JobError

PAYLOAD = (
    b'[{"finding_info":{"uid":"a"}},{"finding_info":{"uid":"b"}},7,'
    b'{"metadata":{"uid":"c"},"finding_info":{"uid":"b"}},{"Id":"d"},{"finding_info":{"uid":"\\u0065"}}]'
)
RECORDS = 6


@pytest.fixture
def frozen(tmp_path: Path) -> Frozen:
    """A batch of six elements, of which one is no record and two share a uid."""
    spool = Spool(tmp_path)
    spool.folder("s1")
    spool.payload("s1", 1).write_bytes(PAYLOAD)
    spool.index("s1", 1).write_bytes(b"".join(pack(Span(10 + at, 100 + at, 1, 1)) for at in range(RECORDS)))
    batch = SentBatch(1, RECORDS, len(PAYLOAD), "", Path("/f.json"), "", BatchState.ACCEPTED, "job-1", 1, "")
    return Frozen(spool, "s1", batch, DEFAULT_LIMITS)


@pytest.mark.parametrize(
    ("errors", "indexes", "nameless"),
    [
        ([JobError("x", record=4)], {4}, 0),
        ([JobError("x", uid="a")], {0}, 0),
        ([JobError("x", uid="c")], {3}, 0),
        ([JobError("x", uid="d"), JobError("y", uid="d")], {4}, 0),
        ([JobError("x", uid="e")], {5}, 0),
        ([JobError("x", uid="b")], set(), 1),
        ([JobError("x", record=6), JobError("x", record=-1), JobError("x")], set(), 3),
        ([JobError("x", uid="a", record=1)], {1}, 0),
        ([JobError("x", uid="nobody")], set(), 1),
    ],
)
def test_records_are_told_by_index_else_by_a_uid_that_is_theirs_alone(
    frozen: Frozen, errors: Sequence[JobError], indexes: set[int], nameless: int
) -> None:
    failed = failed_records(frozen, errors)

    assert (failed.indexes, failed.nameless) == (indexes, nameless)


def test_errors_lead_to_the_file_by_uid_too(frozen: Frozen) -> None:
    submission = Submission("s1", "prowler", "prowler", "", [frozen.batch])
    errors = [JobError("x", uid="c"), JobError("x", uid="b"), JobError("x", record=1), JobError("x")]

    found = located(frozen.spool, frozen.limits, submission, frozen.batch, errors)

    assert [one.span.index if one.span else None for one in found] == [13, None, 11, None]
    assert {one.file for one in found} == {"/f.json"}


def test_without_the_payload_errors_by_index_still_lead_to_the_file(frozen: Frozen) -> None:
    frozen.spool.drop_payloads("s1")
    submission = Submission("s1", "prowler", "prowler", "", [frozen.batch])

    found = located(
        frozen.spool, frozen.limits, submission, frozen.batch, [JobError("x", uid="c"), JobError("x", record=1)]
    )

    assert [one.span.index if one.span else None for one in found] == [None, 11]


def test_all_of_a_job_that_took_nothing_failed(frozen: Frozen) -> None:
    """Whether an error names it or not: a refused request names few."""
    assert failed_records(frozen, [JobError("x", uid="a")], whole=True).indexes == set(range(RECORDS))


def test_what_was_said_of_each_record_first_is_counted_by_code(frozen: Frozen) -> None:
    errors = [
        JobError("x", "b", record=1),
        JobError("x", "c", record=1),
        JobError("no code", record=3),
        JobError("x", "b", uid="a"),
        JobError("x", "d"),
    ]

    for whole in (False, True):
        assert failed_records(frozen, errors, whole=whole).reasons() == [("b", 2), ("no code", 1)]
    assert failed_records(frozen, [JobError("x", "d")], whole=True).reasons() == []


@pytest.mark.parametrize("raw", [b"{}", b'{"finding_info":7,"metadata":[],"Id":{}}', b"[" * 5_000, b'{"Id":'])
def test_a_record_without_a_uid_has_none(raw: bytes) -> None:
    assert uids_of(raw) == set()
