"""What is given to others: built, installed where nothing else is, and used there."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pexpect
import pytest

from console import __version__
from console.errors import ExitCode
from console.sandbox.samples import write_samples

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the sdist and the wheel."""
    return _built(ROOT, tmp_path_factory.mktemp("packages"), "sdist", "wheel")


@pytest.fixture(scope="module")
def installed(packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command, in an environment of what the wheel asks for, as the lock file pins it."""
    folder = tmp_path_factory.mktemp("installed")
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]
    quiet = [*pip, "install", "--quiet", "--no-compile", "--no-deps"]
    for command in (
        [sys.executable, "-m", "venv", "--without-pip", str(folder)],
        [*quiet, "--require-hashes", "-r", str(ROOT / "requirements" / "runtime.txt")],
        [*quiet, str(_only(packages, "*.whl"))],
        [*pip, "check"],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    return folder / "bin" / "ocsf-console"


@pytest.fixture
def sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A finding file of 1,000 records, in a folder to work in from where nothing of the checkout is found."""
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.chdir(tmp_path)
    return write_samples(tmp_path)


def test_the_sdist_makes_the_same_wheel(packages: Path, tmp_path: Path) -> None:
    with tarfile.open(_only(packages, "*.tar.gz")) as archive:
        archive.extractall(tmp_path, filter="data")
    (unpacked,) = tmp_path.iterdir()
    assert (unpacked / "Makefile").is_file()
    again = _built(unpacked, tmp_path / "again", "wheel")

    with zipfile.ZipFile(_only(packages, "*.whl")) as ours, zipfile.ZipFile(_only(again, "*.whl")) as theirs:
        assert {name: ours.read(name) for name in ours.namelist()} == {
            name: theirs.read(name) for name in theirs.namelist()
        }


def test_the_wheel_holds_what_is_no_python_too(packages: Path) -> None:
    with zipfile.ZipFile(_only(packages, "*.whl")) as wheel:
        packed = set(wheel.namelist())
    ours = {path for folder in ("console", "screens") for path in (ROOT / folder).rglob("*") if path.is_file()}
    assert {str(path.relative_to(ROOT)) for path in ours if "__pycache__" not in path.parts} <= packed
    assert {name.split("/")[0] for name in packed} == {"console", "screens", f"ocsf_console-{__version__}.dist-info"}


@pytest.mark.timeout(300)
def test_it_works_where_nothing_else_is_installed(installed: Path, sample: Path) -> None:
    def run(*arguments: str, code: ExitCode = ExitCode.OK) -> str:
        done = subprocess.run([installed, *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stderr
        return done.stdout + done.stderr

    assert run("--version") == f"ocsf-console {__version__}\n"
    assert "1.8.0" in run("schema", "list")
    assert "1,000 records" in run("inspect", sample.name)
    assert "invalid" in run("validate", "with-bad-records.ocsf.json", code=ExitCode.FINDINGS)
    assert "The main job is done." in run("demo", "--headless")
    assert "ocsf-console[web]" in run("web", code=ExitCode.USAGE)

    ui = pexpect.spawn(str(installed), ["."], env={**os.environ, "TERM": "xterm-256color"}, dimensions=(24, 80))
    ui.expect("Choose a finding file")
    ui.send("q")
    ui.expect(pexpect.EOF)
    ui.close()
    assert ui.exitstatus == 0


def _built(source: Path, folder: Path, *kinds: str) -> Path:
    targets = [word for kind in kinds for word in ("-t", kind)]
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder), *targets]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    return folder


def _only(folder: Path, pattern: str) -> Path:
    (found,) = folder.glob(pattern)
    return found
