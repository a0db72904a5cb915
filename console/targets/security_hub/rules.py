"""What Security Hub asks of a finding before it takes it in: in its own words, offline.

An error is what makes the service refuse the finding, and its message is the service's. A warning is ours: something
that the service takes, and doesn't do what one would think with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from console.limits import Limits
from console.ocsf.issues import Issue, Severity
from console.records.decode import BadRecord, decode
from console.records.model import Record
from console.targets.security_hub.agreement import disagreements
from console.targets.security_hub.asff import (
    CUSTOMER_FIELDS,
    FINDING,
    FINDING_BYTES,
    PROVIDER_FIELDS,
    TYPE_NAMESPACES,
)
from console.targets.security_hub.moments import milliseconds
from console.targets.security_hub.walker import Complaint, compiled, missing

_ANY_OF: Final = "should match some schema in anyOf"
_OCSF: Final = "This is OCSF; findings in AWS's format are taken. Make them: ocsf-console convert --to asff"
_check: Final = compiled(FINDING)


def check_record(
    record: Record, limits: Limits, further: Callable[[Mapping[str, object]], Iterable[Issue]] = disagreements
) -> Sequence[Issue]:
    """The issues that would make Security Hub refuse a record that is a finding of its format.

    *further* says what else there is against a decoded finding: by itself, that it contradicts itself.
    """
    try:
        finding = decode(record.raw, limits)
    except BadRecord as error:
        return [Issue(Severity.ERROR, "asff_record_unreadable", "", error.message)]
    if not any(name in finding for name in FINDING.members) and ("class_uid" in finding or "events" in finding):
        return [Issue(Severity.ERROR, "asff_not_a_finding", "", _OCSF)]
    issues = [*check_finding(finding), *further(finding)]
    if len(record.raw) > FINDING_BYTES:
        message = f"Security Hub takes findings of up to 240 KB; this one has {len(record.raw):,} bytes."
        issues.insert(0, Issue(Severity.ERROR, "asff_finding_too_large", "", message))
    return issues


def check_finding(finding: Mapping[str, object]) -> Sequence[Issue]:
    """The same for a finding that is decoded already, whatever its size: what is refused first, then warnings."""
    return [*errors_of(finding), *_warnings(finding)]


def errors_of(finding: Mapping[str, object]) -> Sequence[Issue]:
    """What makes the service refuse a finding. Each message is the service's own."""
    return [_error(complaint) for complaint in (*_check(finding), *_severity(finding))]


def refusal(errors: Iterable[Issue]) -> str:
    """The `ErrorMessage` that the service gives a finding with these errors."""
    return f"Finding does not adhere to Amazon Finding Format. {', '.join(error.message for error in errors)}."


def _severity(finding: Mapping[str, object]) -> Iterator[Complaint]:
    """A severity is needed at the top level or in `FindingProviderFields`."""
    severity = finding.get("Severity")
    provided = finding.get("FindingProviderFields")
    if isinstance(severity, Mapping):
        if "Label" not in severity and "Normalized" not in severity and not _has_severity(provided):
            yield missing("Label", ".Severity")
            yield missing("Normalized", ".Severity")
            yield Complaint("asff_severity_missing", ".Severity", _ANY_OF)
    elif "Severity" in finding or _has_severity(provided):
        return
    elif "FindingProviderFields" not in finding:
        yield missing("FindingProviderFields")
        yield Complaint("asff_severity_missing", "", _ANY_OF)
    elif isinstance(provided, Mapping):
        yield missing("Severity", ".FindingProviderFields")
        yield Complaint("asff_severity_missing", "", _ANY_OF)


def _has_severity(provided: object) -> bool:
    return isinstance(provided, Mapping) and "Severity" in provided


def _error(complaint: Complaint) -> Issue:
    path = complaint.path.removeprefix(".")
    return Issue(Severity.ERROR, complaint.code, path, f"data{complaint.path} {complaint.text}")


def _warnings(finding: Mapping[str, object]) -> Iterator[Issue]:
    for name in CUSTOMER_FIELDS:
        if name in finding:
            yield _warning(
                "asff_never_updated",
                name,
                f"Security Hub keeps what its users have set: it ignores {name!r} of a finding that it has already.",
            )
    for name in PROVIDER_FIELDS:
        if name in finding:
            yield _warning(
                "asff_provider_field",
                name,
                f"{name!r} belongs in 'FindingProviderFields': the one at the top level is for Security Hub's users.",
            )
    if _is_earlier(finding.get("UpdatedAt"), finding.get("CreatedAt")):
        yield _warning(
            "asff_updated_before_created",
            "UpdatedAt",
            "'UpdatedAt' is earlier than 'CreatedAt': it should move forward.",
        )
    if "Region" in finding:
        yield _warning("asff_set_by_service", "Region", "Security Hub sets 'Region' itself.")
    yield from _unknown(finding)
    yield from _types(finding)


def _is_earlier(one: object, other: object) -> bool:
    """Whether both are timestamps, and the one is before the other."""
    if not (isinstance(one, str) and isinstance(other, str)):
        return False
    first, second = milliseconds(one), milliseconds(other)
    return first is not None and second is not None and first < second


def _unknown(finding: Mapping[str, object]) -> Iterator[Issue]:
    for name in finding:
        if name not in FINDING.members:
            yield _warning(
                "asff_unknown_attribute", name, "The finding format has no such attribute; AWS clients refuse it."
            )


def _types(finding: Mapping[str, object]) -> Iterator[Issue]:
    provided = finding.get("FindingProviderFields")
    inner = provided.get("Types") if isinstance(provided, Mapping) else None
    types = inner if inner is not None else finding.get("Types")
    if types is None:
        yield _warning(
            "asff_types_missing", "Types", "AWS asks for 'Types', or 'FindingProviderFields.Types', in every finding."
        )
    elif isinstance(types, list):
        path = "Types" if inner is None else "FindingProviderFields.Types"
        for index, kind in enumerate(types):
            if isinstance(kind, str) and kind.partition("/")[0] not in TYPE_NAMESPACES:
                yield _warning(
                    "asff_types_namespace",
                    f"{path}[{index}]",
                    f"A type should start with one of: {', '.join(TYPE_NAMESPACES)}.",
                )


def _warning(code: str, path: str, message: str) -> Issue:
    return Issue(Severity.WARNING, code, path, message)
