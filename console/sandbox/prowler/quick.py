"""A quick look at many records at once: whether Prowler Cloud would take in all of them.

It decodes only what the rules of `console.targets.prowler.rules` look at. What it accepts has no error by those rules;
what it does not accept may still have none.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from console.records.stretch import Decoders, Stretch


class _Named(Struct):
    """A finding's information, or a resource."""

    uid: str


class _Finding(Struct):
    class_uid: Literal[2004]
    finding_info: _Named
    resources: Annotated[list[_Named], Meta(min_length=1)]

    def is_named(self) -> bool:
        """Whether the finding and each of its resources have more than white space for a name."""
        if not self.finding_info.uid.strip():
            return False
        return all(resource.uid.strip() for resource in self.resources)


_FINDINGS: Final = Decoders.of(_Finding)


def all_taken(stretch: Stretch) -> bool:
    """Whether a stretch is clearly all records that Prowler Cloud takes in."""
    findings = stretch.decode(_FINDINGS)
    return findings is not None and all(finding.is_named() for finding in findings)


def is_taken(raw: bytes) -> bool:
    """Whether one record is clearly such a record."""
    try:
        return _FINDINGS.line.decode(raw).is_named()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
