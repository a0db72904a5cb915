"""What records are held to: the set of rules, and the choices that an operator has beside it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class RuleSet(StrEnum):
    """How to judge where the official OCSF server's validator and good sense part."""

    FULL = "full"
    """What a person would want to know: the official rules without the official validator's defects, and more."""
    OFFICIAL = "official"
    """What the official server's `/api/v2/validate` answers, defects included, so that results can be compared."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What an operator chose for one run. Small and picklable: worker processes are given one."""

    rules: RuleSet = RuleSet.FULL
    version: str | None = None
    """The OCSF version to hold every record to, whatever it declares; None goes by each record."""
    missing_recommended: bool = False
    """Whether to report recommended attributes that are missing."""
    duplicate_keys: bool = True
    """Whether the set `full` looks for duplicate keys, which costs as much as decoding does."""


DEFAULT_POLICY: Final = Policy()
