"""How many records of a file repeat the finding identifier of an earlier one, in little memory.

An identifier is reduced to a mark of eight bytes. The marks are made with a key that is drawn anew for each file, so
nobody who writes a file can choose them: neither to look like a duplicate, nor to end up all in one place.
"""

from __future__ import annotations

import secrets
from array import array
from bisect import bisect_left
from collections.abc import Iterable
from hashlib import blake2b
from itertools import pairwise
from typing import Final, TypeAlias

UidMarks: TypeAlias = "array[int]"
"""One number of 64 bits for each identifier, equal for equal ones; 0 where there is no identifier."""

MARKS_KEPT: Final = 8_000_000
"""Marks that are remembered, so that memory has an end. They take 64 MB."""
PLACES_KEPT: Final = 250_000
"""Marks that are remembered with the place that had them first."""
_MARK_BYTES: Final = 8
_NO_MARK: Final = bytes(_MARK_BYTES)
_KEY_BYTES: Final = 16
_SHARES: Final = 256
"""Shares that the marks are kept in. One at a time is looked through, which takes many times its memory."""
_SEAMS: Final = [1] + [share << 56 for share in range(1, _SHARES)] + [1 << 64]
"""Where the shares start and end. What has no mark is in none."""


def new_key() -> bytes:
    """What the marks of one file are made with."""
    return secrets.token_bytes(_KEY_BYTES)


def marks_of(uids: Iterable[str | None], key: bytes) -> UidMarks:
    """The marks of identifiers, of which empty ones are none. The same *key* makes the same marks in every process."""
    marks = array("Q")
    marks.frombytes(
        b"".join(
            [blake2b(uid.encode(), digest_size=_MARK_BYTES, key=key).digest() if uid else _NO_MARK for uid in uids]
        )
    )
    return marks


class Earlier:
    """Finds, for each identifier as it comes, the place that had the same one first."""

    def __init__(self) -> None:
        self._key = new_key()
        self._first: dict[int, int] = {}

    def find(self, uid: str | None, place: int) -> int | None:
        """The earliest place of that identifier, if an earlier one had it; else this is remembered as that place.

        Nothing is found for none, nor for those that come when too many different ones are remembered.
        """
        (mark,) = marks_of([uid], self._key)
        earlier = self._first.get(mark)
        if earlier is None and mark and len(self._first) < PLACES_KEPT:
            self._first[mark] = place
        return earlier


class Repeats:
    """Counts the marks that are there more than once."""

    def __init__(self) -> None:
        self.is_complete = True
        """Whether all marks were compared. If not, there were too many different ones to remember."""
        self._shares = [array("Q") for _ in range(_SHARES)]
        self._kept = 0
        self._repeated = 0

    def add(self, marks: UidMarks) -> None:
        """Take in further marks, in any order."""
        if self._kept + len(marks) > MARKS_KEPT and self.is_complete:
            self._condense()
            # It pays as long as it makes much room: only then is it rare.
            self.is_complete = self._kept + len(marks) <= MARKS_KEPT // 2
        if not self.is_complete:
            return
        ordered = sorted(marks)
        places = [bisect_left(ordered, seam) for seam in _SEAMS]
        for share, (start, end) in zip(self._shares, pairwise(places), strict=True):
            share.extend(ordered[start:end])
        self._kept += places[-1] - places[0]

    def count(self) -> int:
        """How many marks were equal to an earlier one."""
        self._condense()
        return self._repeated

    def _condense(self) -> None:
        """Keep each mark once, and count those that go."""
        for number, share in enumerate(self._shares):
            self._shares[number] = array("Q", set(share))
            self._repeated += len(share) - len(self._shares[number])
        self._kept = sum(map(len, self._shares))
