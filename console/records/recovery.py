"""Where the records of an array go on after one that is broken.

A whole record must not be lost with a broken one before it, and what is inside of a broken one must not be taken for a
record. The records of one producer all start alike, with an *opening*. Where that has a line break and an indentation,
nothing inside of a record starts so. Else it takes proof: the records before must have nothing inside that starts so,
and several records must follow one another from there on.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from console.records.scan import Ending, follow
from console.records.window import SPACE, Window

_INDENTED: Final = re.compile(rb"\{[ \t\r]*\n[ \t]+\"")
_JOINT: Final = re.compile(rb"[\[,][ \t\r\n]*\Z")
"""What stands before a record in an array."""
_JOINT_BYTES: Final = 64
_PROOF: Final = 4
"""Records that must follow one another."""
_PROOF_BYTES: Final = 128 * 1024
"""Bytes of each of them, at most."""
_BEFORE_BYTES: Final = 64 * 1024
"""Bytes of records before the broken one that are looked at."""
_STARTS: Final = 8
"""Places in them that are tried as the start of a record."""

_slices: Final = msgspec.json.Decoder(list[msgspec.Raw])
_value: Final = msgspec.json.Decoder(msgspec.Raw)


class Recovery:
    """Looks for the next record after a broken one. There is an end to how much it tries in one array."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._patience = 100
        """Places without proof that are still looked at."""

    def find(self, opening: bytes, start: int) -> bool:
        """Move to the next record after the broken one at the byte *start*; where there is none, anywhere."""
        window = self._window
        is_sure = bool(_INDENTED.match(opening))
        if not opening or not (is_sure or self._stands_alone(opening, start)):
            return False
        window.jump(start + 1)
        while window.find(opening):
            if is_sure or (self.follows_joint() and self._is_proven(opening)):
                return True
            if self._patience <= 0:
                return False
            window.move(window.at + 1)
        return False

    def find_joined(self, opening: bytes) -> bool:
        """Move to the next place that starts with *opening* and where a record may stand; without one, anywhere."""
        window = self._window
        while window.find(opening):
            if self.follows_joint():
                return True
            window.move(window.at + 1)
        return False

    def follows_joint(self) -> bool:
        """Whether a comma, or the bracket of an array, stands before the cursor."""
        return bool(_JOINT.search(self._window.before(_JOINT_BYTES)))

    def _stands_alone(self, opening: bytes, start: int) -> bool:
        """Whether the records before *start* have nothing inside that starts as they do. False where nothing tells."""
        self._window.jump(start)
        text = self._window.before(_BEFORE_BYTES).rstrip(SPACE + b",")
        place = text.find(opening)
        for _ in range(_STARTS):
            if place < 0:
                return False
            records = _decoded(text[place:])
            if records:
                return text.count(opening, place) == len(records)
            place = text.find(opening, place + 1)
        return False

    def _is_proven(self, opening: bytes) -> bool:
        """Whether enough records follow one another from the cursor on."""
        window = self._window.another(self._window.offset)
        for _ in range(_PROOF):
            if window.sample(len(opening)) != opening:
                break
            value = follow(window, _PROOF_BYTES, until=window.offset + _PROOF_BYTES)
            if value.ending is not Ending.WHOLE or value.length > _PROOF_BYTES:
                break
            if not _is_json(window.data[window.at : value.end]):
                break
            window.move(value.end)
            if window.peek() == b","[0]:
                window.move(window.at + 1)
                window.peek()
        else:
            return True
        self._patience -= 1
        return False


def _decoded(text: bytes) -> list[msgspec.Raw]:
    """The records that *text* is, with commas between them; none if it is something else."""
    try:
        return _slices.decode(b"[%b]" % text)
    except (msgspec.DecodeError, RecursionError):
        return []


def _is_json(raw: bytes) -> bool:
    try:
        _value.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True
