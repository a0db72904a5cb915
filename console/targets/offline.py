"""What each kind of target asks of a record. Needs no target and no network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from console.limits import Limits
from console.ocsf.issues import Issue
from console.ocsf.rules import DEFAULT_POLICY, Policy
from console.ocsf.run import Demands, Distinct
from console.records.model import Record

# Each is loaded when it is first asked: who has no such target waits for none of them.


def _for_bundles(record: Record, limits: Limits) -> Sequence[Issue]:
    from console.targets.cisco_xdr.shapes import check_bundle_record

    return check_bundle_record(record, limits)


def _for_custom(record: Record, limits: Limits) -> Sequence[Issue]:
    from console.targets.cisco_xdr.custom_rules import check_record

    return check_record(record, limits)


def _for_prowler(record: Record, limits: Limits) -> Sequence[Issue]:
    from console.targets.prowler.rules import check_record

    return check_record(record, limits)


def _for_security_hub(record: Record, limits: Limits) -> Sequence[Issue]:
    from console.targets.security_hub.rules import check_record

    return check_record(record, limits)


_RULES: Final[Mapping[str, Callable[[Record, Limits], Sequence[Issue]]]] = {
    "cisco-xdr": _for_bundles,
    "cisco-xdr-custom": _for_custom,
    "prowler": _for_prowler,
    "security-hub": _for_security_hub,
}


def _kept_by_cisco(record: Record, limits: Limits) -> str | None:
    from console.targets.cisco_xdr.shapes import finding_uid_of

    return finding_uid_of(record.raw, limits)


def _kept_by_security_hub(record: Record, limits: Limits) -> str | None:
    from console.targets.security_hub.identity import kept_as

    return kept_as(record.raw)


_Of = Callable[[Record, Limits], str | None]


@dataclass(frozen=True, slots=True)
class _Kept:
    """What a kind of target keeps one record of."""

    of: _Of
    code: str
    path: str
    message: str


_KEPT_BY_CISCO: Final = _Kept(
    _kept_by_cisco,
    "cisco_finding_repeated",
    "finding_info.uid",
    "Record {earlier} has the same finding_info.uid: Cisco XDR tells findings apart by it.",
)
_KEPT: Final[Mapping[str, _Kept]] = {
    "cisco-xdr": _KEPT_BY_CISCO,
    "cisco-xdr-custom": _KEPT_BY_CISCO,
    "security-hub": _Kept(
        _kept_by_security_hub,
        "asff_id_repeated",
        "Id",
        "Record {earlier} has the same 'Id' and 'ProductArn': Security Hub keeps one of each.",
    ),
}
"""Of those that keep one of each. The others take what OCSF's rules say of it."""

OFFLINE_KINDS: Final = tuple(sorted(_RULES))
"""The kinds of target whose rules are known."""

OWN_FORMATS: Final = frozenset({"cisco-xdr-custom", "security-hub"})
"""Those of them whose records are no OCSF events, so that OCSF's rules have nothing to say of them."""

LENIENT: Final = frozenset({"cisco-xdr"})
"""Those of them that take OCSF events which are not whole: what OCSF's rules say of them are warnings."""


@dataclass(frozen=True, slots=True)
class OfflineRules:
    """Says how a record breaks the rules of one of `OFFLINE_KINDS`. It can be sent to another process."""

    kind: str
    limits: Limits
    """To be over one of them is an issue too."""

    def __call__(self, record: Record) -> Sequence[Issue]:
        """The issues of a record."""
        return _RULES[self.kind](record, self.limits)


@dataclass(frozen=True, slots=True)
class _Identity:
    """Says what tells a record from others. It can be sent to another process."""

    of: _Of
    limits: Limits

    def __call__(self, record: Record) -> str | None:
        """That of a record."""
        return self.of(record, self.limits)


@dataclass(frozen=True, slots=True)
class Rules:
    """What files are held to, as an operator chooses it. It can be sent to another process."""

    policy: Policy = DEFAULT_POLICY
    kinds: tuple[str, ...] = ()
    """The kinds of target whose own rules hold too."""

    def demands(self, limits: Limits) -> Demands:
        """What the kinds of target come to beside the policy.

        Those whose records are no OCSF are held to alone; for those that take less, OCSF's errors are warnings.
        """
        return Demands(
            tuple(OfflineRules(kind, limits) for kind in self.kinds),
            distinct=self._distinct(limits),
            ocsf=not self.kinds or not OWN_FORMATS.issuperset(self.kinds),
            lenient=bool(self.kinds) and (OWN_FORMATS | LENIENT).issuperset(self.kinds),
        )

    def _distinct(self, limits: Limits) -> Distinct | None:
        """What tells records apart for these kinds; None where they do not agree on it."""
        kept = {_KEPT.get(kind) for kind in self.kinds}
        (one,) = kept if len(kept) == 1 else (None,)
        return None if one is None else Distinct(_Identity(one.of, limits), one.code, one.path, one.message)
