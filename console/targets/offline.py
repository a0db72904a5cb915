"""What each kind of target asks of a record. Needs no target and no network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from console.limits import Limits
from console.ocsf.issues import Issue
from console.records.model import Record
from console.targets.cisco_xdr.shapes import check_bundle_record as for_bundles
from console.targets.prowler.rules import check_record as for_prowler
from console.targets.security_hub.rules import check_record as for_security_hub


def _for_custom(record: Record, limits: Limits) -> Sequence[Issue]:
    from console.targets.cisco_xdr.custom_rules import check_record  # loads pydantic, which only these rules need

    return check_record(record, limits)


_RULES: Final[Mapping[str, Callable[[Record, Limits], Sequence[Issue]]]] = {
    "cisco-xdr": for_bundles,
    "cisco-xdr-custom": _for_custom,
    "prowler": for_prowler,
    "security-hub": for_security_hub,
}

OFFLINE_KINDS: Final = tuple(sorted(_RULES))
"""The kinds of target whose rules are known."""

OWN_FORMATS: Final = frozenset({"cisco-xdr-custom", "security-hub"})
"""Those of them whose records are no OCSF events, so that OCSF's rules have nothing to say of them."""

LENIENT: Final = frozenset({"cisco-xdr"})
"""Those of them that take OCSF events which are not whole: what OCSF's rules say of them are warnings."""


def offline_rules(kind: str, limits: Limits) -> Callable[[Record], Sequence[Issue]]:
    """What says how a record breaks the rules of one of `OFFLINE_KINDS`. To be over a limit is an issue too."""
    check = _RULES[kind]
    return lambda record: check(record, limits)
