"""What converting asks about the formats of targets, whose rules it doesn't know itself. Loaded when it is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from console.convert.asff_origin import AsffOptions
from console.convert.forms import Form, Identity, Request
from console.limits import Limits
from console.ocsf.issues import Severity
from console.records.model import JsonValue

_NO_OPTIONS: Final = AsffOptions()


def request_for(form: Form, options: AsffOptions = _NO_OPTIONS) -> Request:
    """The request for converting to *form*, with the rules of the target that takes it."""
    match form:
        case Form.ASFF:
            return Request(form, options, wrong_in_asff, Identity("Id", _kept_by_security_hub))
        case Form.CISCO_BUNDLE | Form.CISCO_CUSTOM:
            return Request(form, check_own=wrong_in_custom, identity=Identity("finding_info.uid", _kept_by_cisco))
        case Form.ARRAY | Form.NDJSON:
            return Request(form)


def wrong_in_custom(finding: Mapping[str, JsonValue]) -> Sequence[str]:
    """The paths of what Cisco XDR would refuse in one of its simplified findings."""
    from console.targets.cisco_xdr.custom_rules import check_custom_finding

    return [issue.path for issue in check_custom_finding(finding) if issue.severity is Severity.ERROR]


def wrong_in_asff(finding: Mapping[str, JsonValue]) -> Sequence[str]:
    """The paths of what Security Hub would refuse in a finding of its format."""
    from console.targets.security_hub.rules import errors_of

    return [issue.path for issue in errors_of(finding)]


def _kept_by_security_hub(raw: bytes, _limits: Limits) -> str | None:
    from console.targets.security_hub.identity import kept_as

    return kept_as(raw)


def _kept_by_cisco(raw: bytes, limits: Limits) -> str | None:
    from console.targets.cisco_xdr.shapes import finding_uid_of

    return finding_uid_of(raw, limits)
