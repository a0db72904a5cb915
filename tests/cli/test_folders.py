"""A PATH that nothing can be read from: it is told, the others are read, and nothing of them is sent."""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.cli.root import run as run_command
from console.sandbox.server import Sandbox
from tests.cli.conftest import COMMAND, Done, Run, access
from tests.faults.support import without_privileges


def _denied(folder: Path) -> str:
    """What is said of a folder that may not be looked into."""
    return f"A folder can't be searched (Permission denied): {folder}"


@pytest.fixture
def run(capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `ocsf-console` in this process as somebody who is held to the modes of folders."""

    def run_here(*arguments: str | Path, **environment: str) -> Done:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        capsysbinary.readouterr()
        with without_privileges():
            code = run_command([str(argument) for argument in arguments])
        written = capsysbinary.readouterr()
        return Done(code, written.out.decode(), written.err.decode())

    return run_here


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[Path]:
    """A folder that nobody may look into."""
    folder = tmp_path / "closed"
    folder.mkdir()
    (folder / "hidden.json").write_text("[]")
    folder.chmod(0)
    yield folder
    folder.chmod(0o700)


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A folder without any finding file."""
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


def _read(done: Done) -> list[str]:
    """The files that a JSON report is about."""
    return [file["path"] for file in done.json()["files"]]


@pytest.mark.parametrize("command", ["inspect", "validate"])
def test_a_closed_folder_does_not_hold_up_the_paths_beside_it(
    run: Run, sound: Path, closed: Path, command: str
) -> None:
    for paths in ([closed, sound], [sound, closed]):
        done = run(command, *paths, "--format", "json")

        assert done.code == 2
        assert _read(done) == [str(sound)]
        assert done.stderr == f"Error: {_denied(closed)}\n"


@pytest.mark.parametrize("command", ["inspect", "validate"])
def test_a_closed_folder_does_not_hold_up_the_folder_around_it(
    run: Run, sound: Path, closed: Path, command: str
) -> None:
    done = run(command, sound.parent, "--format", "json")

    assert done.code == 2
    assert _read(done) == [str(sound)]
    assert done.stderr == f"Error: {_denied(closed)}\n"


@pytest.mark.parametrize("command", ["inspect", "validate"])
def test_an_empty_folder_does_not_hold_up_the_paths_beside_it(run: Run, sound: Path, empty: Path, command: str) -> None:
    done = run(command, empty, sound, "--format", "json")

    assert done.code == 2
    assert _read(done) == [str(sound)]
    assert done.stderr.startswith(f"Error: {empty} holds no finding file (.json ")


def test_folders_that_cannot_be_read_are_listed_by_inspect(run: Run, sound: Path, closed: Path, empty: Path) -> None:
    done = run("inspect", empty, sound, closed, "--format", "json")

    listed = {one["path"]: one["error"] for one in done.json()["unreadable"]}
    assert listed.keys() == {str(empty), str(closed)}
    assert listed[str(closed)] == _denied(closed)
    assert "holds no finding file" in listed[str(empty)]


def test_what_can_be_read_is_told_as_text_too(run: Run, sound: Path, closed: Path) -> None:
    for command in ("inspect", "validate"):
        done = run(command, closed, sound)
        assert done.code == 2
        assert done.stdout.startswith(f"{sound}: ")


def test_the_report_may_be_written_over_one_that_stands_beside_a_closed_folder(
    run: Run, sound: Path, closed: Path, tmp_path: Path
) -> None:
    out = tmp_path / "report.txt"
    out.write_text("old")

    assert run("validate", closed, sound, "-o", out).code == 2
    assert out.read_text().startswith(f"{sound}: 20 records")


@pytest.mark.parametrize("command", [["show"], ["repair", "-o", "-"]], ids=["show", "repair"])
def test_the_one_file_of_a_folder_is_not_taken_while_there_may_be_others(
    run: Run, sound: Path, closed: Path, command: list[str]
) -> None:
    for folder in (sound.parent, closed):
        done = run(*command, folder)
        assert (done.code, done.stdout) == (2, "")
        assert done.stderr == f"Error: {_denied(closed)}\n"


def test_nothing_is_sent_when_a_folder_cannot_be_read(
    run: Run, sandbox: Sandbox, sound: Path, closed: Path, empty: Path
) -> None:
    for paths in ([sound, closed], [sound.parent], [sound, empty]):
        done = run("submit", *paths, "--target", "prowler", "--yes", **access(sandbox))
        assert (done.code, done.stdout) == (2, "")
        assert done.stderr.startswith("Error: ")

    assert run("jobs", "list", "--target", "prowler", "--format", "json").json()["count"] == 0


def _forget_to_be_root() -> None:
    """Lose the rights by which root gets past the modes of files: prctl(PR_CAPBSET_DROP, ...), see capabilities(7)."""
    if os.geteuid() == 0:
        for capability in (1, 2):
            ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)


@pytest.mark.parametrize("command", ["repair", "validate"])
def test_what_may_be_written_to_need_not_be_readable(sound: Path, tmp_path: Path, command: str) -> None:
    out = tmp_path / "out.json"
    out.touch(mode=0o200)

    # A process of its own, since the system is asked what the user may do and not what the thread may.
    done = subprocess.run(
        [*COMMAND, command, sound, "-o", out],
        capture_output=True, text=True, check=False, preexec_fn=_forget_to_be_root,
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
    assert out.stat().st_size
