"""`validate --format`: reports of real files, and what becomes of one that can't be written."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from sarif_kit.validate import validation_errors

from console.cli.root import run as run_command
from console.reports.formats import FORMATS
from tests.cli.conftest import COMMAND, Run, without_reader
from tests.faults.support import without_privileges
from tests.reports.reading import READERS


@pytest.fixture
def many_bad(tmp_path: Path) -> Path:
    """A file with far more to report than any buffer holds."""
    path = tmp_path / "bad.ocsf.json"
    path.write_text(json.dumps([{"class_uid": 2004, f"odd{number}": 1} for number in range(2_000)]))
    return path


def test_every_format_that_lists_issues_lists_those_of_a_real_file(sample: Path, tmp_path: Path) -> None:
    """The same file, through each format and back: nothing lost, nothing added, in the order of the file."""
    read = {}
    for form, reader in READERS.items():
        out = tmp_path / form
        assert run_command(["validate", str(sample), "--format", form, "-o", str(out)]) == 0
        read[form] = reader(out.read_bytes().decode())

    assert len(read["jsonl"]) > 4_000
    assert read["csv"] == read["sarif"] == read["junit"] == read["jsonl"]
    assert [row[:6] for row in read["github"]] == [row[:6] for row in read["jsonl"]]
    assert read["html"] == read["jsonl"][:500]
    assert validation_errors(json.loads((tmp_path / "sarif").read_text())) == []


def test_a_file_that_cant_be_read_is_in_every_report_that_has_a_place_for_it(
    run: Run, sound: Path, tmp_path: Path
) -> None:
    for form in ("json", "sarif", "junit", "github", "html"):
        done = run("validate", tmp_path / "absent.json", sound, "--format", form)

        assert done.code == 2
        assert "absent.json does not exist" in done.stdout
        assert "absent.json does not exist" in done.stderr


@pytest.mark.parametrize("form", FORMATS)
def test_a_full_disk_leaves_what_was_there(many_bad: Path, tmp_path: Path, form: str) -> None:
    """Where no file may grow beyond 4 KB: the first write that is refused ends it."""
    folder = tmp_path / "reports"
    folder.mkdir()
    out = folder / "report"
    out.write_text("the last one")
    # Bytes of cache files of Python's own must not be what fails.
    limited = ["bash", "-c", 'ulimit -f 4; exec "$@"', "-", *COMMAND]

    done = subprocess.run(
        [*limited, "validate", many_bad, "--format", form, "-o", out],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )

    assert done.returncode == 2, done.stderr
    assert "can't be" in done.stderr
    assert "Traceback" not in done.stderr
    assert out.read_text() == "the last one"
    assert [path.name for path in folder.iterdir()] == ["report"]


@pytest.mark.parametrize("form", FORMATS)
def test_a_device_that_is_full_is_told(many_bad: Path, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = run_command(["validate", str(many_bad), "--format", form, "-o", "/dev/full"])

    assert code == 2
    assert capsys.readouterr().err.startswith("Error: /dev/full can't be written: No space left on device.")


def test_a_folder_that_may_not_be_written_to_is_told(
    sound: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o555)

    with without_privileges():
        code = run_command(["validate", str(sound), "--format", "html", "-o", str(folder / "report.html")])

    assert code == 2
    assert "report.html can't be written: Permission denied." in capsys.readouterr().err
    assert not list(folder.iterdir())


@pytest.mark.parametrize("form", FORMATS)
def test_a_reader_who_has_seen_enough_changes_nothing_of_what_is_known(many_bad: Path, form: str) -> None:
    """Two formats begin with a head, before anything is known: that is looked for all the same."""
    done = without_reader("validate", many_bad, "--format", form)

    assert (done.code, done.stderr) == (1, "")
