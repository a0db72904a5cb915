"""The promises of the house that a linter can't see: what is loaded, and when."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("textual", "rich", "httpx", "pydantic", "keyring", "botocore", "starlette", "click")


def _loaded_by(code: str) -> set[str]:
    """The heavy packages that a fresh process has loaded after running *code*."""
    script = f"{code}\nimport sys; sys.stderr.write(' '.join(m for m in {HEAVY!r} if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


@pytest.mark.parametrize(
    "code",
    [
        "import console",
        "import sys; sys.argv = ['ocsf-console', '--version']; from console.cli import main; main()",
    ],
    ids=["import", "version"],
)
def test_nothing_heavy_is_loaded(code: str) -> None:
    assert _loaded_by(code) == set()


@pytest.mark.parametrize(
    "module",
    [
        "console.records.reader",
        "console.ocsf.validator",
        "console.cli.validate",
        "console.convert.run",
        "console.cli.convert",
    ],
)
def test_working_offline_loads_no_network_and_no_screen(module: str) -> None:
    assert _loaded_by(f"import {module}") <= {"click"}


def test_version_is_told_on_stdout() -> None:
    done = subprocess.run([sys.executable, "-m", "console", "--version"], capture_output=True, text=True, check=True)

    assert done.stdout.startswith("ocsf-console ")
    assert done.stderr == ""
