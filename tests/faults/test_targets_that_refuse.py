"""S27 to S29, S32 to S40, S42: servers that send us away, say no, ask us to wait, or fail; and clocks that jump."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta, tzinfo
from functools import partial
from typing import Self

import pytest

from console.config import LimitsConfig
from console.sandbox.server import Sandbox
from console.submissions.patience import Patience
from tests.faults.errands import (
    ACCEPTED,
    DONE,
    HTML,
    OTHER_ID,
    Errand,
    api,
    at_sandbox,
    listed,
    resource,
    shown,
    uploads,
)
from tests.targets.fault_server import Connection, answer, answering, serving
from tests.targets.prowler.conftest import JOB_ID, error_document

SLOW_DOWN = error_document("throttled", "Request was throttled.", status="429")


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_s27_a_redirect_is_told_and_not_followed(errand: Errand, status: str) -> None:
    """301/302/303/307/308, other host: not followed; target origin shown."""
    with serving(api()) as elsewhere:
        with serving(answering(status, b"", f"Location: {elsewhere.url}/api/v1/ingestions")) as server:
            done = errand.submit(server.url)
        assert f"redirects to {elsewhere.url} " in done.stderr
    assert elsewhere.requests == []
    assert (done.code, errand.kept.states, errand.kept.attempts) == (1, ["refused"], ["refused"])


@pytest.mark.parametrize(
    ("location", "told"),
    [("http://api.prowler.example/v2", "http://api.prowler.example"), ("/api/v1/ingestions", "http://127.0.0.1:")],
    ids=["downgrade", "loop"],
)
def test_s27_a_redirect_down_or_in_a_circle_is_not_followed(errand: Errand, location: str, told: str) -> None:
    """Http downgrade, loop: not followed; target origin shown."""
    with serving(answering("307 Temporary", b"", f"Location: {location}")) as server:
        done = errand.submit(server.url)
    assert f"redirects to {told}" in done.stderr
    assert (done.code, errand.kept.states, len(server.requests)) == (1, ["refused"], 1)


def test_s28_a_key_that_is_refused_loses_nothing(errand: Errand, sandbox: Sandbox) -> None:
    """401 at start: AUTH_NEEDED, nothing lost."""
    url = sandbox.access.prowler.base_url
    denied = errand.submit(url, files=3)
    assert (denied.code, errand.kept.states) == (4, ["denied", "ready", "ready"])
    assert errand.kept.attempts == ["denied"]
    assert "ocsf-console login prowler" in denied.stderr
    at_sandbox(errand, sandbox)
    resumed = errand.jobs(url, "resume", errand.submission, "--wait")
    assert (resumed.code, errand.kept.states) == (0, ["accepted"] * 3)
    assert errand.kept.attempts == ["denied", *["accepted"] * 3]
    assert sandbox.prowler.store.count() == 3


def test_s29_a_key_that_is_revoked_in_the_middle_stops_what_is_left(errand: Errand, sandbox: Sandbox) -> None:
    """401 mid-run (key revoked): stops new sends; resumes after login."""
    url = at_sandbox(errand, sandbox)
    sandbox.faults.add("expired,on=prowler.submit,nth=2")
    denied = errand.submit(url, files=3)
    assert (denied.code, errand.kept.states) == (4, ["accepted", "denied", "ready"])
    resumed = errand.jobs(url, "resume", errand.submission)
    assert (resumed.code, errand.kept.states) == (0, ["accepted"] * 3)
    assert sandbox.prowler.store.count() == 3


def test_s29_a_key_that_is_revoked_while_we_wait_pauses_the_looking(errand: Errand, sandbox: Sandbox) -> None:
    """401 mid-run (key revoked): polls pause; resumes after login."""
    url = at_sandbox(errand, sandbox)
    sandbox.faults.add("expired,on=prowler.show,nth=1")
    denied = errand.submit(url, "--wait")
    assert (denied.code, errand.kept.states) == (4, ["accepted"])
    assert sandbox.journal.count("prowler.show") == 1
    (job,) = errand.kept.jobs
    assert errand.jobs(url, "watch", str(job)).code == 0
    assert sandbox.prowler.store.count() == 1


def test_s32_a_subscription_that_is_missing_is_said_to_be(errand: Errand) -> None:
    """402: "subscription needed", terminal."""
    body = error_document("subscription_required", "Pay first.", status="402")
    with serving(api(answering("402 Payment Required", body))) as server:
        done = errand.submit(server.url, files=2)
    assert (done.code, errand.kept.states, errand.kept.attempts) == (4, ["denied", "ready"], ["denied"])
    assert "asks for a Prowler Cloud subscription" in done.stderr
    assert uploads(server) == 1


def test_s33_a_permission_that_is_missing_is_named(errand: Errand, sandbox: Sandbox) -> None:
    """403: names the missing permission (Manage Ingestions / IAM action / scope)."""
    errand.key = sandbox.access.prowler.api_key_without_permission.reveal()
    done = errand.submit(sandbox.access.prowler.base_url, files=2)
    assert (done.code, errand.kept.states, errand.kept.attempts) == (4, ["denied", "ready"], ["denied"])
    assert "needs Manage Ingestions" in done.stderr
    assert sandbox.prowler.store.count() == 0


def test_s34_a_job_that_is_gone_has_vanished_and_not_failed(errand: Errand) -> None:
    """404 on job: VANISHED after N polls, not FAILED."""
    gone = answering("404 Not Found", error_document("not_found", "Not found.", status="404"))
    with serving(api(shows=[shown("processing"), gone, gone, shown("processing"), gone])) as server:
        done = errand.submit(server.url, "--wait")
    assert done.code == 5
    assert f"accepted job {JOB_ID}, and has shown no such job" in done.stderr
    assert (errand.kept.states, errand.kept.jobs) == (["accepted"], [JOB_ID])
    assert "failed" not in done.stdout + done.stderr


def test_s34_a_job_that_is_missing_for_a_moment_is_waited_for(errand: Errand) -> None:
    """404 on job: VANISHED after N polls."""
    gone = answering("404 Not Found", error_document("not_found", "Not found.", status="404"))
    with serving(api(shows=[gone, gone, DONE])) as server:
        done = errand.submit(server.url, "--wait")
    assert (done.code, errand.kept.states) == (0, ["accepted"])


def test_s34_a_job_that_never_was_is_said_to_be_none_at_once(errand: Errand) -> None:
    """404 on job: what nobody has seen can't vanish."""
    gone = answering("404 Not Found", error_document("not_found", "Not found.", status="404"))
    with serving(api(shows=gone)) as server:
        done = errand.jobs(server.url, "watch", JOB_ID)
    assert (done.code, len(server.requests)) == (2, 1)
    assert f"has no ingestion job {JOB_ID}" in done.stderr


@pytest.mark.parametrize("was_taken", [True, False])
def test_s35_a_conflict_is_looked_into(errand: Errand, was_taken: bool) -> None:
    """409: reconcile."""
    conflict = answering("409 Conflict", error_document("conflict", "Again.", status="409"))
    with serving(api(conflict, lists=listed(*[resource()] * was_taken))) as server:
        done = errand.submit(server.url)
    assert (done.code, errand.kept.attempts) == (0 if was_taken else 5, ["unknown"])
    assert errand.kept.states == ["accepted" if was_taken else "unknown"]
    assert uploads(server) == 1


@pytest.mark.parametrize("status", ["415 Unsupported Media Type", "422 Unprocessable Content"])
def test_s36_a_refusal_leads_to_the_record_that_it_names(errand: Errand, status: str) -> None:
    """415/422 with JSON:API errors: REJECTED, pointer mapped to record."""
    body = error_document("invalid", "No uid.", status=status[:3], pointer="/data/3/resources/0/uid")
    with serving(api(answering(status, body))) as server:
        done = errand.submit(server.url, "--format", "json", files=2)
    assert (done.code, errand.kept.states, errand.kept.attempts) == (1, ["refused"] * 2, ["refused"] * 2)
    assert "record 3, line 4: No uid." in done.stderr
    (whole, error) = done.json()["batches"][1]["errors"]
    assert (whole["record"], whole["code"]) == (None, "refused")
    assert (error["record"], error["line"], error["file"]) == (3, 4, str(errand.file(1)))
    assert errand.file(1).read_bytes()[error["offset"] :].startswith(b"{")


NOON = "Tue, 17 Feb 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("120", 120), ("Tue, 17 Feb 2026 12:02:00 GMT", 120), ("3172s", 3172), ("1000000000", 86_400)],
    ids=["seconds", "date", "Cisco's", "absurd"],
)
def test_s37_a_wait_that_is_asked_for_is_kept_to(errand: Errand, text: str, seconds: int) -> None:
    """429 `Retry-After: 120` / HTTP-date / `3172s` / 10^9: honoured / honoured / honoured / parked with cap."""
    errand.limits["send_seconds"] = 60
    throttled = answering("429 Too Many Requests", SLOW_DOWN, f"Date: {NOON}", f"Retry-After: {text}")
    with serving(api(throttled)) as server:
        done = errand.submit(server.url, files=2)
        early = errand.jobs(server.url, "resume", errand.submission)
    assert (done.code, errand.kept.states, errand.kept.attempts) == (3, ["waiting", "ready"], ["waiting"])
    started, ended, until = _times(errand)
    assert started + timedelta(seconds=seconds) <= until <= ended + timedelta(seconds=seconds)
    assert f"Go on after {until.isoformat(timespec='milliseconds')} with:" in done.stderr
    assert (early.code, uploads(server)) == (3, 1)
    assert "asked not to be tried again before" in early.stderr


def _times(errand: Errand) -> list[datetime]:
    """When the one attempt began and ended, and when the batch may be tried again."""
    with closing(sqlite3.connect(errand.state / "ledger.sqlite3")) as ledger:
        asked = "SELECT started_at, ended_at, not_before FROM attempt JOIN batch ON batch.number = attempt.batch"
        (row,) = ledger.execute(asked).fetchall()
        return [datetime.fromisoformat(text) for text in row]


@pytest.mark.parametrize(
    ("header", "draws"),
    [
        ("Retry-After: Tue, 17 Feb 2026 11:00:00 GMT", [(0, 1), (0, 1)]),
        ("Retry-After: -5", [(0, 1), (0, 2)]),
        ("Retry-After: abc", [(0, 1), (0, 2)]),
    ],
    ids=["past", "negative", "nonsense"],
)
def test_s37_a_wait_that_makes_no_sense_is_our_own(
    errand: Errand, monkeypatch: pytest.MonkeyPatch, header: str, draws: list[tuple[float, float]]
) -> None:
    """429 `Retry-After:` past date / `-5` / `abc`: now+jitter / own backoff ×2."""
    drawn = _draws(monkeypatch)
    throttled = answering("429 Too Many Requests", SLOW_DOWN, f"Date: {NOON}", header)
    with serving(api([throttled, throttled, ACCEPTED])) as server:
        done = errand.submit(server.url)
    assert (done.code, errand.kept.attempts) == (0, ["waiting", "waiting", "accepted"])
    assert drawn[:2] == draws


def _draws(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, float]]:
    """The ranges that waits are drawn from, as they are drawn. The least is taken."""
    drawn: list[tuple[float, float]] = []

    def draw(low: float, high: float) -> float:
        drawn.append((low, high))
        return low

    monkeypatch.setattr("console.submissions.desk.Patience", partial(Patience, draw=draw))
    return drawn


def test_s38_throttling_without_a_time_is_answered_by_our_own_backoff(
    errand: Errand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """429 without header: backoff."""
    drawn = _draws(monkeypatch)
    throttled = answering("429 Too Many Requests", SLOW_DOWN)
    with serving(api([throttled] * 4 + [ACCEPTED])) as server:
        done = errand.submit(server.url)
    assert (done.code, errand.kept.attempts) == (0, [*["waiting"] * 4, "accepted"])
    assert drawn[:4] == [(0, 1), (0, 2), (0, 4), (0, 8)]
    assert uploads(server) == 5


def test_s39_a_page_of_maintenance_after_the_file_leaves_doubt(errand: Errand) -> None:
    """503 with maintenance HTML: in doubt (Prowler)."""
    page = answering("503 Service Unavailable", HTML, "Retry-After: 60", media_type="text/html")
    with serving(api(page)) as server:
        done = errand.submit(server.url)
    assert (done.code, errand.kept.states, errand.kept.attempts) == (5, ["unknown"], ["unknown"])
    assert uploads(server) == 1


def test_s40_what_fails_for_ever_is_tried_five_times_and_can_go_on(errand: Errand) -> None:
    """Failing forever: stops at 5 attempts/15 min, resumable. What proves nothing, as a 500 does, is not among it."""
    assert (LimitsConfig().send_attempts, LimitsConfig().send_seconds) == (5, 15 * 60)
    throttled = answering("429 Too Many Requests", SLOW_DOWN)
    with serving(api([throttled] * 6 + [ACCEPTED])) as server:
        done = errand.submit(server.url, files=2)
        assert (done.code, errand.kept.states) == (3, ["ready", "ready"])
        assert errand.kept.attempts == [*["waiting"] * 4, "ready"]
        resumed = errand.jobs(server.url, "resume", errand.submission)
    assert (resumed.code, errand.kept.states) == (0, ["accepted", "accepted"])
    assert errand.kept.attempts[5:] == ["waiting", "accepted", "accepted"]


def test_s40_a_server_error_is_never_answered_by_a_second_upload(errand: Errand) -> None:
    """500 forever: it may have been accepted each time."""
    with serving(answering("500 Internal Server Error")) as server:
        done = errand.submit(server.url, files=2)
    assert (done.code, errand.kept.states, errand.kept.attempts) == (5, ["unknown", "ready"], ["unknown"])
    assert uploads(server) == 1


def test_s40_a_server_error_does_not_end_the_looking_at_a_job(errand: Errand) -> None:
    """500 on a question: asked again, as long as it is waited for."""
    failing = answering("500 Internal Server Error")
    with serving(api(shows=[failing] * 7 + [DONE])) as server:
        done = errand.submit(server.url, "--wait")
    assert (done.code, errand.kept.states) == (0, ["accepted"])


class JumpingClock(datetime):
    """The clock of this machine, which somebody sets."""

    set_ahead = timedelta()

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        """The time that it shows."""
        return super().now(tz) + cls.set_ahead


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> type[JumpingClock]:
    """Let the ledger read a clock that can be set."""
    monkeypatch.setattr("console.submissions.ledger.datetime", JumpingClock)
    monkeypatch.setattr(JumpingClock, "set_ahead", timedelta())
    return JumpingClock


@pytest.mark.parametrize("hours", [-1, 8])
def test_s42_a_clock_that_is_set_while_we_wait_changes_no_wait(
    errand: Errand, clock: type[JumpingClock], hours: int
) -> None:
    """Clock jumps back during wait: monotonic timers; wall only for display."""

    def throttle(connection: Connection) -> None:
        connection.read_all()
        clock.set_ahead = timedelta(hours=hours)
        connection.send(answer("429 Too Many Requests", SLOW_DOWN, "Retry-After: 0"))

    with serving(api([throttle, ACCEPTED])) as server:
        done = errand.submit(server.url)
    assert (done.code, errand.kept.states, errand.kept.attempts) == (0, ["accepted"], ["waiting", "accepted"])
    with closing(sqlite3.connect(errand.state / "ledger.sqlite3")) as ledger:
        shown = [row[0] for row in ledger.execute("SELECT started_at FROM attempt ORDER BY sequence")]
    assert (shown == sorted(shown)) == (hours > 0)


def test_s42_a_clock_that_is_set_back_during_an_upload_does_not_lose_its_job(
    errand: Errand, clock: type[JumpingClock]
) -> None:
    """Clock jumps back: what is in doubt is found by the clock of the server, and never sent again."""

    def set_back(connection: Connection) -> None:
        connection.read_all()
        clock.set_ahead = timedelta(hours=-1)
        connection.reset()

    with serving(api([ACCEPTED, set_back], lists=listed(resource(job_id=OTHER_ID)))) as server:
        done = errand.submit(server.url, files=2)
    assert errand.kept.attempts == ["accepted", "unknown"]
    assert uploads(server) == 2
    assert (done.code, errand.kept.states) == (0, ["accepted"] * 2)
