"""`ocsf-console web` as a process, with the processes of the UI that it started."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Served:
    """The server, and where it can be opened, once."""

    process: subprocess.Popen[str]
    url: str

    @property
    def origin(self) -> str:
        """Where it answers."""
        return str(httpx.URL(self.url).copy_with(path="/", query=None)).rstrip("/")

    def screens(self) -> list[str]:
        """The command lines of the processes that run the UI for a page."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
                words = (folder / "cmdline").read_bytes().decode().replace("\0", " ")
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(parent) == self.process.pid:
                found.append(words)
        return found

    def end(self) -> int:
        """Ask it to end, and wait for that."""
        self.process.terminate()
        return self.process.wait(30)


@contextmanager
def served(*arguments: str) -> Iterator[Served]:
    """Run it, on a port that is free."""
    command = [sys.executable, "-m", "console", "web", *arguments]
    pipe = subprocess.PIPE
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, env=environ, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield Served(process, process.stdout.readline().strip())
        finally:
            process.kill()
