"""In the place of `prowler --push-to-cloud`: its variables work, and what it lets pass fails the build, with advice.

The advice is that of the troubleshooting table of Prowler's guide ("Import findings").
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from console.cli import sending
from console.cli.root import run as run_command
from console.sandbox.samples import as_array, findings
from console.sandbox.server import Sandbox
from tests.cli.conftest import Done, access

Submit = Callable[..., Done]

GENERATIONS = {
    "5.19": ("PROWLER_API_KEY", "PROWLER_CLOUD_API_BASE"),
    "since 5.20": ("PROWLER_CLOUD_API_KEY", "PROWLER_CLOUD_API_BASE_URL"),
}


@pytest.fixture(autouse=True)
def impatient(own_environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Try once and look once: what is told in the end is the same."""
    config = own_environment / "xdg_config_home" / "ocsf-console" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("[limits]\nsend_attempts = 1\n")
    monkeypatch.setattr(sending, "LOOKS", (0.0,))


@pytest.fixture
def submit(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Submit:
    """`submit --wait` in a pipeline that has nothing but some variables."""

    def submit_here(path: Path, *more: str, **environment: str) -> Done:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        code = run_command(["submit", str(path), "--target", "prowler", "--wait", *more])
        written = capsys.readouterr()
        return Done(code, written.out, written.err)

    return submit_here


@pytest.mark.parametrize("generation", GENERATIONS)
def test_the_variables_of_both_generations_are_all_it_takes(
    submit: Submit, sandbox: Sandbox, sound: Path, generation: str
) -> None:
    key, base_url = GENERATIONS[generation]
    prowler = sandbox.access.prowler

    done = submit(sound, "--format", "json", **{key: prowler.api_key.reveal(), base_url: f"{prowler.base_url}/"})

    assert done.code == 0
    assert (done.json()["accepted"], done.json()["state"]) == (20, "done")


def test_the_newer_variables_win_and_empty_ones_are_none(submit: Submit, sandbox: Sandbox, sound: Path) -> None:
    prowler = sandbox.access.prowler
    key = prowler.api_key.reveal()
    old = {"PROWLER_API_KEY": "pk_old.old", "PROWLER_CLOUD_API_BASE": "https://old.invalid"}

    newer = submit(sound, **old, **access(sandbox))
    empty = submit(
        sound,
        PROWLER_API_KEY=key,
        PROWLER_CLOUD_API_BASE=prowler.base_url,
        PROWLER_CLOUD_API_KEY="",
        PROWLER_CLOUD_API_BASE_URL="",
    )

    assert newer.code == 0
    assert empty.code == 0, empty.stderr


def test_a_wrong_key_fails_the_build(submit: Submit, sandbox: Sandbox, sound: Path) -> None:
    """HTTP 401: valid and not revoked, permission; the header is ours to get right."""
    done = submit(sound, **{**access(sandbox), "PROWLER_CLOUD_API_KEY": "pk_wrong.key"})

    assert done.code == 4
    for words in ("HTTP 401", "not expired, not revoked", "Manage Ingestions", "PROWLER_CLOUD_API_KEY"):
        assert words in done.stderr
    assert "pk_wrong.key" not in done.stderr


def test_a_missing_permission_fails_the_build(submit: Submit, sandbox: Sandbox, sound: Path) -> None:
    """HTTP 403: the permission that is missing, and who grants it."""
    key = sandbox.access.prowler.api_key_without_permission.reveal()

    done = submit(sound, **{**access(sandbox), "PROWLER_CLOUD_API_KEY": key})

    assert done.code == 4
    for words in ("HTTP 403", "needs Manage Ingestions", "Ask the administrator of the tenant"):
        assert words in done.stderr


def test_a_failed_job_fails_the_build(submit: Submit, sandbox: Sandbox, tmp_path: Path) -> None:
    """The errors of the job, whether the records are Detection Findings, and how to look before sending."""
    path = tmp_path / "compliance.ocsf.json"
    path.write_text(json.dumps([{**one, "class_uid": 2003} for one in findings(2)]))

    done = submit(path, **access(sandbox))

    assert done.code == 1
    assert ": failed." in done.stderr
    for words in (
        "record 0, line 1: Prowler Cloud takes Detection Findings (class_uid 2004) only; this is 2003.",
        "ocsf-console jobs errors --target prowler ",
        "ocsf-console validate --for prowler FILE",
    ):
        assert words in done.stderr


def test_a_job_that_leaves_records_out_fails_the_build(submit: Submit, sandbox: Sandbox, partly_bad: Path) -> None:
    """Its status is `completed`; Prowler's own push never looks."""
    done = submit(partly_bad, "--format", "json", **access(sandbox))

    assert done.code == 1
    assert (done.json()["job"]["status"], done.json()["rejected"]) == ("completed", 1)
    assert "record 3, line " in done.stderr
    assert "ocsf-console jobs errors --target prowler " in done.stderr


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        ("status=402", 4, ["HTTP 402", "Prowler Cloud subscription", "Ask the owner"]),
        ("status=413", 1, ["HTTP 413", "larger than it takes", "Split the finding file"]),
        ("status=400", 1, ["HTTP 400"]),
        ("redirect=https://elsewhere.example/", 1, ["redirects to https://elsewhere.example", "not followed"]),
        ("html=502", 5, ["HTTP 502", "It may have been accepted", "jobs settle"]),
        ("reset=after", 5, ["It may have been accepted", "jobs settle"]),
    ],
)
def test_what_prowler_only_warns_of_fails_the_build_with_the_reason(
    submit: Submit, sandbox: Sandbox, sound: Path, fault: str, code: int, words: list[str]
) -> None:
    sandbox.faults.add(f"{fault},on=prowler.submit")
    # What is in doubt is looked for; here it shall not be found.
    sandbox.faults.add("status=503,on=prowler.list")

    done = submit(sound, "--timeout", "0", **access(sandbox))

    assert done.code == code, done.stderr
    for part in words:
        assert part in done.stderr


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({"PROWLER_CLOUD_API_BASE_URL": "https://nowhere.invalid"}, "its name can't be resolved"),
        ({"HTTPS_PROXY": "http://127.0.0.1:{port}"}, "The proxy 127.0.0.1 could not be reached"),
        ({"PROWLER_CLOUD_API_BASE_URL": "http://127.0.0.1:{port}"}, "nothing answers there"),
    ],
    ids=["name", "proxy", "port"],
)
def test_an_api_that_can_not_be_reached_fails_the_build(
    submit: Submit, sound: Path, environment: dict[str, str], reason: str
) -> None:
    """Network, firewall, proxy."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        variables = {name: value.format(port=port) for name, value in environment.items()}

        done = submit(sound, PROWLER_CLOUD_API_KEY="pk_1.x", **variables)

    assert done.code == 3
    for words in (
        reason,
        "Check the base URL (or region and endpoint), the network, the firewall, and the proxy settings",
    ):
        assert words in done.stderr


def test_a_job_that_takes_too_long_fails_the_build(submit: Submit, slow_sandbox: Sandbox, sound: Path) -> None:
    done = submit(sound, "--timeout", "0", **access(slow_sandbox))

    assert done.code == 6


def test_every_job_that_runs_is_watched_when_none_is_named(
    slow_sandbox: Sandbox, sandbox: Sandbox, sound: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    other = tmp_path / "other.ocsf.json"
    other.write_bytes(as_array(list(findings(3))))
    for name, value in access(slow_sandbox).items():
        monkeypatch.setenv(name, value)
    assert run_command(["submit", str(sound), str(other), "--target", "prowler"]) == 0

    running = run_command(["jobs", "watch", "--target", "prowler", "--timeout", "0"])
    told = capsys.readouterr().err
    for name, value in access(sandbox).items():
        monkeypatch.setenv(name, value)
    idle = run_command(["jobs", "watch", "--target", "prowler"])

    assert running == 6
    assert "pending: 0 processed" in told
    assert idle == 0
    assert "No job is running." in capsys.readouterr().err
