"""Each command that the documents show does what it says: it is run as somebody would who reads them."""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pexpect
import pytest

from console.errors import ExitCode
from console.sandbox.security_hub.intake import SecurityHubSettings
from console.sandbox.server import running
from console.sandbox.settings import Settings
from tests.conftest import NewFolder
from tests.docs.examples import PAGES, Example, examples
from tests.docs.stage import Stage

_ELSEWHERE: Final = {
    r"make ": "run by .ci/run, or takes all there is",
    r"python3 -m venv|ocsf/bin/pip": "done by tests/packaging",
    r"podman |(\S+=\S+ )*prowler |vault |ocsf-schema-compiler ": "not on this machine",
    r"curl -fsS https": "not without a network",
    r"aws ": "done by tests/clients",
    r"ocsf-console (login|logout) ": "wants a keyring: done by tests/test_secret_service.py",
}
"""What is not run here, by how it begins, and why."""

_CODES: Final = {
    r"jobs settle --target prowler \S+( +#.*)?$": ExitCode.UNKNOWN,  # looking once more finds nothing new
    r"--fromat": ExitCode.USAGE,
    r"repair broken": ExitCode.FINDINGS,  # something is dropped
    r"validate \S+ --fromat": ExitCode.USAGE,  # the fault is the point
}
"""What ends otherwise than with 0."""

_SERVES: Final = re.compile(r"ocsf-console (sandbox|web)\b")
_UI: Final = re.compile(r"ocsf-console \S+/$")
_KEPT: Final = re.compile(r"export |[A-Z_]+=\S*$|[A-Z_]+=\$\(.*\)$")
"""What the following commands of a page need."""


@pytest.fixture
def stage(new_folder: NewFolder) -> Iterator[Stage]:
    hub = SecurityHubSettings(region="eu-west-1")
    with running(Settings(security_hub=hub)) as sandbox:
        yield Stage(new_folder(), sandbox)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("page", [page for page in PAGES if any(examples(page))], ids=lambda page: page.name)
def test_the_commands_of_a_page_do_what_they_say(page: Path, stage: Stage) -> None:
    kept = "true"
    for example in examples(page):
        if any(re.match(start, example.text) for start in _ELSEWHERE):
            continue
        text = stage.fill(example.text)
        if _KEPT.match(text):
            kept += f"\n{text}"
        elif _SERVES.match(text):
            _serve(stage, text, example)
        elif _UI.match(text):
            _look(stage, text)
        else:
            _run(stage, f"{kept}\n{text}", example)


def test_the_readme_shows_what_to_begin_with() -> None:
    shown = [example.text.split("#")[0].strip() for example in examples(PAGES[0])]
    assert {"make demo", "make test"} <= set(shown)
    assert len(shown) > 15


def _run(stage: Stage, text: str, example: Example) -> None:
    expected = next((code for start, code in _CODES.items() if re.search(start, example.text)), ExitCode.OK)
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", text],
        cwd=stage.folder,
        env=stage.environ | stage.config_for(text),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == expected, f"{example.place}: {example.text}\n{done.stdout}{done.stderr}"
    assert "Traceback" not in done.stderr, example.place
    for out in re.findall(r" -o ([\w.]+)", example.text):
        assert (stage.folder / out).stat().st_size, example.place


def _serve(stage: Stage, text: str, example: Example) -> None:
    """Start a server, wait for the line that it writes once it answers, and end it."""
    words = re.sub(r"--port \d+", "--port 0", text)
    command = ["bash", "-c", f"exec {words}"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=stage.folder, env=stage.environ, stdout=pipe, text=True) as server:
        assert server.stdout is not None
        assert "http://127.0.0.1:" in server.stdout.readline(), example.place
        server.send_signal(signal.SIGTERM)
        assert server.wait() == 0, example.place


def _look(stage: Stage, text: str) -> None:
    """Open the terminal UI, and leave it."""
    ui = pexpect.spawn("bash", ["-c", f"exec {text}"], cwd=str(stage.folder), env=stage.environ, dimensions=(24, 80))
    ui.expect("Choose a finding file")
    ui.send("q")
    ui.expect(pexpect.EOF)
    ui.close()
    assert ui.exitstatus == 0
