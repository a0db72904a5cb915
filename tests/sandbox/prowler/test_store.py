"""The store alone: what its writes leave, and how it wakes those who wait."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread
from uuid import UUID

import pytest

from console.sandbox.database import Database
from console.sandbox.prowler.model import RecordError
from console.sandbox.prowler.store import SCHEMA, Store
from console.targets.base import COMPLETED, PENDING, PROCESSING
from tests.sandbox.conftest import START, seeded

JOB = UUID(int=1)
ERROR = RecordError(UUID(int=50), 0, "/data/findings/0", "code", "title", "detail", "field", "uid")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    database = Database(tmp_path / "jobs.sqlite3", SCHEMA, 1)
    yield Store(database)
    database.close()


def test_a_job_comes_back_as_it_was_given(store: Store, tmp_path: Path) -> None:
    job = replace(seeded(0), filename="\u00e9 \U0001f600.json", sha256="ab", size=2**40, path=tmp_path / "x")

    store.add(job)

    assert store.ingestion(job.id) == job


def test_beginning_again_forgets_what_was_counted(store: Store) -> None:
    store.add(replace(seeded(0), status=PROCESSING, completed_at=None))
    store.advance(JOB, processed=2, invalid=1, errors=[ERROR])

    store.begin(JOB, START)

    again = store.ingestion(JOB)
    assert again is not None
    assert (again.status, again.processed, again.invalid, again.started_at) == (PROCESSING, 0, 0, START)
    assert store.count_errors(JOB) == 0


def test_counters_and_errors_are_kept_together_or_not_at_all(store: Store) -> None:
    store.add(seeded(0))
    with pytest.raises(OverflowError):
        store.advance(JOB, processed=100, invalid=100, errors=[ERROR, replace(ERROR, record=2**63)])

    assert store.ingestion(JOB) == seeded(0)
    assert store.errors(JOB, limit=10) == []
    store.advance(JOB, processed=3, invalid=1, errors=[ERROR])
    assert store.errors(JOB, limit=10) == [ERROR]


def test_the_oldest_job_with_a_file_is_the_next(store: Store, tmp_path: Path) -> None:
    store.add(replace(seeded(0), path=tmp_path))
    store.add(seeded(2))
    store.add(replace(seeded(6), path=tmp_path))
    store.add(replace(seeded(3), path=tmp_path))

    found = store.next_open()

    assert found is not None
    assert found.id == seeded(6).id
    assert (seeded(0).status, seeded(2).status) == (COMPLETED, PENDING)


def test_a_change_wakes_those_who_wait(store: Store) -> None:
    seen: list[bool] = []
    waiting = Thread(target=lambda: seen.append(store.wait(lambda: store.count() == 1, timeout=10)))
    waiting.start()

    store.add(seeded(0))

    waiting.join(timeout=10)
    assert seen == [True]
    assert not store.wait(lambda: store.count() == 2, timeout=0.01)
