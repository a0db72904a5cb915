"""`validate`, `inspect`, `show` and `config`: no network, no keyring, and a sentence for whatever is wrong."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from console.sandbox.samples import as_array, findings
from tests.cli.conftest import COMMAND, Run

HOSTILE = "\x1b]0;owned\x07\x1b[2J\u009b2J\u202e[@click=app.quit]x[/]"


def test_a_real_prowler_file_is_valid(run: Run, sample: Path) -> None:
    done = run("validate", sample, "--format", "json")

    report = done.json()
    assert done.code == 0
    (file,) = report["files"]
    assert (file["format"], file["compression"], file["bytes"]) == ("array", "none", sample.stat().st_size)
    assert (file["records"], file["valid"], file["invalid"], file["errors"]) == (1000, 1000, 0, 0)
    assert file["versions"] == {"1.5.0": 1000}
    assert file["classes"] == {"2004": 1000}
    assert report["summary"]["records"] == 1000


def test_each_issue_is_one_line_that_leads_to_its_record(run: Run, partly_bad: Path) -> None:
    records = json.loads(partly_bad.read_bytes())
    del records[3]["metadata"]["product"]
    partly_bad.write_bytes(as_array(records))

    done = run("validate", partly_bad, "--format", "jsonl")

    (issue,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.code == 1
    assert set(issue) == {"file", "record", "offset", "line", "severity", "code", "path", "message"}
    assert (issue["record"], issue["severity"], issue["code"], issue["path"]) == (
        3, "error", "attribute_required_missing", "metadata.product",
    )  # fmt: skip
    assert partly_bad.read_bytes()[issue["offset"] : issue["offset"] + 1] == b"{"


def test_the_same_issues_as_csv(run: Run, sound: Path) -> None:
    records = json.loads(sound.read_bytes())
    records[1]["=cmd()"] = 1
    sound.write_bytes(as_array(records))

    rows = list(csv.DictReader(io.StringIO(run("validate", sound, "--format", "csv").stdout)))

    assert [(row["record"], row["code"], row["path"]) for row in rows] == [("1", "attribute_unknown", "'=cmd()")]


@pytest.mark.parametrize(
    ("option", "code"), [("error", 1), ("warning", 1), ("never", 0)], ids=["error", "warning", "never"]
)
def test_what_fails_the_command_can_be_chosen(run: Run, partly_bad: Path, option: str, code: int) -> None:
    records = json.loads(partly_bad.read_bytes())
    records[0]["severity_id"] = 77
    partly_bad.write_bytes(as_array(records))

    assert run("validate", partly_bad, "--fail-on", option).code == code


def test_the_report_goes_into_a_file_whole(run: Run, sound: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.json"

    done = run("validate", sound, "--format", "json", "-o", out)

    assert done.stdout == ""
    assert json.loads(out.read_bytes())["summary"]["records"] == 20


def test_stdin_and_folders_are_read(run: Run, sound: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "notes.txt").write_text("no findings")

    from_stdin = run("validate", "-", "--format", "json", stdin=gzip.compress(sound.read_bytes())).json()
    from_folder = run("validate", tmp_path, "--format", "json").json()

    assert (from_stdin["files"][0]["path"], from_stdin["files"][0]["compression"]) == ("-", "gzip")
    assert from_stdin["summary"]["records"] == 20
    assert [file["path"] for file in from_folder["files"]] == [str(sound)]


def test_several_files_are_all_checked_even_when_one_cannot_be_read(run: Run, sound: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.json"
    page.write_text("<!DOCTYPE html><html></html>")

    done = run("validate", page, sound, "--format", "json")

    assert done.code == 2
    assert "HTML" in done.stderr
    assert done.json()["summary"]["records"] == 20


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (b"", 2, "empty"),
        (b"  \n ", 2, "empty"),
        (b"[]", 0, "0 records"),
        (b"not json", 2, "JSON"),
        (b"<html></html>", 2, "HTML"),
        (b'"text"', 2, "object"),
        (b'[{"class_uid": 2004', 1, "byte 19"),
        ("[{}]".encode("utf-16"), 2, "UTF-16"),
        (b"PK\x03\x04\x00\x00", 2, ""),
    ],
)
def test_bad_input_gets_a_sentence_and_the_right_code(
    run: Run, tmp_path: Path, content: bytes, code: int, said: str
) -> None:
    path = tmp_path / "bad.ocsf.json"
    path.write_bytes(content)

    done = run("validate", path)

    assert done.code == code
    assert said in done.stdout + done.stderr
    assert "bad.ocsf.json" in done.stdout + done.stderr


def test_what_is_whole_in_a_broken_file_is_still_checked(run: Run, sound: Path) -> None:
    sound.write_bytes(sound.read_bytes()[:-300])

    done = run("validate", sound, "--format", "json")

    (file,) = done.json()["files"]
    assert done.code == 1
    assert (file["records"], file["valid"]) == (19, 19)
    assert [group["code"] for group in file["groups"]] == ["truncated"]


def test_no_control_character_reaches_the_output(run: Run, tmp_path: Path) -> None:
    records = list(findings(3))
    records[0][HOSTILE] = HOSTILE
    records[1]["severity_id"] = HOSTILE
    path = tmp_path / f"{HOSTILE.replace('/', '')}.json"
    path.write_bytes(as_array(records))

    for form in ("text", "jsonl", "json", "csv"):
        done = run("validate", path, "--format", form)
        shown = (done.stdout + done.stderr).replace("\n", "").replace("\r", "")
        assert shown.isprintable(), form
    shown = "".join(run("inspect", path).stdout + run("show", path).stdout).replace("\n", "")
    assert shown.isprintable()


def test_inspect_says_what_a_file_is(run: Run, sample: Path) -> None:
    (file,) = run("inspect", sample, "--format", "json").json()["files"]

    assert (file["format"], file["compression"], file["records"]) == ("array", "none", 1000)
    assert file["producers"] == {"Prowler 5.46.0": 1000}
    assert file["statuses"] == {"FAIL": 535, "PASS": 440, "MANUAL": 25}
    assert sum(account["records"] for account in file["accounts"]) == 1000
    assert set(file["time"]) == {"first", "last"}
    assert len(file["sha256"]) == 64


def test_show_writes_a_record_as_it_stands(run: Run, sound: Path) -> None:
    raw = run("show", sound, "--record", "7", "--format", "raw").stdout
    shown = run("show", sound, "--record", "7", "--count", "2").json()

    assert raw.strip() in sound.read_text()
    assert json.loads(raw) == json.loads(sound.read_bytes())[7]
    assert shown == json.loads(sound.read_bytes())[7:9]


def test_a_record_beyond_the_end_is_said_to_be(run: Run, sound: Path) -> None:
    done = run("show", sound, "--record", "20")

    assert done.code == 2
    assert "20 records" in done.stderr


def test_an_unknown_key_stops_every_command_that_reads_the_configuration(run: Run, sound: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[targets.p]\nkind = "prowler"\nbase_ulr = "https://x"\n')

    for arguments in (["config", "validate"], ["targets", "list"], ["submit", str(sound), "--target", "p"]):
        done = run("--config", config, *arguments)
        assert done.code == 2
        assert f"{config}, line 3" in done.stderr
        assert "'base_url'" in done.stderr


def test_a_started_configuration_is_right_and_is_never_replaced(run: Run, tmp_path: Path) -> None:
    config = tmp_path / "new" / "config.toml"

    first = run("config", "init", OCSF_CONSOLE_CONFIG=str(config))
    checked = run("config", "validate", OCSF_CONSOLE_CONFIG=str(config))
    again = run("config", "init", OCSF_CONSOLE_CONFIG=str(config))

    assert (first.code, checked.code, again.code) == (0, 0, 2)
    assert run("config", "path", OCSF_CONSOLE_CONFIG=str(config)).stdout.strip() == str(config)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["valdiate"], "Did you mean 'validate'?"),
        (["nothing.json"], "No such file or command"),
        (["validate"], "Missing argument"),
        (["validate", "x.json", "--frmat", "json"], "--format"),
        (["validate", "missing.json"], "missing.json"),
        (["submit", "x.json"], "--target"),
        (["jobs", "list", "--target", "prowler", "--sort", "size"], "inserted_at"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(run: Run, arguments: list[str], said: str) -> None:
    done = run(*arguments)

    assert done.code == 2
    assert said in done.stderr
    assert done.stdout == ""


def test_an_unknown_target_names_those_that_there_are(run: Run, sound: Path) -> None:
    done = run("submit", sound, "--target", "prowlr")

    assert done.code == 2
    assert "prowler" in done.stderr


def test_the_ui_needs_a_terminal_and_says_so(run: Run, tmp_path: Path) -> None:
    done = run(tmp_path)

    assert done.code == 2
    assert "terminal" in done.stderr


def test_every_command_explains_itself(run: Run) -> None:
    for command in ("", "validate", "inspect", "show", "submit", "jobs", "jobs list", "targets", "login", "sandbox",
                    "demo", "config", "credentials", "logout"):  # fmt: skip
        done = run(*command.split(), "-h")
        assert done.code == 0
        assert "Usage: ocsf-console" in done.stdout


def test_a_closed_stdin_is_no_crash(sound: Path) -> None:
    for arguments, code in (
        (["validate", str(sound)], 0),
        (["validate", "-"], 2),
        (["login", "prowler", "--stdin"], 2),
    ):
        shell = " ".join(shlex.quote(word) for word in [*COMMAND, *arguments])
        done = subprocess.run(["sh", "-c", f"exec {shell} <&-"], capture_output=True, text=True, check=False)
        assert (done.returncode, "Traceback" in done.stderr) == (code, False)


def test_a_folder_that_cannot_be_searched_is_not_passed_over(run: Run, tmp_path: Path) -> None:
    # The system refuses a path of more than 4,096 bytes, also to root.
    script = f"import os; os.chdir({str(tmp_path)!r})\nfor _ in range(40): os.mkdir('d' * 200); os.chdir('d' * 200)"
    subprocess.run([sys.executable, "-c", script], check=True)

    done = run("validate", tmp_path)

    assert done.code == 2
    assert "can't be searched" in done.stderr


def test_a_reader_that_has_seen_enough_ends_it_quietly(sound: Path, tmp_path: Path) -> None:
    records = list(findings(2_000))
    for record in records:
        record["unknown"] = 1
    many = tmp_path / "many.json"
    many.write_bytes(as_array(records))

    arguments = [*COMMAND, "validate", str(many), "--format", "jsonl"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as command:
        assert command.stdout is not None
        assert command.stderr is not None
        assert command.stdout.readline()
        command.stdout.close()
        assert command.stderr.read() == ""
        assert command.wait(timeout=30) == 1


def test_an_empty_path_is_not_the_folder_that_we_stand_in(run: Run) -> None:
    for command in (["validate", ""], ["inspect", ""], ["show", ""], ["submit", "", "--target", "prowler"]):
        done = run(*command)
        assert done.code == 2
        assert "PATH is empty" in done.stderr


def test_the_report_never_replaces_what_is_not_a_file(run: Run, sound: Path, tmp_path: Path) -> None:
    link, target = tmp_path / "link", tmp_path / "target"
    link.symlink_to(target)
    null = tmp_path / "null"
    os.mkfifo(null)
    reader = os.open(null, os.O_RDONLY | os.O_NONBLOCK)

    through_link = run("validate", sound, "-o", link)
    into_pipe = run("validate", sound, "-o", null)
    onto_input = run("validate", sound, "-o", sound)
    to_stdout = run("validate", sound, "-o", "-")

    os.close(reader)
    assert (through_link.code, into_pipe.code, to_stdout.code, onto_input.code) == (0, 0, 0, 2)
    assert link.is_symlink()
    assert "20 records" in target.read_text()
    assert null.is_fifo()
    assert "20 records" in to_stdout.stdout
    assert len(json.loads(sound.read_bytes())) == 20


def test_options_of_the_program_may_stand_anywhere(run: Run, tmp_path: Path) -> None:
    missing = tmp_path / "missing.toml"

    for arguments in (["--config", missing, "targets", "list"], ["targets", "list", f"--config={missing}"]):
        done = run(*arguments)
        assert done.code == 2
        assert "missing.toml" in done.stderr
    assert run("targets", "list", OCSF_CONSOLE_CONFIG=str(missing)).code == 2
