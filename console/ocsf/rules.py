"""Which set of rules a record is held to."""

from __future__ import annotations

from enum import StrEnum


class RuleSet(StrEnum):
    """How to judge where the official OCSF server's validator and good sense part."""

    FULL = "full"
    """What a person would want to know: the official rules without the official validator's defects."""
    OFFICIAL = "official"
    """What the official server's `/api/v2/validate` answers, defects included, so that results can be compared."""
