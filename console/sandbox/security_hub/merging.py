"""What the service makes of a finding: when it creates one, when a provider updates it, when a customer does.

Source: "BatchImportFindings for finding providers" and "BatchUpdateFindings for customers" in the user guide. It does
not say what becomes of attributes that an update leaves out: here an update replaces the finding, but for what it must
not touch.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

from console.records.model import JsonValue
from console.sandbox.security_hub.products import Account, product_of
from console.targets.security_hub.asff import CUSTOMER_FIELDS, PROVIDER_FIELDS

Finding = dict[str, JsonValue]

_PROVIDED: Final = "FindingProviderFields"
_LEAST_NORMALIZED: Final = (("CRITICAL", 90), ("HIGH", 70), ("MEDIUM", 40), ("LOW", 1), ("INFORMATIONAL", 0))
_PROVIDER_SEVERITY: Final = ("Label", "Original")


def created(finding: Mapping[str, JsonValue], account: Account, now: datetime) -> Finding:
    """A finding that the account doesn't have yet."""
    made = dict(finding)
    provided = _object(finding.get(_PROVIDED))
    for name in PROVIDER_FIELDS:
        if name in provided:
            made[name] = _as_top(name, provided[name])
        elif name in finding:
            made[name] = _as_top(name, finding[name])
            provided[name] = _as_provided(name, made[name])
    made[_PROVIDED] = provided
    workflow = {"Status": "NEW", **_object(finding.get("Workflow"))}
    made.update({"Workflow": workflow, "WorkflowState": finding.get("WorkflowState", "NEW")})
    return _marked(made, account, now)


def updated(
    stored: Mapping[str, JsonValue],
    finding: Mapping[str, JsonValue],
    touched: Collection[str],
    account: Account,
    now: datetime,
) -> Finding:
    """What a provider's update makes of a finding. *touched* are the top-level fields that a customer has set."""
    made = dict(finding)
    for name in (*CUSTOMER_FIELDS, "WorkflowState"):
        made.pop(name, None)
        if name in stored:
            made[name] = stored[name]
    provided = _object(finding.get(_PROVIDED))
    for name in PROVIDER_FIELDS:
        if name in finding:
            made[name] = _as_top(name, finding[name])
            provided.setdefault(name, _as_provided(name, made[name]))
        elif name in provided:
            made[name] = _as_top(name, provided[name])
        if name in touched:
            made[name] = stored[name]
    made[_PROVIDED] = provided
    return _marked(made, account, now)


def with_changes(stored: Mapping[str, JsonValue], changes: Mapping[str, JsonValue], now: datetime) -> Finding:
    """What a customer's update makes of a finding. Its `UpdatedAt` stays: that is the provider's."""
    made = {**stored, **changes}
    if "Note" in changes:
        made["Note"] = {**_object(changes["Note"]), "UpdatedAt": timestamp(now)}
    if "Severity" in changes:
        severity = _object(changes["Severity"])
        kept = {name: value for name, value in _object(stored.get("Severity")).items() if name not in _GRADES}
        made["Severity"] = _graded({**kept, **severity})
    return made


_GRADES: Final = ("Label", "Normalized")


def timestamp(at: datetime) -> str:
    """A time as the service writes it: in UTC, with milliseconds."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _marked(finding: Finding, account: Account, now: datetime) -> Finding:
    """Set what the service sets itself. Only an account's own product may bring names along."""
    product_arn = str(finding["ProductArn"])
    names = product_of(product_arn)
    own = product_arn == account.default_product_arn
    product = finding.get("ProductName", names.name) if own else names.name
    company = finding.get("CompanyName", names.company) if own else names.company
    finding.setdefault("RecordState", "ACTIVE")
    finding.update(
        {
            "ProductName": product,
            "CompanyName": company,
            "Region": account.region,
            "ProductFields": {
                **_object(finding.get("ProductFields")),
                "aws/securityhub/FindingId": f"{product_arn}/{finding['Id']}",
                "aws/securityhub/ProductName": product,
                "aws/securityhub/CompanyName": company,
            },
            "ProcessedAt": timestamp(now),
        }
    )
    return finding


def _as_top(name: str, value: JsonValue) -> JsonValue:
    return _graded(_object(value)) if name == "Severity" else value


def _as_provided(name: str, value: JsonValue) -> JsonValue:
    """A top-level value for `FindingProviderFields`, whose severity has fewer attributes."""
    if name != "Severity":
        return value
    return {key: grade for key, grade in _object(value).items() if key in _PROVIDER_SEVERITY}


def _graded(severity: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """A severity with both its label and its number; each is derived from the other one."""
    label, normalized = severity.get("Label"), severity.get("Normalized")
    for known, least in _LEAST_NORMALIZED:
        if label is None and isinstance(normalized, int | float) and normalized >= least:
            return {**severity, "Label": known}
        if normalized is None and label == known:
            return {**severity, "Normalized": least}
    return severity


def _object(value: JsonValue) -> dict[str, JsonValue]:
    """A copy of an object; an empty one where there is none."""
    return dict(value) if isinstance(value, dict) else {}
