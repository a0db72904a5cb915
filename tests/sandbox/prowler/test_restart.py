"""What a sandbox keeps over a restart, and over an end that nobody announced."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from console.errors import StateError
from console.sandbox.database import Database
from console.sandbox.prowler.intake import ProwlerSettings
from console.sandbox.prowler.store import SCHEMA
from console.sandbox.server import running
from console.sandbox.settings import Settings
from console.targets.base import COMPLETED, FAILED
from tests.sandbox.conftest import PATH, client_of, no_bad_records, seeded, submit


def test_jobs_in_every_state_come_back_as_they_were(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, prowler=ProwlerSettings(check=no_bad_records))
    lists: list[tuple[list[dict[str, Any]], object]] = []
    for _ in range(2):
        with running(settings) as sandbox, client_of(sandbox) as client:
            if not lists:
                for number in range(8):
                    sandbox.prowler.store.add(replace(seeded(number), stuck=True))
            page = client.get(PATH + "?page[size]=100").json()
            lists.append((page["data"], page["meta"]))

    assert lists[0] == lists[1]
    assert len({job["attributes"]["status"] for job in lists[1][0]}) == 4


def test_what_was_accepted_outlives_a_killed_process(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "console", "sandbox", "--data", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        prowler = json.loads(process.stdout.readline())["prowler"]
        headers = {"Authorization": f"Api-Key {prowler['api_key']}"}
        url = prowler["base_url"] + PATH
        accepted = [
            httpx.post(url, headers=headers, files={"file": ("a.ocsf.json", b'[{"a": 1}]')}).json()["data"]["id"]
            for _ in range(5)
        ]
        modes = {path.stat().st_mode & 0o777 for path in tmp_path.iterdir() if path.is_file()}
        process.send_signal(signal.SIGKILL)
        process.wait()

    with running(Settings(data=tmp_path, prowler=ProwlerSettings(check=no_bad_records))) as sandbox:
        store = sandbox.prowler.store
        assert store.wait(lambda: store.next_open() is None, timeout=20)
        found = store.ingestions(limit=10)

    assert {str(job.id) for job in found} == set(accepted)
    assert {job.status for job in found} <= {COMPLETED, FAILED}
    assert modes == {0o600}


def test_another_process_is_kept_out_while_one_runs_and_let_in_after(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from console.sandbox.server import running;"
        "from console.sandbox.settings import Settings\nwith running(Settings(data=Path(sys.argv[1]))): print('in')"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    with (
        running(Settings(data=tmp_path, prowler=ProwlerSettings(check=no_bad_records))) as sandbox,
        client_of(sandbox) as client,
    ):
        submit(client, b"[]")
        kept_out = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    let_in = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)

    assert "database is locked" in kept_out.stderr
    assert let_in.stdout == "in\n"


def test_the_data_of_another_version_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "jobs.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("CREATE TABLE theirs (a); PRAGMA user_version = 1;")
    before = path.read_bytes()

    with pytest.raises(StateError, match="another version"):
        Database(path, SCHEMA, 2)

    assert path.read_bytes() == before
    assert [found.name for found in tmp_path.iterdir()] == ["jobs.sqlite3"]
