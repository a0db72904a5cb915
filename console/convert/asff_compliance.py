"""What an OCSF finding says of rules that are kept or broken, as the `Compliance` of an ASFF finding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from console.convert.asff_limits import MOST_REQUIREMENTS, MOST_STANDARDS, REQUIREMENT
from console.convert.changes import Change, ChangeKind, JsonObject
from console.convert.taking import Taking, shortened
from console.records.model import JsonValue

_STATUSES: Final[Mapping[str, str]] = {
    "pass": "PASSED",
    "passed": "PASSED",
    "warning": "WARNING",
    "fail": "FAILED",
    "failed": "FAILED",
    "manual": "NOT_AVAILABLE",
}
"""The verdict of a check, in lower case, and what Security Hub calls it."""
_STATUS_IDS: Final[Mapping[int, str]] = {1: "PASSED", 2: "WARNING", 3: "FAILED"}
_SUPPRESSED: Final = 3
_MUTED: Final = "WARNING"
"""What Prowler makes of a failure that its user has muted."""


def has_verdict(event: Taking) -> bool:
    """Whether the finding is the result of a check, and not something that was seen to happen."""
    return event.sees("status_code").lower() in _STATUSES or isinstance(event.look("compliance"), dict)


def compliance_of(event: Taking, *, is_prowler: bool) -> JsonObject:
    """The compliance; empty where the record says nothing of it."""
    given = event.object("compliance")
    made: JsonObject = {}
    if status := _status(event, given, is_prowler=is_prowler):
        made["Status"] = status
    if control := given.text("control", "'Compliance.SecurityControlId'"):
        made["SecurityControlId"] = control
    _add_reason(made, given)
    requirements = [*_texts(given, "requirements", MOST_REQUIREMENTS, "RelatedRequirements")]
    standards = [*_texts(given, "standards", MOST_STANDARDS, "AssociatedStandards")]
    _add_frameworks(event.object("unmapped"), requirements, standards)
    if requirements:
        made["RelatedRequirements"] = list[JsonValue](requirements)
    if standards:
        made["AssociatedStandards"] = [{"StandardsId": standard} for standard in standards]
    return made


def _status(event: Taking, given: Taking, *, is_prowler: bool) -> str:
    number = given.look("status_id")
    target = "'Compliance.Status'"
    if isinstance(number, int) and number in _STATUS_IDS:
        given.mapped("status_id", target)
        if given.sees("status").lower() in _STATUSES:
            given.mapped("status", target)
        return _STATUS_IDS[number]
    for holder, key in ((given, "status"), (event, "status_code")):
        if status := _STATUSES.get(holder.sees(key).lower()):
            if is_prowler and status == "FAILED" and event.look("status_id") == _SUPPRESSED:
                holder.take(key, ChangeKind.REPLACED, "A failure that was muted is a warning, as Prowler has it.")
                return _MUTED
            holder.mapped(key, target)
            return status
    return ""


def _add_reason(made: JsonObject, given: Taking) -> None:
    """A reason needs a code."""
    code = given.text("status_code", "'Compliance.StatusReasons.ReasonCode'")
    if code:
        reason: JsonObject = {"ReasonCode": code}
        if detail := given.text("status_detail", "'Compliance.StatusReasons.Description'"):
            reason["Description"] = detail
        made["StatusReasons"] = [reason]


def _texts(given: Taking, key: str, most: int, name: str) -> list[str]:
    """The first texts of a list. Those that are too many, or no texts, stay behind."""
    found = given.look(key)
    if not isinstance(found, list):
        return []
    chosen: list[str] = []
    others: list[JsonValue] = []
    for item in found:
        if isinstance(item, str) and item.strip() and len(chosen) < most and len(item) <= REQUIREMENT:
            chosen.append(item)
        else:
            others.append(item)
    if chosen:
        given.holder[key] = others
        given.changes.append(Change(ChangeKind.MAPPED, given.path(key), f"It is 'Compliance.{name}'."))
    return chosen


def _add_frameworks(unmapped: Taking, requirements: list[str], standards: list[str]) -> None:
    """Prowler's own list of frameworks, each with its requirements. It stays, too, unless all of it fits."""
    found = unmapped.look("compliance")
    if not isinstance(found, dict) or not found:
        return
    lines: list[str] = []
    for framework, numbers in found.items():
        if not framework.strip() or not isinstance(numbers, list) or not all(isinstance(one, str) for one in numbers):
            return
        lines.append(" ".join([framework, *map(str, numbers)]))
    room = MOST_REQUIREMENTS - len(requirements)
    fits = len(lines) <= room and len(found) <= MOST_STANDARDS - len(standards)
    whole = all(len(line) <= REQUIREMENT for line in lines)
    requirements += [shortened(line, REQUIREMENT) for line in lines[:room]]
    standards += list(found)[: MOST_STANDARDS - len(standards)]
    target = "'Compliance.RelatedRequirements' and 'AssociatedStandards'"
    if fits and whole:
        unmapped.mapped("compliance", target)
    else:
        message = f"As much of it as fits is {target}."
        unmapped.changes.append(Change(ChangeKind.SHORTENED, unmapped.path("compliance"), message))
