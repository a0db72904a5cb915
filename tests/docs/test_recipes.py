"""The recipes of docs/ci.md: they are YAML of the right shape, and the commands in them do the work."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import pytest
import yaml

from console.errors import ExitCode
from console.sandbox.samples import as_array, findings, with_bad_records
from console.sandbox.server import running
from console.sandbox.settings import Settings
from tests.conftest import NewFolder
from tests.docs.examples import ROOT, blocks
from tests.docs.stage import Stage

_PAGE: Final = ROOT / "docs" / "ci.md"
_SCAN: Final = "scans/prowler-output-123456789012-20261129000000.ocsf.json"

Recipe = dict[str, Any]


@pytest.fixture
def stage(new_folder: NewFolder) -> Iterator[Stage]:
    """A runner's folder: what would be installed there is there, and Prowler finds what is in `found.json`."""
    with running(Settings()) as sandbox:
        stage = Stage(new_folder(), sandbox)
        (stage.folder / "found.json").write_bytes(as_array(list(findings(20))))
        stage.put("pipx", "exit 0")
        stage.put("pip", "exit 0")
        stage.put("prowler", f"rm -rf scans; mkdir -p scans/compliance; cp found.json {_SCAN}")
        yield stage


def _recipes() -> list[Recipe]:
    return [yaml.safe_load(block.text) for block in blocks(_PAGE, "yaml")]


def _github() -> tuple[list[str], Mapping[str, str]]:
    """The commands of the workflow, each in a shell of its own, and the variables of its steps."""
    workflow = _recipes()[0]
    steps = workflow["jobs"]["scan"]["steps"]
    assert {True, "name", "permissions", "env", "jobs"} == set(workflow)  # YAML reads `on` as true, as GitHub knows
    assert all(("run" in step) != ("uses" in step) for step in steps)
    given = {name: value for step in steps for name, value in step.get("env", {}).items()}
    assert all(value == f"${{{{ secrets.{name} }}}}" for name, value in given.items())
    return [step["run"] for step in steps if "run" in step], workflow["env"]


def _gitlab() -> tuple[list[str], Mapping[str, str]]:
    """The script of the job, which runs in one shell."""
    job = _recipes()[1]["findings"]
    assert job["artifacts"]["reports"]["junit"] == "validation.xml"
    return ["\n".join([*job["before_script"], *job["script"]])], job["variables"]


def _run(stage: Stage, scripts: Sequence[str], variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the scripts until one fails, as a runner does: all in one, each in a shell of its own."""
    environ = {**stage.environ, "CI_PROJECT_DIR": str(stage.folder)}
    for name, value in variables.items():
        environ[name] = re.sub(r"\$(\w+)", lambda found: environ[found[1]], value)
    shells = "\n".join(f"bash -e -o pipefail -c {shlex.quote(script)}" for script in scripts)
    return subprocess.run(
        ["bash", "-e", "-c", shells],
        cwd=stage.folder,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.timeout(120)
@pytest.mark.parametrize("recipe", [_github, _gitlab])
def test_a_recipe_passes_with_sound_findings_and_fails_with_the_reason(recipe: Any, stage: Stage) -> None:
    scripts, variables = recipe()
    done = _run(stage, scripts, variables)
    assert done.returncode == ExitCode.OK, done.stdout + done.stderr

    (stage.folder / "found.json").write_bytes(as_array(with_bad_records(40)))
    done = _run(stage, scripts, variables)
    assert done.returncode == ExitCode.FINDINGS, done.stdout + done.stderr

    # What only the target minds, it says; and then the last command is the one that fails.
    stage.environ["PROWLER_CLOUD_API_KEY"] = stage.sandbox.access.prowler.api_key_without_permission.reveal()
    (stage.folder / "found.json").write_bytes(as_array(list(findings(21))))
    done = _run(stage, scripts, variables)
    assert done.returncode == ExitCode.DENIED
    assert "Manage Ingestions" in done.stderr


def test_the_hooks_hold_files_to_what_they_say(stage: Stage) -> None:
    (wanted,) = _recipes()[2]["repos"]
    hooks = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))}
    assert {hook["id"] for hook in wanted["hooks"]} <= set(hooks)
    for hook in hooks.values():
        assert re.search(hook["files"], "evidence/scan.ocsf.json")
        assert re.search(hook["files"], "scan.ocsf.jsonl.gz")
        assert not re.search(hook["files"], "package.json")
        words = hook["entry"].split()[1:]
        assert stage.run(*words, "scan.ocsf.json").returncode == ExitCode.OK
        assert stage.run(*words, "scan.ocsf.json", "bad.ocsf.json").returncode == ExitCode.FINDINGS


def test_the_container_holds_no_secret_and_runs_as_nobody() -> None:
    lines = (ROOT / "Containerfile").read_text("utf-8").splitlines()
    words = [line.split() for line in lines if line and not line.startswith(("#", " "))]
    assert [line[1] for line in words if line[0] == "USER"] == ["10001"]
    assert not [line for line in words if line[0] == "ARG"]
    for line in words:
        if line[0] == "COPY" and not line[1].startswith("--from"):
            assert all((ROOT / source).exists() for source in line[1:-1])
    assert not re.search(r"(KEY|SECRET|TOKEN|PASSWORD)", "\n".join(lines))


@pytest.mark.parametrize(
    ("variables", "code", "words"),
    [
        # HTTP 401: is the key valid, not revoked; the header is ours.
        ({"PROWLER_CLOUD_API_KEY": "pk_revoked.key"}, ExitCode.DENIED, ["API key", "revoked"]),
        # HTTP 403: the permission, and who grants it.
        ({"PROWLER_CLOUD_API_KEY": "{without}"}, ExitCode.DENIED, ["Manage Ingestions", "administrator"]),
        # The API can't be reached: network, firewall, proxy.
        ({"PROWLER_CLOUD_API_BASE_URL": "http://127.0.0.1:9"}, ExitCode.UNAVAILABLE, ["network", "firewall", "proxy"]),
    ],
    ids=["401", "403", "unreachable"],
)
def test_what_the_vendor_says_to_look_at_is_told(
    variables: Mapping[str, str], code: ExitCode, words: Sequence[str], stage: Stage
) -> None:
    without = stage.sandbox.access.prowler.api_key_without_permission.reveal()
    given = {name: value.format(without=without) for name, value in variables.items()}
    done = stage.run("targets", "test", "prowler", **given)
    assert done.returncode == code
    assert [word for word in words if word not in done.stdout + done.stderr] == []


def test_a_failed_job_tells_its_errors(stage: Stage) -> None:
    """A failed job: its errors, whether the file is valid, whether it holds Detection Findings."""
    (stage.folder / "compliance.ocsf.json").write_text(json.dumps([{"class_uid": 2003}]))
    done = stage.run("submit", "compliance.ocsf.json", "--target", "prowler", "--wait")
    assert done.returncode == ExitCode.FINDINGS
    assert "failed" in done.stderr
    assert "record 0, line 1: Prowler Cloud takes Detection Findings (class_uid 2004) only" in done.stderr
