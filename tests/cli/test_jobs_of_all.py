"""`jobs list` without a target: those of all targets, whoever of them answers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.sandbox.prowler.intake import ProwlerSettings
from console.sandbox.server import Sandbox, running
from console.sandbox.settings import Settings
from tests.cli.conftest import Run


@pytest.fixture
def other(sandbox: Sandbox) -> Iterator[Sandbox]:
    """A second sandbox, which takes the same key."""
    with running(Settings(prowler=ProwlerSettings(api_key=sandbox.access.prowler.api_key))) as one:
        yield one


NOWHERE = "http://127.0.0.1:9"


def configured(tmp_path: Path, first: str, second: str) -> dict[str, str]:
    """The environment of a configuration with the targets `prowler` and `staging` at these addresses."""
    path = tmp_path / "config.toml"
    urls = {"prowler": first, "staging": second}
    path.write_text("".join(f'[targets.{name}]\nkind = "prowler"\nbase_url = "{url}"\n' for name, url in urls.items()))
    return {"OCSF_CONSOLE_CONFIG": str(path)}


def key_of(sandbox: Sandbox) -> dict[str, str]:
    """The variable that holds its key."""
    return {"PROWLER_CLOUD_API_KEY": sandbox.access.prowler.api_key.reveal()}


def test_the_jobs_of_all_targets_are_listed_together(
    run: Run, sandbox: Sandbox, other: Sandbox, sound: Path, tmp_path: Path
) -> None:
    environment = {**key_of(sandbox), **configured(tmp_path, sandbox.url, other.url)}
    for target in ("staging", "prowler"):
        assert run("submit", sound, "--target", target, "--wait", **environment).code == 0

    as_json = run("jobs", "list", "--format", "json", **environment)
    as_csv = run("jobs", "list", "--format", "csv", **environment)

    assert (as_json.code, as_json.stderr) == (0, "")
    found = as_json.json()
    assert (found["page"], found["pages"], found["count"]) == (1, 1, 2)
    assert [job["target"] for job in found["jobs"]] == ["prowler", "staging"]
    rows = list(csv.DictReader(io.StringIO(as_csv.stdout)))
    assert [(row["target"], row["id"]) for row in rows] == [(job["target"], job["id"]) for job in found["jobs"]]


def test_a_target_that_does_not_answer_is_told_and_the_others_are_listed(
    run: Run, sandbox: Sandbox, sound: Path, tmp_path: Path
) -> None:
    environment = {**key_of(sandbox), **configured(tmp_path, sandbox.url, NOWHERE)}
    run("submit", sound, "--target", "prowler", "--wait", **environment)

    done = run("jobs", "list", "--format", "json", **environment)

    assert done.code == 0
    assert [job["target"] for job in done.json()["jobs"]] == ["prowler"]
    assert "Without the jobs of staging:" in done.stderr
    assert "127.0.0.1:9" in done.stderr


def test_where_no_target_answers_it_is_unavailable(run: Run, tmp_path: Path) -> None:
    environment = {**configured(tmp_path, NOWHERE, NOWHERE), "PROWLER_CLOUD_API_KEY": "key"}

    done = run("jobs", "list", "--format", "json", **environment)

    assert done.code == 3
    assert done.json()["jobs"] == []
    assert done.stderr.count("Without the jobs of") == 2


def test_where_every_target_wants_a_key_it_is_denied(run: Run, tmp_path: Path) -> None:
    done = run("jobs", "list", **configured(tmp_path, NOWHERE, NOWHERE))

    assert done.code == 4
