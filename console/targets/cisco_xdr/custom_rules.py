"""What Cisco XDR asks of a simplified finding before it takes it in. Offline, and without any HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from console.convert import cisco_limits
from console.convert.cisco_captions import FAMILIES
from console.limits import Limits
from console.ocsf.issues import Issue
from console.ocsf.place import Place, spell
from console.records.decode import BadRecord
from console.records.model import JsonValue, Record
from console.targets.cisco_xdr.custom_finding import BAD_TIME, NOT_LISTED, WRONG_FORMAT, CustomFinding
from console.targets.cisco_xdr.reading import error, read, warning

MOST_VALUES: Final = cisco_limits.MOST_VALUES
"""Values that one finding may hold. Ours: each may be wrong in its own way, and all of that must fit the memory."""

_CODES: Final[Mapping[str, str]] = {
    "missing": "cisco_custom_key_missing",
    "extra_forbidden": "cisco_custom_key_unknown",
    "string_too_long": "cisco_custom_length",
    "string_too_short": "cisco_custom_length",
    "too_long": "cisco_custom_length",
    "too_short": "cisco_custom_length",
    "greater_than_equal": "cisco_custom_out_of_range",
    "less_than_equal": "cisco_custom_out_of_range",
    "less_than": "cisco_custom_out_of_range",
    "literal_error": "cisco_custom_value_unknown",
    NOT_LISTED: "cisco_custom_value_unknown",
    WRONG_FORMAT: "cisco_custom_format",
    BAD_TIME: "cisco_custom_time",
}
"""Our codes, by pydantic's type of the error."""
_WRONG_TYPE: Final = "cisco_custom_wrong_type"
"""Our code for all other types."""
_SENTENCES: Final[Mapping[str, str]] = {
    "missing": "Cisco XDR requires it.",
    "extra_forbidden": "Cisco XDR knows no such key here.",
    "model_type": "It must be an object.",
}
"""What to say where pydantic speaks of Python."""

_UNCONFIRMED_SEVERITIES: Final = frozenset({"Unknown", "Fatal", "Other"})
_UNCONFIRMED_CONFIDENCES: Final = frozenset({"Unknown", "Other"})


def check_record(record: Record, limits: Limits) -> Sequence[Issue]:
    """What is wrong with a simplified finding, all of it. Only an error makes Cisco XDR refuse it."""
    try:
        return judge(record.raw, limits)[1]
    except BadRecord as fault:
        return [error("cisco_record_unreadable", "", fault.message)]


def judge(raw: bytes, limits: Limits) -> tuple[dict[str, JsonValue], Sequence[Issue]]:
    """The same for the bytes of one, with what is in them. Raises `BadRecord` for what is no JSON object."""
    finding, duplicates = read(raw, limits)
    if cisco_limits.values_in(raw) > MOST_VALUES:
        too_many = error("cisco_custom_too_many_values", "", f"A finding may hold at most {MOST_VALUES:,} values.")
        return finding, [*duplicates, too_many]
    return finding, [*duplicates, *check_custom_finding(finding)]


def check_custom_finding(finding: Mapping[str, JsonValue]) -> Sequence[Issue]:
    """The same for one that is decoded already, but for keys that stand twice."""
    try:
        CustomFinding.model_validate(finding)
    except ValidationError as wrong:
        issues = [_issue(details) for details in wrong.errors(include_url=False, include_input=False)]
    else:
        issues = []
    return [*issues, *_families(finding), *_unconfirmed(finding)]


def _issue(details: ErrorDetails) -> Issue:
    holder: Place = None
    *way, last = details["loc"] or ("",)
    for step in way:
        holder = (holder, step)
    kind = details["type"]
    sentence = _SENTENCES.get(kind) or details["msg"].removesuffix(".") + "."
    return error(_CODES.get(kind, _WRONG_TYPE), spell(holder, last), sentence)


def _families(finding: Mapping[str, JsonValue]) -> Iterator[Issue]:
    """The activities that do not go with the type of the finding."""
    types = _inside(finding, "detection_findings", "finding_info", "types")
    declared = types[0] if isinstance(types, list) and len(types) == 1 else None
    if not isinstance(declared, str) or declared not in FAMILIES:
        return
    for family, key in FAMILIES.items():
        if finding.get(key) and family != declared:
            message = f"A finding of the type {declared} has no {key}; its activities are {FAMILIES[declared]}."
            yield error("cisco_custom_activity_family", key, message)


def _unconfirmed(finding: Mapping[str, JsonValue]) -> Iterator[Issue]:
    """Captions of OCSF that Cisco's examples do not show, and whose list is not published."""
    for key, unconfirmed in (("severity", _UNCONFIRMED_SEVERITIES), ("confidence", _UNCONFIRMED_CONFIDENCES)):
        caption = _inside(finding, "detection_findings", key)
        if isinstance(caption, str) and caption in unconfirmed:
            message = f"OCSF knows the {key} {caption}; whether Cisco XDR takes it is not published."
            yield warning("cisco_custom_unconfirmed", f"detection_findings.{key}", message)


def _inside(holder: JsonValue | Mapping[str, JsonValue], *keys: str) -> JsonValue:
    """The value at the end of a way of keys; None where the way ends early."""
    found = holder
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    assert not isinstance(found, Mapping) or isinstance(found, dict)  # noqa: S101 - JSON has no other mappings
    return found
