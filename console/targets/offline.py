"""What each kind of target asks of a record. Needs no target, no configuration and no network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from console.ocsf.issues import Issue
from console.records.model import Record
from console.targets.prowler.rules import check_record

OFFLINE_RULES: Final[Mapping[str, Callable[[Record], Sequence[Issue]]]] = {"prowler": check_record}
"""By the name of the kind."""
