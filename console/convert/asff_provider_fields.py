"""Findings of AWS's format, with what a provider says of them moved to where providers should say it.

The five attributes at the top level belong to Security Hub's users: an update there would undo their work, so AWS asks
providers for `FindingProviderFields` (BatchImportFindings, "Updating findings"). Where the service finds none, it
copies the severity there by itself.
"""

from __future__ import annotations

from typing import Final

from console.convert.changes import Change, ChangeKind, JsonObject
from console.records.model import JsonValue

PROVIDED: Final = "FindingProviderFields"
MOVED: Final = ("Confidence", "Criticality", "RelatedFindings", "Severity", "Types")
"""What is moved."""

_SEVERITY: Final = "Severity"
_OF_PROVIDERS: Final = ("Label", "Original")
"""All that a severity of a provider has."""
_LABELS: Final = ((90, "CRITICAL"), (70, "HIGH"), (40, "MEDIUM"), (1, "LOW"), (0, "INFORMATIONAL"))
"""The label of a normalized severity: that of the first number which it reaches (ASFF, "Severity")."""
_HIGHEST: Final = 100


def to_provider_fields(finding: JsonObject) -> tuple[JsonObject, list[Change]]:
    """The finding with the five attributes in `FindingProviderFields`, and what was changed. The input stays as it is.

    What stands there already stays: it is newer than what stands at the top level. A finding that can't be moved as it
    is, because something has not the type that it must have, is left for the rules to complain about.
    """
    there = finding.get(PROVIDED, {})
    if not isinstance(there, dict):
        return finding, []
    provided = dict(there)
    moved = dict(finding)
    changes: list[Change] = []
    for name in MOVED:
        if name not in finding:
            continue
        if name in provided:
            del moved[name]
            changes.append(_left_out(name, f"'{PROVIDED}.{name}' is there already, and stays as it is."))
            continue
        value = finding[name]
        if name == _SEVERITY:
            value, further = _severity(value)
            if value is None:
                continue
            changes += further
        del moved[name]
        provided[name] = value
        changes.append(Change(ChangeKind.REPLACED, name, f"It stands in '{PROVIDED}.{name}'."))
    if not changes:
        return finding, []
    return {**moved, PROVIDED: provided}, changes


def _severity(severity: JsonValue) -> tuple[JsonValue, list[Change]]:
    """A severity as providers give it: a label, and what they call it themselves. None where it has no label."""
    label = _label(severity)
    if not isinstance(severity, dict) or label is None:
        return None, []
    kept: JsonObject = {"Label": label}
    if "Original" in severity:
        kept["Original"] = severity["Original"]
    changes = []
    if "Label" not in severity:
        path = f"{_SEVERITY}.Normalized"
        changes.append(Change(ChangeKind.REPLACED, path, "It is told by the label that it stands for."))
    for name in severity:
        if name not in _OF_PROVIDERS and not (name == "Normalized" and "Label" not in severity):
            changes.append(_left_out(f"{_SEVERITY}.{name}", "A severity of a provider has no such attribute."))
    return kept, changes


def _label(severity: JsonValue) -> JsonValue:
    """The label of a severity, or the one that its number stands for."""
    if not isinstance(severity, dict):
        return None
    number = severity.get("Normalized")
    if "Label" in severity or isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= _HIGHEST:
        return severity.get("Label")
    return next(label for least, label in _LABELS if number >= least)


def _left_out(path: str, message: str) -> Change:
    return Change(ChangeKind.LEFT_OUT, path, message)
