"""The ledger keeps what it was told, and forbids what must not happen."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from console.errors import StateError
from console.submissions.ledger import LEGAL, Ledger
from console.submissions.model import BatchState, FrozenBatch, Plan
from console.targets.base import Batch, JobQuery


def make_plan(submission: str = "s1", *, target: str = "prowler", sha256: str = "aa") -> Plan:
    """A plan of one batch."""
    batch = Batch(1, records=3, path=Path("/spool/1.payload"), length=30, sha256=sha256, filename="a.json")
    frozen = FrozenBatch(batch, Path("/files/a.json"), "bb", wrapped="", refusable=0)
    return Plan(submission, target, "prowler", "https://example.com", [frozen], [], 0, [])


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with closing(Ledger(tmp_path / "ledger.sqlite3")) as one:
        yield one


def _drive(ledger: Ledger, submission: str, state: BatchState) -> None:
    """Bring batch 1 of a submission into a state, the legal way."""
    if state is BatchState.READY:
        return
    ledger.begin_attempt(f"to-{state}", submission, 1, "key")
    if state is not BatchState.SENDING:
        job = "job-1" if state is BatchState.ACCEPTED else None
        ledger.end_attempt(f"to-{state}", submission, 1, state, job_id=job, detail="why")


def test_a_submission_is_read_back_whole_by_another_process(tmp_path: Path, ledger: Ledger) -> None:
    ledger.record(make_plan())
    _drive(ledger, "s1", BatchState.ACCEPTED)
    ledger.close()

    with closing(Ledger(tmp_path / "ledger.sqlite3")) as other:
        found = other.of_job("https://example.com", "job-1")

    assert found is not None
    (batch,) = found.batches
    assert (batch.state, batch.job_id, batch.attempts, batch.source) == ("accepted", "job-1", 1, Path("/files/a.json"))


@pytest.mark.parametrize("old", list(BatchState))
@pytest.mark.parametrize("new", list(BatchState))
def test_only_the_legal_ways_between_states_are_open(
    ledger: Ledger, tmp_path: Path, old: BatchState, new: BatchState
) -> None:
    ledger.record(make_plan())
    _drive(ledger, "s1", old)
    job = "job-2" if new is BatchState.ACCEPTED else None
    database = sqlite3.connect(tmp_path / "ledger.sqlite3")

    def move() -> None:
        with database:
            database.execute("UPDATE batch SET state = ?, job_id = ?", (new, job))

    if (old, new) in LEGAL:
        move()
    else:
        with pytest.raises(sqlite3.IntegrityError):
            move()
    database.close()


def test_attempts_are_never_removed(ledger: Ledger, tmp_path: Path) -> None:
    ledger.record(make_plan())
    _drive(ledger, "s1", BatchState.SENDING)
    database = sqlite3.connect(tmp_path / "ledger.sqlite3")

    with pytest.raises(sqlite3.IntegrityError, match="never removed"):
        database.execute("DELETE FROM attempt")
    database.close()


def test_the_same_bytes_are_recognised_at_the_same_address_only(ledger: Ledger) -> None:
    ledger.record(make_plan("s1"))
    _drive(ledger, "s1", BatchState.ACCEPTED)
    ledger.record(make_plan("never-sent"))

    assert ledger.sent_before("https://example.com", "aa") == ["s1"]
    assert ledger.sent_before("https://example.org", "aa") == []
    assert ledger.sent_before("https://example.com", "ff") == []


def test_unknown_submissions_are_paged(ledger: Ledger) -> None:
    for number in range(5):
        ledger.record(make_plan(f"s{number}"))
        ledger.begin_attempt(f"a{number}", f"s{number}", 1, "key")
        ledger.doubt(f"s{number}")

    page = ledger.unknown("https://example.com", JobQuery(statuses=("unknown",), page=2, page_size=2))

    assert (len(page.items), page.pages, page.count) == (2, 3, 5)
    assert ledger.unknown("https://example.org", JobQuery()).count == 0


def test_a_commit_that_fails_leaves_the_ledger_fit_for_the_next(tmp_path: Path, ledger: Ledger) -> None:
    ledger.record(make_plan())
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite3", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM batch").fetchall()
        ledger._database.execute("PRAGMA busy_timeout = 0")  # or the test would wait as long as a user
        with pytest.raises(StateError, match="in use by another process"):
            ledger.begin_attempt("first", "s1", 1, "key")

    ledger.begin_attempt("second", "s1", 1, "key")

    assert ledger.being_sent() == ["s1"]


def test_only_the_owner_can_read_it(tmp_path: Path, ledger: Ledger) -> None:
    assert (tmp_path / "ledger.sqlite3").stat().st_mode & 0o777 == 0o600


def test_another_programs_database_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite3"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE theirs (x)")
    other.close()
    before = path.read_bytes()

    with pytest.raises(StateError, match="another program's file"):
        Ledger(path)

    assert path.read_bytes() == before


def test_a_newer_ledger_is_refused_and_left_as_it_is(tmp_path: Path, ledger: Ledger) -> None:
    ledger.close()
    path = tmp_path / "ledger.sqlite3"
    with sqlite3.connect(path) as newer:
        newer.execute("PRAGMA user_version = 99")
    newer.close()
    before = path.read_bytes()

    with pytest.raises(StateError, match="version 99"):
        Ledger(path)

    assert path.read_bytes() == before


def test_a_damaged_ledger_says_so(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite3"
    path.write_bytes(b"not a database, but long enough to be taken for one" * 100)

    with pytest.raises(StateError, match="left as it is"):
        Ledger(path)
