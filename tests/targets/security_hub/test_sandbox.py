"""Sending findings to the sandbox: what is taken in, and what every kind of answer comes to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping

import pytest

from console.sandbox.security_hub.store import CREATED, IGNORED
from console.sandbox.server import Sandbox
from console.targets.base import (
    COMPLETED,
    FAILED,
    Accepted,
    Denied,
    InDoubt,
    JobSummary,
    NotSent,
    Outcome,
    PartlyAccepted,
    Refused,
    Throttled,
)
from console.targets.http import Response, SecretHeaders, Upload
from console.targets.security_hub.target import SecurityHubTarget
from tests.targets.security_hub.conftest import MakeTarget, Send, records
from tests.targets.security_hub.findings import finding


async def test_findings_are_imported_byte_for_byte(target: SecurityHubTarget, sandbox: Sandbox, send: Send) -> None:
    sending = send(target, *(finding(Id=f"f-{number}", Title="é") for number in range(100)))

    outcome = await sending.outcome()

    assert isinstance(outcome, Accepted)
    assert (outcome.job.id, outcome.job.status) == (sending.attempt, COMPLETED)
    assert outcome.job.summary == JobSummary(100, 100, 0)
    assert outcome.job.raw["answer"] == {"FailedCount": 0, "SuccessCount": 100, "FailedFindings": []}
    (entry,) = sandbox.journal.entries("hub.import")
    assert entry.sha256 == sending.batch.sha256
    assert [taken.identifier.id for taken in sandbox.security_hub.store.taken()] == [f"f-{n}" for n in range(100)]
    assert sending.handed_over[-1] == sending.batch.length


async def test_only_what_was_signed_and_httpx_needs_is_on_the_wire(
    target: SecurityHubTarget, sandbox: Sandbox, send: Send
) -> None:
    await send(target, finding()).outcome()

    (entry,) = sandbox.journal.entries("hub.import")
    headers = dict(entry.headers)
    assert headers["content-type"] == "application/json"
    assert "x-amz-date" in headers
    assert "x-amz-content-sha256" not in headers


async def test_every_finding_that_failed_is_an_error_of_its_own(target: SecurityHubTarget, send: Send) -> None:
    bad = {1, 4, 7}
    outcome = await send(
        target, *(finding(Id=f"f-{number}", Title="x" * 257 if number in bad else "t") for number in range(9))
    ).outcome()

    assert isinstance(outcome, PartlyAccepted)
    assert (outcome.job.status, outcome.job.summary) == (COMPLETED, JobSummary(9, 6, 3))
    assert [(error.record, error.uid, error.code) for error in outcome.errors] == [
        (number, f"f-{number}", "InvalidInput") for number in sorted(bad)
    ]
    assert "data.Title should NOT be longer than 256 characters" in outcome.errors[0].message
    assert not outcome.job.succeeded


async def test_a_batch_of_which_nothing_was_taken_is_a_failed_job(target: SecurityHubTarget, send: Send) -> None:
    outcome = await send(target, finding(Title="")).outcome()

    assert isinstance(outcome, PartlyAccepted)
    assert (outcome.job.status, outcome.job.summary) == (FAILED, JobSummary(1, 0, 1))


async def test_a_batch_that_is_sent_again_changes_nothing(
    target: SecurityHubTarget, sandbox: Sandbox, send: Send
) -> None:
    sending = send(target, finding())

    assert [type(await sending.outcome()) for _ in range(2)] == [Accepted, Accepted]

    assert [taken.outcome for taken in sandbox.security_hub.store.taken()] == [CREATED, IGNORED]


def error_of(outcome: Outcome) -> str:
    assert not isinstance(outcome, Accepted | PartlyAccepted)
    return f"{outcome.error.message} {outcome.error.hint}"


@pytest.mark.parametrize(
    ("fault", "kind", "said"),
    [
        ("status=429,retry-after=7", Throttled, "asks us to slow down (HTTP 429, TooManyRequestsException"),
        ("status=500", InDoubt, "is failing (HTTP 500, InternalException"),
        ("status=503", InDoubt, "HTTP 503"),
        ("html=502", InDoubt, "HTTP 502, an HTML page"),
        ("html=403", Denied, "a proxy or a firewall"),
        ("status=400", Refused, "refused the findings (HTTP 400, InvalidInputException"),
        ("status=413", Refused, "finds the request too large"),
        ("status=401", Denied, "aws securityhub enable-security-hub --region us-east-1"),
        ("status=403", Denied, "AwsAccountId of every finding is the account of the credentials, which should be 1234"),
        ("expired", Denied, "temporary credentials that have expired"),
        ("redirect=https://elsewhere.example/", Refused, "redirects to https://elsewhere.example (HTTP 307)"),
        ("cut=20", InDoubt, "a reply that could not be read whole"),
        ("cut=0", InDoubt, "a reply that could not be read whole"),
        ("no-reply=reset", InDoubt, "it may have been imported"),
        ("reset=before", NotSent, "broke the connection off"),
    ],
)
async def test_an_outcome_follows_from_the_answer(
    target: SecurityHubTarget, sandbox: Sandbox, send: Send, fault: str, kind: type, said: str
) -> None:
    sandbox.faults.add(f"{fault},on=hub.import")
    big = finding(ProductFields={f"k{number}": "x" * 2_000 for number in range(50)})

    outcome = await send(target, *({**big, "Id": f"f-{number}"} for number in range(50))).outcome()

    assert isinstance(outcome, kind), outcome
    assert said in error_of(outcome)
    assert not isinstance(outcome, Throttled) or outcome.retry_after == 7
    assert len(sandbox.journal.entries("hub.import")) <= 1, "it was tried once"


async def test_a_foreign_account_is_explained_behind_the_misleading_error(
    target: SecurityHubTarget, send: Send
) -> None:
    outcome = await send(target, finding(AwsAccountId="210987654321")).outcome()

    assert isinstance(outcome, Denied)
    assert outcome.error.code == "AccessDeniedException"
    assert "is not authorized to perform: securityhub:BatchImportFindings" in outcome.error.message
    for reason in ("a policy allows securityhub:BatchImportFindings", "AwsAccountId", "is enabled in us-east-1"):
        assert reason in outcome.error.hint


@pytest.mark.parametrize("seconds", [600, -600])
async def test_a_clock_that_is_wrong_is_seen_and_signed_by_the_other_once(
    target: SecurityHubTarget, sandbox: Sandbox, send: Send, seconds: int
) -> None:
    sandbox.faults.add(f"skew={seconds},on=hub.import")

    first = await send(target, finding(Id="a")).outcome()
    second = await send(target, finding(Id="b")).outcome()

    assert [type(first), type(second)] == [Accepted, Accepted]
    assert [entry.status for entry in sandbox.journal.entries("hub.import")] == [403, 200, 200]
    assert target.clock_offset == pytest.approx(seconds, abs=30)


async def test_a_wrong_secret_is_not_taken_for_a_wrong_clock(
    target: SecurityHubTarget, make_target: MakeTarget, sandbox: Sandbox, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong/canary" + "x" * 28)
    sandbox.faults.add("skew=600,on=hub.import")
    wrong = make_target(target.origin)

    outcome = await send(wrong, finding()).outcome()

    assert isinstance(outcome, Denied)
    assert "AWS_SECRET_ACCESS_KEY belongs to AWS_ACCESS_KEY_ID" in outcome.error.hint
    assert len(sandbox.journal.entries("hub.import")) == 2
    assert "canary" not in f"{outcome!r} {outcome.error}"


async def test_credentials_that_are_mended_are_found_without_a_new_start(
    target: SecurityHubTarget, make_target: MakeTarget, sandbox: Sandbox, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = sandbox.access.security_hub.secret_access_key.reveal()
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x" * 40)
    mended = make_target(target.origin)
    assert isinstance(await send(mended, finding()).outcome(), Denied)

    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", right)

    assert isinstance(await send(mended, finding()).outcome(), Accepted)


async def test_counts_that_do_not_add_up_are_flagged_and_kept(
    target: SecurityHubTarget, sandbox: Sandbox, send: Send
) -> None:
    sandbox.faults.add("miscount=-2,on=hub.import")

    outcome = await send(target, *(finding(Id=str(number)) for number in range(5))).outcome()

    assert isinstance(outcome, PartlyAccepted)
    assert outcome.job.summary == JobSummary(5, 3, 2), "what nobody said was imported does not count as imported"
    assert [(error.record, error.code) for error in outcome.errors] == [(None, "answer_does_not_add_up")]
    assert "it counts 3 imported and 0 failed" in outcome.errors[0].message
    assert outcome.job.raw["answer"] == {"FailedCount": 0, "SuccessCount": 3, "FailedFindings": []}
    assert "does not add up" in str(outcome.job.raw["detail"])


async def test_a_payload_that_changed_is_not_sent(target: SecurityHubTarget, sandbox: Sandbox, send: Send) -> None:
    sending = send(target, finding())
    sending.batch.path.write_bytes(sending.batch.path.read_bytes().replace(b"HIGH", b"LOW "))

    outcome = await sending.outcome()

    assert isinstance(outcome, NotSent)
    assert not outcome.passing
    assert sandbox.journal.entries("hub.import") == []


async def test_a_payload_that_holds_no_findings_is_not_sent(
    target: SecurityHubTarget, sandbox: Sandbox, send: Send
) -> None:
    outcome = await send(target, payload=b"[1]").outcome()

    assert isinstance(outcome, NotSent)
    assert not outcome.passing
    assert sandbox.journal.entries("hub.import") == []


async def test_a_server_that_does_not_run_was_sent_nothing(
    target: SecurityHubTarget, make_target: MakeTarget, send: Send
) -> None:
    assert target.credential
    outcome = await send(make_target("http://127.0.0.1:9"), finding()).outcome()

    assert isinstance(outcome, NotSent)
    assert outcome.passing


async def test_without_credentials_everything_is_denied_and_nothing_is_asked(
    make_target: MakeTarget, sandbox: Sandbox, send: Send
) -> None:
    target = make_target(sandbox.access.security_hub.endpoint_url)

    outcome = await send(target, finding()).outcome()

    assert target.credential == ""
    assert isinstance(outcome, Denied)
    assert "There are no AWS credentials for the target 'hub'." in outcome.error.message
    assert "AWS_ACCESS_KEY_ID" in outcome.error.hint
    assert sandbox.journal.entries() == []


def test_a_request_is_the_findings_and_a_frame(target: SecurityHubTarget) -> None:
    found = records(finding(Id="a"), finding(Id="b"))

    payload = b"".join(target.payload(found))

    assert payload == b'{"Findings":[' + found[0].raw + b"," + found[1].raw + b"]}"
    assert json.loads(b"".join(target.payload([]))) == {"Findings": []}
    assert [target.identity(record) for record in found] == ["a", "b"]


async def test_the_last_bytes_count_as_handed_over_before_they_go(
    target: SecurityHubTarget, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write that fails, or is given up, may have delivered them."""
    sending = send(target, finding())
    at_the_write: list[int] = []

    async def post(
        path: str, upload: Upload, headers: Mapping[str, str], auth: SecretHeaders | None = None
    ) -> Response:
        await anext(upload.pieces)
        at_the_write.append(sending.handed_over[-1])
        raise asyncio.CancelledError

    monkeypatch.setattr(target._home._http, "post", post)
    with pytest.raises(asyncio.CancelledError):
        await sending.outcome()

    assert at_the_write == [sending.batch.length]
