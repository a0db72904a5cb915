"""Security Hub from the command line, with nothing but AWS's variables: as a pipeline has it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from console.sandbox.server import Sandbox
from tests.cli.conftest import Run
from tests.targets.security_hub.findings import finding


@pytest.fixture
def aws(sandbox: Sandbox) -> dict[str, str]:
    """The environment of somebody who uses AWS's own tools."""
    access = sandbox.access.security_hub
    return {
        "AWS_ACCESS_KEY_ID": access.access_key_id,
        "AWS_SECRET_ACCESS_KEY": access.secret_access_key.reveal(),
        "AWS_REGION": access.region,
        "AWS_ENDPOINT_URL_SECURITYHUB": access.endpoint_url,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "scan.asff.json"
    path.write_text(json.dumps([finding(Id=str(number)) for number in range(120)]))
    return path


def test_a_file_is_submitted_and_its_jobs_are_listed(run: Run, path: Path, aws: dict[str, str]) -> None:
    done = run("submit", path, "--target", "security-hub", "--format", "json", **aws)
    listed = run("jobs", "list", "--target", "security-hub", "--format", "json", **aws)

    assert done.code == 0, done.stderr
    result = done.json()
    assert (result["state"], result["records"], result["accepted"], result["rejected"]) == ("done", 120, 120, 0)
    assert listed.json()["count"] == 2
    assert {job["status"] for job in listed.json()["jobs"]} == {"completed"}


def test_what_failed_is_told_at_once_and_without_waiting(
    run: Run, path: Path, aws: dict[str, str], sandbox: Sandbox
) -> None:
    sandbox.faults.add("miscount=-1,on=hub.import,times=1")

    done = run("submit", path, "--target", "security-hub", "--format", "json", **aws)

    assert done.code == 1
    assert (done.json()["accepted"], done.json()["rejected"]) == (119, 1)
    assert "The answer does not add up" in done.stderr
    job = next(batch for batch in done.json()["batches"] if batch["errors"])["job_id"]
    errors = run("jobs", "errors", "--target", "security-hub", job, "--format", "json", **aws).json()["errors"]
    assert [error["code"] for error in errors] == ["answer_does_not_add_up"]


def test_what_stands_in_the_way_of_sending_is_settled_with_options_that_the_target_has(
    run: Run, path: Path, aws: dict[str, str], sandbox: Sandbox
) -> None:
    sandbox.faults.add("no-reply=reset,on=hub.import")
    first = run("submit", path, "--target", "security-hub", "--format", "json", **aws)

    again = run("submit", path, "--target", "security-hub", **aws)

    assert (first.code, again.code) == (5, 5)
    settle = f"jobs settle --target security-hub {first.json()['submission']} with --resend or --abandon."
    assert settle in again.stderr, again.stderr


def test_credentials_that_are_refused_or_missing_exit_4(run: Run, path: Path, aws: dict[str, str]) -> None:
    wrong = run("submit", path, "--target", "security-hub", **{**aws, "AWS_SECRET_ACCESS_KEY": "x" * 40})
    missing = run("targets", "test", "security-hub", **{**aws, "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""})
    nowhere = run("submit", path, "--target", "security-hub", **{**aws, "AWS_REGION": ""})

    assert (wrong.code, missing.code, nowhere.code) == (4, 4, 2)
    assert "AWS_SECRET_ACCESS_KEY belongs to AWS_ACCESS_KEY_ID" in wrong.stderr
    assert "failed  credentials: There are no AWS credentials" in missing.stdout
    assert "Set AWS_REGION" in nowhere.stderr


def test_nothing_of_aws_is_kept_here(run: Run, aws: dict[str, str], sandbox: Sandbox) -> None:
    login = run("login", "security-hub", "--stdin", stdin=b"secret\n", **aws)
    told = run("credentials", "--format", "json", **aws).json()["credentials"]
    listed = run("targets", "list", "--format", "json", **aws).json()["targets"]

    assert login.code == 2
    assert "aws configure" in login.stderr
    (mine,) = [row for row in told if row["target"] == "security-hub"]
    assert (mine["source"], mine["origin"]) == ("aws", sandbox.url)
    (hub,) = [row for row in listed if row["name"] == "security-hub"]
    assert hub["origin"] == sandbox.url


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "environment variables, access key …{key}"),
        ({"AWS_REGION": ""}, "environment variables, access key …{key}"),
        ({"AWS_SECRET_ACCESS_KEY": ""}, "Set both halves of the access key"),
        ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
    ],
    ids=["all", "no region", "half", "none"],
)
def test_it_is_told_where_the_credentials_of_aws_come_from(
    run: Run, aws: dict[str, str], given: dict[str, str], said: str
) -> None:
    done = run("credentials", **{**aws, **given})
    document = run("credentials", "--format", "json", **{**aws, **given})

    words = said.format(key=aws["AWS_ACCESS_KEY_ID"][-4:])
    (row,) = [line for line in done.stdout.splitlines() if line.startswith("security-hub")]
    (mine,) = [one for one in document.json()["credentials"] if one["target"] == "security-hub"]
    assert words in row
    assert words in mine["detail"]
    assert aws["AWS_SECRET_ACCESS_KEY"] not in done.stdout + document.stdout


def test_ocsf_is_refused_with_the_command_that_converts_it_and_convert_names_the_regions(
    run: Run, tmp_path: Path, sound: Path, aws: dict[str, str], sandbox: Sandbox
) -> None:
    made = tmp_path / "scan.asff.json"

    refused = run("submit", sound, "--target", "security-hub", **aws)
    partly = run("submit", sound, "--target", "security-hub", "--select", "valid", **aws)
    converted = run("convert", sound, "--to", "asff", "-o", made)
    elsewhere = run("submit", made, "--target", "security-hub", **aws)

    command = f"ocsf-console convert {sound} --to asff --region us-east-1 -o NEW"
    for done in (refused, partly):
        assert (done.code, command in done.stderr) == (2, True), done.stderr
    regions = next(line for line in converted.stdout.splitlines() if line.split()[0] == "regions")
    assert "eu-west-1" in regions
    assert "us-east-1" in regions
    assert elsewhere.code == 2
    assert "at ProductArn: " in elsewhere.stderr
    assert "(asff_other_region)" in elsewhere.stderr
    assert sandbox.journal.entries() == []
