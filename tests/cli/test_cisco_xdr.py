"""Cisco XDR from the command line, as a pipeline uses it: its variables, and no secret in any file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from console.cli import root
from console.records.model import JsonValue
from console.sandbox.server import Sandbox
from tests.cli.conftest import Run
from tests.targets.cisco_xdr.bundles import bundle, finding, minimal
from tests.targets.cisco_xdr.conftest import custom, secrets_of

OWN = {
    "CISCO_XDR_CLIENT_ID": "client-1",
    "CISCO_XDR_CLIENT_SECRET": "a-secret-that-nobody-sees",
    "CISCO_XDR_MODULE_INSTANCE_ID": "instance-1",
}


@pytest.fixture
def variables(sandbox: Sandbox, tmp_path: Path) -> dict[str, str]:
    """Those of Cisco XDR, and a configuration that says where the sandbox is and nothing else."""
    access = sandbox.access.cisco_xdr
    config = tmp_path / "config.toml"
    config.write_text(
        f'[targets.cisco-xdr]\nkind = "cisco-xdr"\nbase_url = "{access.base_url}"\ntoken_url = "{access.token_url}"\n'
    )
    instance = {"CISCO_XDR_MODULE_INSTANCE_ID": access.module_instance_id}
    return {**secrets_of(sandbox), **instance, "OCSF_CONSOLE_CONFIG": str(config)}


def write(path: Path, *contents: JsonValue) -> Path:
    path.write_text(json.dumps(list(contents)))
    return path


def test_findings_are_sent_listed_and_shown_with_the_variables_alone(
    run: Run, tmp_path: Path, variables: dict[str, str], sandbox: Sandbox
) -> None:
    path = write(tmp_path / "f.json", minimal(), custom("c-1"))

    done = run("submit", path, "--target", "cisco-xdr", "--format", "json", **variables)

    assert done.code == 0, done.stderr
    result = done.json()
    assert (result["state"], result["accepted"], result["rejected"]) == ("done", 2, 0)
    jobs = run("jobs", "list", "--target", "cisco-xdr", "--format", "json", **variables).json()["jobs"]
    assert {job["id"] for job in jobs} == {batch["job_id"] for batch in result["batches"]}
    assert {job["status"] for job in jobs} == {"completed"}
    assert {job["raw"]["rate"]["limit"] for job in jobs} == {8000}
    [entry] = sandbox.journal.entries("cisco.bundles")
    instance = sandbox.access.cisco_xdr.module_instance_id
    assert ("module-instance-id", instance) in [tuple(header) for header in entry.headers]


def test_the_way_is_tested_with_the_variables_alone(run: Run, variables: dict[str, str]) -> None:
    done = run("targets", "test", "cisco-xdr", **variables)

    assert done.code == 0, done.stdout
    assert "scopes: enrich:read" in done.stdout


def test_without_any_file_the_target_is_cisco_itself(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "f.json", minimal())

    planned = run("submit", path, "--target", "cisco-xdr", "--dry-run", **OWN)
    told = run("credentials", "--format", "json", **OWN).json()["credentials"]

    assert planned.code == 0
    assert "https://findings.us.security.cisco.com" in planned.stderr
    mine = [row for row in told if row["target"] == "cisco-xdr"]
    assert [(row["secret"], row["source"]) for row in mine] == [
        ("Cisco XDR client ID", "environment"),
        ("Cisco XDR client secret", "environment"),
    ]
    assert {row["origin"] for row in mine} == {"https://visibility.amp.cisco.com"}
    assert OWN["CISCO_XDR_CLIENT_SECRET"] not in json.dumps(told)


def test_a_missing_module_instance_is_a_mistake_in_the_configuration(
    run: Run, tmp_path: Path, variables: dict[str, str], sandbox: Sandbox
) -> None:
    path = write(tmp_path / "f.json", minimal())
    done = run("submit", path, "--target", "cisco-xdr", **{**variables, "CISCO_XDR_MODULE_INSTANCE_ID": ""})

    assert done.code == 2
    assert "CISCO_XDR_MODULE_INSTANCE_ID" in done.stderr
    assert sandbox.journal.entries("cisco.token") == []


def test_missing_secrets_are_denied_and_named(run: Run, tmp_path: Path, variables: dict[str, str]) -> None:
    path = write(tmp_path / "f.json", minimal())
    done = run("submit", path, "--target", "cisco-xdr", **{**variables, "CISCO_XDR_CLIENT_SECRET": ""})

    assert done.code == 4
    assert "There is no client secret" in done.stderr
    assert "CISCO_XDR_CLIENT_SECRET" in done.stderr


def test_a_plain_ocsf_file_is_refused_with_the_way_to_convert_it(
    run: Run, tmp_path: Path, variables: dict[str, str], sandbox: Sandbox, sound: Path
) -> None:
    done = run("submit", sound, "--target", "cisco-xdr", **variables)

    assert done.code == 2
    assert "ocsf-console convert --to cisco-bundle" in done.stderr
    assert "(cisco_not_a_bundle)" in done.stderr
    assert sandbox.journal.entries("cisco.token") == []


def test_what_is_refused_before_it_is_sent_comes_with_what_helps(
    run: Run, tmp_path: Path, variables: dict[str, str]
) -> None:
    odd = run("submit", write(tmp_path / "c.json", custom(severity="Urgent")), "--target", "cisco-xdr", **variables)
    config = tmp_path / "small.toml"
    config.write_text("[limits]\nbatch_bytes = 300\n")
    large = run(
        "submit", write(tmp_path / "b.json", minimal()), "--target", "cisco-xdr", "--config", config, **variables
    )

    assert (odd.code, "validate --for cisco-xdr-custom FILE" in odd.stderr) == (2, True), odd.stderr
    assert large.code == 2
    assert "the target takes 300 at most" in large.stderr
    assert "limits.batch_bytes in the configuration, 300 now" in large.stderr


@pytest.mark.parametrize(
    ("content", "kind", "endpoint"), [(minimal(), "cisco-xdr", "bundles"), (custom(), "cisco-xdr-custom", "custom")]
)
def test_what_was_rejected_is_to_be_checked_by_the_rules_of_its_own_kind(
    run: Run, tmp_path: Path, variables: dict[str, str], sandbox: Sandbox, content: JsonValue, kind: str, endpoint: str
) -> None:
    sandbox.faults.add(f"status=400,on=cisco.{endpoint}")

    done = run("submit", write(tmp_path / "f.json", content), "--target", "cisco-xdr", **variables)

    assert done.code == 1, done.stderr
    assert done.stderr.splitlines()[-1].endswith(f"validate --for {kind} FILE")


@pytest.mark.parametrize(
    ("content", "kind", "code", "errors"),
    [
        (minimal(), "cisco-xdr", 0, []),
        (custom(), "cisco-xdr-custom", 0, []),
        (bundle(finding("f"), finding("g")), "cisco-xdr", 1, [("events", "cisco_bundle_findings")]),
        (finding(), "cisco-xdr", 1, [("", "cisco_not_a_bundle")]),
        (custom(), "cisco-xdr", 1, [("", "cisco_not_a_bundle")]),
        (
            custom(severity="Urgent"),
            "cisco-xdr-custom",
            1,
            [("detection_findings.severity", "cisco_custom_value_unknown")],
        ),
        (minimal(), "cisco-xdr-custom", 1, [("detection_findings", "cisco_custom_key_missing")]),
        ([minimal(), minimal()], "cisco-xdr", 0, []),
        ([custom(), custom()], "cisco-xdr-custom", 0, []),
    ],
    ids=range(9),
)
def test_the_rules_of_cisco_are_the_errors_and_those_of_ocsf_the_warnings(
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
    content: JsonValue,
    kind: str,
    code: int,
    errors: list[tuple[str, str]],
) -> None:
    path = write(tmp_path / "f.json", *(content if isinstance(content, list) else [content]))
    done = root.run(["validate", str(path), "--for", kind, "--format", "jsonl"])

    issues = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert done == code
    found = [(issue["path"], issue["code"]) for issue in issues if issue["severity"] == "error"]
    assert found[: len(errors)] == errors
    assert bool(found) is bool(errors)
    ocsf = {issue["code"] for issue in issues if not issue["code"].startswith("cisco_")}
    assert ocsf <= {"attribute_required_missing", "attribute_recommended_missing"} or kind == "cisco-xdr"
    assert bool(ocsf) is (kind == "cisco-xdr")
    repeated = [issue["record"] for issue in issues if issue["code"] == "cisco_finding_repeated"]
    assert repeated == ([1] if isinstance(content, list) else [])


def test_findings_that_are_all_refused_are_told_at_once(
    run: Run, tmp_path: Path, variables: dict[str, str], sandbox: Sandbox
) -> None:
    """Nobody has to wait for a job that is over."""
    sandbox.faults.add("status=400,on=cisco.custom")
    done = run("submit", write(tmp_path / "f.json", custom()), "--target", "cisco-xdr", "--format", "json", **variables)

    assert done.code == 1
    result = done.json()
    assert (result["accepted"], result["rejected"], result["job"]["status"]) == (0, 1, "failed")
    [error] = result["batches"][0]["errors"]
    assert (error["record"], error["file"]) == (0, str(tmp_path / "f.json"))
    assert "record 0, line 1" in done.stderr
