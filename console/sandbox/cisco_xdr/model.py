"""The words of the Cisco XDR intake: a finding that was taken in, and who sent it. No I/O here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from console.convert.changes import Change


class Way(StrEnum):
    """How a finding came in."""

    CUSTOM = "custom"
    """As a simplified finding, which was converted."""
    BUNDLE = "bundle"
    """As an OCSF bundle."""


@dataclass(frozen=True, slots=True)
class Caller:
    """What the headers of a request say about who sent it. All of it is foreign text."""

    module_instance_id: str
    source: str
    """The name of the event source that the module instance stands for."""
    workflow_run_id: str | None
    request_id: str


@dataclass(frozen=True, slots=True)
class ReceivedFinding:
    """A finding that was taken in, with its activities."""

    uid: str
    """`finding_info.uid`. Foreign text."""
    way: Way
    caller: Caller
    received_at: datetime
    sha256: str
    """Of the bytes of the finding as they were received: unpacked, and without the array around bundles."""
    size: int
    """How many bytes those are."""
    bundle: bytes
    """The OCSF bundle as JSON: as it was received, or what a simplified finding was converted to."""
    changes: Sequence[Change] = ()
    """What the conversion could not carry over as it was."""
