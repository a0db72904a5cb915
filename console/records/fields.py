"""The few facts of a finding that lists and counts show, read from records that may hold anything anywhere.

The attributes are those of the findings category of OCSF 1.0 to 1.8. Nothing here raises for what a record holds, and
all text comes as it is in the record: it is foreign.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple, TypeAlias

from console.records.model import JsonValue

Finding: TypeAlias = dict[str, JsonValue]
"""A decoded record."""

SEVERITIES: Final[Mapping[int, str]] = {
    0: "Unknown",
    1: "Informational",
    2: "Low",
    3: "Medium",
    4: "High",
    5: "Critical",
    6: "Fatal",
    99: "Other",
}
"""The captions of `severity_id`, from the OCSF dictionary."""

SECONDS_END: Final = 10**11
"""Times below this are seconds. As milliseconds it is March 1973, before any finding; as seconds the year 5138."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Account(NamedTuple):
    """The cloud account that a finding is about."""

    provider: str
    uid: str


@dataclass(frozen=True, slots=True)
class Row:
    """What a list of findings shows of one record. Texts are foreign, and empty where the record has none."""

    severity: str
    status: str
    """The verdict (`status_code`: PASS, FAIL, MANUAL) where there is one, else the state of the finding."""
    title: str
    resource: str
    """The name of the first resource, else its identifier."""
    account: str
    region: str
    time: datetime | None
    """In UTC."""
    uid: str


def row(record: Finding) -> Row:
    """The row of a record. Never raises, whatever the record holds."""
    resource = first_resource(record)
    return Row(
        severity=severity(record),
        status=text(record.get("status_code")) or text(record.get("status")),
        title=text(at(record, "finding_info", "title"))
        or text(at(record, "finding", "title"))
        or text(record.get("message")),
        resource=text(at(resource, "name")) or text(at(resource, "uid")),
        account=account(record).uid,
        region=text(at(resource, "region")) or text(at(record, "cloud", "region")),
        time=time(record),
        uid=finding_uid(record),
    )


def severity(record: Finding) -> str:
    """The severity in words, as `severity_in_words` has it."""
    return severity_in_words(record.get("severity"), record.get("severity_id"))


def severity_in_words(said: JsonValue, number: JsonValue) -> str:
    """The severity as the record says it, else the caption of its number."""
    words = text(said)
    if words or not isinstance(number, int) or isinstance(number, bool):
        return words
    return SEVERITIES.get(number) or f"Unknown ({text(number)})"


def account(record: Finding) -> Account:
    """The account; from `cloud`, else from where Prowler puts that of providers without one, such as Kubernetes."""
    return Account(
        text(at(record, "cloud", "provider")) or text(at(record, "unmapped", "provider")),
        text(at(record, "cloud", "account", "uid")) or text(at(record, "unmapped", "provider_uid")),
    )


def finding_uid(record: Finding) -> str:
    """The finding's own identifier: `finding_info.uid`, or `finding.uid` in OCSF 1.0."""
    return text(at(record, "finding_info", "uid")) or text(at(record, "finding", "uid"))


def producer(record: Finding) -> str:
    """Name and version of the product that wrote the record, such as `Prowler 5.46.0`."""
    product = at(record, "metadata", "product")
    return product_in_words(at(product, "name"), at(product, "version"))


def product_in_words(name: JsonValue, version: JsonValue) -> str:
    """Name and version of a product, as far as there are any."""
    return f"{text(name)} {text(version)}".strip()


def time(record: Finding) -> datetime | None:
    """When the event happened, in UTC; None when `time` is no number or no such time exists."""
    return instant(record.get("time"))


def instant(value: JsonValue) -> datetime | None:
    """A `timestamp_t` in UTC; None when it is no number or no such time exists.

    In OCSF it is milliseconds since 1970. Prowler writes seconds, so the magnitude decides.
    """
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return None
    try:
        return _EPOCH + (timedelta(seconds=value) if abs(value) < SECONDS_END else timedelta(milliseconds=value))
    except (OverflowError, ValueError):
        return None


def first_resource(record: Finding) -> JsonValue:
    """The first of `resources`, or the single `resource` of some classes."""
    resources = record.get("resources")
    if isinstance(resources, list) and resources:
        return resources[0]
    return record.get("resource")


def at(value: JsonValue, *keys: str) -> JsonValue:
    """What is under *keys*, one inside the other; None where anything on the way is not an object or lacks the key."""
    for key in keys:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def class_uid(value: JsonValue) -> str:
    """The number of a class as text; empty for what is no whole number, as validation sees it."""
    return text(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def text(value: JsonValue) -> str:
    """A scalar as text; empty for null, objects and lists."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, (dict, list)):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    try:
        return str(value)
    except ValueError:  # Python writes out no integer of more than 4,300 digits.
        return hex(value) if isinstance(value, int) else ""
