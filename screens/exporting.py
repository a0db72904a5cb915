"""Writing what a screen shows into a file, in a thread, and saying where it is."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Final

from textual.content import Content

from console.paths import atomic_write
from screens.widgets.text import styled

CSV: Final = ".csv"
JSON: Final = ".json"

_STRANGE: Final = re.compile(r"[^A-Za-z0-9-]+")
_LONGEST_NAME: Final = 40


def name_of(word: str, identifier: str) -> str:
    """A file name to offer, made of a word of ours and of what a stranger calls a thing."""
    return f"{word}-{_STRANGE.sub('_', identifier)[:_LONGEST_NAME]}{CSV}"


async def export(path: Path, text: str, what: str) -> Content:
    """Write a file whole, readable by its owner only, and say so; *what* counts what is in it. Raises `StateError`."""
    await asyncio.to_thread(_write, path, text)
    return styled("$what written to $path.", what=what, path=path)


def _write(path: Path, text: str) -> None:
    with atomic_write(path) as file:
        file.writelines([text.encode()])
