"""The ledger keeps what it was told, and forbids what must not happen."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from console.errors import AlreadySubmitted, BadInput, OutcomeUnknown, StateError
from console.submissions.history import History
from console.submissions.ledger import Ledger, now
from console.submissions.model import BatchState, FrozenBatch, Judge, Plan, Settled
from console.submissions.schema import LEGAL
from console.targets.base import Batch


def make_plan(submission: str = "s1", *, target: str = "prowler", sha256: str = "aa") -> Plan:
    """A plan of one batch."""
    batch = Batch(1, records=3, path=Path("/spool/1.payload"), length=30, sha256=sha256, filename="a.json")
    frozen = FrozenBatch(batch, Path("/files/a.json"), f"source of {sha256}", wrapped="")
    return Plan(submission, target, "prowler", "https://example.com", [frozen], [], 0, [])


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with closing(Ledger(tmp_path / "ledger.sqlite3")) as one:
        yield one


def _record(ledger: Ledger, plan: Plan) -> None:
    """Write a plan down while nobody else is at work."""
    ledger.record(plan, is_alive=lambda _submission: False)


def _drive(ledger: Ledger, submission: str, state: BatchState) -> None:
    """Bring batch 1 of a submission into a state, the legal way."""
    if state is BatchState.READY:
        return
    if state is BatchState.CANCELLED:
        ledger.cancel(submission, 1, "why")
        return
    ledger.begin_attempt(f"to-{state}", submission, 1, "key")
    if state is BatchState.SENDING:
        return
    ended = BatchState.UNKNOWN if state is BatchState.ABANDONED else state
    job = "job-1" if state is BatchState.ACCEPTED else None
    until = now() if state is BatchState.WAITING else None
    ledger.end_attempt(f"to-{state}", submission, 1, ended, job_id=job, detail="why", not_before=until)
    if state is BatchState.ABANDONED:
        assert ledger.settle(submission, 1, Judge.OPERATOR, Settled.ABANDONED, evidence={})


def test_a_submission_is_read_back_whole_by_another_process(tmp_path: Path, ledger: Ledger) -> None:
    _record(ledger, make_plan())
    _drive(ledger, "s1", BatchState.ACCEPTED)
    ledger.close()

    with closing(Ledger(tmp_path / "ledger.sqlite3")) as other:
        found = History(other.database).of_job("https://example.com", "job-1")

    assert found is not None
    (batch,) = found.batches
    assert (batch.state, batch.job_id, batch.attempts, batch.source) == ("accepted", "job-1", 1, Path("/files/a.json"))


@pytest.mark.parametrize("old", list(BatchState))
@pytest.mark.parametrize("new", list(BatchState))
def test_only_the_legal_ways_between_states_are_open(
    ledger: Ledger, tmp_path: Path, old: BatchState, new: BatchState
) -> None:
    """With all that goes with a way written down, so that nothing but its being illegal can close it."""
    _record(ledger, make_plan())
    _drive(ledger, "s1", old)
    job = "job-2" if new is BatchState.ACCEPTED else None
    until = "2026-11-29T12:00:00+00:00" if new is BatchState.WAITING else None
    database = sqlite3.connect(tmp_path / "ledger.sqlite3")

    def move() -> None:
        with database:
            if new is BatchState.SENDING and old is not BatchState.SENDING:
                database.execute(
                    "INSERT INTO attempt (id, submission, batch, credential, started_at) VALUES ('x', 's1', 1, 'k', '')"
                )
            if old is BatchState.UNKNOWN:
                verdict = {"accepted": "adopted", "ready": "resend"}.get(new, "abandoned")
                database.execute(
                    "INSERT INTO settlement (attempt, judge, verdict, job_id, evidence, at)"
                    " VALUES ('to-unknown', 'operator', ?, ?, '{}', '')",
                    (verdict, job),
                )
            database.execute("UPDATE batch SET state = ?, job_id = ?, not_before = ?", (new, job, until))

    if (old, new) in LEGAL:
        move()
    else:
        with pytest.raises(sqlite3.IntegrityError):
            move()
    database.close()


@pytest.mark.parametrize("new", [BatchState.ACCEPTED, BatchState.READY, BatchState.ABANDONED])
@pytest.mark.parametrize("settled", [None, *Settled])
def test_nothing_leaves_a_doubt_but_by_the_settlement_that_says_so(
    ledger: Ledger, tmp_path: Path, new: BatchState, settled: Settled | None
) -> None:
    _record(ledger, make_plan())
    _drive(ledger, "s1", BatchState.UNKNOWN)
    job = "job-1" if new is BatchState.ACCEPTED else None
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite3", isolation_level=None)) as database:
        if settled is not None:
            database.execute(
                "INSERT INTO settlement (attempt, judge, verdict, job_id, evidence, at)"
                " VALUES ('to-unknown', 'target', ?, ?, '{}', '')",
                (settled, "job-1" if settled is Settled.ADOPTED else None),
            )
        says_so = (settled, new) in {
            (Settled.ADOPTED, BatchState.ACCEPTED),
            (Settled.RESEND, BatchState.READY),
            (Settled.ABANDONED, BatchState.ABANDONED),
        }
        if says_so:
            database.execute("UPDATE batch SET state = ?, job_id = ?", (new, job))
        else:
            with pytest.raises(sqlite3.IntegrityError, match="nobody settled"):
                database.execute("UPDATE batch SET state = ?, job_id = ?", (new, job))


def test_an_old_settlement_settles_no_new_doubt(ledger: Ledger, tmp_path: Path) -> None:
    _record(ledger, make_plan())
    _drive(ledger, "s1", BatchState.UNKNOWN)
    assert ledger.settle("s1", 1, Judge.OPERATOR, Settled.RESEND, evidence={})
    ledger.begin_attempt("again", "s1", 1, "key")
    ledger.end_attempt("again", "s1", 1, BatchState.UNKNOWN)

    with (
        closing(sqlite3.connect(tmp_path / "ledger.sqlite3", isolation_level=None)) as database,
        pytest.raises(sqlite3.IntegrityError, match="nobody settled"),
    ):
        database.execute("UPDATE batch SET state = 'ready'")


def test_a_doubt_is_settled_once(ledger: Ledger) -> None:
    _record(ledger, make_plan())
    _drive(ledger, "s1", BatchState.UNKNOWN)

    assert ledger.settle("s1", 1, Judge.TARGET, Settled.ADOPTED, job_id="job-1", evidence={})
    assert not ledger.settle("s1", 1, Judge.OPERATOR, Settled.RESEND, evidence={})

    found = History(ledger.database).submission("s1")
    assert found is not None
    assert [(batch.state, batch.job_id, batch.inferred) for batch in found.batches] == [("accepted", "job-1", True)]


def test_one_job_is_adopted_once(ledger: Ledger) -> None:
    for number in (1, 2):
        _record(ledger, make_plan(f"s{number}", sha256=f"{number}"))
        ledger.begin_attempt(f"a{number}", f"s{number}", 1, "key")
        ledger.end_attempt(f"a{number}", f"s{number}", 1, BatchState.UNKNOWN)
    assert ledger.settle("s1", 1, Judge.TARGET, Settled.ADOPTED, job_id="job-1", evidence={})

    with pytest.raises(BadInput, match="came from submission s1"):
        ledger.settle("s2", 1, Judge.OPERATOR, Settled.ADOPTED, job_id="job-1", evidence={})


def test_two_attempts_are_never_in_flight(ledger: Ledger, tmp_path: Path) -> None:
    _record(ledger, make_plan())
    _drive(ledger, "s1", BatchState.SENDING)

    with (
        closing(sqlite3.connect(tmp_path / "ledger.sqlite3", isolation_level=None)) as database,
        pytest.raises(sqlite3.IntegrityError, match="UNIQUE"),
    ):
        database.execute(
            "INSERT INTO attempt (id, submission, batch, credential, started_at) VALUES ('x', 's1', 1, 'k', '')"
        )


def test_the_same_content_is_not_sent_while_it_is_unknown_what_became_of_it(ledger: Ledger) -> None:
    _record(ledger, make_plan("s1"))
    _drive(ledger, "s1", BatchState.UNKNOWN)

    with pytest.raises(OutcomeUnknown, match=r"s1 is unknown.*Nothing was sent") as refused:
        _record(ledger, make_plan("s2"))

    assert "jobs settle --target prowler s1" in refused.value.hint
    assert History(ledger.database).submission("s2") is None


@pytest.mark.parametrize(
    ("state", "alive"), [(BatchState.SENDING, True), (BatchState.READY, True), (BatchState.WAITING, True)]
)
def test_what_another_process_is_at_is_not_sent_beside_it(ledger: Ledger, state: BatchState, alive: bool) -> None:
    _record(ledger, make_plan("s1"))
    _drive(ledger, "s1", state)

    with pytest.raises(AlreadySubmitted, match="Another process is sending the same content, as submission s1"):
        ledger.record(make_plan("s2"), is_alive=lambda submission: alive and submission == "s1")


@pytest.mark.parametrize("state", [BatchState.READY, BatchState.WAITING, BatchState.DENIED])
def test_what_was_left_unsent_gives_way_to_the_same_content(ledger: Ledger, state: BatchState) -> None:
    _record(ledger, make_plan("s1"))
    _drive(ledger, "s1", state)

    _record(ledger, make_plan("s2"))

    found = History(ledger.database).submission("s1")
    assert found is not None
    assert [(batch.state, batch.detail) for batch in found.batches] == [("cancelled", "Replaced by submission s2.")]


def test_nothing_of_a_file_is_sent_while_it_is_unknown_what_became_of_it_in_another_wrapping(ledger: Ledger) -> None:
    _record(ledger, make_plan("s1"))
    _drive(ledger, "s1", BatchState.UNKNOWN)
    other = make_plan("s2", sha256="of a part")
    part = replace(other, batches=[replace(other.batches[0], source_sha256="source of aa")])

    with pytest.raises(OutcomeUnknown, match="s1 is unknown"):
        _record(ledger, part)

    _record(ledger, replace(part, resend_of="s1"))


def test_a_part_that_was_accepted_is_not_sent_again_beside_the_rest_unless_somebody_says_so(ledger: Ledger) -> None:
    plan = make_plan("s1")
    rest = replace(plan.batches[0], batch=replace(plan.batches[0].batch, number=2, sha256="rest"))
    _record(ledger, replace(plan, batches=[*plan.batches, rest]))
    _drive(ledger, "s1", BatchState.ACCEPTED)
    again = replace(make_plan("s2"), sent_before=["s1"])

    with pytest.raises(AlreadySubmitted, match="not sent whole") as refused:
        ledger.record(again, lambda _: False, unseen_since=now() + timedelta(seconds=1))
    assert "jobs resume --target prowler s1" in refused.value.hint

    ledger.record(again, lambda _: False)


def test_a_target_that_wants_to_be_left_alone_is_left_alone(ledger: Ledger) -> None:
    _record(ledger, make_plan("s1"))
    ledger.begin_attempt("a", "s1", 1, "key")
    ledger.end_attempt("a", "s1", 1, BatchState.WAITING, not_before=now() + timedelta(hours=1))

    with pytest.raises(AlreadySubmitted, match="not to try again before"):
        _record(ledger, make_plan("s2"))


def test_what_was_sent_since_the_plan_was_made_is_not_sent_again(ledger: Ledger) -> None:
    _record(ledger, make_plan("s1"))
    _drive(ledger, "s1", BatchState.ACCEPTED)

    with pytest.raises(AlreadySubmitted, match="just been sent by submission s1, as job job-1"):
        _record(ledger, make_plan("s2"))

    _record(ledger, replace(make_plan("s3"), sent_before=["s1"]))


def test_what_nobody_could_see_counts_as_news_from_the_start_of_the_process(ledger: Ledger) -> None:
    begun = now()
    _record(ledger, make_plan("s1"))
    _drive(ledger, "s1", BatchState.ACCEPTED)
    plan = replace(make_plan("s2"), sent_before=["s1"])

    with pytest.raises(AlreadySubmitted, match="just been sent"):
        ledger.record(plan, lambda _submission: False, unseen_since=begun)

    ledger.record(plan, lambda _submission: False, unseen_since=now() + timedelta(seconds=1))


def test_a_settled_submission_is_forgotten_whole(ledger: Ledger) -> None:
    _record(ledger, make_plan("s1"))
    _drive(ledger, "s1", BatchState.ABANDONED)

    ledger.retire("s1")

    assert History(ledger.database).known() == set()
    assert ledger.database.query("SELECT count(*) FROM attempt, settlement") == [(0,)]


@pytest.mark.parametrize("state", [BatchState.READY, BatchState.WAITING, BatchState.SENDING, BatchState.UNKNOWN])
def test_what_is_open_is_never_forgotten(ledger: Ledger, state: BatchState) -> None:
    _record(ledger, make_plan("s1"))
    _drive(ledger, "s1", state)

    with pytest.raises(StateError, match="what is not settled stays"):
        ledger.retire("s1")

    assert History(ledger.database).known() == {"s1"}


def test_attempts_are_never_removed(ledger: Ledger, tmp_path: Path) -> None:
    _record(ledger, make_plan())
    _drive(ledger, "s1", BatchState.SENDING)
    database = sqlite3.connect(tmp_path / "ledger.sqlite3")

    with pytest.raises(sqlite3.IntegrityError, match="never removed"):
        database.execute("DELETE FROM attempt")
    database.close()


def test_the_same_bytes_are_recognised_at_the_same_address_only(ledger: Ledger) -> None:
    _record(ledger, make_plan("s1"))
    _drive(ledger, "s1", BatchState.ACCEPTED)
    _record(ledger, replace(make_plan("never-sent"), sent_before=["s1"]))

    assert History(ledger.database).sent_before("https://example.com", "aa") == ["s1"]
    assert History(ledger.database).sent_before("https://example.org", "aa") == []
    assert History(ledger.database).sent_before("https://example.com", "ff") == []


def test_what_somebody_has_to_see_to_is_listed_newest_first_at_its_address(ledger: Ledger) -> None:
    for number, state in enumerate([BatchState.UNKNOWN, BatchState.ACCEPTED, BatchState.READY, BatchState.REFUSED]):
        _record(ledger, make_plan(f"s{number}", sha256=f"{number}"))
        if state is not BatchState.READY:
            ledger.begin_attempt(f"a{number}", f"s{number}", 1, "key")
            job = "job-1" if state is BatchState.ACCEPTED else None
            ledger.end_attempt(f"a{number}", f"s{number}", 1, state, job_id=job)

    history = History(ledger.database)

    assert [found.id for found in history.open_ones("prowler", "https://example.com")] == ["s2", "s0"]
    assert history.open_ones("prowler", "https://example.org") == []
    assert history.open_ones("other-tenant", "https://example.com") == []


def test_a_commit_that_fails_leaves_the_ledger_fit_for_the_next(tmp_path: Path, ledger: Ledger) -> None:
    _record(ledger, make_plan())
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite3", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM batch").fetchall()
        ledger.database.execute("PRAGMA busy_timeout = 0")  # or the test would wait as long as a user
        with pytest.raises(StateError, match="in use by another process"):
            ledger.begin_attempt("first", "s1", 1, "key")

    ledger.begin_attempt("second", "s1", 1, "key")

    assert History(ledger.database).being_sent() == ["s1"]


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


def test_what_became_of_a_content_is_found_by_the_file_and_by_what_was_sent_wherever_it_went(ledger: Ledger) -> None:
    for submission, target in (("s1", "prowler"), ("s2", "other")):
        _record(ledger, replace(make_plan(submission, target=target), origin=f"https://{target}.example"))
    _record(ledger, make_plan("s3", sha256="bb"))
    history = History(ledger.database)

    assert [one.id for one in history.of_content("source of aa")] == ["s2", "s1"]
    assert [one.id for one in history.of_content("bb")] == ["s3"]
    assert history.of_content("source of cc") == []
