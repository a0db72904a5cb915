"""How fast the sandbox takes files in and processes them, and that its memory does not grow with either."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from uuid import uuid4

import httpx

from benchmarks import data
from benchmarks.clock import ROUNDS, seconds
from benchmarks.data import Sample
from benchmarks.memory import peak_so_far
from benchmarks.table import Target, Way, print_table
from benchmarks.targets import under
from console.ocsf.run import validate_file
from console.ocsf.store import user_store
from console.ocsf.validator import Validator
from console.records.reader import FindingFile
from console.sandbox.prowler.endpoints import PATH
from console.sandbox.prowler.model import Ingestion
from console.sandbox.server import Sandbox, running
from console.sandbox.settings import Settings
from console.sandbox.words import utc_now
from console.targets.base import COMPLETED, FAILED, PENDING

SMALL_UPLOADS: Final = 500
MANY_SMALL_UPLOADS: Final = 10_000
_WARM_UP: Final = 50
"""Small uploads before anything is measured."""
_VALIDATE: Final = "validate, one process"
_MOST_GROWTH: Final = 32
"""Megabytes that the server may grow by, whatever it is sent."""
_LOOK_SECONDS: Final = 0.05
_BOUNDARY: Final = "benchmark"


@dataclass(frozen=True, slots=True)
class Served:
    """A sandbox in a process of its own."""

    pid: int
    url: str
    key: str

    @property
    def peak(self) -> float:
        """The most memory that it had so far, in megabytes."""
        return peak_so_far(self.pid) / 1e6

    @property
    def headers(self) -> dict[str, str]:
        """What lets a client in."""
        return {"Authorization": f"Api-Key {self.key}"}

    @property
    def environment(self) -> dict[str, str]:
        """What leads the command line there."""
        return {"PROWLER_CLOUD_API_BASE_URL": self.url, "PROWLER_CLOUD_API_KEY": self.key}


def print_tables(folder: Path, sample: Sample, copies: int, rounds: int = ROUNDS) -> None:
    """Jobs beside the validator on the same file, and small and large uploads."""
    path = folder / "submitted.ocsf.json"
    data.write_array(path, sample.apart(copies))
    processing(path, rounds)
    with served() as server:
        small_uploads(server, sample, SMALL_UPLOADS)
        one_upload(server, path)
    path.unlink()


def print_large(folder: Path, sample: Sample, megabytes: int) -> None:
    """Ten thousand small uploads, and one file of that size."""
    path = folder / "submitted.ocsf.json"
    data.write_array(path, sample.apart(megabytes * 1_000_000 // sample.size + 1))
    with served() as server:
        small_uploads(server, sample, MANY_SMALL_UPLOADS)
        one_upload(server, path)
    path.unlink()


def processing(path: Path, rounds: int) -> None:
    """How fast a job is processed beside the validation of the same file."""
    validator = Validator(user_store())

    def validate() -> None:
        with FindingFile.open(path) as file:
            validate_file(file, validator)

    size = path.stat().st_size
    with running(Settings()) as sandbox:
        ways = [
            Way(_VALIDATE, validate),
            Way("the sandbox: a job, begun to ended", lambda: _process(sandbox, path), Target(0.5, _VALIDATE)),
        ]
        print_table(f"Processing a job: {size / 1e6:.1f} MB", size, ways, rounds)


def small_uploads(served: Served, sample: Sample, count: int) -> None:
    """How many uploads of one record a second, one after another over one connection."""
    body = _multipart(b"[" + sample.records[0] + b"]")
    _post(served, body, _WARM_UP)
    before = served.peak
    took = seconds(lambda: _post(served, body, count))
    print(f"\n{count:,} uploads of {len(body) / 1e3:.1f} kB, one after another\n  {count / took:.0f} requests a second")
    _print_growth(before, served.peak)


def one_upload(served: Served, path: Path) -> None:
    """How fast one large file is taken in, and then processed, and the memory that takes."""
    size, before = path.stat().st_size, served.peak
    with httpx.Client(base_url=served.url, headers=served.headers, timeout=600) as client:
        with path.open("rb") as file:
            started = time.perf_counter()
            answer = client.post(PATH, files={"file": (path.name, file, "application/json")})
            took = time.perf_counter() - started
        answer.raise_for_status()
        after = served.peak
        job = f"{PATH}/{answer.json()['data']['id']}"
        until_ended = seconds(lambda: _await_end(client, job))
    print(f"\nOne upload of {size / 1e6:,.0f} MB\n  {size / 1e6 / took:.0f} MB/s until it is accepted")
    _print_growth(before, after)
    print(f"  {size / 1e6 / until_ended:.0f} MB/s from then until its job has ended")
    _print_growth(before, served.peak)


def _process(sandbox: Sandbox, path: Path) -> None:
    """Have a job processed whose file is there already."""
    store, now = sandbox.prowler.store, utc_now()
    job = Ingestion(
        id=uuid4(),
        status=PENDING,
        total=0,
        inserted_at=now,
        requested_at=now,
        filename=path.name,
        sha256="",
        size=path.stat().st_size,
        path=path,
    )
    store.add(job)

    def is_ended() -> bool:
        found = store.ingestion(job.id)
        return found is not None and found.completed_at is not None

    store.wait(is_ended)


@contextmanager
def served() -> Iterator[Served]:
    """A sandbox in a process of its own, while the context lasts."""
    command = [sys.executable, "-m", "console", "sandbox"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            access = json.loads(process.stdout.readline())
            yield Served(process.pid, access["url"], access["prowler"]["api_key"])
        finally:
            process.terminate()


def _multipart(content: bytes) -> bytes:
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.ocsf.json"\r\n\r\n'
    return head.encode() + content + f"\r\n--{_BOUNDARY}--\r\n".encode()


def _post(served: Served, body: bytes, count: int) -> None:
    """Submit the same file again and again."""
    headers = {**served.headers, "Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}
    connection = http.client.HTTPConnection(urlsplit(served.url).netloc)
    for _ in range(count):
        connection.request("POST", PATH, body, headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 202, answer.status
    connection.close()


def _await_end(client: httpx.Client, job: str) -> None:
    while client.get(job).json()["data"]["attributes"]["status"] not in (COMPLETED, FAILED):
        time.sleep(_LOOK_SECONDS)


def _print_growth(before: float, after: float) -> None:
    told = under(after - before, _MOST_GROWTH, "MB more")
    print(f"  peak memory of the server: {before:.0f} MB before, {after:.0f} MB after    {told}")
