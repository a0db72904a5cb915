"""What each kind of target asks of a record. Needs no target and no network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from console.limits import Limits
from console.ocsf.issues import Issue
from console.records.model import Record
from console.targets.prowler.rules import check_record as for_prowler
from console.targets.security_hub.rules import check_record as for_security_hub

_RULES: Final[Mapping[str, Callable[[Record, Limits], Sequence[Issue]]]] = {
    "prowler": for_prowler,
    "security-hub": for_security_hub,
}

OFFLINE_KINDS: Final = tuple(sorted(_RULES))
"""The kinds of target whose rules are known."""

OWN_FORMATS: Final = frozenset({"security-hub"})
"""Those of them whose records are no OCSF events, so that OCSF's rules have nothing to say of them."""


def offline_rules(kind: str, limits: Limits) -> Callable[[Record], Sequence[Issue]]:
    """What says how a record breaks the rules of one of `OFFLINE_KINDS`. To be over a limit is an issue too."""
    check = _RULES[kind]
    return lambda record: check(record, limits)
