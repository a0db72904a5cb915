"""OCSF version numbers: Semantic Versioning 2.0.0, as OCSF uses it."""

from __future__ import annotations

import re
from functools import total_ordering
from typing import Final

_NUMBER: Final = r"(0|[1-9][0-9]{0,8})"
_PATTERN: Final = re.compile(
    rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-([0-9A-Za-z.-]{{1,64}}))?(?:\+[0-9A-Za-z.-]{{1,64}})?"
)

LONGEST: Final = 3 * 9 + 2 + 2 * 65
"""The most characters that a version number may have here. SemVer sets no limit, attackers need one."""


@total_ordering
class Version:
    """A version number that can be compared. Build metadata (`+…`) has no say in that (SemVer §10)."""

    __slots__ = ("_key", "prerelease")

    def __init__(self, core: tuple[int, int, int], prerelease: str = "") -> None:
        self.prerelease = prerelease
        """What follows the dash, as in `rc.2`; empty for a release."""
        self._key = (core, not prerelease, tuple(map(_identifier, prerelease.split("."))))

    @classmethod
    def parse(cls, text: str) -> Version | None:
        """The version that *text* spells, or None when it spells none."""
        match = _PATTERN.fullmatch(text)
        if match is None:
            return None
        major, minor, patch, prerelease = match.groups(default="")
        return cls((int(major), int(minor), int(patch)), prerelease)

    @property
    def initial_development(self) -> bool:
        """Whether it is a `0.x`, which promises no compatibility (SemVer §4)."""
        return self._key[0][0] == 0

    def __str__(self) -> str:
        """The number as it is written, without build metadata: equal versions have equal texts."""
        core, is_release, identifiers = self._key
        dotted = ".".join(map(str, core))
        if is_release:
            return dotted
        return f"{dotted}-" + ".".join(word if is_word else str(number) for is_word, number, word in identifiers)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self._key == other._key

    def __lt__(self, other: Version) -> bool:
        return self._key < other._key

    def __hash__(self) -> int:
        return hash(self._key)


def _identifier(text: str) -> tuple[bool, int, str]:
    """The order of one part of a prerelease: numbers by value and before words (SemVer §11)."""
    return (False, int(text), "") if text.isascii() and text.isdigit() else (True, 0, text)
