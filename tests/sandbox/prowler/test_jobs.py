"""What becomes of a job: its states, its counters, and the errors that point to its records."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from console.errors import StateError
from console.ocsf.issues import Issue, Severity
from console.records.model import Record
from console.sandbox.prowler.intake import ProwlerSettings
from console.sandbox.prowler.judges import finding_uid
from console.sandbox.prowler.model import Ingestion, RecordError
from console.sandbox.prowler.worker import ERRORS_PER_RECORD, Pace, pointer
from console.sandbox.server import Sandbox, running
from console.sandbox.settings import Settings
from console.targets.base import COMPLETED, FAILED, PENDING, PROCESSING
from tests.sandbox.conftest import PATH, client_of, ended, no_bad_records, seeded, submit

Finding = dict[str, object]


def good(number: int) -> Finding:
    return {"finding_info": {"uid": f"uid-{number}"}}


def bad(number: int, *paths: str) -> Finding:
    return {**good(number), "bad": list(paths)}


def job_of(client: httpx.Client, content: bytes | Sequence[Finding]) -> str:
    """The id of the job of a submitted file."""
    answer = submit(client, content if isinstance(content, bytes) else json.dumps(content).encode())
    assert answer.status_code == 202, answer.text
    return str(answer.json()["data"]["id"])


def attributes(client: httpx.Client, job_id: str) -> Finding:
    found: Finding = client.get(f"{PATH}/{job_id}").json()["data"]["attributes"]
    return found


def errors(client: httpx.Client, job_id: str, query: str = "") -> list[Finding]:
    data = client.get(f"{PATH}/{job_id}/errors{query}").json()["data"]
    return [error["attributes"] for error in data]


def test_a_good_file_completes_with_every_record_processed(sandbox: Sandbox, client: httpx.Client) -> None:
    job_id = job_of(client, [good(n) for n in range(50)])

    ended(sandbox, job_id)

    shown = attributes(client, job_id)
    assert shown["status"] == COMPLETED
    assert shown["summary"] == {"total": 50, "processed": 50, "invalid": 0}
    assert str(shown["requested_at"]) <= str(shown["started_at"]) <= str(shown["completed_at"])
    assert errors(client, job_id) == []


def test_an_empty_array_completes_with_nothing(sandbox: Sandbox, client: httpx.Client) -> None:
    job = ended(sandbox, job_of(client, b"[]"))

    assert (job.status, job.total, job.processed, job.invalid) == (COMPLETED, 0, 0, 0)


def test_bad_records_are_counted_and_each_error_points_to_its_record(sandbox: Sandbox, client: httpx.Client) -> None:
    job_id = job_of(client, [good(0), bad(1, "metadata.event_code"), good(2), bad(3, "resources[0].uid", "a/b", "")])

    job = ended(sandbox, job_id)

    assert (job.status, job.total, job.processed, job.invalid) == (COMPLETED, 4, 2, 2)
    found = errors(client, job_id)
    assert found[0] == {
        "code": "bad_value",
        "title": "Invalid OCSF format",
        "detail": "metadata.event_code is bad.",
        "index": 1,
        "field": "metadata.event_code",
        "uid": "uid-1",
        "source": {"pointer": "/data/findings/1/metadata/event_code"},
    }
    assert [(error["index"], error["uid"], error["source"]) for error in found[1:]] == [
        (3, "uid-3", {"pointer": "/data/findings/3/resources/0/uid"}),
        (3, "uid-3", {"pointer": "/data/findings/3/a~1b"}),
        (3, "uid-3", {"pointer": "/data/findings/3"}),
    ]


def test_a_job_without_a_good_record_fails(sandbox: Sandbox, client: httpx.Client) -> None:
    job = ended(sandbox, job_of(client, [bad(0, "x"), bad(1, "y")]))

    assert (job.status, job.processed, job.invalid) == (FAILED, 0, 2)


def test_a_truncated_file_fails_after_what_is_whole(sandbox: Sandbox, client: httpx.Client) -> None:
    job_id = job_of(client, b'[{"a": 1}, {"a": 2}, {"a"')

    job = ended(sandbox, job_id)

    assert (job.status, job.processed) == (FAILED, 2)
    assert job.total == job.processed + job.invalid
    (error,) = errors(client, job_id)
    assert error["title"] == "Invalid report file"
    assert error["index"] == 2
    assert error["source"] == {"pointer": "/data/findings/2"}


def test_a_second_document_in_the_file_fails_the_job(sandbox: Sandbox, client: httpx.Client) -> None:
    job_id = job_of(client, b'[{"a": 1}][{"a": 2}]')

    job = ended(sandbox, job_id)

    assert (job.status, job.total, job.processed, job.invalid) == (FAILED, 1, 1, 0)
    (error,) = errors(client, job_id)
    assert (error["index"], error["source"]) == (None, {"pointer": "/data/findings"})


def test_something_else_among_the_records_keeps_their_indexes(sandbox: Sandbox, client: httpx.Client) -> None:
    job_id = job_of(client, b'[{"a": 1}, 5, {"bad": ["x"]}]')

    job = ended(sandbox, job_id)

    assert (job.status, job.total, job.processed, job.invalid) == (FAILED, 3, 1, 2)
    assert [error["index"] for error in errors(client, job_id)] == [1, 2]


def test_a_record_with_many_errors_is_described_up_to_a_cap(sandbox: Sandbox, client: httpx.Client) -> None:
    job_id = job_of(client, [bad(0, *(f"p{n}" for n in range(50)))])

    assert ended(sandbox, job_id).invalid == 1
    assert len(errors(client, job_id, "?page[size]=100")) == ERRORS_PER_RECORD


def test_errors_are_paged_in_file_order(sandbox: Sandbox, client: httpx.Client) -> None:
    job_id = job_of(client, [bad(n, "x") for n in range(25)])
    ended(sandbox, job_id)

    answer = client.get(f"{PATH}/{job_id}/errors?page[number]=3").json()

    assert answer["meta"] == {"pagination": {"page": 3, "pages": 3, "count": 25}, "version": "v1"}
    assert [error["attributes"]["index"] for error in answer["data"]] == [20, 21, 22, 23, 24]
    assert {error["type"] for error in answer["data"]} == {"ingestion-errors"}
    assert len({error["id"] for error in answer["data"]}) == 5
    assert client.get(f"{PATH}/{job_id}/errors?page[number]=4").status_code == 404


def test_any_page_of_a_hundred_thousand_errors_is_there(sandbox: Sandbox, client: httpx.Client) -> None:
    store = sandbox.prowler.store
    store.add(seeded(0))
    kinds = [
        RecordError(UUID(int=n), n, f"/data/findings/{n}", "code", "title", "detail", None, None) for n in range(1_000)
    ]
    for start in range(0, 100_000, 1_000):
        more = [replace(error, id=UUID(int=start + n), record=start + n) for n, error in enumerate(kinds)]
        store.advance(seeded(0).id, processed=0, invalid=start + 1_000, errors=more)

    found = client.get(f"{PATH}/{seeded(0).id}/errors?page[size]=100&page[number]=999").json()

    assert found["meta"]["pagination"] == {"page": 999, "pages": 1_000, "count": 100_000}
    assert [error["attributes"]["index"] for error in found["data"]] == list(range(99_800, 99_900))


def test_the_errors_of_one_job_are_not_those_of_another(sandbox: Sandbox, client: httpx.Client) -> None:
    jobs = [job_of(client, [bad(n, "x") for n in range(size)]) for size in (3, 5)]

    for job_id, size in zip(jobs, (3, 5), strict=True):
        ended(sandbox, job_id)
        assert [error["index"] for error in errors(client, job_id)] == list(range(size))


def test_errors_have_sparse_fields_too(sandbox: Sandbox, client: httpx.Client) -> None:
    job_id = job_of(client, [bad(0, "x")])
    ended(sandbox, job_id)

    assert errors(client, job_id, "?fields[ingestion-errors]=index,code") == [{"code": "bad_value", "index": 0}]


@pytest.mark.parametrize("query", ["filter[status]=failed", "sort=index", "foo=1"])
def test_errors_take_no_filter_and_no_sort(reader: httpx.Client, query: str) -> None:
    assert reader.get(f"{PATH}/{UUID(int=1)}/errors?{query}").status_code == 400


def test_text_that_no_database_takes_is_still_reported(sandbox: Sandbox, client: httpx.Client) -> None:
    nul = b'{"finding_info": {"uid": "a\\u0000b"}, "bad": ["' + b"x" * 5_000 + b'"]}'
    half = b'{"finding_info": {"uid": "\\ud800"}, "bad": ["\\ud800"]}'

    job_id = job_of(client, b"[" + nul + b"," + half + b"]")

    assert ended(sandbox, job_id).invalid == 2
    first, second = errors(client, job_id)
    assert (len(str(first["detail"])), first["uid"]) == (2_000, "a\0b")
    assert (second["field"], second["detail"], second["uid"]) == ("?", "? is bad.", None)


def test_at_a_slow_pace_a_poll_sees_the_states_and_the_counters_grow() -> None:
    pace = Pace(pending_seconds=0.3, records_per_second=100)
    with (
        running(Settings(prowler=ProwlerSettings(pace=pace, check=no_bad_records))) as sandbox,
        client_of(sandbox) as client,
    ):
        job_id = job_of(client, [good(n) for n in range(60)])
        polls = [attributes(client, job_id)]
        while polls[-1]["status"] not in (COMPLETED, FAILED):
            polls.append(attributes(client, job_id))

    assert list(dict.fromkeys(poll["status"] for poll in polls)) == [PENDING, PROCESSING, COMPLETED]
    counters = list(dict.fromkeys(json.dumps(poll["summary"]) for poll in polls))
    processed = [json.loads(counter)["processed"] for counter in counters]
    assert processed == sorted(processed)
    assert len(processed) > 3


def large(sample: Path, copies: int) -> bytes:
    """So many copies of the records of a real file, as an array."""
    return b"[" + b",".join([sample.read_bytes().strip()[1:-1]] * copies) + b"]"


def test_the_counters_of_a_large_job_grow_before_it_ends(sample: Path) -> None:
    seen: list[Ingestion] = []
    with running(Settings()) as sandbox, client_of(sandbox) as client:
        store, job_id = sandbox.prowler.store, UUID(job_of(client, large(sample, 5)))

        def is_ended() -> bool:
            found = store.ingestion(job_id)
            seen.extend(found for found in [found] if found is not None)
            return seen[-1].status in (COMPLETED, FAILED)

        assert store.wait(is_ended, timeout=30)

    counts = [job.processed for job in seen if job.status == PROCESSING]
    assert counts == sorted(counts)
    assert any(0 < count < 5_000 for count in counts)
    assert (seen[-1].total, seen[-1].processed) == (5_000, 5_000)


def test_a_large_job_that_a_stop_cut_short_is_done_again_whole(sample: Path, tmp_path: Path) -> None:
    content = large(sample, 5)[:-1] + b',{"class_uid": 2003}]'
    with running(Settings(data=tmp_path)) as sandbox, client_of(sandbox) as client:
        store, job_id = sandbox.prowler.store, job_of(client, content)
        assert store.wait(lambda: store.ingestions(limit=1)[0].status == PROCESSING, timeout=20)
    with running(Settings(data=tmp_path)) as sandbox, client_of(sandbox) as client:
        job = ended(sandbox, job_id)
        codes = {error["code"] for error in errors(client, job_id, "?page[size]=100")}

    assert (job.status, job.total, job.processed, job.invalid) == (COMPLETED, 5_001, 5_000, 1)
    assert "prowler_class_not_accepted" in codes


def test_bad_records_among_many_good_ones_keep_their_indexes(sample: Path) -> None:
    findings = json.loads(sample.read_bytes())
    for index in (0, 17, 500, 999):
        findings[index]["resources"] = []
    with running(Settings()) as sandbox, client_of(sandbox) as client:
        job_id = job_of(client, json.dumps(findings).encode())
        job = ended(sandbox, job_id)
        found = errors(client, job_id, "?page[size]=100")

    assert (job.processed, job.invalid) == (996, 4)
    assert [error["index"] for error in found] == [0, 17, 500, 999]
    assert {error["uid"] for error in found} == {findings[n]["finding_info"]["uid"] for n in (0, 17, 500, 999)}


def test_jobs_are_processed_in_the_order_of_their_arrival(sandbox: Sandbox, client: httpx.Client) -> None:
    jobs = [job_of(client, [good(n) for n in range(20)]) for _ in range(5)]

    ends = [ended(sandbox, job_id).completed_at for job_id in jobs]

    assert ends == sorted(end for end in ends if end is not None)


def test_jobs_that_a_stop_left_open_are_finished_after_a_restart(tmp_path: Path) -> None:
    slow = Pace(records_per_second=50)
    with (
        running(Settings(data=tmp_path, prowler=ProwlerSettings(pace=slow, check=no_bad_records))) as sandbox,
        client_of(sandbox) as client,
    ):
        first = job_of(client, [bad(0, "x"), *(good(n) for n in range(1, 100))])
        second = job_of(client, [good(0)])
        assert sandbox.prowler.store.wait(
            lambda: bool(sandbox.prowler.store.ingestions(limit=2)[1].processed), timeout=10
        )
        before = sandbox.prowler.store.ingestions(limit=2)

    with (
        running(Settings(data=tmp_path, prowler=ProwlerSettings(check=no_bad_records))) as sandbox,
        client_of(sandbox) as client,
    ):
        after = [ended(sandbox, second), ended(sandbox, first)]
        left = errors(client, first)

    assert [job.status for job in before] == [PENDING, PROCESSING]
    assert [(job.status, job.processed, job.invalid) for job in after] == [(COMPLETED, 1, 0), (COMPLETED, 99, 1)]
    assert [error["index"] for error in left] == [0]


def test_a_file_that_vanished_fails_its_job_and_the_next_one_goes_on(tmp_path: Path) -> None:
    settings = Settings(prowler=ProwlerSettings(pace=Pace(pending_seconds=0.5), check=no_bad_records))
    with running(settings) as sandbox, client_of(sandbox) as client:
        first, second = job_of(client, [good(0)]), job_of(client, [good(1)])
        gone = sandbox.prowler.store.ingestions(limit=2)[1].path
        assert gone is not None
        gone.unlink()

        assert ended(sandbox, first).status == FAILED
        assert ended(sandbox, second).status == COMPLETED
        assert [error["code"] for error in errors(client, first)] == ["unreadable"]


@pytest.mark.parametrize(
    "raw",
    [
        b'{"finding_info": {"uid": "\xff"}}',
        b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
        b'{"time": 1e999, "\xff": "\xff"}',
    ],
    ids=["not UTF-8", "deep", "out of range"],
)
def test_a_hostile_record_does_not_keep_the_next_job_from_its_turn(raw: bytes) -> None:
    def refuse(record: Record) -> Sequence[Issue]:
        return [Issue(Severity.ERROR, "refused", "", "")] if record.raw != b'{"good": 1}' else ()

    with running(Settings(prowler=ProwlerSettings(check=refuse))) as sandbox, client_of(sandbox) as client:
        hostile, good_one = job_of(client, b"[" + raw + b"]"), job_of(client, b'[{"good": 1}]')

        assert ended(sandbox, good_one).status == COMPLETED
        assert ended(sandbox, hostile).status == FAILED


@pytest.mark.parametrize(
    "error", [OSError("no space left"), sqlite3.OperationalError("locked"), StateError("no cache")]
)
def test_a_job_that_the_sandbox_can_not_process_fails_and_the_next_one_goes_on(error: Exception) -> None:
    def break_down(record: Record) -> Sequence[Issue]:
        if b"bad" in record.raw:
            raise error
        return ()

    with running(Settings(prowler=ProwlerSettings(check=break_down))) as sandbox, client_of(sandbox) as client:
        first, second = job_of(client, [good(0), bad(1)]), job_of(client, [good(2)])

        assert ended(sandbox, second).status == COMPLETED
        assert (ended(sandbox, first).status, ended(sandbox, first).processed) == (FAILED, 1)
        assert [(one["code"], one["index"]) for one in errors(client, first)] == [("processing_failed", None)]


def test_the_rule_sees_the_exact_bytes_of_each_record() -> None:
    seen: list[tuple[int, bytes]] = []

    def look(record: Record) -> Sequence[Issue]:
        seen.append((record.span.index, record.raw))
        return ()

    with running(Settings(prowler=ProwlerSettings(check=look))) as sandbox, client_of(sandbox) as client:
        ended(sandbox, job_of(client, b' [ {"a" : 1.0} ,{"b":"\\u00e9"}]\n'))

    assert seen == [(0, b'{"a" : 1.0}'), (1, b'{"b":"\\u00e9"}')]


@example(7, ["~1", "a/b"])
@given(st.integers(0, 10**6), st.lists(st.text(st.characters(exclude_characters=".[]"), min_size=1)))
def test_a_pointer_can_be_read_back(index: int, steps: list[str]) -> None:
    read = [step.replace("~1", "/").replace("~0", "~") for step in pointer(index, ".".join(steps)).split("/")]

    assert read == ["", "data", "findings", str(index), *steps]


@example(b'{"finding_info":{"uid":"\xff"}}')
@example(b'{"finding_info":' * 100_000)
@given(
    st.binary() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(lambda v: json.dumps(v).encode())
)
def test_looking_for_a_uid_never_raises(raw: bytes) -> None:
    assert finding_uid(raw) is None
