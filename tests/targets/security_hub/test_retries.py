"""Findings that failed for reasons that pass are sent again within one try, alone and as they were."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from console.records.model import JsonValue
from console.targets.base import (
    COMPLETED,
    Accepted,
    Denied,
    InDoubt,
    JobSummary,
    NotSent,
    PartlyAccepted,
    Refused,
    Throttled,
)
from tests.targets.fault_server import Behaviour, Connection, FaultServer, answer, serving
from tests.targets.security_hub.conftest import MakeTarget, Send
from tests.targets.security_hub.findings import finding

FINDINGS = [finding(Id=name, Title=f"é {name}") for name in "abcde"]


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-that-nobody-may-see")


def imported(sent: int, *failed: tuple[str, str], successes: int | None = None, **more: JsonValue) -> bytes:
    """The answer to a request of so many findings, of which some failed with a code."""
    document = {
        "FailedCount": len(failed),
        "SuccessCount": sent - len(failed) if successes is None else successes,
        "FailedFindings": [{"Id": name, "ErrorCode": code, "ErrorMessage": f"why {name}"} for name, code in failed],
        **more,
    }
    return json.dumps(document).encode()


def scripted(*answers: tuple[str, bytes]) -> Behaviour:
    """Answers each request with the next of these, and with the last one from then on."""
    left = list(answers)

    def behave(connection: Connection) -> None:
        connection.read_all()
        status, body = left.pop(0) if len(left) > 1 else left[0]
        connection.send(answer(status, body, media_type="application/json"))

    return behave


def ids(server: FaultServer) -> list[str]:
    """The findings of each request."""
    return ["".join(one["Id"] for one in json.loads(request.body)["Findings"]) for request in server.requests]


def ended(outcome: object) -> tuple[JobSummary, list[tuple[int | None, str | None, str]], dict[str, Any]]:
    assert isinstance(outcome, Accepted | PartlyAccepted), outcome
    errors = outcome.errors if isinstance(outcome, PartlyAccepted) else []
    return outcome.job.summary, [(one.record, one.uid, one.code) for one in errors], dict(outcome.job.raw)


async def test_only_what_may_pass_is_sent_again_and_by_the_same_bytes(make_target: MakeTarget, send: Send) -> None:
    first = imported(5, ("b", "InternalException"), ("c", "InvalidInput"), ("e", "ThrottlingException"))
    second, third = imported(2, ("e", "InternalException")), imported(1)
    with serving(scripted(("200 OK", first), ("200 OK", second), ("200 OK", third))) as server:
        sending = send(make_target(server.url), *FINDINGS)
        summary, errors, raw = ended(await sending.outcome())

    assert ids(server) == ["abcde", "be", "e"]
    assert server.requests[1].body == b"".join(
        [b'{"Findings":[', json.dumps(FINDINGS[1]).encode(), b",", json.dumps(FINDINGS[4]).encode(), b"]}"]
    )
    assert (summary, errors) == (JobSummary(5, 4, 1), [(2, "c", "InvalidInput")])
    assert raw["answer"] == json.loads(first)
    assert raw["answers_to_retries"] == [json.loads(second), json.loads(third)]
    assert "detail" not in raw
    assert sending.handed_over[-1] == sending.batch.length, "what is sent again does not undo that all was handed over"
    assert len({request.header("authorization") for request in server.requests}) == 3


async def test_patience_ends_and_the_last_reason_is_told(make_target: MakeTarget, send: Send) -> None:
    stubborn = imported(5, ("a", "InternalException"))
    again = imported(1, ("a", "LimitExceededException"))
    with serving(scripted(("200 OK", stubborn), ("200 OK", again))) as server:
        summary, errors, _ = ended(await send(make_target(server.url), *FINDINGS).outcome())

    assert ids(server) == ["abcde", "a", "a", "a"]
    assert (summary, errors) == (JobSummary(5, 4, 1), [(0, "a", "LimitExceededException")])


@pytest.mark.parametrize(
    ("answers", "requests"),
    [
        ([("429 Too Many Requests", b"{}"), ("200 OK", imported(1))], ["abcde", "a", "a"]),
        ([("500 Oops", b"<html>")], ["abcde", "a"]),
        ([("403 No", b'{"message":"no"}')], ["abcde", "a"]),
        ([("200 OK", b"nothing to read")], ["abcde", "a"]),
    ],
)
async def test_an_answer_to_what_is_sent_again_changes_nothing_else(
    make_target: MakeTarget, send: Send, answers: list[tuple[str, bytes]], requests: list[str]
) -> None:
    first = ("200 OK", imported(5, ("a", "InternalException")))
    with serving(scripted(first, *answers)) as server:
        summary, errors, _ = ended(await send(make_target(server.url), *FINDINGS).outcome())

    assert ids(server) == requests
    if len(requests) == 3:
        assert (summary, errors) == (JobSummary(5, 5, 0), [])
    else:
        assert (summary, errors) == (JobSummary(5, 4, 1), [(0, "a", "InternalException")])


STRANGER = ("z", "InvalidInput")


@pytest.mark.parametrize(
    ("body", "summary", "errors"),
    [
        (imported(5, STRANGER), JobSummary(5, 4, 1), [(None, "z", "InvalidInput"), (None, None, "no sum")]),
        (imported(5, ("a", "InvalidInput"), ("a", "InvalidInput")), JobSummary(5, 3, 2),
         [(0, "a", "InvalidInput"), (None, None, "no sum")]),
        (imported(5, successes=6), JobSummary(5, 5, 0), [(None, None, "no sum")]),
        (imported(5, successes=0), JobSummary(5, 0, 5), [(None, None, "no sum")]),
        (imported(5, successes=3, FailedCount=2), JobSummary(5, 3, 2), [(None, None, "no sum")]),
        (b'{"SuccessCount":5,"FailedCount":0}', JobSummary(5, 5, 0), []),
        (b'{"SuccessCount":5,"FailedCount":0,"FailedFindings":null}', JobSummary(5, 5, 0), []),
        (imported(5, ("a", "")), JobSummary(5, 4, 1), [(0, "a", "")]),
    ],
    ids=["a stranger", "one twice", "too many", "none", "nameless", "no list", "null", "no code"],
)  # fmt: skip
async def test_what_does_not_add_up_is_flagged_and_kept(
    make_target: MakeTarget,
    send: Send,
    body: bytes,
    summary: JobSummary,
    errors: Sequence[tuple[int | None, str | None, str]],
) -> None:
    with serving(scripted(("200 OK", body))) as server:
        found, told, raw = ended(await send(make_target(server.url), *FINDINGS).outcome())

    assert found == summary
    assert dict.fromkeys(told) == dict.fromkeys(
        (record, uid, code.replace("no sum", "answer_does_not_add_up")) for record, uid, code in errors
    )
    assert raw["answer"] == json.loads(body)
    assert ("detail" in raw) == any(code == "no sum" for _, _, code in errors)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"<html>", b'{"SuccessCount":5}', b'{"SuccessCount":"5","FailedCount":0}',
        b'{"SuccessCount":-1,"FailedCount":0}', b'{"SuccessCount":true,"FailedCount":0}',
        b'{"SuccessCount":5,"FailedCount":0,"FailedFindings":["a"]}', b'{"SuccessCount":5e400,"FailedCount":0}',
        b'{"SuccessCount":5,"FailedCount":0,"x":' + b"[" * 100 + b"]" * 100 + b"}",
    ],
)  # fmt: skip
async def test_a_success_that_can_not_be_read_leaves_doubt(make_target: MakeTarget, send: Send, body: bytes) -> None:
    with serving(scripted(("200 OK", body))) as server:
        outcome = await send(make_target(server.url), *FINDINGS).outcome()

    assert isinstance(outcome, InDoubt)
    assert "does no harm" in outcome.error.hint


async def test_a_media_type_that_is_wrong_does_not_matter(make_target: MakeTarget, send: Send) -> None:
    def behave(connection: Connection) -> None:
        connection.read_all()
        connection.send(answer("200 OK", imported(5), media_type="text/html; charset=utf-8"))

    with serving(behave) as server:
        assert isinstance(await send(make_target(server.url), *FINDINGS).outcome(), Accepted)


XML = (
    b"<ErrorResponse><Errors><Error><Code>%s</Code><Message>a &lt;b&gt; \x1b[31m</Message></Error></Errors><RequestId>"
)


@pytest.mark.parametrize(
    ("body", "headers", "code", "said"),
    [
        (b'{"Message":"why","Code":"InvalidInputException"}', (), "InvalidInputException", "why"),
        (b'{"message":"why"}', ("x-amzn-ErrorType: InvalidInputException:http://x/",), "InvalidInputException", "why"),
        (b'{"__type":"com.amazonaws#InvalidInputException","message":"why"}', (), "InvalidInputException", "why"),
        (b'{"error":{"code":"InvalidInputException","message":"why"}}', (), "InvalidInputException", "why"),
        (XML % b"ValidationError" + b"r-1</RequestId></ErrorResponse>", (), "ValidationError", "a <b>"),
        (b"<html><body>Oops</body></html>", (), "", "an HTML page"),
        (b"\xff\xfe", (), "", "a reply that is not Security Hub's"),
        (b'{"Message":7,"Code":[]}', (), "", "a reply that is not Security Hub's"),
    ],
    ids=["service", "gateway", "typed", "nested", "xml", "html", "bytes", "odd"],
)
async def test_an_error_is_read_in_whatever_form_it_comes(
    make_target: MakeTarget, send: Send, body: bytes, headers: tuple[str, ...], code: str, said: str
) -> None:
    def behave(connection: Connection) -> None:
        connection.read_all()
        connection.send(answer("400 Bad Request", body, *headers, media_type="text/plain"))

    with serving(behave) as server:
        outcome = await send(make_target(server.url), *FINDINGS).outcome()

    assert not isinstance(outcome, Accepted | PartlyAccepted)
    assert outcome.error.code == code
    assert said in outcome.error.message
    assert "\x1b" not in outcome.error.message


@pytest.mark.parametrize(
    ("status", "name", "kind"),
    [
        ("400 Bad Request", "ExpiredTokenException", Denied),
        ("400 Bad Request", "UnrecognizedClientException", Denied),
        ("400 Bad Request", "ThrottlingException", Throttled),
        ("503 Slow Down", "SlowDown", Throttled),
        ("404 Not Found", "", Refused),
        ("409 Conflict", "ResourceConflictException", Refused),
        ("204 No Content", "", InDoubt),
    ],
)
async def test_an_error_means_what_its_name_says_and_its_status_else(
    make_target: MakeTarget, send: Send, status: str, name: str, kind: type
) -> None:
    body = b"" if status.startswith("204") else json.dumps({"__type": name, "message": "why"}).encode()
    with serving(scripted((status, body))) as server:
        outcome = await send(make_target(server.url), *FINDINGS).outcome()

    assert isinstance(outcome, kind), outcome


async def test_our_secrets_are_taken_out_of_an_echo(
    make_target: MakeTarget, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token/canary/of/a/session")

    def echo(connection: Connection) -> None:
        connection.read_all()
        said = {name: values for name, values in connection.request.headers.items() if name.startswith(("x-", "auth"))}
        document = {"FailedCount": 0, "SuccessCount": 5, "FailedFindings": [], "echo": said}
        connection.send(answer("200 OK", json.dumps(document).encode(), media_type="application/json"))

    with serving(echo) as server:
        outcome = await send(make_target(server.url), *FINDINGS).outcome()
        signature = server.requests[0].header("authorization").rpartition("=")[2]
        assert server.requests[0].header("x-amz-security-token") == "token/canary/of/a/session"

    assert isinstance(outcome, Accepted)
    shown = repr(outcome)
    assert "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token" in shown
    assert "canary" not in shown
    assert signature not in shown


async def test_what_is_broken_off_before_its_end_was_not_sent(make_target: MakeTarget, send: Send) -> None:
    def behave(connection: Connection) -> None:
        connection.read_head()
        connection.reset()

    big = {"ProductFields": {f"k{number}": "x" * 2_000 for number in range(50)}}
    many = [finding(Id=str(number), **big) for number in range(50)]
    with serving(behave) as server:
        outcome = await send(make_target(server.url), *many).outcome()

    assert isinstance(outcome, NotSent)
    assert outcome.passing


async def test_a_job_of_which_all_passes_in_the_end_is_completed(make_target: MakeTarget, send: Send) -> None:
    first = imported(5, *((name, "InternalException") for name in "abcde"))
    with serving(scripted(("200 OK", first), ("200 OK", imported(5)))) as server:
        outcome = await send(make_target(server.url), *FINDINGS).outcome()

    assert isinstance(outcome, Accepted)
    assert (outcome.job.status, outcome.job.summary) == (COMPLETED, JobSummary(5, 5, 0))
