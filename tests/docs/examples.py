"""The commands that the documents show, as somebody would type them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PAGES: Final = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")))

_BLOCK: Final = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """A block of code of a page."""

    language: str
    text: str
    line: int
    """Where it starts in the page, from 1."""


@dataclass(frozen=True, slots=True)
class Example:
    """A command."""

    text: str
    place: str


def blocks(page: Path, language: str) -> list[Block]:
    """The blocks of a page that are written in a language."""
    text = page.read_text("utf-8")
    found = (Block(one[1], one[2], text.count("\n", 0, one.start()) + 1) for one in _BLOCK.finditer(text))
    return [block for block in found if block.language == language]


def examples(page: Path) -> Iterator[Example]:
    """The commands in the console blocks of a page: what follows `$ `, with the lines that it goes on in."""
    for block in blocks(page, "console"):
        lines = enumerate(block.text.splitlines(), block.line + 1)
        for number, line in lines:
            if not line.startswith("$ "):
                continue
            text = line[2:]
            while text.endswith("\\"):
                text = text[:-1] + next(lines)[1].strip()
            yield Example(text, f"{page.name}:{number}")
