"""What the converting of simplified findings asks about them. Its rules are loaded when the first one is met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from console.ocsf.issues import Severity
from console.records.model import JsonValue


def wrong_paths(finding: Mapping[str, JsonValue]) -> Sequence[str]:
    """The paths of what Cisco XDR would refuse in one of its simplified findings."""
    from console.targets.cisco_xdr.custom_rules import check_custom_finding

    return [issue.path for issue in check_custom_finding(finding) if issue.severity is Severity.ERROR]
