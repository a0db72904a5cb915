"""What can arrive in place of a good upload, and clients that we did not write."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from uuid import UUID

import httpx
import pytest

from console.sandbox.prowler.intake import ProwlerSettings
from console.sandbox.prowler.model import Ingestion
from console.sandbox.server import Sandbox, running
from console.sandbox.settings import Settings
from tests.sandbox.conftest import MEDIA_TYPE, PATH, client_of, no_bad_records, submit

GOOD = b'[{"a": 1}]'
HEAD = b'--B\r\nContent-Disposition: form-data; name="file"; filename="a.json"\r\n\r\n'
WHOLE = HEAD + GOOD + b"\r\n--B--\r\n"


def post(client: httpx.Client, body: bytes) -> httpx.Response:
    return client.post(PATH, content=body, headers={"Content-Type": "multipart/form-data; boundary=B"})


def codes(answer: httpx.Response) -> list[str]:
    return [error["code"] for error in answer.json()["errors"]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the sandbox of this module keeps its data."""
    return tmp_path_factory.mktemp("uploads")


@pytest.fixture(scope="module")
def anyone(folder: Path) -> Iterator[httpx.Client]:
    """A client of one sandbox for all tests that leave nothing in it, or don't mind what others left."""
    with (
        running(Settings(data=folder, prowler=ProwlerSettings(check=no_bad_records))) as sandbox,
        client_of(sandbox) as client,
    ):
        yield client


def kept(folder: Path) -> set[str]:
    """The files that the sandbox of this module has kept."""
    return {path.name for path in (folder / "uploads").iterdir()}


def only_job(sandbox: Sandbox) -> Ingestion:
    (job,) = sandbox.prowler.store.ingestions(limit=10)
    return job


@pytest.mark.parametrize(
    "content",
    [
        b"not JSON",
        b"<html></html>",
        b"{}",
        b'{"a": 1}',
        b'{"a": 1}\n{"a": 2}\n',
        b"[1, 2, 3]",
        b'[{"a"',
        b"   ",
        b"\xff\xfe\x00",
        b"\x1f\x8b\x08\x00",
        gzip.compress(GOOD, mtime=0),
    ],
)
def test_what_is_no_array_of_objects_is_refused_and_leaves_nothing_behind(
    anyone: httpx.Client, folder: Path, content: bytes
) -> None:
    jobs = anyone.get(PATH).json()["meta"]
    files = kept(folder)

    answer = submit(anyone, content)

    assert answer.status_code == 400
    assert answer.text == (
        '{"errors":[{"detail":"The report is not a valid Prowler OCSF finding report.","status":"400",'
        '"source":{"pointer":"/data/attributes/file"},"code":"invalid"}]}'
    )
    assert anyone.get(PATH).json()["meta"] == jobs
    assert kept(folder) == files


@pytest.mark.parametrize(
    "body",
    [
        b"garbage",
        HEAD,
        HEAD + GOOD,
        WHOLE.replace(b"\r\n--B--", b""),
        WHOLE.replace(b"\r\n", b"\n"),
        b"--B\r\nno colon\r\n\r\n[]\r\n--B--\r\n",
        b"--B\r\n\r\n[]\r\n--B--\r\n",
        b"--B--\r\n",
        b"\0" * 1000,
    ],
)
def test_a_malformed_body_is_answered_and_the_server_goes_on(anyone: httpx.Client, folder: Path, body: bytes) -> None:
    files = kept(folder)

    answer = post(anyone, body)

    assert (answer.status_code, codes(answer)) == (400, ["required"])
    assert kept(folder) == files
    assert post(anyone, WHOLE).status_code == 202


def test_of_several_files_the_last_counts(sandbox: Sandbox, client: httpx.Client) -> None:
    first = HEAD.replace(b"a.json", b"first.json") + b'[{"much": "longer than the other"}]\r\n'

    assert post(client, first + WHOLE).status_code == 202
    job = only_job(sandbox)
    assert (job.filename, job.size, job.sha256) == ("a.json", len(GOOD), hashlib.sha256(GOOD).hexdigest())
    assert job.path is not None
    assert job.path.read_bytes() == GOOD


def test_other_parts_are_passed_over(sandbox: Sandbox, client: httpx.Client) -> None:
    other = b'--B\r\nContent-Disposition: form-data; name="x"\r\n\r\n' + b"x" * 2_000_000 + b"\r\n"

    assert post(client, other + WHOLE).status_code == 202
    assert only_job(sandbox).size == len(GOOD)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b'filename="\xc3\xa9t\xc3\xa9.json"', "été.json"),
        (b"filename*=UTF-8''%C3%A9t%C3%A9.json", "été.json"),
        (b'filename="\xff.json"', "\ufffd.json"),
        (b'filename="../../etc/passwd"', "passwd"),
        (b'filename="C:\\scans\\a.json"', "a.json"),
        (b'filename="a\0\x1bb.json"', "ab.json"),
        (b'filename="a\\"b.json"', 'a"b.json'),
        (b'filename="a&#46;json"', "a.json"),
    ],
)
def test_a_file_name_is_kept_as_text_and_never_used_as_a_path(
    sandbox: Sandbox, client: httpx.Client, written: bytes, read: str
) -> None:
    assert post(client, WHOLE.replace(b'filename="a.json"', written)).status_code == 202

    job = only_job(sandbox)
    assert job.filename == read
    assert job.path is not None
    assert job.path.name == str(job.id)


def test_a_chunked_body_has_no_file_in_it(sandbox: Sandbox, client: httpx.Client) -> None:
    def pieces() -> Iterator[bytes]:
        yield WHOLE

    headers = {"Content-Type": "multipart/form-data; boundary=B"}
    answer = client.post(PATH, content=pieces(), headers=headers)

    assert (answer.status_code, codes(answer)) == (400, ["required"])
    assert sandbox.prowler.store.count() == 0


def test_a_file_beyond_the_limit_gets_413_and_is_not_kept(tmp_path: Path) -> None:
    with running(
        Settings(data=tmp_path, prowler=ProwlerSettings(max_upload_bytes=1_000_000, check=no_bad_records))
    ) as sandbox:
        with client_of(sandbox) as client:
            answer = submit(client, b"[" + b" " * 1_000_000)
            exact = submit(client, b"[" + b" " * 999_998 + b"]")
        kept = [path.stat().st_size for path in (tmp_path / "uploads").iterdir()]

    assert answer.status_code == 413
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert codes(answer) == ["file_too_large"]
    assert exact.status_code == 202
    assert kept == [1_000_000]


def test_a_client_that_goes_away_in_the_middle_leaves_nothing_behind(tmp_path: Path) -> None:
    with running(Settings(data=tmp_path, prowler=ProwlerSettings(check=no_bad_records))) as sandbox:
        host, port = sandbox.url.removeprefix("http://").split(":")
        head = (
            f"POST {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Api-Key "
            f"{sandbox.access.prowler.api_key.reveal()}\r\n"
            "Content-Type: multipart/form-data; boundary=B\r\nContent-Length: 1000\r\n\r\n"
        )
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(head.encode() + HEAD + b"[")
        with client_of(sandbox) as client:
            assert submit(client, GOOD).status_code == 202
        assert sandbox.prowler.store.count() == 1

    assert len(list((tmp_path / "uploads").iterdir())) == 1


def test_a_stop_does_not_wait_for_a_file_that_takes_long_to_count(tmp_path: Path) -> None:
    content = b"[" + b"{}," * 10_000_000 + b"{}]"  # takes longer to read, exactly as it must be, than a test may take
    outcomes: list[object] = []

    def send(url: str, key: str) -> None:
        try:
            files = {"file": ("a.json", content)}
            outcomes.append(
                httpx.post(url + PATH, files=files, headers={"Authorization": f"Api-Key {key}"}, timeout=60)
            )
        except httpx.TransportError as error:
            outcomes.append(error)

    with running(Settings(data=tmp_path, prowler=ProwlerSettings(check=no_bad_records))) as sandbox:
        sending = Thread(target=send, args=(sandbox.url, sandbox.access.prowler.api_key.reveal()))
        sending.start()
        uploads = tmp_path / "uploads"
        while sum(path.stat().st_size for path in uploads.iterdir()) < len(content):
            assert sending.is_alive()
    sending.join()
    with running(Settings(data=tmp_path, prowler=ProwlerSettings(check=no_bad_records))) as sandbox:
        assert sandbox.prowler.store.count() == 0

    assert not list(uploads.iterdir())
    assert not any(isinstance(outcome, httpx.Response) and outcome.is_success for outcome in outcomes)


def test_an_upload_is_private_on_disk(tmp_path: Path) -> None:
    with (
        running(Settings(data=tmp_path / "new", prowler=ProwlerSettings(check=no_bad_records))) as sandbox,
        client_of(sandbox) as client,
    ):
        submit(client, GOOD)

    modes = {path.relative_to(tmp_path): path.stat().st_mode & 0o777 for path in tmp_path.rglob("*")}
    assert {mode for path, mode in modes.items() if (tmp_path / path).is_dir()} == {0o700}
    assert {mode for path, mode in modes.items() if (tmp_path / path).is_file()} == {0o600}


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_works_as_documented(sandbox: Sandbox, tmp_path: Path) -> None:
    report = tmp_path / "scan-results.ocsf.json"
    report.write_bytes(b"[" + b" " * 3_000_000 + b'{"a": 1}]')  # large enough for curl to ask before it sends
    key = sandbox.access.prowler.api_key.reveal()
    command = ["curl", "-sS", "-X", "POST", "-H", f"Authorization: Api-Key {key}", "-F", f"file=@{report}"]

    done = subprocess.run([*command, sandbox.url + PATH], capture_output=True, check=True, timeout=20)

    job_id = json.loads(done.stdout)["data"]["id"]
    shown = subprocess.run(
        [*command[:2], *command[4:6], f"{sandbox.url}{PATH}/{job_id}"], capture_output=True, check=True
    )
    assert json.loads(shown.stdout)["data"]["id"] == job_id
    assert only_job(sandbox).size == report.stat().st_size


def test_the_request_of_prowlers_own_client_works(sandbox: Sandbox) -> None:
    """Made by hand: the whole body in memory, and the headers and the one part that `send_ocsf_to_api` sends."""
    boundary = "b4bd42ba4a1b4d6c9d3d0c0ea2a1d3ac"
    disposition = 'Content-Disposition: form-data; name="file"; filename="prowler-output.ocsf.json"'
    head = f"--{boundary}\r\n{disposition}\r\nContent-Type: application/json\r\n\r\n"
    request = urllib.request.Request(
        sandbox.url + PATH,
        data=head.encode() + GOOD + f"\r\n--{boundary}--\r\n".encode(),
        headers={
            "Accept": MEDIA_TYPE,
            "Authorization": f"Api-Key {sandbox.access.prowler.api_key.reveal()}",
            "Content-Type": f"multipart/form-data; boundary={boundary}",
        },
        method="POST",
    )

    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 202
        assert UUID(json.load(answer)["data"]["id"]) == only_job(sandbox).id
