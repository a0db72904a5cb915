"""What the named cases run with: the command in this process, a sandbox, a desk for the screens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from textual import constants

from console.cli.root import run as run_command
from console.sandbox.samples import as_array, findings
from console.sandbox.server import Sandbox, running
from console.sandbox.settings import Settings
from console.submissions.desk import Desk
from console.submissions.patience import Patience
from tests.cli.conftest import Done
from tests.conftest import NewFolder
from tests.faults.errands import Errand, check_invariants
from tests.faults.support import NOWHERE, Finding, Issue, array, issues
from tests.screens.job_stories import make_desk

Run = Callable[..., Done]


@pytest.fixture
def run(capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `ocsf-console` in this process; no traceback and no control character may come of it."""

    def run_here(*arguments: str | Path, **environment: str) -> Done:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        capsysbinary.readouterr()
        code = run_command([str(argument) for argument in arguments])
        written = capsysbinary.readouterr()
        out, err = (text.decode(errors="surrogateescape") for text in (written.out, written.err))
        assert "Traceback" not in err, err
        shown = err if "raw" in arguments else out + err
        assert shown.replace("\n", "").replace("\r", "").isprintable(), shown
        return Done(code, out, err)

    return run_here


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """A finding file of 5 sound records, in a folder of its own."""
    folder = tmp_path / "sound"
    folder.mkdir()
    path = folder / "sound.ocsf.json"
    path.write_bytes(as_array(list(findings(5))))
    return path


Refusal = Callable[[Path], str]


@pytest.fixture
def refusal(run: Run, sound: Path) -> Refusal:
    """What is said of a file that nothing can be read of. It is refused everywhere, and other files go on."""

    def refused(path: Path) -> str:
        done = run("validate", path)
        assert (done.code, done.stdout) == (2, "")
        assert path.name in done.stderr
        beside = run("validate", path, sound, "--format", "json")
        assert beside.code == 2
        assert [file["records"] for file in beside.json()["files"]] == [5]
        for other in (["inspect", path], ["show", path], ["submit", path, "--target", "prowler"]):
            again = run(*other, **NOWHERE)
            assert (again.code, again.stdout) == (2, "")
            assert again.stderr.startswith("Error: ")
        return done.stderr

    return refused


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A sandbox of this test alone."""
    with running(Settings()) as one:
        yield one


@pytest.fixture
def state(new_folder: NewFolder) -> Path:
    """The folder in which the desk keeps what is its own."""
    return new_folder()


@pytest.fixture
def desk(state: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk whose target nobody answers for, for the screens. Whoever runs the app on it closes it."""
    monkeypatch.setattr(constants, "TEXTUAL_ANIMATIONS", "none")
    return make_desk("http://127.0.0.1:9", state, key=None)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that we stand in: names in it are short, so that no sentence about them is wrapped."""
    monkeypatch.chdir(tmp_path)
    return Path()


Judge = Callable[..., list[Issue]]


@pytest.fixture
def judge(run: Run, tmp_path: Path) -> Judge:
    """Validate a file of some records, and check that the exit code fits the issues, which are returned."""

    def judged(*records: Finding | bytes, rules: str = "full", kind: str | None = None) -> list[Issue]:
        path = tmp_path / "f.json"
        path.write_bytes(array(*records))
        told = run("validate", path, "--rules", rules, "--format", "jsonl", *(["--for", kind] if kind else []))
        found = issues(told)
        assert told.code == (1 if any(issue["severity"] == "error" for issue in found) else 0)
        return found

    return judged


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for nothing that the operator does not see: between tries, looks at a doubt, and looks at a job."""
    monkeypatch.setattr("console.submissions.desk.Patience", partial(Patience, draw=lambda low, _high: low))
    monkeypatch.setattr("console.submissions.watching.FIRST_LOOKS", (0.0,) * 20)
    monkeypatch.setattr("console.cli.sending.LOOKS", (0.0, 0.0))
    monkeypatch.setattr("console.cli.sending.MORE_LOOKS", ())


@pytest.fixture
def errand(run: Run, tmp_path: Path, own_environment: Path, at_once: None) -> Iterator[Errand]:
    """A finding file to send. What must always hold of the ledger is looked at in the end."""
    one = Errand(run, tmp_path, own_environment / "state")
    yield one
    if (one.state / "ledger.sqlite3").exists():
        check_invariants(one.state)
