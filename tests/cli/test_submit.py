"""`submit`, `jobs` and the sandbox, as a pipeline uses them: real processes, real sockets."""

from __future__ import annotations

import csv
import gzip
import json
import os
import pty
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from console.sandbox.server import Sandbox
from tests.cli.conftest import COMMAND, Run, access


def _closed_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
        assert isinstance(port, int)
        return port


def test_a_real_prowler_file_is_taken_whole(run: Run, sandbox: Sandbox, sample: Path) -> None:
    done = run("submit", sample, "--target", "prowler", "--wait", "--format", "json", **access(sandbox))

    result = done.json()
    assert done.code == 0
    assert (result["state"], result["records"], result["accepted"], result["rejected"]) == ("done", 1000, 1000, 0)
    assert result["batches"][0]["bytes"] == sample.stat().st_size
    assert result["job"]["summary"] == {"total": 1000, "processed": 1000, "invalid": 0}
    assert result["job"]["files"] == [str(sample)]


def test_rejected_records_fail_the_pipeline_and_lead_back_to_the_file(
    run: Run, sandbox: Sandbox, partly_bad: Path
) -> None:
    done = run("submit", partly_bad, "--target", "prowler", "--wait", "--format", "json", **access(sandbox))

    result = done.json()
    assert done.code == 1
    assert (result["accepted"], result["rejected"]) == (4, 1)
    errors = run("jobs", "errors", "--target", "prowler", result["job"]["id"], "--format", "json", **access(sandbox))
    (error,) = {error["record"]: error for error in errors.json()["errors"]}.values()
    assert error["record"] == 3
    assert error["file"] == str(partly_bad)
    lines = partly_bad.read_bytes().split(b"\n")
    assert lines[error["line"] - 1].endswith(b"{")
    assert partly_bad.read_bytes()[error["offset"] : error["offset"] + 1] == b"{"


def test_what_came_on_stdin_is_called_so_wherever_it_is_named(run: Run, sandbox: Sandbox, partly_bad: Path) -> None:
    settings = access(sandbox)
    at_target = ("--target", "prowler", "--format", "json")

    done = run("submit", "-", "--wait", *at_target, stdin=partly_bad.read_bytes(), **settings)

    job = done.json()["job"]
    assert job["files"] == ["-"]
    errors = run("jobs", "errors", *at_target, job["id"], **settings).json()["errors"]
    assert {(error["file"], error["record"]) for error in errors} == {("-", 3)}
    assert [one["files"] for one in run("jobs", "list", *at_target, **settings).json()["jobs"]] == [["-"]]
    again = run("submit", partly_bad, "-", "--select", "valid", "--dry-run", *at_target, stdin=b"[{}]", **settings)
    assert "\n  -, record 0: " in again.stderr
    nothing = run("submit", "-", "--select", "nosuch=1", *at_target, stdin=partly_bad.read_bytes(), **settings)
    assert nothing.stderr.endswith(" matches nosuch=1 in -.\n")


def test_what_takes_the_place_of_an_unsent_submission_is_told_by_both(run: Run, sandbox: Sandbox, sound: Path) -> None:
    key = sandbox.access.prowler.api_key_without_permission.reveal()
    arguments = ("submit", sound, "--target", "prowler", "--format", "json")

    denied = run(*arguments, **{**access(sandbox), "PROWLER_CLOUD_API_KEY": key})
    again = run(*arguments, **access(sandbox))
    resumed = run("jobs", "resume", "--target", "prowler", denied.json()["submission"], **access(sandbox))

    earlier, later = denied.json()["submission"], again.json()["submission"]
    assert "is the same content" not in denied.stderr
    assert f"left unsent of submission {earlier} is the same content: sending this cancels it.\n" in again.stderr
    assert resumed.code == 2
    assert f"submission {earlier}: cancelled. Replaced by submission {later}.\n" in resumed.stderr


def test_each_of_several_jobs_says_how_it_ended(
    run: Run, sandbox: Sandbox, sound: Path, partly_bad: Path, tmp_path: Path
) -> None:
    hopeless = tmp_path / "hopeless.json"
    hopeless.write_text('[{"class_uid": 1}]')
    arguments = ("submit", partly_bad, hopeless, "--target", "prowler", "--wait")

    result = run(*arguments, "--format", "json", **access(sandbox)).json()

    assert result["job"] is None
    assert [batch["job_status"] for batch in result["batches"]] == ["completed", "failed"]
    shown = run("submit", sound, "--target", "prowler", "--wait", **access(sandbox)).stdout
    assert shown.splitlines()[1].split() == ["batch", "records", "bytes", "state", "job", "status"]
    assert shown.split()[-1] == "completed"


def test_what_the_target_said_of_a_batch_is_an_error_like_those_of_jobs(
    run: Run, sandbox: Sandbox, partly_bad: Path, sound: Path
) -> None:
    key = sandbox.access.prowler.api_key_without_permission.reveal()

    failed = run("submit", partly_bad, "--target", "prowler", "--wait", "--format", "json", **access(sandbox)).json()
    denied = run(
        "submit", sound, "--target", "prowler", "--format", "json",
        **{**access(sandbox), "PROWLER_CLOUD_API_KEY": key},
    ).json()  # fmt: skip

    (error,) = denied["batches"][0]["errors"]
    assert error.keys() == failed["batches"][0]["errors"][0].keys()
    assert (error["code"], error["file"], error["record"]) == ("denied", str(sound), None)


def test_only_valid_records_are_sent_when_asked(run: Run, sandbox: Sandbox, partly_bad: Path) -> None:
    done = run(
        "submit", partly_bad, "--target", "prowler", "--select", "valid", "--wait", "--format", "json",
        **access(sandbox),
    )  # fmt: skip

    assert done.code == 0
    assert done.json()["accepted"] == 4
    assert "1 left out" in done.stderr
    assert "record 3" in done.stderr


def test_a_key_without_the_permission_is_told_which_one_it_lacks(run: Run, sandbox: Sandbox, sound: Path) -> None:
    key = sandbox.access.prowler.api_key_without_permission.reveal()

    done = run("submit", sound, "--target", "prowler", "--wait", **{**access(sandbox), "PROWLER_CLOUD_API_KEY": key})

    assert done.code == 4
    assert "Manage Ingestions" in done.stderr
    assert key not in done.stdout + done.stderr


def test_no_key_at_all_says_where_to_put_one(run: Run, sandbox: Sandbox, sound: Path) -> None:
    done = run("submit", sound, "--target", "prowler", **{**access(sandbox), "PROWLER_CLOUD_API_KEY": ""})

    assert done.code == 4
    assert "PROWLER_CLOUD_API_KEY" in done.stderr


def test_a_target_that_is_down_is_unavailable_and_nothing_was_sent(run: Run, sound: Path) -> None:
    url = f"http://127.0.0.1:{_closed_port()}"

    done = run(
        "submit", sound, "--target", "prowler", "--format", "json",
        PROWLER_CLOUD_API_BASE_URL=url, PROWLER_CLOUD_API_KEY="pk_a.b",
    )  # fmt: skip

    assert done.code == 3
    assert done.json()["state"] == "ready"
    assert done.json()["accepted"] == 0


def test_a_dry_run_sends_nothing_and_leaves_nothing(run: Run, sandbox: Sandbox, sound: Path) -> None:
    done = run("submit", sound, "--target", "prowler", "--dry-run", "--format", "json", **access(sandbox))

    assert done.code == 0
    assert (done.json()["dry_run"], done.json()["records"]) == (True, 20)
    assert run("jobs", "list", "--target", "prowler", "--format", "json", **access(sandbox)).json()["count"] == 0
    assert not list(Path(os.environ["OCSF_CONSOLE_STATE_DIR"]).glob("spool/*"))


@pytest.mark.parametrize("packing", ["ndjson", "gzip", "ndjson-gzip"])
def test_other_shapes_are_put_into_the_one_that_the_target_takes(
    run: Run, sandbox: Sandbox, sound: Path, tmp_path: Path, packing: str
) -> None:
    body = sound.read_bytes()
    if "ndjson" in packing:
        body = b"\n".join(json.dumps(record).encode() for record in json.loads(body))
    if "gzip" in packing:
        body = gzip.compress(body)
    path = tmp_path / "other.gz"
    path.write_bytes(body)

    done = run("submit", path, "--target", "prowler", "--wait", "--format", "json", **access(sandbox))

    assert done.code == 0
    assert done.json()["accepted"] == 20


def test_the_same_content_is_recognised_the_second_time(run: Run, sandbox: Sandbox, sound: Path) -> None:
    first = run("submit", sound, "--target", "prowler", "--format", "json", **access(sandbox)).json()

    again = run("submit", sound, "--target", "prowler", "--dry-run", **access(sandbox))

    assert first["submission"] in again.stderr


def test_a_broken_file_is_not_sent_unasked(run: Run, sandbox: Sandbox, sound: Path) -> None:
    sound.write_bytes(sound.read_bytes()[:-200])

    done = run("submit", sound, "--target", "prowler", **access(sandbox))

    assert done.code == 2
    assert "line" in done.stderr
    assert "--select valid" in done.stderr
    assert run("jobs", "list", "--target", "prowler", "--format", "json", **access(sandbox)).json()["count"] == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "empty"), (b"[]", "nothing to submit"), (b"<html><body>", "HTML"), (b"no json", "JSON")],
)
def test_what_holds_no_records_is_refused_in_a_sentence(
    run: Run, sandbox: Sandbox, tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "bad.ocsf.json"
    path.write_bytes(content)

    done = run("submit", path, "--target", "prowler", **access(sandbox))

    assert done.code == 2
    assert said in done.stderr


def test_a_job_that_does_not_end_in_time_is_a_timeout(run: Run, slow_sandbox: Sandbox, sound: Path) -> None:
    done = run(
        "submit", sound, "--target", "prowler", "--wait", "--timeout", "0", "--format", "json", **access(slow_sandbox)
    )

    assert done.code == 6
    assert done.json()["state"] == "accepted"
    assert "jobs show" in done.stderr


def test_the_exit_code_stands_when_nobody_reads_the_result(sound: Path) -> None:
    url = f"http://127.0.0.1:{_closed_port()}"
    environment = {**os.environ, "PROWLER_CLOUD_API_BASE_URL": url, "PROWLER_CLOUD_API_KEY": "pk_a.b"}
    arguments = [*COMMAND, "submit", str(sound), "--target", "prowler"]

    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment) as command:
        assert command.stdout is not None
        command.stdout.close()
        assert command.wait(timeout=30) == 3


def test_an_interrupted_wait_keeps_what_is_known(slow_sandbox: Sandbox, run: Run, sound: Path) -> None:
    arguments = [*COMMAND, "submit", str(sound), "--target", "prowler", "--wait"]
    environment = {**os.environ, **access(slow_sandbox)}
    with subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True, env=environment) as command:
        assert command.stderr is not None
        for line in command.stderr:
            if "pending" in line:
                command.send_signal(signal.SIGINT)
        assert command.wait(timeout=30) == 130

    (job,) = run("jobs", "list", "--target", "prowler", "--format", "json", **access(slow_sandbox)).json()["jobs"]
    assert job["files"] == [str(sound)]


def test_jobs_are_listed_filtered_and_paged(run: Run, sandbox: Sandbox, sound: Path, partly_bad: Path) -> None:
    for path in (sound, partly_bad, sound):
        run("submit", path, "--target", "prowler", "--wait", **access(sandbox))

    listed = run(
        "jobs", "list", "--target", "prowler", "--status", "completed", "--sort", "inserted_at",
        "--page", "2", "--page-size", "2", "--format", "json", **access(sandbox),
    ).json()  # fmt: skip
    shown = run("jobs", "show", "--target", "prowler", listed["jobs"][0]["id"], "--format", "json", **access(sandbox))
    table = run("jobs", "list", "--target", "prowler", **access(sandbox)).stdout
    rows = run("jobs", "list", "--target", "prowler", "--format", "csv", **access(sandbox)).stdout

    assert (listed["page"], listed["pages"], listed["count"], len(listed["jobs"])) == (2, 2, 3, 1)
    assert shown.json() == listed["jobs"][0]
    assert table.count("completed") == 3 + 1  # the column's name too
    assert len(rows.splitlines()) == 4
    header, first, *_ = csv.reader(rows.splitlines())
    job = dict(zip(header, first, strict=True))
    newest = run("jobs", "list", "--target", "prowler", "--format", "json", **access(sandbox)).json()["jobs"][0]
    assert {name: job[name] for name in ("target", "inserted_at", "submission", "sha256")} == {
        name: newest[name] or "" for name in ("target", "inserted_at", "submission", "sha256")
    }


def test_an_unknown_job_is_said_to_be_unknown(run: Run, sandbox: Sandbox) -> None:
    done = run("jobs", "show", "--target", "prowler", "3650fef9-8e5f-4808-a95f-74f0afae8499", **access(sandbox))

    assert done.code == 2
    assert "3650fef9" in done.stderr


def test_watching_a_job_follows_it_to_its_end(run: Run, sandbox: Sandbox, partly_bad: Path) -> None:
    sent = run("submit", partly_bad, "--target", "prowler", "--format", "json", **access(sandbox)).json()

    job_id = sent["batches"][0]["job_id"]
    done = run("jobs", "watch", "--target", "prowler", job_id, "--timeout", "30", **access(sandbox))

    assert done.code == 1
    assert "completed: 4 processed, 1 invalid of 5" in done.stderr


def test_the_sandbox_command_serves_until_it_is_told_to_stop(run: Run, sound: Path) -> None:
    with subprocess.Popen([*COMMAND, "sandbox"], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        told = json.loads(server.stdout.readline())
        done = run(
            "submit", sound, "--target", "prowler", "--wait", "--format", "json",
            PROWLER_CLOUD_API_BASE=told["prowler"]["base_url"], PROWLER_API_KEY=told["prowler"]["api_key"],
        )  # fmt: skip
        server.terminate()
        assert server.wait(timeout=20) == 0

    assert done.json()["accepted"] == 20


def test_the_demo_does_the_main_job_without_a_terminal(run: Run) -> None:
    done = run("demo", "--headless")

    assert done.code == 0
    assert "completed, 1000 processed, 0 invalid" in done.stdout


def test_a_read_only_console_plans_and_sends_nothing(run: Run, sandbox: Sandbox, sound: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[ui]\nread_only = true\n")

    planned = run("submit", sound, "--target", "prowler", "--dry-run", "--config", config, **access(sandbox))
    sent = run("submit", sound, "--target", "prowler", "--config", config, **access(sandbox))
    asked = run("submit", sound, "--target", "prowler", "--read-only", **access(sandbox))

    assert (planned.code, sent.code, asked.code) == (0, 2, 2)
    assert "This console is read-only" in sent.stderr
    assert "This console is read-only" in asked.stderr
    assert sandbox.prowler.store.count() == 0


def test_a_test_of_a_target_tells_a_refused_key_from_a_silent_target(run: Run, sandbox: Sandbox) -> None:
    refused = run("targets", "test", "prowler", **{**access(sandbox), "PROWLER_CLOUD_API_KEY": "pk_wrong.key"})
    silent = run("targets", "test", "prowler", **{**access(sandbox), **_nowhere()})

    assert (refused.code, silent.code) == (4, 3)
    assert run("targets", "test", "prowler", **access(sandbox)).code == 0


def _nowhere() -> dict[str, str]:
    return {"PROWLER_CLOUD_API_BASE_URL": f"http://127.0.0.1:{_closed_port()}"}


def test_a_dry_run_tells_what_is_invalid_by_ocsf_and_so_does_the_question(
    run: Run, sandbox: Sandbox, sound: Path
) -> None:
    records = json.loads(sound.read_bytes())
    for number in range(0, 14, 2):
        records[number]["severity_id"] = 42
    records[15]["resources"] = []
    sound.write_text(json.dumps(records))
    submit = ("submit", sound, "--target", "prowler")

    dry = run(*submit, "--dry-run", "--format", "json", **access(sandbox))
    valid = run(*submit, "--dry-run", "--select", "valid", "--format", "json", **access(sandbox))
    question = _answered("n", *submit, **access(sandbox))
    sent = run(*submit, "--wait", "--format", "json", **access(sandbox))

    refused = {"refused": 1, "refused_reasons": {"prowler_resources_missing": 1}}
    expected = {**refused, "invalid": 7, "reasons": {"attribute_enum_value_unknown": 7}}
    assert (dry.code, dry.json()["records"], dry.json()["expected"]) == (0, 20, expected)
    assert "By its own rules, prowler will refuse 1 record (1 × prowler_resources_missing)." in dry.stderr
    assert "--select valid leaves them out." in dry.stderr
    assert "7 more records invalid by OCSF (7 × attribute_enum_value_unknown), which prowler may reject." in dry.stderr
    assert "--select valid leaves out what is invalid." in dry.stderr
    assert (valid.json()["records"], valid.json()["expected"]["invalid"]) == (12, 0)
    assert "7 more records invalid by OCSF may be rejected. Send 20 records to prowler?" in question
    assert (sent.json()["rejected"], "expected" in sent.json()) == (8, False)


def test_to_resend_says_that_the_same_was_refused_and_why(run: Run, sandbox: Sandbox, partly_bad: Path) -> None:
    done = run("submit", partly_bad, "--target", "prowler", "--wait", "--format", "json", **access(sandbox))
    resend = ("jobs", "resend", done.json()["job"]["id"], "--target", "prowler", "--only", "failed")

    question = _answered("n", *resend, **access(sandbox))
    again = run(*resend, **access(sandbox))

    said = "prowler refused exactly this before: 1 record (1 × prowler_resources_missing). Mend the file first"
    assert said in question
    assert said in again.stderr
    assert "prowler refused exactly this before. Send 1 record to prowler?" in question


def _answered(answer: str, *arguments: str | Path, **environment: str) -> str:
    """What a command shows somebody who answers its question from a terminal."""
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "wb", buffering=0) as keyboard, os.fdopen(theirs, "rb", buffering=0) as terminal:
        keyboard.write(f"{answer}\n".encode())
        done = subprocess.run(
            [*COMMAND, *map(str, arguments)],
            stdin=terminal,
            capture_output=True,
            env={**os.environ, **environment},
            timeout=50,
            check=True,
        )
    return done.stderr.decode()
