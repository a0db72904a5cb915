"""What the provider of a finding thinks of it: severity, types, confidence, and what it belongs with.

It goes into `FindingProviderFields`. What stands at the top level instead is for the users of Security Hub.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from console.convert import asff_limits as limits
from console.convert.asff_compliance import has_verdict
from console.convert.asff_origin import AsffOptions
from console.convert.changes import CannotConvert, Change, ChangeKind, JsonObject
from console.convert.taking import Taking
from console.records.model import JsonValue

_LABELS: Final[Mapping[int, str]] = {1: "INFORMATIONAL", 2: "LOW", 3: "MEDIUM", 4: "HIGH", 5: "CRITICAL", 6: "CRITICAL"}
"""By `severity_id`. The format knows nothing beyond critical."""
_CAPTIONS: Final[Mapping[str, str]] = {
    "informational": "INFORMATIONAL",
    "low": "LOW",
    "medium": "MEDIUM",
    "high": "HIGH",
    "critical": "CRITICAL",
    "fatal": "CRITICAL",
}
"""By `severity` in lower case, for records that have no number."""
_VULNERABILITY_FINDING: Final = 2002
_CHECK: Final = "Software and Configuration Checks"
_VULNERABILITY: Final = "Software and Configuration Checks/Vulnerabilities"
_BEHAVIOR: Final = "Unusual Behaviors"
_TYPE: Final = re.compile(limits.TYPE_PATTERN.removesuffix("$") + r"\Z")
_MOST_CONFIDENT: Final = 100


def assessment_of(event: Taking, info: Taking, options: AsffOptions) -> JsonObject:
    """The `FindingProviderFields`. Raises `CannotConvert` for an unknown severity that nothing was given for."""
    made: JsonObject = {"Severity": _severity(event, options), "Types": _types(event, info)}
    confidence = event.look("confidence_score")
    if type(confidence) is int and 0 <= confidence <= _MOST_CONFIDENT:
        made["Confidence"] = event.mapped("confidence_score", "'FindingProviderFields.Confidence'")
    if related := _related(info):
        made["RelatedFindings"] = related
    return made


def _severity(event: Taking, options: AsffOptions) -> JsonObject:
    number, words = event.look("severity_id"), event.sees("severity")
    label = _LABELS.get(number, "") if type(number) is int else _CAPTIONS.get(words.lower(), "")
    target = "'FindingProviderFields.Severity'"
    if label:
        event.mapped("severity_id", target)
    elif options.unknown_severity:
        label = options.unknown_severity
        event.take("severity_id", ChangeKind.REPLACED, "It says no severity: the finding has the one that was given.")
    else:
        message = "Its severity is unknown, and none was given for such findings."
        raise CannotConvert("asff_severity_unknown", "severity_id", message)
    severity: JsonObject = {"Label": label}
    if words:
        severity["Original"] = event.text("severity", target, limits.SEVERITY_ORIGINAL)
    return severity


def _types(event: Taking, info: Taking) -> list[JsonValue]:
    """The types that are of one of the format's namespaces; where there is none, the one that fits all findings."""
    found = info.look("types")
    chosen: list[JsonValue] = []
    if isinstance(found, list):
        others: list[JsonValue] = []
        for item in found:
            fits = isinstance(item, str) and _is_type(item) and len(chosen) < limits.MOST_TYPES
            (chosen if fits else others).append(item)
        if chosen:
            info.holder["types"] = others
            info.changes.append(Change(ChangeKind.MAPPED, info.path("types"), "It is 'FindingProviderFields.Types'."))
    if not chosen:
        chosen.append(_type_of(event))
        message = "The record has none that starts as AWS has it: it is what fits all findings of the kind."
        info.changes.append(Change(ChangeKind.FILLED_IN, "FindingProviderFields.Types", message))
    return chosen


def _is_type(text: str) -> bool:
    namespace = text.partition("/")[0]
    return namespace in limits.TYPE_NAMESPACES and _TYPE.match(text) is not None


def _type_of(event: Taking) -> str:
    """A type for a finding that names none."""
    if event.look("class_uid") == _VULNERABILITY_FINDING:
        return _VULNERABILITY
    return _CHECK if has_verdict(event) else _BEHAVIOR


def _related(info: Taking) -> list[JsonValue]:
    """Findings that this one belongs with, of those that name their product."""
    made: list[JsonValue] = []
    for one in info.objects("related_events", limits.MOST_RELATED):
        if one.sees("product_uid") and one.sees("uid"):
            arn = one.text("product_uid", "'RelatedFindings.ProductArn'")
            made.append({"ProductArn": arn, "Id": one.text("uid", "'RelatedFindings.Id'")})
    return made
