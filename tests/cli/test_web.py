"""`web` where it can't start. What it serves is looked at in tests/web."""

from __future__ import annotations

import socket
import subprocess
import sys

from console.errors import ExitCode


def test_without_the_extra_it_says_what_to_install() -> None:
    script = "import sys; sys.modules['textual_serve'] = None; sys.argv = ['ocsf-console', 'web']"
    script += "; from console.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert done.returncode == ExitCode.USAGE
    assert "pip install 'ocsf-console[web]'" in done.stderr
    assert done.stdout == ""


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "console", "web", "--port", port]
        done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == ExitCode.USAGE
    assert port in done.stderr
    assert done.stdout == ""
