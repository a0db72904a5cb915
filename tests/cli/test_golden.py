"""What each command writes in each of its formats, word for word: a change to one of them is a change to a contract.

One story: scans are looked into, mended, converted, sent to a sandbox, and followed to their errors.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from console import __version__
from console.cli import sending
from console.cli.root import run as run_command
from console.reports.html_style import STYLE
from console.sandbox.samples import as_array, findings
from console.sandbox.server import Sandbox
from tests.cli.conftest import access
from tests.cli.test_arguments import commands
from tests.golden import assert_golden

GOLDEN = Path(__file__).with_name("golden")

_CHANGING = (
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "UUID"),
    (re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)"), "TIME"),
    (re.compile(r"(http://127\.0\.0\.1):\d+"), r"\1:PORT"),
    (re.compile(r'("seconds": )[\d.]+|checked in [\d.]+ s'), r"\1SECONDS"),
    (re.compile(r"\d+ ms"), "N ms"),
    (re.compile(r'"keyring": \{[^}]*\}'), '"keyring": {}'),
)
"""What differs from run to run."""
_COLUMNS = re.compile(r"  +(?=\S)")
"""Their width follows from that."""

Told = Callable[..., tuple[int, str]]


@pytest.fixture
def told(capfd: pytest.CaptureFixture[str]) -> Told:
    """Run a command; how it ended, and what it wrote to stdout."""

    def tell(line: str) -> tuple[int, str]:
        code = run_command(line.split())
        return code, capfd.readouterr().out

    return tell


@pytest.fixture
def scans(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two scans in the working folder, and one that was cut off. Its name is short: tables cut long ones."""
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.chdir(folder)
        _write_scans()
        yield
        monkeypatch.undo()


def _write_scans() -> None:
    old, new = list(findings(4)), list(findings(5))
    new[1] = json.loads(json.dumps(new[1])) | {"status_code": "FAIL", "severity_id": 42}
    new[3]["resources"] = []
    Path("old.json").write_bytes(as_array(old))
    Path("new.json").write_bytes(as_array(new))
    Path("cut.json").write_bytes(as_array(old)[:-300])


OFFLINE = {
    "inspect": "inspect new.json cut.json --format {}",
    "show": "show old.json --record 1 --format {}",
    "validate": "validate new.json cut.json --for prowler --format {}",
    "compare": "compare old.json new.json --format {}",
    "repair": "repair cut.json -o mended.json --format {}",
    "convert": "convert new.json --to asff -o new.asff --format {}",
    "schema-list": "schema list --format {}",
    "targets-list": "targets list --format {}",
    "credentials": "credentials --format {}",
}
ONLINE = {
    "submit-dry-run": "submit old.json --target prowler --dry-run --format {}",
    "submit": "submit new.json --target prowler --wait --format {}",
    "jobs-list": "jobs list --target prowler --format {}",
    "jobs-show": "jobs show --target prowler JOB --format {}",
    "jobs-errors": "jobs errors --target prowler JOB --format {}",
}
PLAIN = {
    "convert-array": "convert old.json --to array -o -",
    "convert-ndjson": "convert old.json --to ndjson -o -",
    "convert-asff": "convert old.json --to asff -o -",
    "convert-cisco-bundle": "convert old.json --to cisco-bundle -o -",
    "config-show": "config show",
    "config-schema": "config schema",
    "targets-test": "targets test prowler",
}


def _forms(line: str) -> list[str]:
    """The formats that a command writes in, of which it tells itself."""
    known = commands()
    words = tuple(line.split())
    command = known.get(words[:2]) or known[words[:1]]
    (kind,) = [one.type for one in command.params if "--format" in one.opts]
    assert isinstance(kind, click.Choice)
    return list(kind.choices)


def _compared(name: str, form: str, code: int, text: str) -> None:
    text = text.replace(str(Path.cwd()), "DIR").replace(__version__, "VERSION").replace(STYLE, "")
    for pattern, shown in _CHANGING:
        text = pattern.sub(shown, text)
    if form == "text":
        text = _COLUMNS.sub("  ", text)
    assert_golden(GOLDEN / f"{name}.{form}", f"{text}[exit {code}]\n")


@pytest.mark.usefixtures("scans")
@pytest.mark.parametrize("name", OFFLINE)
def test_what_is_written_offline(told: Told, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("PROWLER_API_KEY", "CISCO_XDR_CLIENT_ID", "CISCO_XDR_CLIENT_SECRET"):
        monkeypatch.setenv(variable, "secret")
    for form in _forms(OFFLINE[name]):
        _compared(name, form, *told(OFFLINE[name].format(form)))


@pytest.mark.usefixtures("scans")
def test_what_is_written_on_the_way_of_a_submission(
    told: Told, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "LOOKS", (0.0,))
    for variable, value in access(sandbox).items():
        monkeypatch.setenv(variable, value)
    for name, line in PLAIN.items():
        code, text = told(line)
        key = access(sandbox)["PROWLER_CLOUD_API_KEY"]
        _compared(name, "out", code, text.replace(key, "KEY"))
    job = ""
    for name, line in ONLINE.items():
        for form in _forms(line):
            code, text = told(line.format(form).replace("JOB", job))
            _compared(name, form, code, text)
            if name == "submit" and form == "json":
                job = json.loads(text)["job"]["id"]


def test_the_golden_files_are_those_of_the_commands() -> None:
    """None is left over, and none is missing."""
    expected = {f"{name}.{form}" for name, line in {**OFFLINE, **ONLINE}.items() for form in _forms(line)}

    assert {path.name for path in GOLDEN.iterdir()} == expected | {f"{name}.out" for name in PLAIN}
