"""A file that is named more than once is one file: it is read once, told of once, and never sent twice."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from console.sandbox.server import Sandbox
from tests.cli.conftest import Done, Run, access


@pytest.fixture
def folder(tmp_path: Path, sound: Path) -> Path:
    """A folder with a finding file in it, and a link to another one outside."""
    folder = tmp_path / "scans"
    folder.mkdir()
    (folder / "own.json").write_bytes(sound.read_bytes().replace(b'"', b' "', 1))
    (folder / "link.json").symlink_to(sound)
    return folder


@pytest.fixture
def names(folder: Path, sound: Path) -> list[str]:
    """Several ways to name two files."""
    return [str(sound), f"{sound.parent}/./{sound.name}", str(folder), str(folder / "own.json"), str(sound)]


def _told(done: Done) -> list[str]:
    return [line for line in done.stderr.splitlines() if "taken once" in line]


def _expected(folder: Path, sound: Path) -> list[str]:
    return [
        f"{sound.parent}/./{sound.name} is the same file as {sound}, and taken once.",
        f"{folder}/link.json is the same file as {sound}, and taken once.",
        f"{folder}/own.json is named twice, and taken once.",
        f"{sound} is named twice, and taken once.",
    ]


@pytest.mark.parametrize("command", ["validate", "inspect"])
def test_it_is_read_once_under_its_first_name(
    run: Run, folder: Path, sound: Path, names: list[str], command: str
) -> None:
    done = run(command, *names, "--format", "json")

    assert done.code == 0
    assert [file["path"] for file in done.json()["files"]] == [str(sound), f"{folder}/own.json"]
    assert _told(done) == _expected(folder, sound)


def test_it_is_sent_once(run: Run, sandbox: Sandbox, folder: Path, sound: Path, names: list[str]) -> None:
    done = run("submit", *names, "--target", "prowler", "--format", "json", **access(sandbox))

    assert done.code == 0
    assert len(done.json()["batches"]) == 2
    assert _told(done) == _expected(folder, sound)
    assert "left out" not in done.stderr
    assert sandbox.prowler.store.count() == 2


def test_one_that_can_not_be_read_is_told_once(run: Run, tmp_path: Path) -> None:
    missing = tmp_path / "no.json"

    done = run("validate", missing, f"{tmp_path}/./no.json")

    assert done.code == 2
    assert done.stderr.count("does not exist") == 1


def test_two_names_on_the_disk_are_two_files(run: Run, sound: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    os.link(sound, other)

    done = run("validate", sound, other, "--format", "json")

    assert [file["path"] for file in done.json()["files"]] == [str(sound), str(other)]
    assert done.stderr == ""


def test_of_many_the_first_are_told(run: Run, tmp_path: Path) -> None:
    for number in range(13):
        (tmp_path / f"{number:02}.json").write_text("[]")

    done = run("inspect", tmp_path, tmp_path)

    assert len(_told(done)) == 10
    assert done.stderr.splitlines()[-1] == "The same of 3 more."


def test_a_file_is_compared_with_itself(run: Run, sound: Path) -> None:
    assert run("compare", sound, sound).code == 0
