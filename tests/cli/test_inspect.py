"""`inspect`: what files hold, for a person and for a pipeline, and what it says of those that can't be read."""

from __future__ import annotations

import gzip
import hashlib
import json
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.cli.conftest import COMMAND, Run


def _record(number: int, **more: object) -> dict[str, object]:
    return {
        "metadata": {"version": "1.5.0", "product": {"name": "Prowler", "version": "5.46.0"}},
        "severity": "High",
        "status_code": "FAIL",
        "finding_info": {"uid": f"finding-{number % 10}"},
        "class_uid": 2004,
        "cloud": {"provider": "aws", "account": {"uid": str(number % 12)}},
        "time": 1770273520 + number,
        **more,
    }


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    path = tmp_path / "scan.ocsf.json"
    path.write_text(json.dumps([_record(number) for number in range(12)]))
    return path


def test_everything_that_a_file_holds_is_counted(run: Run, scan: Path) -> None:
    done = run("inspect", scan, "--format", "json")

    assert done.code == 0
    assert done.json()["unreadable"] == []
    (file,) = done.json()["files"]
    assert file == {
        "path": str(scan),
        "format": "array",
        "compression": "none",
        "bytes": scan.stat().st_size,
        "records": 12,
        "label": None,
        "versions": {"1.5.0": 12},
        "classes": {"2004": 12},
        "severities": {"High": 12},
        "statuses": {"FAIL": 12},
        "account_count": 12,
        "accounts": [{"provider": "aws", "uid": str(number), "records": 1} for number in range(12)],
        "producers": {"Prowler 5.46.0": 12},
        "time": {"first": "2026-02-05T06:38:40+00:00", "last": "2026-02-05T06:38:51+00:00"},
        "duplicates": 2,
        "sha256": hashlib.sha256(scan.read_bytes()).hexdigest(),
        "notes": [],
        "fault_count": 0,
        "faults": [],
    }


def test_a_person_is_told_the_same_in_a_few_lines(run: Run, scan: Path) -> None:
    said = run("inspect", scan).stdout

    assert f"{scan}: array, " in said
    for line in (
        "producers   Prowler 5.46.0 (12)",
        "accounts    12 different: aws 0 (1), aws 1 (1), ",
        "and 2 more",
        "time        2026-02-05T06:38:40+00:00 to 2026-02-05T06:38:51+00:00",
        "duplicates  2 records",
    ):
        assert line in said
    assert "label" not in said


def test_compliance_reports_are_labelled_for_what_they_are(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "prowler-output-123456789012_cis.ocsf.json"
    path.write_text(json.dumps([_record(number, class_uid=2003) for number in range(3)]))

    (file,) = run("inspect", path, "--format", "json").json()["files"]
    said = run("inspect", path).stdout

    assert file["label"] == "Prowler compliance report"
    assert any("Prowler does not ingest them" in note for note in file["notes"])
    assert "label       Prowler compliance report" in said
    assert "Prowler does not ingest them" in said


def test_what_cannot_be_read_is_said_and_listed_and_the_others_are_read(run: Run, scan: Path) -> None:
    page = scan.parent / "page.json"
    page.write_text("<html></html>")
    gone = scan.parent / "gone.json"

    done = run("inspect", gone, scan.parent, "--format", "json")

    assert done.code == 2
    assert [file["path"] for file in done.json()["files"]] == [str(scan)]
    assert [(one["path"], set(one)) for one in done.json()["unreadable"]] == [
        (str(gone), {"path", "error", "hint"}),
        (str(page), {"path", "error", "hint"}),
    ]
    assert all(one["error"] in done.stderr for one in done.json()["unreadable"])
    assert run("inspect", gone, scan).stdout == run("inspect", scan).stdout


def test_broken_places_are_told_and_no_error(run: Run, scan: Path) -> None:
    scan.write_text("[" + ",\n".join([json.dumps(_record(0)), *["7"] * 15, json.dumps(_record(1))]))

    done = run("inspect", scan, "--format", "json")
    said = run("inspect", scan).stdout

    (file,) = done.json()["files"]
    assert done.code == 0
    assert (file["records"], file["fault_count"], len(file["faults"])) == (2, 16, 16)
    first = file["faults"][0]
    assert (first["code"], first["record"], first["line"]) == ("not_an_object", 1, 2)
    assert f"broken      record 1, line 2, byte {first['offset']}: " in said
    assert "broken      and 6 more places" in said


def test_notes_are_told(run: Run, scan: Path) -> None:
    scan.write_bytes(b"\xef\xbb\xbf" + scan.read_bytes())

    (file,) = run("inspect", scan, "--format", "json").json()["files"]

    assert file["notes"]
    assert f"note        {file['notes'][0]}" in run("inspect", scan).stdout


def test_stdin_is_a_file_like_any_other(run: Run, scan: Path) -> None:
    (plain,) = run("inspect", "-", "--format", "json", stdin=scan.read_bytes()).json()["files"]
    (packed,) = run("inspect", "-", "--format", "json", stdin=gzip.compress(scan.read_bytes())).json()["files"]

    assert (plain["path"], plain["records"], plain["compression"]) == ("-", 12, "none")
    assert (packed["path"], packed["records"], packed["compression"]) == ("-", 12, "gzip")


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="only /proc tells which files a process has opened")
def test_an_interrupt_ends_it_at_once(tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    line = json.dumps(_record(0)).encode() + b"\n"
    with path.open("wb") as file:
        file.write(b"".join([line] * (1024**2 // len(line)) * 100))

    with subprocess.Popen(
        [*COMMAND, "inspect", str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as command:
        _until_open(command.pid, path)
        command.send_signal(signal.SIGINT)
        out, err = command.communicate(timeout=30)
    path.unlink()
    assert (command.returncode, out) == (130, "")
    assert "Interrupted" in err
    assert "Traceback" not in err


def _until_open(pid: int, path: Path) -> None:
    """Wait until a process has opened a file."""
    deadline = time.monotonic() + 30
    while str(path) not in _opened(pid):
        assert time.monotonic() < deadline, "The file was never opened."


def _opened(pid: int) -> set[str]:
    found = set()
    for one in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            found.add(str(one.readlink()))
    return found


def test_classes_and_versions_have_the_names_that_validation_gives_them(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "odd.json"
    path.write_text('[{"class_uid":"abc"},{"class_uid":2004.5},{"class_uid":true},{"x":1},{"class_uid":2004}]')

    (inspected,) = run("inspect", path, "--format", "json").json()["files"]
    (validated,) = run("validate", path, "--format", "json").json()["files"]

    assert inspected["classes"] == validated["classes"] == {"none": 4, "2004": 1}
    assert inspected["versions"] == validated["versions"] == {"none": 5}
