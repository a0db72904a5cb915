"""How many records that go repeat the finding of an earlier one of the same file."""

from __future__ import annotations

from typing import Final

import msgspec

from console.records.model import Record
from console.records.uids import Repeats, marks_of, new_key
from console.targets.base import Target

_AT_ONCE: Final = 4_096
"""Identifiers that are compared at once."""


class _Identified(msgspec.Struct):
    """What names a finding: in OCSF, in OCSF 1.0, and in ASFF."""

    finding_info: object = None
    finding: object = None
    id: object = msgspec.field(default=None, name="Id")


_DECODER: Final = msgspec.json.Decoder(_Identified)


class RepeatedFindings:
    """Compares the records of a file by what its target, or else OCSF, tells findings apart by."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._key = new_key()
        self._uids: list[str | None] = []
        self._repeats = Repeats()

    def add(self, record: Record) -> None:
        """Take in a record. One that names no finding repeats none."""
        self._uids.append(self._target.identity(record) or _uid_of(record.raw))
        if len(self._uids) == _AT_ONCE:
            self._compare()

    def count(self) -> int:
        """How many repeat an earlier one. Of more than eight million different ones, some may be missed."""
        self._compare()
        return self._repeats.count()

    def _compare(self) -> None:
        self._repeats.add(marks_of(self._uids, self._key))
        self._uids.clear()


def _uid_of(raw: bytes) -> str | None:
    try:
        found = _DECODER.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    places = [part.get("uid") for part in (found.finding_info, found.finding) if isinstance(part, dict)]
    return next((uid for uid in (*places, found.id) if isinstance(uid, str) and uid), None)
