"""What the intake does wrong when it is asked to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from console.credentials import Secret
from console.sandbox.cisco_xdr.intake import CiscoXdrIntake, CiscoXdrSettings, cisco_xdr_intake
from console.sandbox.cisco_xdr.store import SCHEMA
from console.sandbox.database import Database
from console.sandbox.disturbance import Disturbance, disturb
from tests.sandbox.cisco_xdr.conftest import BUNDLES, CUSTOM, FINDING, GRANT, TOKEN, SetClock
from tests.targets.cisco_xdr.bundles import bundle, finding

SETTINGS = CiscoXdrSettings(client_id="c", client_secret=Secret("s"))


@pytest.fixture
def intake(tmp_path: Path, clock: SetClock) -> Iterator[CiscoXdrIntake]:
    database = Database(tmp_path / "a.sqlite3", SCHEMA, 1)
    yield cisco_xdr_intake(SETTINGS, database, clock=clock, new_id=uuid4)
    database.close()


def disturbed(app: ASGIApp, disturbance: Disturbance) -> httpx.AsyncClient:
    """A client whose requests are disturbed on their way to the intake."""

    async def outer(scope: Scope, receive: Receive, send: Send) -> None:
        disturb(scope, disturbance)
        await app(scope, receive, send)

    transport = httpx.ASGITransport(outer)
    return httpx.AsyncClient(transport=transport, base_url="http://sandbox", headers={"module-instance-id": "m"})


async def got_token(intake: CiscoXdrIntake, disturbance: Disturbance) -> dict[str, str]:
    async with disturbed(intake.app, disturbance) as client:
        answer = await client.post(TOKEN, auth=("c", "s"), data=GRANT)
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@pytest.mark.parametrize("status", [400, 403, 404, 408, 418, 429, 451, 499, 500, 502, 503, 504, 599])
@pytest.mark.parametrize(("method", "path"), [("POST", TOKEN), ("POST", CUSTOM), ("POST", BUNDLES), ("GET", FINDING)])
async def test_any_status_is_answered_with_a_document_of_the_service(
    intake: CiscoXdrIntake, status: int, method: str, path: str
) -> None:
    async with disturbed(intake.app, Disturbance(status=status, retry_after="soon")) as client:
        answer = await client.request(method, path)

    assert answer.status_code == status
    assert answer.headers["retry-after"] == "soon"
    keys = {
        TOKEN: ["error", "error_description", "error_code", "error_uri", "trace_id"],
        FINDING: ["status", "message", "details"],
    }.get(path, ["result", "message", "details"])
    assert list(answer.json()) == (["message"] if status == 429 else keys)


@pytest.mark.parametrize("path", [TOKEN, CUSTOM, BUNDLES])
async def test_a_401_is_that_of_the_platform_and_has_no_retry_after_of_its_own(
    intake: CiscoXdrIntake, path: str
) -> None:
    async with disturbed(intake.app, Disturbance(status=401)) as client:
        answer = await client.post(path)

    assert answer.status_code == 401
    assert "retry-after" not in answer.headers
    assert answer.headers["www-authenticate"].split()[0] == ("Basic" if path == TOKEN else "Bearer")
    assert answer.json()["error"] == ("invalid_client" if path == TOKEN else "invalid_request")


async def test_a_good_token_is_said_to_have_expired(intake: CiscoXdrIntake) -> None:
    headers = await got_token(intake, Disturbance())
    async with disturbed(intake.app, Disturbance(expired=True)) as client:
        answer = await client.post(BUNDLES, json=[bundle(finding("f"))], headers=headers)

    assert answer.status_code == 401
    assert answer.json()["error"] == "jwt_expired"
    assert intake.store.count() == 0


async def test_a_good_client_is_said_to_be_none(intake: CiscoXdrIntake) -> None:
    async with disturbed(intake.app, Disturbance(expired=True)) as client:
        answer = await client.post(TOKEN, auth=("c", "s"), data=GRANT)

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(("ahead", "status"), [(599, 200), (600, 401), (-7_200, 200)])
async def test_a_clock_that_is_ahead_shortens_the_life_of_tokens(
    intake: CiscoXdrIntake, ahead: int, status: int
) -> None:
    headers = await got_token(intake, Disturbance())
    async with disturbed(intake.app, Disturbance(skew=timedelta(seconds=ahead))) as client:
        answer = await client.post(BUNDLES, json=[bundle(finding("f"))], headers=headers)

    assert answer.status_code == status


async def test_a_clock_that_is_ahead_is_seen_in_answers(intake: CiscoXdrIntake, clock: SetClock) -> None:
    skewed = Disturbance(skew=timedelta(hours=1))
    headers = await got_token(intake, skewed)
    async with disturbed(intake.app, skewed) as client:
        answer = await client.post(BUNDLES, json=[bundle(finding("f"))], headers=headers)

    assert answer.json()["data"]["timestamp"] == "2026-02-17T14:00:00Z"


async def test_an_answer_may_hold_errors_about_nothing(intake: CiscoXdrIntake) -> None:
    headers = await got_token(intake, Disturbance())
    async with disturbed(intake.app, Disturbance(miscount=2)) as client:
        answer = await client.post(BUNDLES, json=[bundle(finding("f"))], headers=headers)

    found = answer.json()
    assert answer.status_code == 200
    assert found["data"]
    assert [sorted(one) for one in found["errors"]] == [["code", "detail", "uid"]] * 2
    assert "f" not in {one["uid"] for one in found["errors"]}
    assert intake.store.count("f") == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_an_unknown_path_is_a_404_with_a_document(intake: CiscoXdrIntake, method: str) -> None:
    async with disturbed(intake.app, Disturbance()) as client:
        for path in ("/api/v1/detection_findings/", "/api/v2/finding", "/"):
            answer = await client.request(method, path, content=b"x" if method == "POST" else None)
            assert answer.status_code == 404
            assert list(answer.json()) == ["result", "message", "details"]
