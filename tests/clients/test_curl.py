"""curl, as Prowler's documentation calls it."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from console.sandbox.samples import as_array, findings
from console.sandbox.server import Sandbox
from tests.clients.conftest import Run
from tests.sandbox.conftest import PATH, ended


@pytest.fixture
def curl() -> str:
    """The program. Skips where it is not installed."""
    found = shutil.which("curl")
    if found is None:
        pytest.skip("curl is not installed")
    return found


def test_the_documented_command_submits_a_file(run: Run, curl: str, sandbox: Sandbox, tmp_path: Path) -> None:
    """Above 1 MiB curl asks for a 100 Continue first."""
    path = tmp_path / "scan-results.ocsf.json"
    path.write_bytes(as_array(list(findings(1_000))))
    access = sandbox.access.prowler
    header = f"Authorization: Api-Key {access.api_key.reveal()}"

    done = run(curl, "-sS", "-X", "POST", "-H", header, "-F", f"file=@{path}", access.base_url + PATH)

    job = ended(sandbox, json.loads(done.stdout)["data"]["id"])
    assert (job.total, job.processed) == (1_000, 1_000)
    assert job.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    (entry,) = sandbox.journal.entries()
    assert ("expect", "100-continue") in entry.headers


def test_jobs_are_listed_by_the_documented_query(run: Run, curl: str, sandbox: Sandbox) -> None:
    access = sandbox.access.prowler
    header = f"Authorization: Api-Key {access.api_key.reveal()}"

    done = run(curl, "-g", "-sS", "-H", header, f"{access.base_url}{PATH}?filter[status]=completed&page[size]=10")

    assert json.loads(done.stdout)["meta"] == {"pagination": {"page": 1, "pages": 1, "count": 0}, "version": "v1"}
