"""What the intake does wrong on request: each in the words of the service, over a real socket."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from console.credentials import Secret
from console.sandbox.disturbance import UNDISTURBED, Disturbance
from console.sandbox.prowler.auth import Permission
from console.sandbox.prowler.intake import ProwlerSettings
from console.sandbox.prowler.worker import Pace
from console.targets.base import COMPLETED, PENDING, PROCESSING
from tests.sandbox.conftest import MEDIA_TYPE, PATH, no_bad_records, seeded
from tests.sandbox.prowler.support import Stand, standing
from tests.sandbox.prowler.test_contract import error

JOB = f"{PATH}/{UUID(int=1)}"
GATEWAY = (
    "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n</body>\r\n</html>\r\n"
)


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    with standing(tmp_path) as found:
        yield found


def body(status: int, detail: str, code: str, pointer: str | None = "/data") -> str:
    source = "" if pointer is None else f'"source":{{"pointer":"{pointer}"}},'
    return error(f'{{"detail":"{detail}","status":"{status}",{source}"code":"{code}"}}')


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (
            400,
            body(400, "The report is not a valid Prowler OCSF finding report.", "invalid", "/data/attributes/file"),
        ),
        (401, body(401, "Invalid API Key.", "authentication_failed")),
        (
            402,
            body(402, "A Prowler Cloud subscription is required to import findings.", "subscription_required"),
        ),
        (403, body(403, "You do not have permission to perform this action.", "permission_denied")),
        (404, body(404, "Not found.", "not_found", None)),
        (405, body(405, 'Method \\"POST\\" not allowed.', "method_not_allowed")),
        (406, body(406, "Could not satisfy the request Accept header.", "not_acceptable")),
        (409, body(409, "Conflict.", "conflict")),
        (411, body(411, "The request has no Content-Length.", "length_required")),
        (
            413,
            body(413, "The selected file exceeds the allowed upload size.", "file_too_large", "/data/attributes/file"),
        ),
        (429, body(429, "Too many import requests. Please try again shortly.", "rate_limited")),
        (499, body(499, "Error.", "error")),
    ],
)
def test_a_submission_is_refused_with_any_status_in_the_services_words(
    stand: Stand, status: int, expected: str
) -> None:
    answer = stand.submit(Disturbance(status=status))

    assert (answer.status_code, answer.text) == (status, expected)
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert "retry-after" not in answer.headers
    assert stand.intake.store.count() == 0


def test_an_unsupported_media_type_is_named(stand: Stand) -> None:
    stand.disturb(Disturbance(status=415))

    answer = stand.client.post(PATH, content=b"x", headers={"Content-Type": 'a/"b"'})

    detail = r"Unsupported media type \"a/\"b\"\" in request."
    assert (answer.status_code, answer.text) == (415, body(415, detail, "unsupported_media_type"))


def test_a_job_that_is_said_to_be_gone_is_not_found(stand: Stand) -> None:
    stand.intake.store.add(seeded(0))
    stand.disturb(Disturbance(status=404))

    assert stand.client.get(JOB).text == body(404, "No Ingestion matches the given query.", "not_found", None)


@pytest.mark.parametrize(
    ("retry_after", "detail"),
    [
        ("60", "Request was throttled. Expected available in 60 seconds."),
        ("1", "Request was throttled. Expected available in 1 second."),
        ("Wed, 21 Oct 2026 07:28:00 GMT", "Request was throttled."),
        ("9" * 5_000, "Request was throttled."),
        ("-1", "Request was throttled."),
    ],
)
def test_throttling_tells_when_to_come_back_exactly_as_asked(stand: Stand, retry_after: str, detail: str) -> None:
    answer = stand.submit(Disturbance(status=429, retry_after=retry_after))

    assert (answer.status_code, answer.text) == (429, body(429, detail, "throttled"))
    assert answer.headers["retry-after"] == retry_after


@pytest.mark.parametrize(
    ("status", "title"),
    [(502, "502 Bad Gateway"), (503, "503 Service Unavailable"), (504, "504 Gateway Timeout")],
)
def test_the_gateway_answers_with_a_page_of_its_own(stand: Stand, status: int, title: str) -> None:
    answer = stand.submit(Disturbance(status=status, retry_after="7"))

    assert (answer.status_code, answer.text) == (status, GATEWAY.format(title))
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["retry-after"] == "7"


@pytest.mark.parametrize("status", [500, 501, 599])
def test_a_service_that_broke_answers_with_djangos_page(stand: Stand, status: int) -> None:
    answer = stand.submit(Disturbance(status=status))

    assert answer.status_code == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert f"<h1>Server Error ({status})</h1><p></p>" in answer.text


@pytest.mark.parametrize("status", range(400, 600))
def test_every_status_is_answered_on_every_endpoint(every: Stand, status: int) -> None:
    every.disturb(Disturbance(status=status))

    answers = [
        every.client.post(PATH),
        every.client.get(PATH),
        every.client.get(JOB),
        every.client.get(JOB + "/errors"),
    ]

    assert {answer.status_code for answer in answers} == {status}
    assert all(answer.content for answer in answers)
    every.disturb(UNDISTURBED)


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """A stand for tests that leave nothing in it."""
    with standing(tmp_path_factory.mktemp("every")) as found:
        yield found


def test_even_a_stranger_is_refused_so(every: Stand) -> None:
    every.disturb(Disturbance(status=402))

    answer = httpx.get(str(every.client.base_url) + PATH)

    assert answer.status_code == 402
    every.disturb(UNDISTURBED)


def test_an_expired_credential_is_said_to_be_so_whatever_it_is(every: Stand) -> None:
    every.disturb(Disturbance(expired=True))

    for headers in ({}, {"Authorization": "Api-Key nonsense"}):
        answer = httpx.get(str(every.client.base_url) + PATH, headers=headers)
        assert (answer.status_code, answer.text) == (
            401,
            body(401, "API Key has already expired.", "authentication_failed"),
        )
    every.disturb(UNDISTURBED)


def test_a_refusal_reads_the_body_out_and_the_connection_stays(every: Stand) -> None:
    every.disturb(Disturbance(status=429))

    answer = every.client.post(PATH, files={"file": ("a.ocsf.json", b"[" + b" " * 3_000_000)})

    assert answer.status_code == 429
    every.disturb(UNDISTURBED)
    assert every.client.get(PATH).status_code == 200


@pytest.mark.parametrize("status", [PENDING, PROCESSING, "archived"])
def test_a_stuck_job_keeps_its_status_and_lets_others_pass_even_after_a_restart(tmp_path: Path, status: str) -> None:
    with standing(tmp_path) as stand:
        answer = stand.submit(Disturbance(stuck=status))
        other = stand.submit()
        store = stand.intake.store
        assert store.wait(lambda: store.next_open() is None, timeout=20)
        before = [stand.client.get(f"{PATH}/{sent.json()['data']['id']}").json() for sent in (answer, other)]

    with standing(tmp_path) as stand:
        assert stand.submit().status_code == 202
        store = stand.intake.store
        assert store.wait(lambda: store.next_open() is None, timeout=20)
        after = [stand.client.get(f"{PATH}/{sent.json()['data']['id']}").json() for sent in (answer, other)]

    assert answer.json()["data"]["attributes"]["status"] == PENDING
    assert [job["data"]["attributes"]["status"] for job in before] == [status, COMPLETED]
    assert (before[0]["data"]["attributes"]["started_at"] is None) == (status == PENDING)
    assert after == before


def test_a_late_job_is_found_by_its_id_and_listed_when_its_time_has_come(tmp_path: Path) -> None:
    late = Disturbance(late=timedelta(seconds=30))
    with standing(tmp_path) as stand:
        job = stand.submit(late).json()["data"]["id"]
        stand.clock.move(seconds=29.999)

        assert stand.client.get(f"{PATH}/{job}").status_code == 200
        assert stand.client.get(f"{PATH}/{job}/errors").status_code == 200
        listed = stand.client.get(PATH).json()
        assert (listed["data"], listed["meta"]["pagination"]["count"]) == ([], 0)
        now = stand.clock.now

    with standing(tmp_path) as stand:
        stand.clock.now = now
        assert stand.client.get(PATH).json()["data"] == []
        stand.clock.move(seconds=0.001)
        listed = stand.client.get(PATH).json()
        assert [one["id"] for one in listed["data"]] == [job]
        assert listed["meta"]["pagination"]["count"] == 1


def test_a_miscount_is_in_the_answers_and_not_in_the_job(stand: Stand) -> None:
    wrong = Disturbance(miscount=3)
    answer = stand.submit(wrong)
    job = f"{PATH}/{answer.json()['data']['id']}"
    store = stand.intake.store
    assert store.wait(lambda: store.next_open() is None, timeout=20)

    stand.disturb(wrong)
    shown, listed = stand.client.get(job).json()["data"], stand.client.get(PATH).json()["data"][0]
    stand.disturb(UNDISTURBED)

    assert answer.json()["data"]["attributes"]["summary"] == {"total": 1, "processed": 3, "invalid": 0}
    assert (
        shown["attributes"]["summary"] == listed["attributes"]["summary"] == {"total": 1, "processed": 4, "invalid": 0}
    )
    assert stand.client.get(job).json()["data"]["attributes"]["summary"]["processed"] == 1


def test_a_clock_that_is_ahead_shows_in_all_times_of_a_job(stand: Stand) -> None:
    answer = stand.submit(Disturbance(skew=timedelta(days=1)))
    store = stand.intake.store
    assert store.wait(lambda: store.next_open() is None, timeout=20)

    shown = stand.client.get(f"{PATH}/{answer.json()['data']['id']}").json()["data"]["attributes"]

    assert {shown[name] for name in ("requested_at", "started_at", "completed_at")} == {"2026-02-18T12:00:00Z"}
    assert len(stand.client.get(PATH + "?filter[inserted_at]=2026-02-18").json()["data"]) == 1


def test_more_requests_than_the_rate_allows_are_throttled_until_the_oldest_is_old_enough(tmp_path: Path) -> None:
    with standing(tmp_path, ProwlerSettings(rate=(2, 60), check=no_bad_records)) as stand:
        assert stand.client.get(PATH).status_code == 200
        stand.clock.move(seconds=19.5)
        assert stand.submit().status_code == 202
        throttled = stand.submit(), stand.client.get(PATH), stand.client.delete(PATH)
        stand.clock.move(seconds=39.5)
        last_second = stand.client.get(PATH)
        stand.clock.move(seconds=1)
        again = stand.client.get(PATH), stand.client.get(PATH)
        jobs = stand.intake.store.count()

    for answer in throttled:
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "41")
        assert answer.text == body(429, "Request was throttled. Expected available in 41 seconds.", "throttled")
    assert last_second.text == body(429, "Request was throttled. Expected available in 1 second.", "throttled")
    assert [answer.status_code for answer in again] == [200, 429]
    assert jobs == 1


def test_each_key_has_a_rate_of_its_own_and_strangers_use_up_nobodys(tmp_path: Path) -> None:
    settings = ProwlerSettings(rate=(1, 60), check=no_bad_records)
    with standing(tmp_path, settings) as stand:
        url = str(stand.client.base_url) + PATH
        assert [httpx.get(url).status_code for _ in range(3)] == [401] * 3
        key = Secret("pk_aaaaaaaa.one")
        stand.intake.keys.add(key, Permission.MANAGE_INGESTIONS)
        other = {"Authorization": f"Api-Key {key.reveal()}"}
        assert [httpx.get(url, headers=other).status_code for _ in range(2)] == [200, 429]
        assert [stand.client.get(PATH).status_code for _ in range(2)] == [200, 429]


def test_a_paced_job_counts_its_time_by_its_own_clock(tmp_path: Path) -> None:
    settings = ProwlerSettings(pace=Pace(records_per_second=1000), check=no_bad_records)
    with standing(tmp_path, settings) as stand:
        answer = stand.submit(Disturbance(skew=timedelta(hours=-1)))
        store = stand.intake.store
        assert store.wait(lambda: store.next_open() is None, timeout=20)
        job = store.ingestion(UUID(answer.json()["data"]["id"]))

    assert job is not None
    assert job.started_at == job.completed_at == job.inserted_at == stand.clock.now - timedelta(hours=1)
