"""The API key is never seen: not in objects, errors, outcomes or logs, even when a server sends it back."""

from __future__ import annotations

import logging
import traceback

import pytest

from console.errors import TargetError
from console.targets.base import JobQuery
from tests.targets.fault_server import Behaviour, Connection, answer, serving
from tests.targets.prowler.conftest import ATTEMPT, CANARY, KEY, MakeBatch, MakeTarget, nothing


def echoing(status: str, template: bytes, media_type: str = "application/vnd.api+json") -> Behaviour:
    """A server that writes the key wherever it can."""

    def behave(connection: Connection) -> None:
        connection.read_all()
        got = connection.request.header("authorization").encode()
        assert KEY.encode() in got
        body = template.replace(b"@", got)
        headers = (f"Transaction-ID: {KEY}", f"Set-Cookie: key={KEY}", f"Location: https://{CANARY}.example/{KEY}")
        connection.send(answer(f"{status} {KEY}", body, *headers, media_type=media_type))

    return behave


def echoing_nothing(connection: Connection) -> None:
    connection.read_all()
    connection.reset()


ERROR = b'{"errors":[{"detail":"bad key @","code":"@","source":{"pointer":"@"}}]}'
JOB = b'{"data":{"id":"3650fef9-8e5f-4808-a95f-74f0afae8499","attributes":{"status":"@","requested_at":"@"}}}'
ECHOES = {
    "accepted": echoing("202", JOB),
    "unauthorised": echoing("401", ERROR),
    "invalid": echoing("400", ERROR),
    "failing": echoing("500", ERROR),
    "bare detail": echoing("400", b'{"detail":"@"}'),
    "HTML": echoing("502", b"<html>@</html>", "text/html"),
    "no JSON": echoing("202", b"@"),
    "redirect": echoing("307", b"@"),
    "list": echoing("200", b'{"data":[{"id":"@","attributes":{"status":"@","detail":"@"}}]}'),
    "reset": echoing_nothing,
}


@pytest.mark.parametrize("behave", ECHOES.values(), ids=ECHOES.keys())
async def test_the_key_is_never_seen_even_if_a_server_sends_it_back(
    behave: Behaviour, make_batch: MakeBatch, make_target: MakeTarget, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    shown: list[str] = []
    with serving(behave) as server:
        target = make_target(server.url)
        outcome = await target.send(make_batch(), ATTEMPT, nothing)
        shown += [repr(outcome), repr(getattr(outcome, "error", "")), str(getattr(outcome, "error", ""))]
        for ask in (lambda: target.jobs(JobQuery()), lambda: target.job("x"), lambda: target.job_errors("x", 1)):
            try:
                shown.append(repr(await ask()))
            except TargetError as error:
                shown += [str(error), repr(error), repr(vars(error))]
                shown.append("".join(traceback.TracebackException.from_exception(error, capture_locals=True).format()))
        shown += [f"{step}" async for step in target.probe()]
    shown += [repr(target), str(target), repr(vars(target)), repr(vars(target._http)), caplog.text]

    assert len(server.requests) == 5
    assert [text for text in shown if CANARY in text] == []


def test_a_target_shows_its_name_and_where_it_is(make_target: MakeTarget) -> None:
    assert repr(make_target("https://api.prowler.com")) == "ProwlerTarget('prowler', 'https://api.prowler.com')"
