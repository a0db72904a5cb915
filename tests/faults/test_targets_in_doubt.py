"""S09 to S26: everything was handed over, and no answer came, or none that can be trusted."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from datetime import UTC, datetime
from uuid import UUID

import pytest

from console.cli.sending import LOOKS, MORE_LOOKS
from console.sandbox.prowler.model import Ingestion
from console.sandbox.server import Sandbox
from console.submissions.desk import LOOKS_FOR_THE_UNKNOWN
from tests.faults.errands import (
    ACCEPTED,
    HTML,
    OTHER_ID,
    RECORDS,
    Errand,
    api,
    at_sandbox,
    hang,
    listed,
    resource,
    uploads,
)
from tests.targets.fault_server import Behaviour, Connection, answer, answering, serving
from tests.targets.prowler.conftest import JOB_ID, KEY, error_document, job_document

QUICK = 0.3
"""Seconds that an answer is waited for, where none comes."""


def _stays_in_doubt(errand: Errand, behave: Behaviour) -> str:
    """Submit to a server that behaves so with an upload, and has no job. What the command said."""
    with serving(api(behave)) as server:
        done = errand.submit(server.url)
    assert done.code == 5, done
    assert (errand.kept.states, errand.kept.attempts) == (["unknown"], ["unknown"])
    assert errand.kept.settlements == ["not_found", "not_found"]
    assert f"jobs settle --target prowler {errand.submission} with --adopt ID, --resend or --abandon" in (
        " ".join(done.stderr.split())
    )
    assert uploads(server) == 1
    return done.stderr


def test_s09_a_job_whose_answer_never_came_is_found_and_adopted(errand: Errand, sandbox: Sandbox) -> None:
    """Timeout after full body (job **was** created): UNKNOWN, reconcile finds 1, adopted, 1 job."""
    url = at_sandbox(errand, sandbox)
    sandbox.faults.add("no-reply=hang,on=prowler.submit,times=1")
    errand.limits["request_seconds"] = QUICK
    done = errand.submit(url)
    (job,) = sandbox.prowler.store.ingestions(limit=10)
    assert done.code == 0
    assert "inferred from its time and size" in done.stderr
    assert (errand.kept.attempts, errand.kept.settlements) == (["unknown"], ["adopted"])
    assert (errand.kept.states, errand.kept.jobs, errand.kept.inferred) == (["accepted"], [str(job.id)], [True])


def test_s10_an_upload_that_opened_no_job_is_left_to_the_operator(errand: Errand) -> None:
    """Timeout after full body (job **not** created): UNKNOWN, 0 candidates, asks."""
    errand.limits["request_seconds"] = QUICK
    assert "did not answer in time" in _stays_in_doubt(errand, hang)


def test_s10_what_is_in_doubt_is_not_sent_again_unasked(errand: Errand) -> None:
    """Timeout after full body (job **not** created): asks."""
    with serving(api(answering("504 Gateway Timeout"))) as server:
        errand.submit(server.url)
        again = errand.submit(server.url)
        resumed = errand.jobs(server.url, "resume", errand.submission)
    assert (again.code, resumed.code) == (5, 2)
    assert again.stderr.count("Error: ") == 1
    assert f"what became of submission {errand.submission} is unknown. Nothing was sent now" in again.stderr
    assert (errand.kept.states, uploads(server)) == (["unknown"], 1)


def test_s11_a_job_that_is_listed_late_is_found_by_a_later_look(errand: Errand) -> None:
    """Job appears in the list 30 s late: found on re-poll; no duplicate."""
    late = [listed(), listed(), listed(), listed(), listed(resource())]
    with serving(api(answering("504 Gateway Timeout"), lists=late)) as server:
        done = errand.submit(server.url)
    assert (done.code, errand.kept.states, errand.kept.jobs) == (0, ["accepted"], [JOB_ID])
    assert errand.kept.settlements == ["not_found", "adopted"]
    assert uploads(server) == 1
    assert sum(LOOKS_FOR_THE_UNKNOWN) > 30
    assert sum(LOOKS + MORE_LOOKS) > 30


def test_s12_two_jobs_that_look_alike_are_left_to_the_operator(errand: Errand, sandbox: Sandbox) -> None:
    """Two look-alike jobs: NEEDS_OPERATOR."""
    url = at_sandbox(errand, sandbox)
    now = datetime.now(UTC)
    sandbox.prowler.store.add(
        Ingestion(
            id=UUID(OTHER_ID), status="completed", total=RECORDS, inserted_at=now, requested_at=now,
            filename="theirs.ocsf.json", sha256="", size=1, path=None, started_at=now, completed_at=now,
        )
    )  # fmt: skip
    sandbox.faults.add("no-reply=reset,on=prowler.submit,times=1")
    done = errand.submit(url)
    assert (done.code, errand.kept.states) == (5, ["unknown"])
    assert set(errand.kept.settlements) == {"several"}
    (mine,) = [str(one.id) for one in sandbox.prowler.store.ingestions(limit=10) if str(one.id) != OTHER_ID]
    settled = errand.jobs(url, "settle", errand.submission, "--adopt", mine)
    assert (settled.code, errand.kept.states, errand.kept.jobs) == (0, ["accepted"], [mine])


@pytest.mark.parametrize("status", ["200 OK", "202 Accepted"])
def test_s13_a_success_that_says_nothing_leaves_doubt(errand: Errand, status: str) -> None:
    """200/202 empty body: UNKNOWN."""
    assert "with an empty reply" in _stays_in_doubt(errand, answering(status))


def test_s14_a_success_that_is_no_json_leaves_doubt_and_is_kept(errand: Errand) -> None:
    """202 with malformed JSON: UNKNOWN, raw kept (capped, redacted)."""
    broken = f'{{"data": {{"id": "{JOB_ID}", "key": "{KEY}"'.encode() + b"\x1b" + b"x" * 100_000
    assert JOB_ID in _stays_in_doubt(errand, answering("202 Accepted", broken))
    (detail,) = errand.kept.details
    assert f'The answer begins: {{"data": {{"id": "{JOB_ID}", "key": "***"' in detail
    assert detail.isprintable()
    assert len(detail) < 1_000


@pytest.mark.parametrize(
    "data", [{"type": "ingestions"}, {"id": "job-7"}, {"id": "../../tokens"}, {"id": 7}, {"id": None}, {"id": [JOB_ID]}]
)
def test_s15_a_success_without_a_job_of_ours_leaves_doubt(errand: Errand, data: object) -> None:
    """202 without `data.id` / id not a UUID / id number: UNKNOWN, no crash."""
    body = json.dumps({"data": data}).encode()
    assert "HTTP 202" in _stays_in_doubt(errand, answering("202 Accepted", body))


@pytest.mark.parametrize(
    "body",
    [b'{"data": []}', b'{"data": null}', b"[]", b"null", error_document("invalid", "No.", status="200")],
    ids=["list", "null data", "array", "null", "errors"],
)
def test_s16_another_document_than_the_apis_leaves_doubt(errand: Errand, body: bytes) -> None:
    """JSON:API: `data` is list/null, `errors` with 200: tolerant parse, clear state."""
    assert "HTTP 200" in _stays_in_doubt(errand, answering("200 OK", body))


def test_s16_a_job_without_attributes_is_a_job(errand: Errand) -> None:
    """JSON:API: `attributes` missing: tolerant parse, clear state."""
    body = json.dumps({"data": {"type": "ingestions", "id": JOB_ID}}).encode()
    with serving(api(answering("202 Accepted", body))) as server:
        done = errand.submit(server.url, "--wait")
    assert (done.code, errand.kept.states, errand.kept.jobs) == (0, ["accepted"], [JOB_ID])


@pytest.mark.parametrize(("media_type", "called"), [("text/html", "text/html"), ("", "nothing")])
def test_s17_a_good_answer_by_another_name_is_taken_with_a_note(errand: Errand, media_type: str, called: str) -> None:
    """Wrong content type with good JSON: accepted with note."""
    with serving(api(answering("202 Accepted", job_document(), media_type=media_type))) as server:
        done = errand.submit(server.url, "--format", "json")
    assert (done.code, errand.kept.states, errand.kept.jobs) == (0, ["accepted"], [JOB_ID])
    note = f"The answer was called {called}, and read as application/vnd.api+json."
    assert errand.kept.details == [note]
    assert note in done.stderr
    assert done.json()["batches"][0]["errors"] == []


def _cut(connection: Connection) -> None:
    connection.read_all()
    connection.send(answer("202 Accepted", job_document())[:-20])


def _cut_in_chunks(connection: Connection) -> None:
    connection.read_all()
    head = b"HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n"
    connection.send(head + b"%x\r\n" % len(job_document()) + job_document()[:-20])


@pytest.mark.parametrize("behave", [_cut, _cut_in_chunks])
def test_s18_an_answer_that_is_cut_short_leaves_doubt(errand: Errand, behave: Behaviour) -> None:
    """Truncated body (Content-Length or chunked): UNKNOWN."""
    assert "a reply that could not be read whole" in _stays_in_doubt(errand, behave)


def test_s19_an_answer_that_is_cut_and_does_not_show_it_leaves_doubt(errand: Errand) -> None:
    """EOF-delimited truncation (no length): JSON check, UNKNOWN."""

    def cut(connection: Connection) -> None:
        connection.read_all()
        connection.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + job_document()[:-20])

    assert "a reply that is no JSON:API document" in _stays_in_doubt(errand, cut)


def _drip_head(connection: Connection) -> None:
    connection.read_all()
    connection.drip(b"HTTP/1.1 202 Accepted\r\n" + b"X-Slow: 1\r\n" * 10_000, every=0.02)


def _drip_body(connection: Connection) -> None:
    connection.read_all()
    connection.send(b"HTTP/1.1 202 Accepted\r\nContent-Length: 1000000\r\n\r\n")
    connection.drip(b" " * 1_000_000, every=0.02)


@pytest.mark.parametrize("behave", [_drip_head, _drip_body])
def test_s20_an_answer_that_drips_is_given_up_at_the_deadline(errand: Errand, behave: Behaviour) -> None:
    """Slow drip body/headers: total deadline fires."""
    errand.limits["request_seconds"] = QUICK
    _stays_in_doubt(errand, behave)


def test_s21_an_answer_without_an_end_is_read_up_to_the_limit(errand: Errand) -> None:
    """Infinite body: stops at response cap (e.g. 8 MiB)."""

    def flood(connection: Connection) -> None:
        connection.read_all()
        connection.send(b"HTTP/1.1 202 Accepted\r\nConnection: close\r\n\r\n")
        while not connection.stopping.is_set():
            connection.send(b"x" * 65_536)

    assert "a reply that could not be read whole" in _stays_in_doubt(errand, flood)


def test_s22_a_packed_answer_is_not_unpacked(errand: Errand) -> None:
    """Response gzip bomb: request identity."""
    bomb = gzip.compress(b" " * 60_000_000, 1)
    tracemalloc.start()
    try:
        _stays_in_doubt(errand, answering("202 Accepted", bomb, "Content-Encoding: gzip"))
        assert tracemalloc.get_traced_memory()[1] < 30_000_000
    finally:
        tracemalloc.stop()


def test_s23_an_answer_that_can_not_be_unpacked_leaves_doubt(errand: Errand) -> None:
    """Invalid gzip body: UNKNOWN."""
    _stays_in_doubt(errand, answering("202 Accepted", b"no gzip", "Content-Encoding: gzip"))


def test_s24_a_header_of_any_size_leaves_doubt(errand: Errand) -> None:
    """200 kB header: clean protocol error, UNKNOWN."""
    said = _stays_in_doubt(errand, answering("202 Accepted", job_document(), "X-Huge: " + "x" * 200_000))
    assert "answered something that is not HTTP" in said


def test_s25_what_is_no_http_leaves_doubt(errand: Errand) -> None:
    """Non-HTTP bytes: same."""

    def other(connection: Connection) -> None:
        connection.read_all()
        connection.send(b"220 mail.example ESMTP\r\n")

    assert "answered something that is not HTTP" in _stays_in_doubt(errand, other)


def test_s26_a_refusal_in_the_middle_of_a_large_file_is_heard(errand: Errand) -> None:
    """Early 413 during 50 MB upload: 413 reported, no retry."""

    def refuse(connection: Connection) -> None:
        connection.read_head()
        connection.send(answer("413 Payload Too Large", HTML, media_type="text/html"))
        connection.drain()

    errand.fill(50)
    with serving(api(refuse)) as server:
        done = errand.submit(server.url)
    assert (done.code, errand.kept.states, errand.kept.attempts) == (1, ["refused"], ["refused"])
    assert "HTTP 413" in done.stderr
    assert "larger than it takes" in done.stderr
    assert uploads(server) == 1


def test_what_is_in_doubt_is_sent_again_by_the_operators_word_alone(errand: Errand) -> None:
    """The way out of each of these: one look more, or a word."""
    with serving(api([answering("503 Service Unavailable"), ACCEPTED])) as server:
        errand.submit(server.url)
        looked = errand.jobs(server.url, "settle", errand.submission)
        resent = errand.jobs(server.url, "settle", errand.submission, "--resend")
    assert (looked.code, resent.code) == (5, 0)
    assert (errand.kept.states, errand.kept.attempts) == (["accepted"], ["unknown", "accepted"])
    assert (errand.kept.inferred, uploads(server)) == ([False], 2)
