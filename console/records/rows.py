"""The row of a record in any of the formats that we read: OCSF events, bundles of them, ASFF, Cisco custom findings.

As in `console.records.fields`, nothing here raises for what a record holds, and all text is foreign.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from console.records import fields
from console.records.fields import Finding, Row, at, text
from console.records.model import JsonValue

_FINDINGS_CATEGORY: Final = 2
"""`category_uid` of findings, in OCSF 1.0 to 1.8."""
_ASFF_MARKS: Final = ("SchemaVersion", "ProductArn", "AwsAccountId")
"""Required attributes of AwsSecurityFinding (AWS Security Hub API, 2018-10-26) that no OCSF event has."""
_ASFF_LABELS: Final = {caption.upper(): caption for caption in fields.SEVERITIES.values()}


def row_of(record: Finding) -> Row:
    """The row of a record of any format."""
    if "class_uid" in record:
        return fields.row(record)
    if isinstance(events := record.get("events"), list):
        return _bundle(events)
    if sum(mark in record for mark in _ASFF_MARKS) > 1:
        return _asff(record)
    # Cisco XDR intake, CustomFindingEventsRequest: one finding, beside the activities that it is about.
    finding = record.get("detection_findings")
    return fields.row(finding if isinstance(finding, dict) else record)


def _bundle(members: list[JsonValue]) -> Row:
    """The row of the bundle's finding; of its first event where none is a finding."""
    events = [event for event in members if isinstance(event, dict)]
    finding = next(filter(_is_finding, events), events[0] if events else {})
    title = f"bundle of {len(members):,} {'event' if len(members) == 1 else 'events'}"
    shown = fields.row(finding)
    return replace(shown, title=f"{title}: {shown.title}" if shown.title else title)


def _is_finding(event: Finding) -> bool:
    """By `category_uid`; by `class_uid` for an event that leaves the category out."""
    class_uid = event.get("class_uid")
    return event.get("category_uid") == _FINDINGS_CATEGORY or (
        isinstance(class_uid, int) and class_uid // 1_000 == _FINDINGS_CATEGORY
    )


def _asff(record: Finding) -> Row:
    """The row of a finding in AWS Security Finding Format."""
    resources = record.get("Resources")
    resource = resources[0] if isinstance(resources, list) and resources else None
    label = text(at(record, "Severity", "Label")) or text(at(record, "FindingProviderFields", "Severity", "Label"))
    return Row(
        severity=_ASFF_LABELS.get(label, label),
        status=text(at(record, "Compliance", "Status")) or text(at(record, "Workflow", "Status")),
        title=text(record.get("Title")),
        resource=text(at(resource, "Id")),
        account=text(record.get("AwsAccountId")),
        region=text(at(resource, "Region")) or text(record.get("Region")),
        time=_moment(record.get("UpdatedAt")),
        uid=text(record.get("Id")),
    )


def _moment(value: JsonValue) -> datetime | None:
    """A time in ISO 8601, in UTC; None when it is none."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        return None if moment is None else moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
