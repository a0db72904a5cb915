"""Findings to servers of every mood: what goes over the wire, and what each answer proves."""

from __future__ import annotations

import gzip
import json
import random
import socket
from dataclasses import replace

import pytest

from console.errors import ExitCode
from console.records.model import JsonValue
from console.targets.base import Accepted, Denied, InDoubt, NotSent, Outcome, PartlyAccepted, Refused, Throttled
from console.targets.cisco_xdr.payload import Payload
from tests.targets.cisco_xdr.bundles import bundle, finding, minimal
from tests.targets.cisco_xdr.conftest import (
    ATTEMPT,
    GRANTED,
    SECRETS,
    TAKEN,
    TOKEN,
    MakeBatch,
    MakeTarget,
    as_json,
    custom,
    in_turn,
    nothing,
    speaking,
)
from tests.targets.fault_server import Behaviour, Connection, FaultServer, answer, serving

IROH: JsonValue = {"error": "invalid_request", "error_description": "No JWT found in HTTP Authorization header"}
TWO = (bundle(finding("f-1")), bundle(finding("f-2")))


def of(server: FaultServer, path: str) -> int:
    """How many requests went to a path."""
    return sum(f" {path} " in request.line for request in server.requests)


async def outcome_of(
    intake: Behaviour | bytes,
    make_target: MakeTarget,
    make_batch: MakeBatch,
    *contents: JsonValue,
    tokens: bytes | None = None,
) -> Outcome:
    """What an attempt to send comes to. No secret is in it."""
    with serving(speaking(intake, tokens)) as server:
        outcome = await make_target(server.url).send(make_batch(*contents or TWO), ATTEMPT, nothing)
    assert not any(secret in repr(outcome) for secret in SECRETS)
    return outcome


async def test_bundles_go_compressed_with_all_that_cisco_asks_for(
    make_target: MakeTarget, make_batch: MakeBatch
) -> None:
    with serving(speaking(as_json(TAKEN))) as server:
        target = make_target(server.url, workflow_run_id="run-7")
        outcome = await target.send(make_batch(minimal()), ATTEMPT, nothing)

    assert isinstance(outcome, Accepted)
    _, request = server.requests
    assert request.line == "POST /api/v1/detection_findings HTTP/1.1"
    assert request.header("authorization") == f"Bearer {TOKEN}"
    assert request.header("content-type") == "application/json"
    assert request.header("content-encoding") == "gzip"
    assert request.header("module-instance-id") == "instance-1"
    assert request.header("workflow-run-id") == "run-7"
    assert request.header("x-request-id") == ATTEMPT
    assert int(request.header("content-length")) == len(request.body)
    assert json.loads(gzip.decompress(request.body)) == [minimal()]


async def test_a_simplified_finding_goes_alone_and_plain(make_target: MakeTarget, make_batch: MakeBatch) -> None:
    told: JsonValue = {"version": "1.4.0", "timestamp": "2026-01-02T03:04:05Z", "detection_id": "c-1"}
    with serving(speaking(as_json(told))) as server:
        outcome = await make_target(server.url).send(make_batch(custom()), ATTEMPT, nothing)

    assert isinstance(outcome, Accepted)
    _, request = server.requests
    assert request.line == "POST /api/v1/custom_detection_findings HTTP/1.1"
    assert "content-encoding" not in request.headers
    assert "workflow-run-id" not in request.headers
    assert json.loads(request.body) == custom()


async def test_the_job_is_made_here_with_what_is_left_of_the_quota(
    make_target: MakeTarget, make_batch: MakeBatch
) -> None:
    rates = ("X-Ratelimit-Org-Limit: 8000", "X-Ratelimit-Org-Remaining: 7321", "x-request-id: theirs")
    outcome = await outcome_of(as_json(TAKEN, "201 Created", *rates), make_target, make_batch)

    assert isinstance(outcome, Accepted)
    job = outcome.job
    assert (job.id, job.target, job.status, job.succeeded) == (ATTEMPT, "xdr", "completed", True)
    assert (job.summary.total, job.summary.processed, job.summary.invalid) == (2, 2, 0)
    assert job.requested_at is not None
    assert job.completed_at is not None
    assert job.requested_at <= job.completed_at
    assert job.raw == {
        "http_status": 201,
        "request_id": "theirs",
        "rate": {"limit": 8000, "remaining": 7321},
        "answer": TAKEN,
    }


async def test_errors_are_joined_with_their_records_by_the_uid(make_target: MakeTarget, make_batch: MakeBatch) -> None:
    """S54: one without a uid, or with one that is no record's, stays on the batch."""
    errors: list[JsonValue] = [
        {"code": "bad_time", "detail": "The time is wrong.", "uid": "f-2"},
        {"code": "internal", "detail": "Something is."},
        {"code": "internal", "detail": "Not ours.", "uid": "f-9"},
        "odd",
        {},
    ]
    outcome = await outcome_of(as_json({**TAKEN, "errors": errors}, "207 Multi"), make_target, make_batch)

    assert isinstance(outcome, PartlyAccepted)
    assert [(one.record, one.uid, one.code, one.message) for one in outcome.errors] == [
        (1, "f-2", "bad_time", "The time is wrong."),
        (None, None, "internal", "Something is."),
        (None, "f-9", "internal", "Not ours."),
        (None, None, "", "odd"),
        (None, None, "", "Cisco XDR refused the finding and did not say why."),
    ]
    assert outcome.job.status == "completed"
    assert not outcome.job.succeeded
    assert outcome.errors[0].raw == errors[0]


@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request", "422 Unprocessable"])
async def test_a_batch_of_which_nothing_was_taken_has_failed(
    make_target: MakeTarget, make_batch: MakeBatch, status: str
) -> None:
    error: JsonValue = {"code": "cisco", "detail": "No.", "uid": "f-1"}
    outcome = await outcome_of(as_json({"errors": [error], "message": "None"}, status), make_target, make_batch)

    assert isinstance(outcome, PartlyAccepted)
    assert (outcome.job.status, outcome.job.summary.invalid, outcome.job.summary.processed) == ("failed", 2, 0)
    named, others = outcome.errors
    assert (named.record, others.record) == (0, None)
    assert "why for 1 of 2 alone. Of the other 1 it says nothing" in others.message


async def test_each_error_of_no_known_record_counts_for_one(make_target: MakeTarget, make_batch: MakeBatch) -> None:
    errors: list[JsonValue] = [{"code": "a", "detail": detail} for detail in ("One.", "Another.")]
    four = [bundle(finding(f"f-{number}")) for number in range(4)]
    outcome = await outcome_of(as_json({**TAKEN, "errors": errors}), make_target, make_batch, *four)

    assert isinstance(outcome, PartlyAccepted)
    assert (outcome.job.summary.processed, outcome.job.summary.invalid) == (2, 2)


async def test_what_is_wrong_with_a_single_finding_is_about_its_record(
    make_target: MakeTarget, make_batch: MakeBatch
) -> None:
    document: JsonValue = {"result": "error", "message": "Invalid.", "details": ["severity: unknown", "time: too old"]}
    outcome = await outcome_of(as_json(document, "400 Bad Request"), make_target, make_batch, custom())

    assert isinstance(outcome, PartlyAccepted)
    assert outcome.job.status == "failed"
    assert [(one.record, one.message) for one in outcome.errors] == [(0, "severity: unknown"), (0, "time: too old")]


@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request", "415 Unsupported"])
async def test_the_refusal_of_a_whole_request_is_shown_in_its_own_words(
    make_target: MakeTarget, make_batch: MakeBatch, status: str
) -> None:
    document: JsonValue = {"result": "error", "message": "A header is missing.", "details": ["module-instance-id"]}
    outcome = await outcome_of(as_json(document, status), make_target, make_batch)

    assert isinstance(outcome, Refused)
    assert "A header is missing; module-instance-id" in outcome.error.message


@pytest.mark.parametrize(
    "document",
    [{"data": {"version": "1.4.0"}, "message": "ok"}, {"result": "success", "message": "ok"}, {"detection_id": "x"}],
    ids=["data", "success", "id"],
)
async def test_a_success_counts_when_it_says_so(
    make_target: MakeTarget, make_batch: MakeBatch, document: JsonValue
) -> None:
    assert isinstance(await outcome_of(as_json(document, "202 Accepted"), make_target, make_batch), Accepted)


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b"null", b'{"data": null}', b'{"data": "x"}', b"<html>Sign in</html>", b'{"data": {', b"\xff"],
    ids=range(9),
)
async def test_a_success_that_can_not_be_read_leaves_doubt(
    make_target: MakeTarget, make_batch: MakeBatch, body: bytes
) -> None:
    outcome = await outcome_of(answer("200 OK", body), make_target, make_batch)

    assert isinstance(outcome, InDoubt)
    assert outcome.error.exit_code is ExitCode.UNKNOWN
    assert outcome.error.transaction == ATTEMPT
    assert "Look for the findings in Cisco XDR" in outcome.error.hint


@pytest.mark.parametrize("status", ["408 Timeout", "409 Conflict", "500 Error", "502 Bad Gateway", "503 Unavailable"])
async def test_a_failing_server_leaves_doubt(make_target: MakeTarget, make_batch: MakeBatch, status: str) -> None:
    assert isinstance(await outcome_of(answer(status, b"<html>"), make_target, make_batch), InDoubt)


def cut(connection: Connection) -> None:
    connection.send(as_json(TAKEN)[:-10])


async def test_an_answer_that_is_cut_leaves_doubt(make_target: MakeTarget, make_batch: MakeBatch) -> None:
    assert isinstance(await outcome_of(cut, make_target, make_batch), InDoubt)
    assert isinstance(await outcome_of(Connection.reset, make_target, make_batch), InDoubt)


async def test_a_permission_that_is_missing_shows_what_is_granted(
    make_target: MakeTarget, make_batch: MakeBatch
) -> None:
    """S33."""
    outcome = await outcome_of(as_json({"message": "Forbidden"}, "403 Forbidden"), make_target, make_batch)
    none = await outcome_of(
        as_json({}, "403 Forbidden"), make_target, make_batch, tokens=as_json({**GRANTED, "scope": ""})
    )

    assert isinstance(outcome, Denied)
    assert "granted: enrich:read casebook" in outcome.error.message
    assert "Forbidden" in outcome.error.message
    assert isinstance(none, Denied)
    assert "granted: no scope" in none.error.message


async def test_a_request_that_is_too_large_is_refused_with_the_limits_to_lower(
    make_target: MakeTarget, make_batch: MakeBatch
) -> None:
    """S26."""
    outcome = await outcome_of(as_json({}, "413 Too Large"), make_target, make_batch)

    assert isinstance(outcome, Refused)
    assert "limits.batch_records or limits.batch_bytes" in outcome.error.hint


@pytest.mark.parametrize(("after", "seconds"), [("3172s", 3172), ("120", 120), ("-5", None), ("soon", None)])
async def test_a_quota_that_is_used_up_is_told_with_its_numbers(
    make_target: MakeTarget, make_batch: MakeBatch, after: str, seconds: float | None
) -> None:
    """S37, S38."""
    rates = ("X-Ratelimit-Org-Limit: 8000", "X-Ratelimit-Org-Remaining: 0", f"Retry-After: {after}")
    outcome = await outcome_of(
        as_json({"message": "Too many requests"}, "429 Too Many", *rates), make_target, make_batch
    )

    assert isinstance(outcome, Throttled)
    assert outcome.retry_after == seconds
    assert "of 8,000 requests an hour, 0 are left" in outcome.error.message


async def test_a_redirect_is_not_followed(make_target: MakeTarget, make_batch: MakeBatch) -> None:
    away = answer("307 Temporary", b"", "Location: https://evil.example/x")
    outcome = await outcome_of(away, make_target, make_batch)

    assert isinstance(outcome, Refused)
    assert "https://evil.example" in outcome.error.message


async def test_an_intake_that_is_not_there_is_told_as_such(make_target: MakeTarget, make_batch: MakeBatch) -> None:
    outcome = await outcome_of(answer("404 Not Found", b"<html>"), make_target, make_batch)

    assert isinstance(outcome, Refused)
    assert "no intake of findings at this address" in outcome.error.message


async def test_a_token_that_has_ended_is_renewed_once_and_the_findings_sent_again(
    make_target: MakeTarget, make_batch: MakeBatch
) -> None:
    """S30: refused with 401 means that nothing was taken."""
    counts: list[int] = []
    batch = make_batch(*TWO)
    with serving(speaking(in_turn(as_json(IROH, "401 Unauthorized"), as_json(TAKEN)))) as server:
        outcome = await make_target(server.url).send(batch, ATTEMPT, counts.append)

        assert isinstance(outcome, Accepted)
        assert (of(server, "/iroh/oauth2/token"), of(server, "/api/v1/detection_findings")) == (2, 2)
        assert server.requests[1].body == server.requests[3].body
    assert counts == [0, batch.length, 0, batch.length]


async def test_a_token_that_is_refused_twice_is_not_asked_for_a_third_time(
    make_target: MakeTarget, make_batch: MakeBatch
) -> None:
    with serving(speaking(as_json(IROH, "401 Unauthorized"))) as server:
        outcome = await make_target(server.url).send(make_batch(*TWO), ATTEMPT, nothing)

        assert (of(server, "/iroh/oauth2/token"), of(server, "/api/v1/detection_findings")) == (2, 2)
    assert isinstance(outcome, Denied)
    assert "No JWT found" in outcome.error.message
    assert "one region" in outcome.error.hint


@pytest.mark.parametrize(
    ("tokens", "kind", "passing"),
    [
        (as_json({"error": "invalid_client"}, "401 Unauthorized"), Denied, None),
        (as_json({**GRANTED, "expires_in": 0}), Denied, None),
        (as_json({}, "429 Too Many", "Retry-After: 3172s"), Throttled, None),
        (as_json({}, "503 Unavailable"), NotSent, True),
        (answer("200 OK", b"<html>"), NotSent, False),
        (answer("302 Found", b"", "Location: https://login.example"), NotSent, False),
        (b"", NotSent, True),
    ],
    ids=range(7),
)
async def test_without_a_token_nothing_is_sent(
    make_target: MakeTarget, make_batch: MakeBatch, tokens: bytes, kind: type[Outcome], passing: bool | None
) -> None:
    """Also where the whole request for the token went out: it holds no finding."""

    def behave(connection: Connection) -> None:
        connection.read_all()
        connection.send(tokens)

    with serving(behave) as server:
        outcome = await make_target(server.url).send(make_batch(*TWO), ATTEMPT, nothing)

        assert of(server, "/iroh/oauth2/token") == len(server.requests) == 1
    assert isinstance(outcome, kind)
    assert not isinstance(outcome, NotSent) or outcome.passing is passing


async def test_a_token_that_can_not_be_renewed_leaves_the_batch_unsent(
    make_target: MakeTarget, make_batch: MakeBatch
) -> None:
    """The second request for a token goes out whole and is not answered. That is no doubt: the 401 came before."""
    tokens = in_turn(as_json(GRANTED), b"")

    def behave(connection: Connection) -> None:
        connection.read_all()
        if "/oauth2/token" in connection.request.line:
            tokens(connection)
        else:
            connection.send(as_json(IROH, "401 Unauthorized"))

    counts: list[int] = []
    with serving(behave) as server:
        outcome = await make_target(server.url).send(make_batch(*TWO), ATTEMPT, counts.append)

    assert isinstance(outcome, NotSent)


async def test_a_server_that_is_not_there_gets_nothing(make_target: MakeTarget, make_batch: MakeBatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    outcome = await make_target(f"http://127.0.0.1:{port}").send(make_batch(*TWO), ATTEMPT, nothing)

    assert isinstance(outcome, NotSent)
    assert outcome.passing


async def test_a_payload_that_changed_on_disk_is_not_sent(make_target: MakeTarget, make_batch: MakeBatch) -> None:
    batch = make_batch(*TWO)
    with serving(speaking(as_json(TAKEN))) as server:
        target = make_target(server.url)
        batch.path.write_bytes(batch.path.read_bytes().replace(b"f-1", b"f-3"))
        changed = await target.send(batch, ATTEMPT, nothing)
        gone = await target.send(replace(batch, path=batch.path.with_name("gone")), ATTEMPT, nothing)

        assert server.requests == []
    for outcome in (changed, gone):
        assert isinstance(outcome, NotSent)
        assert not outcome.passing


async def test_without_a_module_instance_nothing_is_sent(make_target: MakeTarget, make_batch: MakeBatch) -> None:
    with serving(speaking(as_json(TAKEN))) as server:
        target = make_target(server.url)
        target._event_source = replace(target._event_source, module_instance_id=None)
        outcome = await target.send(make_batch(*TWO), ATTEMPT, nothing)

        assert server.requests == []
    assert isinstance(outcome, NotSent)
    assert "module_instance_id" in outcome.error.message
    assert outcome.error.exit_code is ExitCode.USAGE


async def test_a_batch_counts_as_handed_over_before_its_last_piece_goes(make_batch: MakeBatch) -> None:
    """What is stopped while the last piece goes may have arrived, and what is stopped before it has not."""
    noise = bundle({**finding(), "message": random.Random(7).randbytes(600_000).hex()})
    batch = make_batch(noise)
    told: list[int] = []

    pieces: list[bytes] = []
    known: list[int] = []
    async for piece in Payload.of(batch).upload(told.append).pieces:
        pieces.append(piece)
        known.append(told[-1])

    assert len(pieces) > 2
    assert known == sorted(known)
    assert known[-2] < batch.length == known[-1]
    assert json.loads(gzip.decompress(b"".join(pieces))) == [noise]


async def test_an_error_of_a_uid_that_stands_twice_is_about_neither(
    make_target: MakeTarget, make_batch: MakeBatch
) -> None:
    error: JsonValue = {"code": "a", "detail": "b", "uid": "f-1"}
    twice = (bundle(finding("f-1")), bundle(finding("f-1")))
    outcome = await outcome_of(as_json({**TAKEN, "errors": [error]}), make_target, make_batch, *twice)

    assert isinstance(outcome, PartlyAccepted)
    assert [one.record for one in outcome.errors] == [None]
