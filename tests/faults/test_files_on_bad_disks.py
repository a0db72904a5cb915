"""F37 to F40: disks that are full or go away, and files that are twins."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import subprocess
import unicodedata
from pathlib import Path

import pytest

from console.sandbox.server import Sandbox
from console.submissions.desk import Desk
from tests.cli.conftest import COMMAND, access
from tests.faults.conftest import Run
from tests.faults.support import NOWHERE, array, choose, finding, without_privileges
from tests.screens.job_stories import WIDE, at_console


def _small_disk() -> None:
    """As a disk that takes no file larger than 256 kB: writing on fails as on one that is full."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (256_000, 256_000))


def _contents(folder: Path) -> dict[str, bytes]:
    """What a folder holds."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def bulky(tmp_path: Path) -> Path:
    """A finding file of more than the small disk takes."""
    path = tmp_path / "bulky.ocsf.json"
    path.write_bytes(array(*(finding(number, unmapped={"text": "x" * 10_000}) for number in range(50))))
    return path


def test_f37_a_full_disk_at_the_snapshot_changes_nothing(run: Run, bulky: Path, own_environment: Path) -> None:
    """Full disk at snapshot (ENOSPC, EDQUOT): no half file, state unchanged."""
    state = own_environment / "state"
    assert run("submit", bulky, "--target", "prowler", "--dry-run", **NOWHERE).code == 0
    before = _contents(state)
    done = subprocess.run(
        [*COMMAND, "submit", str(bulky), "--target", "prowler"],
        capture_output=True,
        text=True,
        preexec_fn=_small_disk,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "bulky.ocsf.json can't be frozen for sending: File too large. Nothing was sent." in done.stderr
    assert _contents(state) == before


def test_f37_a_read_only_disk_at_the_snapshot_changes_nothing(run: Run, bulky: Path, own_environment: Path) -> None:
    """Read-only disk at snapshot: no half file, state unchanged."""
    state = own_environment / "state"
    assert run("submit", bulky, "--target", "prowler", "--dry-run", **NOWHERE).code == 0
    before = _contents(state)
    (state / "spool").chmod(0o500)
    with without_privileges():
        done = run("submit", bulky, "--target", "prowler", **NOWHERE)
    assert done.code == 2
    assert "Permission denied" in done.stderr
    assert _contents(state) == before


@pytest.mark.parametrize("earlier", [None, b"the report of yesterday"], ids=["new", "replaced"])
def test_f37_a_full_disk_leaves_no_half_report(bulky: Path, tmp_path: Path, earlier: bytes | None) -> None:
    """Full disk: no half file."""
    bad = [finding(number, message=5, unmapped={"text": "x" * 10}) for number in range(3_000)]
    bulky.write_bytes(array(*bad))
    folder = tmp_path / "out"
    folder.mkdir()
    out = folder / "report.jsonl"
    if earlier is not None:
        out.write_bytes(earlier)
    done = subprocess.run(
        [*COMMAND, "validate", str(bulky), "--format", "jsonl", "-o", str(out)],
        capture_output=True,
        text=True,
        preexec_fn=_small_disk,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "report.jsonl can't be written: File too large." in done.stderr
    assert _contents(folder) == ({} if earlier is None else {"report.jsonl": earlier})


@pytest.mark.parametrize("number", [errno.EIO, errno.ESTALE], ids=["EIO", "ESTALE"])
def test_f38_a_share_that_goes_away_is_named_and_the_others_go_on(
    run: Run, tmp_path: Path, sound: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Network share disconnect (EIO, ESTALE): error row."""
    path = tmp_path / "share.json"
    path.write_bytes(array(*map(finding, range(2_000))))
    _break_off(monkeypatch, path, number)
    for command in ("validate", "inspect"):
        done = run(command, path, sound, "--format", "json")
        assert done.code == 2
        assert [file["records"] for file in done.json()["files"]] == [5]
        assert f"share.json can't be read: {os.strerror(number)}." in done.stderr


async def test_f38_a_share_that_comes_back_is_read_on_request(
    here: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Network share disconnect (EIO, ESTALE): error row, retry offered."""
    path = here / "share.json"
    path.write_bytes(array(*map(finding, range(2_000))))
    async with at_console(desk, here, WIDE) as story:
        with monkeypatch.context() as broken:
            _break_off(broken, path, errno.ESTALE)
            await choose(story, "share.json")
            await story.sees(f"share.json can't be read: {os.strerror(errno.ESTALE)}")
        await story.press("r")
        await story.sees("2,000 records")


def _break_off(monkeypatch: pytest.MonkeyPatch, path: Path, number: int) -> None:
    """Let reading a file fail from its second megabyte on."""
    pread, there = os.pread, path.stat()

    def broken(descriptor: int, length: int, offset: int) -> bytes:
        if os.path.samestat(os.fstat(descriptor), there) and offset + length > 1024**2:
            raise OSError(number, os.strerror(number))
        return pread(descriptor, length, offset)

    monkeypatch.setattr(os, "pread", broken)


def test_f39_the_same_content_under_two_names_is_sent_once(
    run: Run, sound: Path, tmp_path: Path, sandbox: Sandbox
) -> None:
    """Same file twice / same content, two names: duplicate warning by sha256."""
    twin = tmp_path / "twin.ocsf.json"
    shutil.copyfile(sound, twin)
    sent = run("submit", sound, sound, twin, "--target", "prowler", "--wait", **access(sandbox))
    assert sent.code == 0
    assert sent.stderr.count("is named twice, and taken once") == 1
    assert sent.stderr.count("It holds the same as") == 1
    assert "twin.ocsf.json" in sent.stderr
    assert sandbox.prowler.store.count() == 1
    again = run("submit", twin, "--target", "prowler", "--dry-run", **access(sandbox))
    assert "The same content was sent to this target before" in again.stderr


@pytest.mark.parametrize("kind", ["composed", "case"])
def test_f40_names_that_look_alike_are_two_files(run: Run, tmp_path: Path, sandbox: Sandbox, kind: str) -> None:
    """Case-insensitive or NFC/NFD twin names: distinct handling, no overwrite."""
    names = ["Scan.ocsf.json", "scan.ocsf.json"]
    if kind == "composed":
        names = [unicodedata.normalize(form, "prüfung.ocsf.json") for form in ("NFC", "NFD")]
    for number, name in enumerate(names, 1):
        (tmp_path / name).write_bytes(array(*map(finding, range(number))))
    if len(list(tmp_path.glob("*.ocsf.json"))) == 1:
        pytest.skip("this file system takes both names for one")
    found = {file["path"]: file["records"] for file in run("inspect", tmp_path, "--format", "json").json()["files"]}
    assert found == {str(tmp_path / names[0]): 1, str(tmp_path / names[1]): 2}
    sent = run("submit", tmp_path, "--target", "prowler", "--wait", "--format", "json", **access(sandbox))
    assert sorted(batch["records"] for batch in sent.json()["batches"]) == [1, 2]
    assert {(job.filename, job.total) for job in sandbox.prowler.store.ingestions(limit=10)} == {
        (names[0], 1),
        (names[1], 2),
    }
