"""Files that hold what is written, as it should be. `UPDATE_GOLDEN=1` writes them anew: look at the difference."""

from __future__ import annotations

import os
from pathlib import Path


def assert_golden(path: Path, written: str) -> None:
    """Hold what was written to the file, byte by byte."""
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(written.encode())
    assert written == path.read_bytes().decode(), f"{path.name} is not as it was; UPDATE_GOLDEN=1 takes it for right"
