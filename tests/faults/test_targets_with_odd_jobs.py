"""S43 to S50, S57, S58: jobs, lists and errors as no API should write them; cookies, and our own key sent back."""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.faults.errands import (
    DONE,
    NOTHING_LISTED,
    OTHER_ID,
    RECORDS,
    Errand,
    api,
    json_of,
    listed,
    no_secret_in,
    resource,
    shown,
    uploads,
)
from tests.targets.fault_server import Connection, answer, answering, serving
from tests.targets.prowler.conftest import CANARY, JOB_ID, KEY, error_document, job_document

LONG_AGO = "2026-01-19T10:15:00Z"
HOSTILE = "\x1b]0;owned\x07 [@click=app.quit]x[/] <script>alert(1)</script> \u202egnp"


def test_s43_a_status_that_nobody_knows_is_shown_as_it_is_and_ends_nothing(errand: Errand) -> None:
    """Unknown status value (`queued2`, null, `COMPLETED`): shown verbatim, non-terminal, keeps polling slowly."""
    with serving(api(shows=[shown("queued2"), shown(None), shown("COMPLETED"), DONE])) as server:
        done = errand.submit(server.url, "--wait")
    told = [line.partition(": ")[2] for line in done.stderr.splitlines() if line.startswith(f"Job {JOB_ID}: ")]
    assert told == ["queued2.", "null.", "COMPLETED.", "completed."]
    assert (done.code, errand.kept.states) == (0, ["accepted"])


def test_s44_a_status_that_goes_backwards_is_told_and_changes_nothing(errand: Errand) -> None:
    """Status goes backwards (completed, processing): recorded, flagged, terminal kept."""
    with serving(api(shows=[DONE, shown("processing")], lists=listed(resource("pending")))) as server:
        errand.submit(server.url, "--wait")
        later = errand.jobs(server.url, "show", JOB_ID, "--format", "json").json()
        watched = errand.jobs(server.url, "watch", JOB_ID)
        (row,) = errand.jobs(server.url, "list", "--format", "json").json()["jobs"]
    assert later["status"] == "completed"
    assert later["raw"]["attributes"]["status"] == "processing"
    told = "It was seen to be completed before, and prowler says now that it is processing."
    assert later["remarks"] == [told]
    assert (watched.code, told in watched.stderr) == (0, True)
    assert (row["status"], len(row["remarks"])) == ("completed", 1)


@pytest.mark.parametrize(
    ("summary", "code", "told"),
    [
        ({"total": 5, "processed": -5, "invalid": 0}, 0, "Its counter 'processed' is no count."),
        ({"total": "5", "processed": "5", "invalid": "0"}, 0, None),
        ({"total": "five", "processed": 5, "invalid": [0]}, 0, "Its counter 'invalid' is no count."),
        ({"total": None, "processed": None, "invalid": None}, 0, None),
        ({"total": 5, "processed": 7, "invalid": 0}, 0, "do not add up: 7 processed and 0 invalid of 5."),
        ({"total": 5, "processed": 2, "invalid": 0}, 0, "does not account for every record: 2 processed and 0 invalid"),
        ({"total": 5, "processed": 4, "invalid": 1}, 1, None),
        ({"total": 5, "processed": 5, "invalid": 1}, 1, None),
    ],
    ids=["negative", "texts", "words", "null", "too many", "too few", "invalid", "invalid among them"],
)
def test_s45_counters_that_make_no_sense_are_remarked_on(
    errand: Errand, summary: dict[str, Any], code: int, told: str | None
) -> None:
    """Negative, null, string counts; processed > total; invalid > 0 with completed: warning; DONE_WITH_INVALID."""
    with serving(api(shows=shown("completed", summary=summary))) as server:
        done = errand.submit(server.url, "--wait", "--format", "json")
    assert (done.code, errand.kept.states) == (code, ["accepted"])
    remarks = done.json()["job"].get("remarks", [])
    if told is None:
        assert remarks == []
    else:
        assert told in remarks[-1]
        assert remarks[-1] in done.stderr


ODD_TIMES = (
    None, "2026-02-17T13:16:28", "2026-02-17T18:46:28+05:30", "2026-02-17T13:16:28.123456789Z", "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "yesterday", "", 1771334188, ["2026"],
)  # fmt: skip


def test_s46_odd_times_are_read_or_shown_as_they_are(errand: Errand) -> None:
    """Timestamps null, naive, `+05:30`, nanoseconds, year 0001: parsed or raw; no crash."""
    names = ("inserted_at", "requested_at", "started_at", "completed_at")
    odd = [
        resource("x", job_id=f"odd-{number}", total=7, **dict.fromkeys(names, time))
        for number, time in enumerate(ODD_TIMES)
    ]
    with serving(api(answering("504 Gateway Timeout"), lists=listed(*odd, resource()))) as server:
        done = errand.submit(server.url)
        rows = errand.jobs(server.url, "list", "--format", "json").json()["jobs"]
        table = errand.jobs(server.url, "list")
    assert (done.code, errand.kept.states, errand.kept.jobs) == (0, ["accepted"], [JOB_ID])
    shown_times = [time if isinstance(time, str) and time else None for time in ODD_TIMES]
    assert [row["started_at"] for row in rows] == [*shown_times, None]
    assert (table.code, table.stdout.count("odd-")) == (0, len(ODD_TIMES))


def test_s46_a_job_of_no_time_that_could_be_ours_is_not_passed_over(errand: Errand) -> None:
    """Timestamps null: what may be it, is a candidate."""
    timeless = resource(job_id=OTHER_ID, inserted_at=None, requested_at="some day")
    with serving(api(answering("504 Gateway Timeout"), lists=listed(timeless, resource()))) as server:
        done = errand.submit(server.url)
    assert (done.code, errand.kept.states, set(errand.kept.settlements)) == (5, ["unknown"], {"several"})


def test_s47_a_list_that_never_ends_is_read_up_to_a_limit(errand: Errand, monkeypatch: pytest.MonkeyPatch) -> None:
    """List: endless `next`: page cap."""
    monkeypatch.setattr("console.targets.prowler.candidates._MOST_PAGES", 4)
    monkeypatch.setattr("console.cli.sending.LOOKS", (0.0,))
    endless = listed(resource(), pages=10**9)
    with serving(api(answering("504 Gateway Timeout"), lists=endless)) as server:
        done = errand.submit(server.url)
    # What was not looked through may hold anything: nothing follows, and so nothing is written down.
    assert (done.code, errand.kept.states, errand.kept.settlements) == (5, ["unknown"], [])
    assert len(server.requests) - uploads(server) <= 1 + 3 * 4


def test_s47_a_job_that_is_listed_again_and_again_is_one(errand: Errand) -> None:
    """List: duplicate ids across pages, page shifts, empty page: de-dup by id."""
    again = [NOTHING_LISTED, *[listed(resource(), resource(), pages=5)] * 3, listed(pages=5)]
    with serving(api(answering("504 Gateway Timeout"), lists=again)) as server:
        done = errand.submit(server.url)
    assert (done.code, errand.kept.states, errand.kept.jobs) == (0, ["accepted"], [JOB_ID])


def test_s47_a_list_that_becomes_shorter_meanwhile_ends_there(errand: Errand) -> None:
    """List: page shifts: what is past the end is no error."""
    gone = answering("404 Not Found", error_document("not_found", "Invalid page.", status="404"))
    lists = [NOTHING_LISTED, listed(resource(), pages=3), gone, NOTHING_LISTED]
    with serving(api(answering("504 Gateway Timeout"), lists=lists)) as server:
        done = errand.submit(server.url)
    assert (done.code, errand.kept.states) == (0, ["accepted"])


def test_s47_links_of_a_list_are_not_followed(errand: Errand) -> None:
    """List: `next` to other host, `next` with `http://` scheme: build `page[number]` ourselves."""
    with serving(api()) as elsewhere:
        further = f"{elsewhere.url}/api/v1/ingestions?page[number]=2"
        lists = listed(resource(), pages=2, next=further, last=further, first=further)
        errors = json_of({"data": [], "links": {"next": further}, "meta": {"pagination": {"pages": 2, "count": 1}}})
        with serving(api(answering("504 Gateway Timeout"), lists=lists, errors=errors)) as server:
            done = errand.submit(server.url)
            errand.jobs(server.url, "list", "--page", "2")
            errand.jobs(server.url, "errors", JOB_ID)
    assert elsewhere.requests == []
    assert (done.code, errand.kept.jobs) == (0, [JOB_ID])
    asked = [request.line for request in server.requests if "page%5Bnumber%5D=2" in request.line]
    assert asked


def test_s48_a_job_that_does_not_move_is_looked_at_less_often_and_said_to_be_stuck(
    errand: Errand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Job stuck `pending` 24 h: STALLED hint, polling backs off to 5 min."""
    pauses = _pauses(monkeypatch)
    yesterday = (datetime.now(UTC) - timedelta(hours=25)).isoformat()
    stuck, new = shown("pending", requested_at=yesterday, inserted_at=yesterday), shown("pending")
    with serving(api(shows=[new, stuck, stuck, DONE])) as server:
        done = errand.submit(server.url, "--wait", "--timeout", "100000")
        shows = errand.jobs(server.url, "show", JOB_ID)
    assert [pause for pause in pauses if pause] == [300, 300]
    assert (done.code, shows.code) == (0, 0)


def test_s48_a_job_that_does_not_move_is_said_to_be_stuck(errand: Errand) -> None:
    """Job stuck `pending` 24 h: STALLED hint."""
    yesterday = (datetime.now(UTC) - timedelta(hours=25)).isoformat()
    with serving(api(shows=shown("pending", requested_at=yesterday))) as server:
        done = errand.jobs(server.url, "watch", JOB_ID, "--timeout", "0")
        text = errand.jobs(server.url, "show", JOB_ID).stdout
    assert done.code == 6
    assert "It has been pending for more than a day: it may be stuck." in done.stderr
    assert "It has been pending for more than a day" in text


@pytest.mark.parametrize("completed_at", [LONG_AGO, "soon", None], ids=["a-time", "no-time", "absent"])
def test_s48_a_job_with_a_time_of_its_end_is_not_said_to_be_stuck(errand: Errand, completed_at: str | None) -> None:
    """A status that we do not know is shown as it is and is no end, however long ago."""
    job = shown("COMPLETED", requested_at=LONG_AGO, completed_at=completed_at)
    with serving(api(shows=job)) as server:
        done = errand.jobs(server.url, "watch", JOB_ID, "--timeout", "0")
        text = errand.jobs(server.url, "show", JOB_ID).stdout
    assert done.code == 6
    assert "COMPLETED" in text
    assert ("may be stuck" in text) is (completed_at != LONG_AGO)


def _pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses between looks at a job, as they come. Nobody waits for them."""
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def note(seconds: float) -> None:
        pauses.append(seconds)
        await sleep(0)

    monkeypatch.setattr("console.submissions.watching.asyncio.sleep", note)
    return pauses


def test_s49_errors_without_an_end_are_paged_and_capped(errand: Errand, monkeypatch: pytest.MonkeyPatch) -> None:
    """`/errors` with 100 k entries: paged, capped."""
    monkeypatch.setattr("console.submissions.listing.MOST_PAGES", 5)
    entries = [{"message": f"Record {number} is bad.", "index": number % RECORDS} for number in range(100)]
    page = json_of({"data": entries, "meta": {"pagination": {"page": 1, "pages": 1_000, "count": 100_000}}})
    with serving(
        api(shows=shown("completed", summary={"total": 5, "processed": 0, "invalid": 5}), errors=page)
    ) as server:
        done = errand.submit(server.url, "--wait")
        assert (done.code, done.stderr.count("is bad.")) == (1, 20)
        told = errand.jobs(server.url, "errors", JOB_ID, "--format", "json")
        resent = errand.jobs(server.url, "resend", JOB_ID, "--only", "failed")
    assert len(told.json()["errors"]) == 500
    assert "These are the first 500 of 100,000 errors." in told.stderr
    assert (resent.code, uploads(server)) == (2, 1)
    assert "which records failed is not known" in resent.stderr


def test_s49_errors_that_are_fewer_than_claimed_end_where_they_end(errand: Errand) -> None:
    """`/errors`: an empty page is the last one."""
    pages = [json_of({"data": [{"message": "Bad."}], "meta": {"pagination": {"pages": 10**9}}}), NOTHING_LISTED]
    with serving(api(errors=pages)) as server:
        told = errand.jobs(server.url, "errors", JOB_ID, "--format", "json")
    assert (told.code, len(told.json()["errors"]), len(server.requests)) == (0, 1, 2)


@pytest.mark.parametrize("form", ["text", "json", "csv"])
def test_s50_an_error_that_a_terminal_would_obey_is_shown_and_not_obeyed(errand: Errand, form: str) -> None:
    """Error text with ESC/markup/HTML: sanitised like findings."""
    entries = [{"message": HOSTILE, "code": HOSTILE, "uid": HOSTILE, "index": 2}]
    with serving(api(errors=json_of({"data": entries}), shows=shown(HOSTILE, started_at=HOSTILE))) as server:
        errand.submit(server.url)
        told = errand.jobs(server.url, "errors", JOB_ID, "--format", form)
        job = errand.jobs(server.url, "show", JOB_ID, "--format", "json" if form == "json" else "text")
    # That no control character is among it was looked at already.
    assert (told.code, job.code) == (0, 0)
    if form == "json":
        (error,) = told.json()["errors"]
        assert (error["message"], error["record"], error["line"]) == (HOSTILE, 2, 3)
    else:
        assert "[@click=app.quit]x[/] <script>" in told.stdout
        assert "\u202e" not in told.stdout + job.stdout


def test_s50_a_refusal_that_a_terminal_would_obey_is_kept_harmless(errand: Errand) -> None:
    """Error text with ESC/markup/HTML: sanitised like findings."""
    body = error_document(HOSTILE, HOSTILE)
    with serving(api(answering("400 Bad Request", body))) as server:
        done = errand.submit(server.url)
    assert (done.code, errand.kept.states) == (1, ["refused"])
    assert errand.kept.details[0].isprintable()
    assert "\u202e" not in done.stderr


def test_s57_cookies_are_neither_sent_back_nor_kept(errand: Errand, caplog: pytest.LogCaptureFixture) -> None:
    """Set-Cookie from API: ignored, not stored, not logged."""
    caplog.set_level(logging.DEBUG)
    cookie = f"Set-Cookie: session={CANARY}; Path=/; Max-Age=86400"
    look = answering("200 OK", job_document("completed"), cookie)
    with serving(api(answering("202 Accepted", job_document(), cookie), shows=look)) as server:
        done = errand.submit(server.url, "--wait")
        errand.jobs(server.url, "show", JOB_ID)
    assert (done.code, len(server.requests)) == (0, 3)
    assert all("cookie" not in request.headers for request in server.requests)
    assert CANARY not in caplog.text
    no_secret_in(errand.state.parent)


def _echo(status: str) -> Any:
    """Answer with our key in every place."""

    def behave(connection: Connection) -> None:
        connection.read_all()
        body = error_document(KEY, f"Bad key {KEY}, really {CANARY}.", pointer=f"/data/1/{KEY}")
        headers = (f"Transaction-ID: {KEY}", f"X-Key: {KEY}", f"Location: https://{CANARY}.example/{KEY}")
        connection.send(answer(f"{status} {KEY}", body, *headers, media_type=KEY))

    return behave


@pytest.mark.parametrize(
    ("status", "code", "state"),
    [("202", 5, "unknown"), ("302", 1, "refused"), ("400", 1, "refused"), ("401", 4, "denied"), ("429", 3, "ready"),
     ("503", 5, "unknown")],
)  # fmt: skip
def test_s58_our_key_that_comes_back_is_shown_and_kept_nowhere(
    errand: Errand, caplog: pytest.LogCaptureFixture, status: str, code: int, state: str
) -> None:
    """Server echoes our key in an error: redacted in UI, log, ledger."""
    caplog.set_level(logging.DEBUG)
    errand.limits["send_attempts"] = 2
    with serving(api(_echo(status))) as server:
        done = errand.submit(server.url, "--wait", "--format", "json")
    assert (done.code, errand.kept.states) == (code, [state])
    assert "***" in json.dumps(done.json()) + done.stderr
    assert CANARY not in caplog.text
    no_secret_in(errand.state.parent)


def test_s58_our_key_among_the_jobs_and_errors_is_shown_and_kept_nowhere(errand: Errand) -> None:
    """Server echoes our key: redacted in UI, ledger."""
    shows = [shown("completed", note=KEY), _echo("400")]
    with serving(api(shows=shows, lists=_echo("400"), errors=json_of({"data": [{"message": KEY}]}))) as server:
        errand.submit(server.url, "--wait")
        for command in (["show", JOB_ID], ["errors", JOB_ID], ["list"]):
            done = errand.jobs(server.url, *command)
            assert "***" in done.stdout + done.stderr
    no_secret_in(errand.state.parent)
