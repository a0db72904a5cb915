"""Finding files by their names, in a folder and in all below it. Reads the disk, knows no widget.

The folders are walked once, in a thread; what is typed is then looked for among the names that are known by then.
"""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Final

from console.progress import Cancel
from screens.folders import Entry, Found, Kind, entries_of

MOST_NAMES: Final = 500_000
"""Names that are looked at, those of other files and of folders among them: the nearest folders come first."""
_SHOWN: Final = 500
"""Files that are shown of those that are found."""
_PAUSE: Final = 0.3
"""Seconds between two reports that more names are known."""


@dataclass(frozen=True, slots=True)
class Matches:
    """The finding files whose names have in them what was typed, or its letters in their order."""

    entries: tuple[Entry, ...]
    """The first of them: those whose own name has it, then those that are in a folder whose name has it; then, in the
    same way, those that have the letters alone."""
    count: int
    """All of them."""
    words: tuple[str, ...] = ()
    """What was typed."""


class FileSearch:
    """The names of the finding files below a folder. `walk` runs in one thread, `matching` in any."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: list[str] = []
        """What was found, each as its way from the folder."""
        self.ended = False
        """Whether every folder was read that can be."""
        self.cut = False
        """Whether there are more names than are looked at."""

    def walk(self, grown: Callable[[], object], cancel: Cancel) -> None:
        """Read the folder and all below it. Links to folders are not followed. Raises `Cancelled`.

        Folders that can't be read are left out, as the tree says when one opens them.
        """
        waiting, seen, due = deque([""]), 0, monotonic() + _PAUSE
        while waiting:
            folder = waiting.popleft()
            try:
                for one in entries_of(self.folder / folder):
                    seen += 1
                    cancel.check()
                    if one is not None:
                        self._add(one, folder, waiting)
                    if seen >= MOST_NAMES:
                        self.cut = True
                        return
            except OSError:
                continue
            finally:
                if monotonic() >= due:
                    due = monotonic() + _PAUSE
                    grown()
        self.ended = True

    def _add(self, one: Found, folder: str, waiting: deque[str]) -> None:
        name = f"{folder}{os.sep}{one.name}" if folder else one.name
        if one.kind is Kind.FOLDER:
            waiting.append(name)
        elif one.kind is Kind.FILE:
            self.names.append(name)

    def matching(self, text: str) -> Matches:
        """The files in whose names, or in whose folders' names, all words of *text* are, in any case of letters.

        Then those that have at least the letters of each word, in their order.
        """
        words = text.casefold().split()
        letters = [_in_order(word) for word in words]
        found: tuple[list[str], ...] = ([], [], [], [])
        for name in self.names[:]:
            folded = name.casefold()
            # What lacks the letters lacks the words.
            if not all(one.match(folded) for one in letters):
                continue
            own = folded[folded.rfind(os.sep) + 1 :]
            if all(word in folded for word in words):
                found[0 if all(word in own for word in words) else 1].append(name)
            else:
                found[2 if all(one.match(own) for one in letters) else 3].append(name)
        names = [name for kind in found for name in sorted(kind)]
        entries = tuple(Entry(self.folder / name, Kind.FILE) for name in names[:_SHOWN])
        return Matches(entries, len(names), tuple(words))


def _in_order(word: str) -> re.Pattern[str]:
    """What matches a text that has the letters of a word in their order. It looks at each letter of the text once."""
    return re.compile("".join(f"[^{letter}]*{letter}" for letter in map(re.escape, word)))


def places(text: str, word: str) -> list[int]:
    """Where a word is in a text, in any case of letters: in one piece, else its letters in their order."""
    # Letter by letter: what is folded may be longer, and the places others.
    lower = "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text)
    start = lower.find(word)
    if start >= 0:
        return list(range(start, start + len(word)))
    found, after = list[int](), 0
    for letter in word:
        place = lower.find(letter, after)
        if place < 0:
            return []
        found.append(place)
        after = place + 1
    return found
