"""What the sandbox itself holds records to, when nobody says otherwise."""

from __future__ import annotations

import json
from pathlib import Path

from console.sandbox.server import running
from console.sandbox.settings import Settings
from console.targets.base import COMPLETED
from tests.sandbox.conftest import PATH, client_of, ended, submit


def test_a_real_prowler_file_is_processed_whole(sample: Path) -> None:
    with running(Settings()) as sandbox, client_of(sandbox) as client:
        job = ended(sandbox, submit(client, sample.read_bytes()).json()["data"]["id"])

    assert (job.status, job.total, job.processed, job.invalid) == (COMPLETED, 1000, 1000, 0)


def test_records_that_break_the_rules_of_ingestion_or_of_ocsf_are_invalid(sample: Path) -> None:
    records = json.loads(sample.read_bytes())[:4]
    del records[1]["metadata"]["product"]  # required by OCSF
    records[2]["class_uid"] = 2003  # not ingested
    records[3]["resources"][0]["uid"] = ""  # required by the intake

    with running(Settings()) as sandbox, client_of(sandbox) as client:
        job = ended(sandbox, submit(client, json.dumps(records).encode()).json()["data"]["id"])
        errors = client.get(f"{PATH}/{job.id}/errors?page[size]=100").json()["data"]

    assert (job.status, job.processed, job.invalid) == (COMPLETED, 1, 3)
    fields = {(error["attributes"]["index"], error["attributes"]["field"]) for error in errors}
    assert (1, "metadata.product") in fields
    assert (2, "class_uid") in fields
    assert (3, "resources[0].uid") in fields
